//! Looking for who could end which wait: a snapshot, and one copy of the heap that says who refers to what.

use std::collections::HashSet;
use std::hash::BuildHasher;
use std::time::Duration;

use go_runtime::heap::CopiedHeap;
use snapshot::{GoroutineId, References, Snapshot};

use crate::error::CaptureError;
use crate::heap_copy::HeapLook;
use crate::options::Options;
use crate::session::Session;

/// Goroutines, what they wait for, and who refers to that.
pub struct Blocked {
    /// All goroutines, as they were after the copy.
    pub snapshot: Snapshot,
    /// Who refers to what they wait for, as the copy tells.
    pub references: References,
    /// How long the target stood still, if it did.
    pub frozen: Option<Duration>,
    pub(crate) unmoved: Unmoved,
}

/// How it is known who has not moved since.
pub(crate) enum Unmoved {
    /// By comparing with the copy.
    SinceCopy(Box<CopiedHeap>),
    /// It was found out when the moment was recorded.
    Known(Vec<GoroutineId>),
}

impl Session {
    /// Takes a snapshot, and finds out who refers to what goroutines wait for. With `freeze` the target stands still for
    /// the copy, at most so long.
    ///
    /// # Errors
    /// When the process is gone, or its heap cannot be copied.
    pub fn blocked(&mut self, freeze: Option<Duration>) -> Result<Blocked, CaptureError> {
        let look = self.copy_heap(freeze)?;
        let snapshot = self.snapshot(&Options::default())?;
        self.blocked_in(snapshot, look)
    }

    /// Finds out who refers to what the goroutines of a snapshot wait for, in a copy that was made just before it.
    pub(crate) fn blocked_in(&self, snapshot: Snapshot, look: HeapLook) -> Result<Blocked, CaptureError> {
        let HeapLook { copy, frozen, .. } = look;
        let references = self.runtime().references(self.memory(), &copy, &snapshot.wait_objects);
        let references = references.map_err(|cause| self.copy_failed(cause))?;
        Ok(Blocked { snapshot, references, frozen, unmoved: Unmoved::SinceCopy(Box::new(copy)) })
    }

    /// Which of some goroutines have not moved since the copy was made: they are still in the wait that it shows.
    ///
    /// # Errors
    /// When the process is gone.
    pub fn still_blocked<S: BuildHasher>(
        &self,
        blocked: &Blocked,
        goroutines: &HashSet<GoroutineId, S>,
    ) -> Result<Vec<GoroutineId>, CaptureError> {
        let Unmoved::SinceCopy(copy) = &blocked.unmoved else { return Ok(Vec::new()) };
        let sleepers = copy.sleepers(|id| goroutines.contains(&id));
        let asleep = self.runtime().still_asleep(self.memory(), &sleepers);
        let asleep = asleep.map_err(|cause| self.unreadable(cause))?;
        let still = sleepers.iter().zip(asleep).filter(|(_, asleep)| *asleep);
        Ok(still.map(|(sleeper, _)| sleeper.id).collect())
    }
}
