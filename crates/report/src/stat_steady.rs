//! The counts of `gostat stat` without their jitter, beside the raw ones.

use std::collections::BTreeMap;

use analysis::{Steady, WaitClass};
use serde::Serialize;
use snapshot::Status;

use crate::stat::StatTick;

/// Each count of a tick as the median of its last three. They are of series of their own: parts need not add up
/// to the whole.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SteadyCounts {
    /// All goroutines.
    pub goroutines: u64,
    /// By status, with 0 for statuses that nobody has.
    pub by_status: BTreeMap<&'static str, u64>,
    /// By the runtime's words for why they wait.
    pub by_wait_reason: BTreeMap<String, u64>,
    /// The same by kind of wait, with 0 for kinds that nobody has.
    pub by_wait_class: BTreeMap<&'static str, u64>,
}

impl SteadyCounts {
    /// How many goroutines have a status.
    pub(crate) fn status(&self, status: Status) -> u64 {
        self.by_status.get(status.name()).copied().unwrap_or(0)
    }

    /// How many goroutines wait for something of a class.
    pub(crate) fn wait_class(&self, class: WaitClass) -> u64 {
        self.by_wait_class.get(class.name()).copied().unwrap_or(0)
    }
}

/// Follows the ticks of one process.
#[derive(Debug, Clone, Default)]
pub struct StatSteady {
    goroutines: Steady<()>,
    by_status: Steady<&'static str>,
    by_wait_reason: Steady<String>,
    by_wait_class: Steady<&'static str>,
}

impl StatSteady {
    /// Takes the next tick, and returns the steady counts by then: `None` for the first two ticks.
    pub fn push(&mut self, tick: &StatTick) -> Option<SteadyCounts> {
        // Each of them takes every tick, also where there is no median yet.
        let goroutines = self.goroutines.push([((), tick.goroutines)]);
        let by_status = of_every_key(&mut self.by_status, &tick.by_status);
        let by_wait_reason = self.by_wait_reason.push(tick.by_wait_reason.clone());
        let by_wait_class = of_every_key(&mut self.by_wait_class, &tick.by_wait_class);
        Some(SteadyCounts {
            goroutines: goroutines?.get(&()).copied().unwrap_or(0),
            by_status: by_status?,
            by_wait_reason: by_wait_reason?.clone(),
            by_wait_class: by_wait_class?,
        })
    }
}

/// Of keys that each tick has, though some with 0.
fn of_every_key(
    steady: &mut Steady<&'static str>,
    counts: &BTreeMap<&'static str, u64>,
) -> Option<BTreeMap<&'static str, u64>> {
    let medians = steady.push(counts.clone())?;
    Some(counts.keys().map(|key| (*key, medians.get(key).copied().unwrap_or(0))).collect())
}
