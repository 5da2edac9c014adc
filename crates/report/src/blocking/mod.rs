//! Who waits for whom, as a tree, as JSON, as DOT and as a picture.

mod dot;
mod layers;
mod svg;
mod why;
mod words;

use analysis::blocking::{BlockingGraph, Deadlock};

pub(crate) use words::{place, remaining_ms};

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

impl BlockingReport<'_> {
    /// The deadlock that a goroutine is a member of, and whether it is confirmed.
    pub(crate) fn deadlock_of(&self, goroutine: usize) -> Option<(&Deadlock, bool)> {
        let is_member = |deadlock: &&Deadlock| deadlock.goroutines.binary_search(&goroutine).is_ok();
        let index = self.deadlocks.iter().position(|deadlock| is_member(&deadlock))?;
        Some((self.deadlocks.get(index)?, self.confirmed.get(index).copied().unwrap_or(false)))
    }
}
