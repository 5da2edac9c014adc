//! Metrics of goroutines: how many, in which state, blocked on what, where, and leaked.

use snapshot::Status;

use super::Exported;
use super::Kind::{Counter, Gauge};
use crate::counted_names::OTHER;
use crate::look::Goroutines;
use crate::target_metrics::TargetMetrics;

fn goroutines(target: &TargetMetrics) -> Option<&Goroutines> {
    target.look()?.goroutines.as_ref()
}

/// Statuses that a goroutine that is alive can have.
fn live_statuses() -> impl Iterator<Item = Status> {
    Status::ALL.into_iter().filter(|status| *status != Status::Dead)
}

pub(super) static GOROUTINES: &[Exported<TargetMetrics>] = &[
    Exported::of(
        Counter,
        "go_goroutines_total",
        "Goroutines started since the process began, the runtime's own included. Exact for Go 1.26 and later; before, \
         the upper bound of the ids given out, up to 16 a P too high",
        |target, points| points.put(target.counters.started.map(|started| started.count)),
    ),
    Exported::of(
        Gauge,
        "go_goroutine_count",
        "Goroutines that there are, as runtime.NumGoroutine counts: without the runtime's own",
        |target, points| points.put(goroutines(target).map(|goroutines| goroutines.count)),
    )
    .convention("go.goroutine.count"),
    Exported::of(
        Gauge,
        "go_goroutines_system",
        "Goroutines of the runtime itself, which no other metric but go_goroutines_total counts",
        |target, points| points.put(goroutines(target).map(|goroutines| goroutines.system)),
    ),
    Exported::of(Gauge, "go_goroutines_by_state", "Goroutines by status", |target, points| {
        let Some(goroutines) = goroutines(target) else { return };
        for status in live_statuses() {
            let count = goroutines.by_state.get(&status).copied().unwrap_or_default();
            points.put_labelled(&[status.name()], count);
        }
    })
    .labelled(&["state"]),
    Exported::of(
        Gauge,
        "go_goroutines_by_wait_reason",
        "Blocked goroutines by the runtime's words for why; 0 for a reason that there was earlier",
        |target, points| {
            if goroutines(target).is_some() {
                for (reason, blocked) in target.wait_reasons.iter() {
                    points.put_labelled(&[reason], blocked.now);
                }
            }
        },
    )
    .labelled(&["reason"]),
    Exported::of(
        Counter,
        "go_goroutines_blocked_seconds_total",
        "Goroutine-seconds that goroutines were blocked, by the runtime's words for why: counts of goroutines, \
         integrated over the time between looks",
        |target, points| {
            for (reason, blocked) in target.wait_reasons.iter() {
                points.put_labelled(&[reason], blocked.seconds);
            }
        },
    )
    .labelled(&["reason"]),
    Exported::of(
        Gauge,
        "go_goroutines_locked_to_thread",
        "Goroutines that must stay on their thread (runtime.LockOSThread, cgo callbacks), by status",
        |target, points| {
            let Some(goroutines) = goroutines(target) else { return };
            for status in live_statuses() {
                let count = goroutines.locked_by_state.get(&status).copied().unwrap_or_default();
                points.put_labelled(&[status.name()], count);
            }
        },
    )
    .labelled(&["state"]),
    Exported::of(
        Gauge,
        "go_goroutines_leaked",
        "Goroutines that have leaked by the latest search: proven, since nothing that lives can wake them, or suspected",
        |target, points| {
            if let Some(leaks) = target.last.as_ref().and_then(|sample| sample.leaks) {
                points.put_labelled(&["proven"], leaks.proven);
                points.put_labelled(&["suspected"], leaks.suspected);
            }
        },
    )
    .labelled(&["verdict"]),
    Exported::of(
        Gauge,
        "go_goroutines_by_stack",
        "Goroutines by the fingerprint of their stack, the most frequent ones; all others are stack=\"other\", and \
         those whose stack could not be had stack=\"unknown\"",
        |target, points| {
            let (Some(stacks), true) = (&target.stacks, goroutines(target).is_some()) else { return };
            for (fingerprint, function, count) in stacks.shown() {
                points.put_labelled(&[&fingerprint.to_string(), function], count);
            }
            points.put_labelled(&[OTHER, ""], stacks.other);
            points.put_labelled(&["unknown", ""], stacks.unknown);
        },
    )
    .labelled(&["stack", "function"]),
    Exported::of(
        Gauge,
        "gostat_findings",
        "Findings that fire now, by kind and severity",
        |target, points| {
            for (severity, kinds) in target.findings.iter().flatten() {
                for (kind, count) in kinds.iter() {
                    points.put_labelled(&[kind, severity], *count);
                }
            }
        },
    )
    .labelled(&["kind", "severity"]),
];
