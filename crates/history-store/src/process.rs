//! Which process something is about: its identity beyond a pid, and what is known of it.

use std::collections::{BTreeMap, BTreeSet};

/// What makes a process another one than all others, reused pids and restarts of the machine included. Who executes
/// another program is another process from then on: its goroutines, its heap and its code are.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ProcessKey {
    /// `/proc/sys/kernel/random/boot_id`.
    pub boot_id: String,
    /// Process id in our pid namespace.
    pub pid: u32,
    /// When it started, in clock ticks since the boot (field 22 of `/proc/PID/stat`).
    pub start_ticks: u64,
    /// How many programs it has run before this one, as far as anybody saw.
    pub execs: u32,
}

/// Position of a process in one history; never given to another process.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ProcessId(pub i64);

/// What is known of a process. All of it may be any text.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ProcessInfo {
    /// Path of the executable, in the target's own view.
    pub executable: String,
    /// Its command line, words separated by spaces.
    pub command: String,
    /// Go release as the binary says it.
    pub go_version: String,
    /// Path of the main module.
    pub module: Option<String>,
    /// Version of the main module.
    pub module_version: Option<String>,
    /// Id of its container.
    pub container_id: Option<String>,
    /// Tags: pod, node, service, version, environment, …
    pub tags: BTreeMap<String, String>,
}

/// That a process ended, or that nobody looks at it any more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ending {
    /// When that was noticed, milliseconds since the Unix epoch.
    pub at_ms: u64,
    /// How.
    pub how: EndingKind,
}

/// How the record of a process ends. Only the first two are ends of the process: after the others it may have lived on.
/// A process that is described again is watched again, and has no ending any more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum EndingKind {
    /// It is gone. Why, only its parent is told.
    Exited,
    /// It executed another program, which is another process of the history if it is watched.
    Executed,
    /// The kernel no longer let us read it.
    NotPermitted,
    /// The agent was told to leave it alone.
    NotWatched,
    /// The agent ended while it was still there.
    AgentStopped,
    /// The agent was killed, or the machine was, while it was still there: noticed when the next agent began.
    AgentKilled,
    /// A later gostat knows what it means.
    Unknown,
}

impl EndingKind {
    /// Every kind.
    pub const ALL: [EndingKind; 7] = [
        EndingKind::Exited,
        EndingKind::Executed,
        EndingKind::NotPermitted,
        EndingKind::NotWatched,
        EndingKind::AgentStopped,
        EndingKind::AgentKilled,
        EndingKind::Unknown,
    ];

    /// Its name in files and outputs.
    pub fn name(self) -> &'static str {
        match self {
            EndingKind::Exited => "exited",
            EndingKind::Executed => "executed",
            EndingKind::NotPermitted => "not_permitted",
            EndingKind::NotWatched => "not_watched",
            EndingKind::AgentStopped => "agent_stopped",
            EndingKind::AgentKilled => "agent_killed",
            EndingKind::Unknown => "unknown",
        }
    }

    /// Whether the process was over, rather than the looking at it.
    pub fn is_end_of_process(self) -> bool {
        matches!(self, EndingKind::Exited | EndingKind::Executed)
    }
}

/// A process in a history.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Process {
    /// Where it is in this history.
    pub id: ProcessId,
    /// Which process it is.
    pub key: ProcessKey,
    /// What is known of it.
    pub info: ProcessInfo,
    /// The earliest time that was noted of it, milliseconds since the Unix epoch.
    pub first_seen_ms: u64,
    /// The latest time that was noted of it, milliseconds since the Unix epoch.
    pub last_seen_ms: u64,
    /// How its record ended; none as long as it is watched.
    pub ended: Option<Ending>,
}

/// Which processes a question is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Selection {
    /// All of them.
    All,
    /// This one.
    One(ProcessId),
    /// These.
    Several(BTreeSet<ProcessId>),
    /// All that have each of these tags, with these values.
    Tagged(BTreeMap<String, String>),
}
