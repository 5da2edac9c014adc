//! Notices to receivers: a queue and a thread for each, so that none has to wait for another.
//!
//! ```text
//! Notice ──accepted──> spool (one file) ──queue──> thread of the sink ──POST──> verdict on the answer
//!                                           │                                    │ arrived: file deleted
//!                                           └──────── later, once more ──────────┘ not: back-off, Retry-After
//! ```
//!
//! At least once: what was accepted is sent until it arrives, is refused for good, is too old, or there is no room.

mod address;
mod credentials;
mod post;
mod verdict;
mod backoff;
mod queue;
mod spool;
mod counters;
mod repeats;
mod sender;
mod state;
mod notifier;
mod drill;

use std::time::{Duration, Instant};

use crate::alert::{Alert, Notice};
use crate::error::AlertingError;
use crate::settings::AlertSettings;
use notifier::Notifier;

pub use address::Address;
pub use counters::SinkCounters;
pub use drill::{DrillReport, drill};

/// All sinks at work.
pub struct Delivery {
    notifiers: Vec<Notifier>,
}

impl Delivery {
    /// Starts a thread for each sink. What an agent before us left in the spool is sent.
    ///
    /// # Errors
    ///
    /// Settings that cannot work, secrets that cannot be read, a spool that cannot be used.
    pub fn start(settings: &AlertSettings) -> Result<Delivery, AlertingError> {
        settings.check()?;
        let spools = settings.spool_directory.as_deref();
        let notifiers = settings.sinks.iter().map(|sink| Notifier::start(sink, spools));
        Ok(Delivery { notifiers: notifiers.collect::<Result<_, _>>()? })
    }

    /// Hands over what a tick brought: notices, and everything that fires
    /// ([`Findings::firing`](crate::Findings::firing)), which some sinks have to be told again and again.
    ///
    /// Returns as soon as the notices are on disk; it never waits for a sink.
    pub fn hand_over(&mut self, at_unix_ms: u64, notices: &[Notice], firing: &[Alert]) {
        self.notifiers.iter_mut().for_each(|notifier| notifier.take(at_unix_ms, notices, firing));
    }

    /// What became of the messages of each sink, in the order of the configuration.
    pub fn counters(&self) -> Vec<SinkCounters> {
        self.notifiers.iter().map(Notifier::counters).collect()
    }

    /// Waits until nothing waits any more at any sink; `false` if that was not so in time.
    pub fn wait_until_empty(&self, at_most: Duration) -> bool {
        let deadline = Instant::now() + at_most;
        self.notifiers.iter().all(|notifier| notifier.wait_until_empty(deadline))
    }

    /// Ends: what is due is still tried for `grace`, and a try that has begun is waited for, which takes
    /// `timeout_ms` of its sink at most. What has not been delivered by then stays in the spool.
    pub fn stop(mut self, grace: Duration) {
        let at = Instant::now() + grace;
        self.notifiers.iter().for_each(|notifier| notifier.end(at));
        self.notifiers.iter_mut().for_each(Notifier::join);
    }
}
