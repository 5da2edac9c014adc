//! Goroutines locked to threads, followed from look to look: how long, how often, blocked on what.
//!
//! All of it is seen from outside, at the resolution of looks: a lock lasts from the first look that saw it to the last.
//! So each duration is short by up to two intervals, one that no look saw is not known of, and two in a row of one
//! goroutine on one thread look like one.

use std::collections::BTreeMap;

use snapshot::{Census, LockedToThread, Status};

use crate::counted_names::CountedNames;
use crate::histogram::Histogram;
use crate::target_metrics::seconds;

/// Bounds of how long locks are held, seconds.
const BOUNDS: [f64; 11] = [0.5, 1.0, 5.0, 10.0, 30.0, 60.0, 300.0, 900.0, 3600.0, 14_400.0, 86_400.0];

/// A goroutine that is locked to a thread, as far as is exported.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ThreadLock {
    /// Its id.
    pub goroutine: u64,
    /// The M whose thread it has.
    pub machine: i64,
    /// Who has locked it: `program` (by `runtime.LockOSThread`), `runtime`, or `unknown`.
    pub resource: &'static str,
    /// How often, all together, if the release says.
    pub depth: Option<u64>,
    /// What it does: its status, or `cgo`.
    pub stage: &'static str,
    /// The runtime's words for why it is blocked, if it is.
    pub blocked: Option<String>,
}

impl ThreadLock {
    /// Of all goroutines of a census that are locked to threads, the runtime's own left out.
    pub(crate) fn all_of(census: &Census<'_>) -> Vec<ThreadLock> {
        let own = census.locked.iter().filter(|locked| !locked.cohort.is_runtime);
        own.map(|locked| ThreadLock::of(census, locked)).collect()
    }

    fn of(census: &Census<'_>, locked: &LockedToThread) -> ThreadLock {
        let status = locked.cohort.status;
        let blocked = (status == Status::Waiting).then_some(locked.cohort.wait_reason).flatten();
        ThreadLock {
            goroutine: locked.goroutine.0,
            machine: locked.machine,
            resource: match (locked.by_program, locked.by_runtime) {
                (Some(1..), _) => "program",
                (_, Some(1..)) => "runtime",
                _ => "unknown",
            },
            depth: locked.by_program.zip(locked.by_runtime).map(|(a, b)| u64::from(a) + u64::from(b)),
            stage: if locked.in_cgo && status == Status::Syscall { "cgo" } else { status.name() },
            blocked: blocked.map(|id| census.tables.text(id).to_owned()),
        }
    }
}

/// What is known of one that is held.
#[derive(Debug, Clone)]
struct Held {
    since_ns: u64,
    seen_ns: u64,
    lock: ThreadLock,
}

/// All that are held, and what those were that no longer are.
#[derive(Debug, Clone)]
pub(crate) struct ThreadLocks {
    /// By goroutine and M.
    held: BTreeMap<(u64, i64), Held>,
    durations: Histogram,
    blocked: CountedNames<u64>,
}

/// One that is held, to be shown.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Shown<'l> {
    pub(crate) lock: &'l ThreadLock,
    /// For how long it was seen, so far.
    pub(crate) seconds: f64,
}

impl ThreadLocks {
    pub(crate) fn new(causes_max: usize) -> ThreadLocks {
        ThreadLocks {
            held: BTreeMap::new(),
            durations: Histogram::empty(&BOUNDS),
            blocked: CountedNames::new(causes_max),
        }
    }

    /// Takes in what a look saw.
    pub(crate) fn observe(&mut self, now_ns: u64, seen: &[ThreadLock]) {
        let mut before = std::mem::take(&mut self.held);
        for lock in seen {
            let key = (lock.goroutine, lock.machine);
            let known = before.remove(&key);
            let was_blocked = known.as_ref().and_then(|known| known.lock.blocked.as_ref());
            if let Some(cause) = lock.blocked.as_ref().filter(|cause| was_blocked != Some(*cause)) {
                *self.blocked.of(cause) += 1;
            }
            let since_ns = known.map_or(now_ns, |known| known.since_ns);
            self.held.insert(key, Held { since_ns, seen_ns: now_ns, lock: lock.clone() });
        }
        for released in before.into_values() {
            self.durations.add(seconds(released.seen_ns.saturating_sub(released.since_ns)));
        }
    }

    /// How long those were held that no longer are.
    pub(crate) fn durations(&self) -> &Histogram {
        &self.durations
    }

    /// How often goroutines with a thread of theirs were seen to begin to be blocked, by why.
    pub(crate) fn blocked(&self) -> impl Iterator<Item = (&str, &u64)> {
        self.blocked.iter()
    }

    /// The deepest nesting of those that are held; none known is none.
    pub(crate) fn depth(&self) -> u64 {
        self.held.values().filter_map(|held| held.lock.depth).max().unwrap_or_default()
    }

    /// Those that are held longest, so many at most.
    pub(crate) fn longest(&self, max: usize) -> Vec<Shown<'_>> {
        let mut held: Vec<&Held> = self.held.values().collect();
        held.sort_by_key(|held| (held.since_ns, held.lock.goroutine));
        let shown = |held: &'_ Held| seconds(held.seen_ns.saturating_sub(held.since_ns));
        held.into_iter().take(max).map(|held| Shown { lock: &held.lock, seconds: shown(held) }).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const S: u64 = 1_000_000_000;

    fn lock(goroutine: u64, blocked: Option<&str>) -> ThreadLock {
        ThreadLock {
            goroutine,
            machine: 3,
            resource: "program",
            depth: Some(goroutine),
            stage: if blocked.is_some() { "waiting" } else { "running" },
            blocked: blocked.map(str::to_owned),
        }
    }

    #[test]
    fn a_lock_lasts_from_the_first_look_that_saw_it_to_the_last() {
        let mut locks = ThreadLocks::new(8);
        locks.observe(10 * S, &[lock(1, None)]);
        locks.observe(15 * S, &[lock(1, None), lock(2, None)]);
        locks.observe(20 * S, &[lock(1, None), lock(2, None)]);
        let held: Vec<_> = locks.longest(9).iter().map(|s| (s.lock.goroutine, s.seconds)).collect();
        assert_eq!((held, locks.depth()), (vec![(1, 10.0), (2, 5.0)], 2));
        assert_eq!(locks.longest(1).len(), 1);
        assert_eq!(locks.durations().count, 0, "nobody has let go");
        // Another M, or another goroutine, is another lock.
        locks.observe(25 * S, &[ThreadLock { machine: 4, ..lock(1, None) }]);
        let durations = locks.durations();
        assert_eq!((durations.count, durations.sum), (2, Some(15.0)));
        let below: Vec<u64> = durations.cumulative.iter().map(|(_, count)| *count).collect();
        assert_eq!(below[..4], [0, 0, 1, 2]);
        locks.observe(30 * S, &[]);
        assert_eq!(
            (locks.durations().count, locks.durations().sum),
            (3, Some(15.0)),
            "seen once: nothing is known"
        );
        assert!(locks.longest(9).is_empty() && locks.depth() == 0);
    }

    #[test]
    fn to_be_blocked_is_counted_when_it_begins() {
        let mut locks = ThreadLocks::new(1);
        let look = |locks: &mut ThreadLocks, at: u64, blocked| locks.observe(at * S, &[lock(1, blocked)]);
        for (at, blocked) in [None, Some("select"), Some("select"), None, Some("select"), Some("sleep")]
            .into_iter()
            .enumerate()
        {
            look(&mut locks, at as u64, blocked);
        }
        assert_eq!(locks.blocked().collect::<Vec<_>>(), [("other", &1), ("select", &2)]);
    }
}
