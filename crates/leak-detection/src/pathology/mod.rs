//! Known ways for a Go program to be in trouble, told from snapshots.

mod of_scheduler;
mod of_waits;

use snapshot::Snapshot;

/// A kind of trouble.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PathologyKind {
    /// Thousands wait for one lock.
    MutexPileUp,
    /// Very many timers.
    TimerStorm,
    /// Goroutines are started and end faster than they do work.
    GoroutineChurn,
    /// Goroutines have to help the garbage collector before they may allocate.
    GcAssistStall,
    /// Calls of the system or of C hold very many threads.
    ThreadExplosion,
    /// Goroutines locked to threads hold the Ps that others wait for.
    LockedThreadStarvation,
}

impl PathologyKind {
    /// A short name for outputs.
    pub fn name(self) -> &'static str {
        match self {
            PathologyKind::MutexPileUp => "mutex_pile_up",
            PathologyKind::TimerStorm => "timer_storm",
            PathologyKind::GoroutineChurn => "goroutine_churn",
            PathologyKind::GcAssistStall => "gc_assist_stall",
            PathologyKind::ThreadExplosion => "thread_explosion",
            PathologyKind::LockedThreadStarvation => "locked_thread_starvation",
        }
    }

    /// The releases that it concerns, and since when it is known.
    pub fn releases(self) -> &'static str {
        match self {
            PathologyKind::MutexPileUp => {
                "all; on Go 1.26 and 1.27 the collector also takes time quadratic in the waiters (golang/go#81957)"
            }
            PathologyKind::TimerStorm => {
                "all; up to Go 1.22 timers that were not stopped stay until they fire"
            }
            _ => "all",
        }
    }

    /// What to do about it.
    pub fn remedy(self) -> &'static str {
        match self {
            PathologyKind::MutexPileUp => {
                "hold the lock for less, split it, or let callers give up: TryLock, or a channel with a deadline"
            }
            PathologyKind::TimerStorm => "share tickers, stop timers that are no longer needed",
            PathologyKind::GoroutineChurn => "use a pool of workers, or hand over work in batches",
            PathologyKind::GcAssistStall => {
                "allocate less, or give the heap more room with GOGC or GOMEMLIMIT"
            }
            PathologyKind::ThreadExplosion => "bound how many goroutines may make such calls at once",
            PathologyKind::LockedThreadStarvation => "lock fewer goroutines to threads, or raise GOMAXPROCS",
        }
    }
}

/// Trouble that was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pathology {
    /// Of which kind.
    pub kind: PathologyKind,
    /// What it rests on, in words with numbers.
    pub evidence: Vec<String>,
}

/// The known kinds of trouble that a process is in, by a snapshot and, for rates, an earlier one of the same process.
/// Goroutines, their wait objects and the scheduler are looked at; what a snapshot lacks cannot be found.
pub fn pathologies(before: Option<&Snapshot>, now: &Snapshot) -> Vec<Pathology> {
    let mut found = of_waits::mutex_pile_ups(now);
    found.extend(of_waits::timer_storm(now));
    found.extend(before.and_then(|before| of_scheduler::churn(before, now)));
    found.extend(of_waits::gc_assist_stall(now));
    found.extend(of_scheduler::thread_explosion(now));
    found.extend(of_scheduler::locked_thread_starvation(now));
    found
}
