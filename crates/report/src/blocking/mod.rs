//! Who waits for whom, as a tree, as JSON, as DOT and as a picture.

mod dot;
mod layers;
mod svg;
mod why;
mod words;

use std::collections::HashSet;

use analysis::blocking::{BlockingGraph, Deadlock};
use snapshot::{Goroutine, GoroutineId, Snapshot, Status};

pub(crate) use words::{place, remaining_ms};

/// What a goroutine that is not blocked does, in words; `None` if it is blocked.
pub fn not_blocked(snapshot: &Snapshot, goroutine: &Goroutine) -> Option<String> {
    if matches!(goroutine.status, Status::Waiting | Status::Leaked) {
        return None;
    }
    let status = match goroutine.status {
        Status::Syscall => "in a system call or in C",
        status => status.name(),
    };
    let place = snapshot.frames(goroutine).next().map(|frame| {
        let text = |id| snapshot.tables.text(id);
        format!(", in {} at {}:{}", text(frame.function), text(frame.file), frame.line)
    });
    Some(format!("{status}{}", place.unwrap_or_default()))
}

/// A graph, and what else is to be said of it.
pub struct BlockingReport<'g> {
    /// The graph.
    pub graph: &'g BlockingGraph<'g>,
    /// Its deadlocks.
    pub deadlocks: &'g [Deadlock],
    /// By deadlock: whether no member had moved when all were looked at again.
    pub confirmed: Vec<bool>,
    /// How long the target stood still for the copy, microseconds, if it did.
    pub frozen_us: Option<u64>,
}

impl<'g> BlockingReport<'g> {
    /// A report of which `look_again` says who of all members of deadlocks has not moved meanwhile.
    ///
    /// # Errors
    /// Those of `look_again`.
    pub fn new<E>(
        graph: &'g BlockingGraph<'g>,
        deadlocks: &'g [Deadlock],
        look_again: impl FnOnce(&HashSet<GoroutineId>) -> Result<Vec<GoroutineId>, E>,
    ) -> Result<Self, E> {
        let members = graph.members(deadlocks);
        let still = if members.is_empty() { Vec::new() } else { look_again(&members)? };
        let still: HashSet<GoroutineId> = still.into_iter().collect();
        let stayed = |deadlock: &Deadlock| {
            let mut ids = deadlock.goroutines.iter().filter_map(|at| Some(graph.goroutine(*at)?.id));
            ids.all(|id| still.contains(&id))
        };
        let confirmed = deadlocks.iter().map(stayed).collect();
        Ok(BlockingReport { graph, deadlocks, confirmed, frozen_us: None })
    }

    /// The deadlock that a goroutine is a member of, and whether it is confirmed.
    pub(crate) fn deadlock_of(&self, goroutine: usize) -> Option<(&Deadlock, bool)> {
        let is_member = |deadlock: &&Deadlock| deadlock.goroutines.binary_search(&goroutine).is_ok();
        let index = self.deadlocks.iter().position(|deadlock| is_member(&deadlock))?;
        Some((self.deadlocks.get(index)?, self.confirmed.get(index).copied().unwrap_or(false)))
    }
}
