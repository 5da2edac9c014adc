//! What the agent knows of itself.

use std::collections::BTreeMap;

/// The agent at the moment of a scrape. What is not known is `None`, or absent from its map.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct AgentSample {
    /// The version of gostat.
    pub version: String,
    /// Wall-clock time at which the process began, seconds since the Unix epoch.
    pub start_time_unix_seconds: Option<f64>,
    /// CPU time used so far, user and system, seconds.
    pub cpu_seconds: Option<f64>,
    /// Memory in RAM, bytes.
    pub resident_bytes: Option<u64>,
    /// Open file descriptors.
    pub open_files: Option<u64>,
    /// How many there may be.
    pub open_files_limit: Option<u64>,
    /// Targets by what is done with them: `watched`, `off`, `failing`.
    pub targets: BTreeMap<&'static str, u64>,
    /// Bytes of history kept on disk.
    pub history_bytes: Option<u64>,
    /// How many there may be.
    pub history_limit_bytes: Option<u64>,
    /// Looks for the history so far, by outcome (`written`, `left_out`).
    pub history_looks: BTreeMap<&'static str, u64>,
    /// Entries that the history did not take, and never would.
    pub history_refused: Option<u64>,
    /// Entries that wait in queues, by the queue's name.
    pub queues: BTreeMap<String, Queue>,
    /// Notifications so far, by sink and outcome (`delivered`, `failed`, `dropped`).
    pub notifications: BTreeMap<(String, &'static str), u64>,
}

/// A queue.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Queue {
    /// Entries that wait.
    pub length: u64,
    /// Entries that it has place for.
    pub capacity: u64,
}
