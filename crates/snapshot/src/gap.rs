//! What could not be read: always said, never papered over.

use crate::address::Address;
use crate::goroutine::GoroutineId;
use serde::{Deserialize, Serialize};

/// Something that is missing from a snapshot.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Gap {
    /// What is missing.
    pub subject: GapSubject,
    /// Whose, if it belongs to one goroutine whose id is known.
    pub goroutine: Option<GoroutineId>,
    /// Where it should have been.
    pub address: Option<Address>,
    /// Why it is missing.
    pub cause: GapCause,
    /// How many like it this gap stands for: the first of a kind is listed, a flood is counted.
    pub count: u64,
}

/// Kinds of missing things.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum GapSubject {
    /// A part of the list of all goroutines.
    GoroutineList,
    /// A goroutine's header.
    Goroutine,
    /// A goroutine's stack.
    Stack,
    /// The outer part of a stack.
    OuterFrames,
    /// Names and lines of a frame.
    Symbols,
    /// The runtime's words for why a goroutine waits.
    WaitReason,
    /// pprof labels.
    Labels,
    /// What a goroutine waits on.
    WaitObject,
    /// The table of semaphore waiters.
    SemaphoreTable,
    /// Ms.
    Machines,
    /// Ps.
    Processors,
    /// The scheduler's counters.
    Scheduler,
    /// Counters of memory and garbage collections.
    MemoryStatistics,
}

impl GapSubject {
    /// A short name for outputs.
    pub fn name(self) -> &'static str {
        match self {
            GapSubject::GoroutineList => "goroutine_list",
            GapSubject::Goroutine => "goroutine",
            GapSubject::Stack => "stack",
            GapSubject::OuterFrames => "outer_frames",
            GapSubject::Symbols => "symbols",
            GapSubject::WaitReason => "wait_reason",
            GapSubject::Labels => "labels",
            GapSubject::WaitObject => "wait_object",
            GapSubject::SemaphoreTable => "semaphore_table",
            GapSubject::Machines => "machines",
            GapSubject::Processors => "processors",
            GapSubject::Scheduler => "scheduler",
            GapSubject::MemoryStatistics => "memory_statistics",
        }
    }
}

/// Why something is missing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum GapCause {
    /// The memory is not mapped.
    Unreadable,
    /// It changed while it was read, on every try.
    Torn,
    /// A bound of ours was reached: on bytes, on list length, on depth.
    BudgetSpent,
    /// It did not look like what it must be.
    Corrupt,
    /// The process went away.
    ProcessExited,
    /// The system did not let us.
    NotPermitted,
    /// This Go release keeps no such record.
    NotRecorded,
}

impl GapCause {
    /// A short name for outputs.
    pub fn name(self) -> &'static str {
        match self {
            GapCause::Unreadable => "unreadable",
            GapCause::Torn => "torn",
            GapCause::BudgetSpent => "budget_spent",
            GapCause::Corrupt => "corrupt",
            GapCause::ProcessExited => "process_exited",
            GapCause::NotPermitted => "not_permitted",
            GapCause::NotRecorded => "not_recorded",
        }
    }
}
