//! Metrics of goroutines that are locked to threads.

use super::Exported;
use super::Kind::{Counter, Gauge, Histogram};
use crate::target_metrics::TargetMetrics;
use crate::thread_locks::ThreadLocks;

/// Holders that have a series of their own: those that have held longest.
const HOLDERS_MAX: usize = 10;

/// Those of a target that was seen at its last tick.
fn now(target: &TargetMetrics) -> Option<&ThreadLocks> {
    target.look()?.thread_locks.as_ref()?;
    target.thread_locks.as_ref()
}

pub(super) static THREAD_LOCKS: &[Exported<TargetMetrics>] = &[
    Exported::of(
        Histogram,
        "p_lock_duration_seconds",
        "How long goroutines were locked to a thread (runtime.LockOSThread, callbacks from C) that no longer are: from \
         the first look that saw it to the last, so short by up to two intervals; locks that no look saw are not in it",
        |target, points| {
            if let Some(locks) = &target.thread_locks {
                points.put_histogram(locks.durations());
            }
        },
    ),
    Exported::of(
        Gauge,
        "plock_held_seconds",
        "How long goroutines are locked to a thread, from the first look that saw it to the latest: the ten that are \
         longest. resource: who has locked it, the program or the runtime; holder_id: the goroutine; stage: what it does",
        |target, points| {
            for held in now(target).iter().flat_map(|locks| locks.longest(HOLDERS_MAX)) {
                let holder = held.lock.goroutine.to_string();
                points.put_labelled(&[held.lock.resource, &holder, held.lock.stage], held.seconds);
            }
        },
    )
    .labelled(&["resource", "holder_id", "stage"]),
    Exported::of(
        Gauge,
        "p_lock_nesting_depth",
        "How often the goroutine that is locked to its thread most often has been locked without being unlocked",
        |target, points| points.put(now(target).map(ThreadLocks::depth)),
    ),
    Exported::of(
        Counter,
        "p_lock_blocked_total",
        "How often a look saw that a goroutine locked to its thread had become blocked, by the runtime's words for why: \
         meanwhile nobody can use the thread",
        |target, points| {
            for (cause, count) in target.thread_locks.iter().flat_map(ThreadLocks::blocked) {
                points.put_labelled(&[cause], *count);
            }
        },
    )
    .labelled(&["cause"]),
];
