//! What listeners are told, as JSON has it: looks at targets, what becomes of targets and findings, and what was lost.

use std::collections::BTreeMap;

use alerting::{Kind, Severity, State};
use schemars::JsonSchema;
use serde::Serialize;

/// A target was looked at (event `tick`).
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct TickEvent {
    /// The target's id.
    pub target: String,
    /// When the look began, Unix milliseconds.
    pub at_ms: u64,
    /// Goroutines, the runtime's own left out. The other counts have these, too.
    pub goroutines: u64,
    /// The runtime's own goroutines.
    pub runtime_goroutines: u64,
    /// How many goroutines are in each state: `running`, `runnable`, `waiting`, `syscall` and others. States that none is
    /// in are left out.
    pub states: BTreeMap<String, u64>,
    /// The wait reasons that most goroutines have, most first.
    pub wait_reasons: Vec<ReasonCount>,
    /// Goroutines that wait for other reasons.
    pub wait_reasons_rest: u64,
    /// Goroutines that could not be read.
    pub unread: u64,
    /// The scheduler; null where it could not be read.
    pub scheduler: Option<SchedulerCounts>,
    /// What was looked at: `stacks` or `counts`.
    pub collect: &'static str,
    /// Milliseconds between two looks, for now.
    pub interval_ms: u64,
    /// Windows since the last look that had none, as the agent was busy.
    pub missed: u64,
    /// The breaker: `closed`, `open` or `half-open`.
    pub breaker: &'static str,
    /// Processor time that the look took the agent, microseconds.
    pub cpu_us: u64,
}

/// A wait reason, and how many goroutines have it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct ReasonCount {
    /// The runtime's words.
    pub reason: String,
    /// How many.
    pub count: u64,
}

/// The scheduler in numbers.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, JsonSchema)]
pub struct SchedulerCounts {
    /// Goroutines on all run queues.
    pub runnable: u64,
    /// Of these, those on the global one.
    pub global_run_queue: u64,
    /// Ps: GOMAXPROCS.
    pub processors: u64,
    /// Ps without work.
    pub idle_processors: u64,
    /// Ms: threads of the runtime.
    pub threads: u64,
    /// Ms parked for want of work.
    pub idle_threads: u64,
    /// Ms that look for work.
    pub spinning_threads: u64,
    /// Whether a garbage collection stops the world.
    pub gc_waiting: bool,
}

/// Something happened to a target (event `target`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct TargetEvent {
    /// The target's id.
    pub target: String,
    /// When, Unix milliseconds.
    pub at_ms: u64,
    /// What.
    pub change: TargetChange,
    /// The process's name.
    pub name: String,
    /// How it ended, or why it could not be looked at; null where it began.
    pub error: Option<String>,
}

/// What happened to a target.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum TargetChange {
    /// It is watched from now on.
    Began,
    /// It is gone, or has executed another program.
    Ended,
    /// It could not be looked at this time.
    Failed,
}

/// A finding is new, or has changed (event `finding`). `GET /api/v1/findings` has all of it.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct FindingEvent {
    /// The finding's id.
    pub id: String,
    /// When, Unix milliseconds.
    pub at_ms: u64,
    /// Where it is in its life; null where it is forgotten.
    pub state: Option<State>,
    /// What is wrong.
    pub kind: Kind,
    /// How bad it is.
    pub severity: Severity,
    /// The service.
    pub service: String,
    /// What was seen.
    pub sentence: String,
    /// How many goroutines.
    pub count: u64,
    /// The number of the silence that keeps it from being told.
    pub silenced_by: Option<u64>,
    /// Ids of the targets that are watched and have it.
    pub targets: Vec<String>,
}

/// Events did not reach this listener (event `lost`). What is now, the other routes say.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
pub struct LostEvent {
    /// How many, those of other targets included; null where that is not known.
    pub missed: Option<u64>,
    /// Why.
    pub why: WhyLost,
}

/// Why events are lost.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum WhyLost {
    /// The listener was too slow, or away for too long: they are no longer kept.
    TooLate,
    /// The agent was started anew since.
    Restart,
}
