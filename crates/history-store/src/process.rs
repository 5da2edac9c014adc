//! Which process something is about: its identity beyond a pid, and what is known of it.

use std::collections::{BTreeMap, BTreeSet};

/// What makes a process another one than all others, reused pids and restarts of the machine included.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ProcessKey {
    /// `/proc/sys/kernel/random/boot_id`.
    pub boot_id: String,
    /// Process id in our pid namespace.
    pub pid: u32,
    /// When it started, in clock ticks since the boot (field 22 of `/proc/PID/stat`).
    pub start_ticks: u64,
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

/// How a process ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ending {
    /// When that was noticed, milliseconds since the Unix epoch.
    pub at_ms: u64,
    /// How, in words for people: `exited`, `replaced by another program`, `killed by signal 9`, …
    pub how: String,
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
    /// How it ended, if it did so before our eyes.
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
