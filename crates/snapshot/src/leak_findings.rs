//! What a search of the heap says of goroutines that can never run again.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::goroutine::GoroutineId;

/// Goroutines that nothing alive can wake, and how sure that is.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LeakFindings {
    /// Those that nothing alive can wake.
    pub asleep: Vec<Asleep>,
    /// Whether all copies that were asked for are good ones, and agree.
    pub agreed: bool,
    /// Whether that is a proof: they agree, and the target stood still or did not run. Copies of a target that runs on
    /// may all miss the same link of a list that changes all the time.
    pub proven: bool,
    /// Why it is none, if it is none.
    pub doubts: Vec<String>,
    /// Goroutines in waits that only others can end, in the last copy.
    pub candidates: u64,
    /// Further ones that only words kept alive, in one copy at least, of which it is not known whether they are pointers
    /// or left over: in registers and on stacks of whoever was running. Some of them may be asleep as well. Ascending.
    #[serde(default)]
    pub kept_by_words: Vec<GoroutineId>,
    /// Good copies: one, if that is of one moment.
    pub passes: u32,
    /// How long the target was stopped, if it was: the longest time.
    pub frozen: Option<Duration>,
    /// How long no thread of the target ran, if that is what the proof rests on.
    pub at_rest: Option<Duration>,
    /// Bytes of ours that the last copy took.
    pub copied_bytes: u64,
    /// What is known of each group that was asked for.
    pub groups: Vec<GroupFacts>,
}

/// A goroutine that nothing alive can wake.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Asleep {
    /// Its id.
    pub id: GoroutineId,
    /// Whether the target's own collector has said so, too.
    pub known_to_runtime: bool,
}

/// What the heap says of a group of goroutines that nothing alive can wake.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct GroupFacts {
    /// Who is in the group, in the order in which they were asked for.
    pub ids: Vec<GoroutineId>,
    /// Bytes that would be free without them: their stacks, and objects that only they reach. What several groups
    /// reach is counted for the first of them.
    pub retained_bytes: u64,
    /// The innermost call outside the runtime that made one of the objects that they wait on, if the target's memory
    /// profiler has sampled one.
    pub made_at: Option<CallSite>,
}

/// A place in the program's source.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CallSite {
    /// The function, as Go's tools print it.
    pub function: String,
    /// Source file as the compiler recorded it.
    pub file: String,
    /// Line; 0 if unknown.
    pub line: u32,
}
