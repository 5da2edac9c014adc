//! Counting goroutines by what they are doing.

use std::collections::BTreeMap;

use snapshot::{Census, Status};

use crate::wait_class::WaitClass;

/// How many goroutines do what.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Counts<'a> {
    /// All of them.
    pub total: u64,
    /// Those of the runtime itself, which are in all other numbers too. `runtime.NumGoroutine` of the
    /// target is the difference.
    pub runtime: u64,
    /// By status; statuses that nobody has are absent.
    pub by_status: BTreeMap<Status, u64>,
    /// Waiting (and leaked) ones by the runtime's words for why.
    pub by_wait_reason: BTreeMap<&'a str, u64>,
    /// The same, by kind of wait.
    pub by_wait_class: BTreeMap<WaitClass, u64>,
}

impl Counts<'_> {
    /// How many have a status.
    pub fn status(&self, status: Status) -> u64 {
        self.by_status.get(&status).copied().unwrap_or(0)
    }

    /// How many wait for something of a class.
    pub fn wait_class(&self, class: WaitClass) -> u64 {
        self.by_wait_class.get(&class).copied().unwrap_or(0)
    }
}

/// Counts goroutines by what they do.
pub fn count<'s>(census: &Census<'s>) -> Counts<'s> {
    let mut counts = Counts::default();
    for (cohort, members) in &census.cohorts {
        counts.total += members;
        counts.runtime += if cohort.is_runtime { *members } else { 0 };
        *counts.by_status.entry(cohort.status).or_default() += members;
        let tables = census.tables;
        if let Some(reason) = cohort.wait_reason.map(|id| tables.text(id)) {
            *counts.by_wait_reason.entry(reason).or_default() += members;
            *counts.by_wait_class.entry(WaitClass::of(reason)).or_default() += members;
        }
    }
    counts
}
