//! All Go processes of a machine at one moment.

use std::sync::Arc;

use snapshot::Status;

use crate::settings::Trouble;

/// All Go processes, and those that may be.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Fleet {
    /// Wall clock, milliseconds since the Unix epoch.
    pub taken_at_unix_ms: u64,
    /// What looking at all of them took, microseconds.
    pub took_us: u64,
    /// Goroutines of all of them, at each look, the newest last.
    pub trend: Arc<[u64]>,
    /// The processes, by pid.
    pub processes: Vec<FleetProcess>,
    /// Go processes that are too many to be watched.
    pub left_out: usize,
}

/// A process.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FleetProcess {
    /// Its pid.
    pub pid: u32,
    /// When it started, clock ticks since boot: what tells it from another one with the same pid.
    pub start_ticks: u64,
    /// Its name (`comm`), any text.
    pub name: String,
    /// Threads.
    pub threads: u32,
    /// How long it has been running, milliseconds.
    pub uptime_ms: Option<u64>,
    /// Goroutines at each look, the newest last.
    pub trend: Arc<[u64]>,
    /// What is in it, or why it may not be looked at.
    pub inside: Result<Inside, Trouble>,
}

/// What there is to say of a Go process at a glance.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Inside {
    /// Go release as the binary says it.
    pub go_version: String,
    /// Path and version of the main module.
    pub module: String,
    /// Goroutines, without the runtime's own.
    pub goroutines: u64,
    /// All by status.
    pub by_status: Vec<(Status, u64)>,
    /// Number of Ps.
    pub gomaxprocs: Option<u64>,
    /// Things that could not be read.
    pub lost: u64,
}

impl FleetProcess {
    /// Goroutines, if they are known.
    pub fn goroutines(&self) -> Option<u64> {
        self.inside.as_ref().ok().map(|inside| inside.goroutines)
    }

    /// More or fewer goroutines than at the look before.
    pub fn change(&self) -> i64 {
        match self.trend.as_ref() {
            [.., before, now] => {
                i64::try_from(*now).unwrap_or(i64::MAX) - i64::try_from(*before).unwrap_or(0)
            }
            _ => 0,
        }
    }

    /// Goroutines that run, or could.
    pub fn running(&self) -> u64 {
        let states = self.inside.iter().flat_map(|inside| &inside.by_status);
        let busy = states.filter(|(status, _)| matches!(status, Status::Running | Status::Runnable));
        busy.map(|(_, count)| count).sum()
    }
}
