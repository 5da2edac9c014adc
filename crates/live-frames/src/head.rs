//! What a frame says besides its rows.

use serde::{Deserialize, Serialize};
use snapshot::{Cost, Gap, Scheduler};

/// The head of a frame. Cohorts and code places that an earlier frame has described are not described again.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Head {
    /// Number of this frame: one more than the one that it follows.
    pub number: u64,
    /// When reading began, Unix milliseconds.
    pub at_unix_ms: u64,
    /// The same moment by the monotonic clock, milliseconds.
    pub at_monotonic_ms: f64,
    /// Places in the runtime's list: goroutines that there are, and have been.
    pub places: u32,
    /// Cohorts that are new.
    pub cohorts: Vec<CohortEntry>,
    /// Places in code that are new.
    pub frames: Vec<FrameEntry>,
    /// Ps, Ms and queues; `None` where they could not be read.
    pub scheduler: Option<Scheduler>,
    /// What the look cost.
    pub cost: Cost,
    /// What could not be read.
    pub gaps: Vec<Gap>,
}

/// What goroutines have in common that do the same.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CohortEntry {
    /// Its number, from 1 on. A frame with everything begins to number anew.
    pub cohort: u32,
    /// What they are doing: `running`, `waiting`, …
    pub status: String,
    /// The runtime's words for why they wait.
    pub reason: Option<String>,
    /// Their stack as a traceback of the runtime shows it, innermost first: numbers of places in code.
    pub stack: Vec<u32>,
    /// Why there is no stack, or where it may be incomplete; `None` if it is all there.
    pub missing: Option<String>,
    /// pprof labels.
    pub labels: Vec<(String, String)>,
    /// The `go` statement that started them.
    pub created_by: Option<u32>,
    /// The function that they were started with.
    pub entry: Option<u32>,
    /// Whether they are the runtime's own.
    pub is_runtime: bool,
    /// Whether they are tied to a thread.
    pub locked_to_thread: bool,
}

/// A place in code.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct FrameEntry {
    /// Its number, from 0 on.
    pub frame: u32,
    /// The function's name.
    pub function: String,
    /// Its file.
    pub file: String,
    /// The line; 0 if unknown.
    pub line: u32,
}
