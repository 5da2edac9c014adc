//! What is recorded of one moment.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use snapshot::{Address, GoroutineId, LeakFindings, References, Snapshot};

/// A process at one moment, with all that commands show of it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Moment {
    /// All goroutines, the scheduler, memory, cost and gaps.
    pub snapshot: Snapshot,
    /// Where the program's code was mapped.
    pub code: Option<Code>,
    /// What the heap said, if it was asked.
    pub heap: Option<Heap>,
}

/// Where a program's code lies in its process.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Code {
    /// First address.
    pub start: Address,
    /// Just past the last address.
    pub end: Address,
    /// Offset of `start` in the file.
    pub file_offset: u64,
}

/// What a copy of the heap, made at the same moment, says.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Heap {
    /// Who can never run again.
    pub leaks: LeakFindings,
    /// Who could end which wait.
    pub blocking: Blocking,
}

/// Who could end which wait, and which deadlocks were looked at once more.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Blocking {
    /// Who refers to what goroutines wait for.
    pub references: References,
    /// How long the process stood still for the copy, if it did.
    pub frozen: Option<Duration>,
    /// Members of deadlocks that had not moved when all of them were looked at once more, ascending.
    pub unmoved: Vec<GoroutineId>,
}
