//! How fast goroutines come and go between two looks.

use snapshot::{Census, Cohort, Scheduler};

/// Goroutines started and ended per second of the monotonic clock, which the wall clock's steps do not touch.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Rates {
    pub(crate) created_per_s: f64,
    pub(crate) ended_per_s: f64,
    /// Counted by the runtime itself: `sched.goroutinesCreated` and each P's, from Go 1.26 on.
    ///
    /// Before, `sched.goidgen` is all there is. A P takes 16 ids from it when it has none left, one of which it
    /// uses at once (`newproc1` of runtime/proc.go, `_GoidCacheBatch`), so it holds back 0 to 15: two readings
    /// differ from what was created between them by at most 15 for each P that there was. Each M that cgo
    /// callbacks may borrow takes an id, too (`oneNewExtraM`).
    pub(crate) exact: bool,
}

/// What of a look, and of those before, the next one's rates are counted from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Counters {
    at_ns: u64,
    created: Option<u64>,
    ids: u64,
    live: u64,
    /// How many more have been called ended by now than can have ended.
    ///
    /// The counter is read before goroutines are counted. One that starts in between is there, but was not
    /// created: one less seems to have ended, and one more at the next tick. What a tick's difference is below
    /// zero is therefore taken off the following ones, and the sum over many stays right.
    ended_too_many: u64,
}

impl Counters {
    /// `None` if the scheduler could not be read.
    pub(crate) fn of(census: &Census<'_>) -> Option<Counters> {
        let Scheduler { goroutines_created, goroutine_id_limit, .. } = census.scheduler.as_ref()?;
        Some(Counters {
            at_ns: census.taken_at_monotonic_ns,
            created: *goroutines_created,
            ids: *goroutine_id_limit,
            live: started(census),
            ended_too_many: 0,
        })
    }

    /// The rates since `previous`; `None` where they cannot be compared, as no time has passed.
    pub(crate) fn since(&mut self, previous: &Counters) -> Option<Rates> {
        let ns = self.at_ns.checked_sub(previous.at_ns).filter(|ns| *ns > 0)?;
        let counters = previous.created.zip(self.created);
        let (before, now) = counters.unwrap_or((previous.ids, self.ids));
        // A counter that ran backwards is that of another process.
        let created = now.checked_sub(before)?;
        let (gone, there) = (previous.live.saturating_add(created), self.live + previous.ended_too_many);
        let ended = gone.saturating_sub(there);
        self.ended_too_many = there.saturating_sub(gone);
        let per_s = |count: u64| count as f64 * 1e9 / ns as f64;
        Some(Rates { created_per_s: per_s(created), ended_per_s: per_s(ended), exact: counters.is_some() })
    }
}

/// Live goroutines that a `go` statement or the runtime started, as its counter has them.
///
/// A thread of C that calls into Go borrows a goroutine that nobody starts or ends (`oneNewExtraM` of
/// runtime/proc.go gives it neither creator nor entry): its coming and going is no rate.
fn started(census: &Census<'_>) -> u64 {
    let borrowed = |cohort: &Cohort| cohort.created_by.is_none() && cohort.entry.is_none();
    census.cohorts.iter().filter(|(cohort, _)| !borrowed(cohort)).map(|(_, members)| members).sum()
}
