//! One tick: what one look at one process found.

use std::sync::Arc;

use snapshot::Status;

use crate::process::ProcessKey;
use crate::stack::{Labels, Stack};

/// What one look at one process found. Ticks of a process are kept in the order in which they were written,
/// whatever their times say: a clock may be set back.
#[derive(Debug, Clone, PartialEq)]
pub struct Tick {
    /// The process.
    pub process: ProcessKey,
    /// When, milliseconds since the Unix epoch, by the clock of whoever looked.
    pub at_ms: u64,
    /// How many goroutines did what. What is not here, nobody did.
    pub counts: Vec<Count>,
    /// Counters and figures of scheduler, memory and control group. What is not here is not known.
    pub measures: Vec<Measure>,
    /// Whether only statuses were looked at: then nothing is known of stacks and labels, which is not the same as
    /// there being none.
    pub counts_only: bool,
    /// Goroutines that could not be read.
    pub unread: u64,
}

/// So many goroutines did the same.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Count {
    /// Where they stood.
    pub place: Place,
    /// What they were doing.
    pub status: Status,
    /// The runtime's words for why they waited.
    pub wait_reason: Option<Arc<str>>,
    /// Their pprof labels.
    pub labels: Arc<Labels>,
    /// How many.
    pub count: u64,
}

/// Where goroutines stood.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Place {
    /// On this stack.
    Stack(Arc<Stack>),
    /// On one that was not taken or could not be had.
    NotTaken,
    /// On one of those beyond the limit of different things that a tick may tell apart: these are summed by status,
    /// without wait reason and labels.
    BeyondLimit,
}

/// One figure. What it means, and its unit, is in its name: `heap_alloc_bytes`, `cgroup_throttled_us`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Measure {
    /// Its stable name.
    pub name: Arc<str>,
    /// Whether it may fall.
    pub kind: MeasureKind,
    /// Its value.
    pub value: i64,
}

/// How figures of several ticks make one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum MeasureKind {
    /// It goes up and down: minimum, maximum and mean say something.
    Gauge,
    /// It only grows while the process lives: the last value says all.
    Counter,
}
