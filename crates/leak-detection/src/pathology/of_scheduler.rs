//! Trouble that shows in Ps, Ms and counts of goroutines.

use snapshot::{Scheduler, Snapshot, Status};

use super::{Pathology, PathologyKind};

/// Goroutines started per second from which on it is churn.
const CREATED_PER_S: u64 = 50_000;
/// How often all living goroutines have to be replaced in a second for that.
const REPLACED_PER_S: u64 = 10;
/// Calls of the system or of C at once from which on their threads are many.
const BLOCKING_CALLS: u64 = 100;
/// Threads for each P for that.
const THREADS_PER_PROCESSOR: u64 = 10;

/// Goroutines that are started and end faster than they can do much.
pub(super) fn churn(before: &Snapshot, now: &Snapshot) -> Option<Pathology> {
    let elapsed_ns =
        now.taken_at_monotonic_ns.checked_sub(before.taken_at_monotonic_ns).filter(|ns| *ns > 0)?;
    let created = |snapshot: &Snapshot| {
        let scheduler = snapshot.scheduler.as_ref()?;
        // Ids are given out in batches: an upper bound, wrong by little at such rates.
        Some(scheduler.goroutines_created.unwrap_or(scheduler.goroutine_id_limit))
    };
    let new = created(now)?.saturating_sub(created(before)?);
    let per_s = u64::try_from(u128::from(new) * 1_000_000_000 / u128::from(elapsed_ns)).unwrap_or(u64::MAX);
    let alive = now.goroutines.len() as u64;
    (per_s >= CREATED_PER_S && per_s >= alive.saturating_mul(REPLACED_PER_S)).then(|| Pathology {
        kind: PathologyKind::GoroutineChurn,
        evidence: vec![format!("{per_s} goroutines started per second, while {alive} are alive")],
    })
}

/// Calls that hold very many threads.
pub(super) fn thread_explosion(snapshot: &Snapshot) -> Option<Pathology> {
    let scheduler = snapshot.scheduler.as_ref()?;
    let in_calls = snapshot.goroutines.iter().filter(|g| g.status == Status::Syscall).count() as u64;
    let in_c = scheduler.machines.iter().filter(|m| m.in_cgo).count();
    let threads = scheduler.machine_count.unwrap_or(scheduler.machines.len() as u64);
    let processors = scheduler.processors.len().max(1) as u64;
    (in_calls >= BLOCKING_CALLS && threads >= processors * THREADS_PER_PROCESSOR).then(|| Pathology {
        kind: PathologyKind::ThreadExplosion,
        evidence: vec![
            format!("{threads} threads for {processors} Ps"),
            format!("{in_calls} goroutines are in system calls or in C, {in_c} of them in C"),
        ],
    })
}

/// Ps that goroutines locked to threads hold, while others wait for a P.
pub(super) fn locked_thread_starvation(snapshot: &Snapshot) -> Option<Pathology> {
    let scheduler: &Scheduler = snapshot.scheduler.as_ref()?;
    let holds =
        |m: &&snapshot::Machine| m.p.is_some() && m.goroutine.is_some() && m.locked_goroutine == m.goroutine;
    let locked = scheduler.machines.iter().filter(holds).count() as u64;
    let processors = scheduler.processors.len() as u64;
    let waiting = scheduler.runnable_queued();
    let starves =
        locked > 0 && locked * 2 >= processors && scheduler.idle_processors == 0 && waiting >= processors;
    starves.then(|| Pathology {
        kind: PathologyKind::LockedThreadStarvation,
        evidence: vec![
            format!("{locked} of {processors} Ps run goroutines that are locked to their threads"),
            format!("{waiting} goroutines wait for a P, and none is idle"),
        ],
    })
}
