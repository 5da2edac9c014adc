//! Trouble that shows in what goroutines wait for.

use std::collections::BTreeMap;

use snapshot::{Address, Snapshot, WaitObjectKind};

use super::{Pathology, PathologyKind};

/// Waiters for one lock from which on it is a pile-up.
const LOCK_WAITERS: u64 = 1_000;
/// Timers from which on there are too many.
const TIMERS: u64 = 100_000;
/// Goroutines that do nothing but wait for a time, from which on there are too many.
const SLEEPERS: u64 = 10_000;
/// Goroutines that have to help the collector, for each P, from which on it is a stall.
const ASSISTS_PER_PROCESSOR: u64 = 4;

/// Locks for which thousands wait, the worst first.
pub(super) fn mutex_pile_ups(snapshot: &Snapshot) -> Vec<Pathology> {
    let mut waiters: BTreeMap<Address, (u64, u64)> = BTreeMap::new();
    for goroutine in &snapshot.goroutines {
        for object in snapshot.waiting_on(goroutine) {
            let is_lock =
                matches!(object.kind, WaitObjectKind::Mutex { .. } | WaitObjectKind::RwMutex { .. });
            if is_lock && !object.address.is_null() {
                let (count, longest) = waiters.entry(object.address).or_default();
                *count += 1;
                *longest = goroutine.waiting_since.map_or(*longest, |since| since.ms().max(*longest));
            }
        }
    }
    let mut piled: Vec<_> = waiters.into_iter().filter(|(_, (count, _))| *count >= LOCK_WAITERS).collect();
    piled.sort_by_key(|(address, (count, _))| (std::cmp::Reverse(*count), *address));
    let release = &snapshot.target.go_version;
    piled
        .into_iter()
        .map(|(address, (count, longest))| {
            let mut evidence = vec![format!("{count} goroutines wait for the lock at {address}")];
            if longest > 0 {
                evidence.push(format!("the longest for {} s", longest / 1000));
            }
            if ["go1.26", "go1.27"].iter().any(|minor| is_of(release, minor)) {
                evidence.push(format!(
                    "{release}: each cycle of the collector takes time quadratic in them (golang/go#81957)"
                ));
            }
            Pathology { kind: PathologyKind::MutexPileUp, evidence }
        })
        .collect()
}

/// Whether a release is one of a minor release: `go1.26.3`, `go1.26rc1`, not `go1.260`.
fn is_of(release: &str, minor: &str) -> bool {
    release.strip_prefix(minor).is_some_and(|rest| !rest.starts_with(|c: char| c.is_ascii_digit()))
}

/// Very many timers, or goroutines that sleep.
pub(super) fn timer_storm(snapshot: &Snapshot) -> Option<Pathology> {
    let timers = snapshot.scheduler.as_ref().and_then(|scheduler| {
        scheduler
            .processors
            .iter()
            .map(|p| p.timers)
            .try_fold(0u64, |sum, timers| Some(sum.saturating_add(timers?)))
    });
    let is_time = |kind: &WaitObjectKind| match kind {
        WaitObjectKind::Timer { .. } => true,
        WaitObjectKind::Channel(_, channel) => channel.timer,
        _ => false,
    };
    let sleepers = snapshot.goroutines.iter().filter(|goroutine| {
        let on = snapshot.waiting_on(goroutine);
        snapshot.wait_reason(goroutine) == Some("sleep")
            || (!on.is_empty() && on.iter().all(|o| is_time(&o.kind)))
    });
    let sleepers = sleepers.count() as u64;
    let mut evidence = Vec::new();
    if let Some(timers) = timers.filter(|timers| *timers >= TIMERS) {
        evidence.push(format!("{timers} timers on all Ps"));
    }
    if sleepers >= SLEEPERS {
        evidence.push(format!("{sleepers} goroutines do nothing but wait for a time"));
    }
    (!evidence.is_empty()).then_some(Pathology { kind: PathologyKind::TimerStorm, evidence })
}

/// Goroutines that have to help the collector before they may go on.
pub(super) fn gc_assist_stall(snapshot: &Snapshot) -> Option<Pathology> {
    let assists = |goroutine: &&snapshot::Goroutine| {
        snapshot.wait_reason(goroutine).is_some_and(|reason| reason.starts_with("GC assist"))
    };
    let count = snapshot.goroutines.iter().filter(assists).count() as u64;
    let processors =
        snapshot.scheduler.as_ref().map_or(1, |scheduler| scheduler.processors.len().max(1)) as u64;
    let evidence = format!("{count} goroutines wait to help the collector, on {processors} Ps");
    (count >= processors * ASSISTS_PER_PROCESSOR)
        .then(|| Pathology { kind: PathologyKind::GcAssistStall, evidence: vec![evidence] })
}
