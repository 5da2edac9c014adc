//! Metrics of how a target is watched: whether it can be read, what that costs, and what is done to keep it cheap.

use super::Exported;
use super::Kind::{Counter, Gauge, Info};
use crate::target_metrics::{TargetMetrics, seconds};
use crate::target_sample::{Breaker, Detail, Outcome, Watch};

fn watch(target: &TargetMetrics) -> Option<Watch> {
    target.last.as_ref().map(|sample| sample.watch)
}

pub(super) static WATCHING: &[Exported<TargetMetrics>] = &[
    Exported::of(
        Info,
        "gostat_target_info",
        "What is known of the process besides the labels that all of its series have",
        |target, points| {
            let process = &target.tags.process;
            let pid = process.pid.map(|pid| pid.to_string());
            points.put_labelled(
                &[
                    pid.as_deref().unwrap_or_default(),
                    process.executable.as_deref().unwrap_or_default(),
                    process.module.as_deref().unwrap_or_default(),
                    process.module_version.as_deref().unwrap_or_default(),
                    process.go_version.as_deref().unwrap_or_default(),
                    process.architecture.unwrap_or_default(),
                ],
                1_u64,
            );
        },
    )
    .labelled(&["pid", "executable", "module", "module_version", "go_version", "architecture"]),
    Exported::of(
        Gauge,
        "gostat_target_up",
        "1 if the last tick was able to read the target",
        |target, points| {
            points.put(target.last.is_some().then(|| u64::from(target.look().is_some())));
        },
    ),
    Exported::of(
        Gauge,
        "gostat_target_last_error",
        "1 with the kind of the error, if the last tick was not able to read the target",
        |target, points| {
            if let Some(Outcome::Failed(class)) = target.last.as_ref().map(|sample| &sample.outcome) {
                points.put_labelled(&[class], 1_u64);
            }
        },
    )
    .labelled(&["class"]),
    Exported::of(
        Counter,
        "gostat_target_errors_total",
        "Ticks that failed, by kind of error",
        |target, points| {
            for (class, count) in target.errors.iter() {
                points.put_labelled(&[class], *count);
            }
        },
    )
    .labelled(&["class"]),
    Exported::of(
        Gauge,
        "gostat_target_last_seen_timestamp_seconds",
        "When the target was last read, seconds since the Unix epoch",
        |target, points| {
            points.put(target.counters.last_seen_unix_ms.map(|ms| seconds(ms.saturating_mul(1_000_000))))
        },
    ),
    Exported::of(Counter, "gostat_target_ticks_total", "Ticks, failed ones included", |target, points| {
        points.put(target.counters.ticks);
    }),
    Exported::of(
        Counter,
        "gostat_target_missed_ticks_total",
        "Ticks that should have been and were not",
        |target, points| points.put(target.counters.missed_ticks),
    ),
    Exported::of(Counter, "gostat_target_late_ticks_total", "Ticks that began too late", |target, points| {
        points.put(target.counters.late_ticks);
    }),
    Exported::of(
        Counter,
        "gostat_target_unobserved_seconds_total",
        "Time between looks that lay too far apart to say what was in between",
        |target, points| points.put(target.counters.unobserved_seconds),
    ),
    Exported::of(
        Counter,
        "gostat_target_tick_seconds_total",
        "Time that all ticks took",
        |target, points| {
            points.put(target.counters.tick_seconds);
        },
    ),
    Exported::of(
        Counter,
        "gostat_target_tick_cpu_seconds_total",
        "CPU time of gostat that all ticks took",
        |target, points| points.put(target.counters.tick_cpu_seconds),
    ),
    Exported::of(
        Counter,
        "gostat_target_read_bytes_total",
        "Bytes copied out of the target",
        |target, points| points.put(target.counters.bytes_read),
    ),
    Exported::of(
        Counter,
        "gostat_target_torn_stacks_total",
        "Stacks that moved while they were read, and were given up",
        |target, points| points.put(target.counters.torn),
    ),
    Exported::of(Counter, "gostat_target_gaps_total", "Things that could not be read", |target, points| {
        points.put(target.counters.gaps);
    }),
    Exported::of(
        Gauge,
        "gostat_target_interval_seconds",
        "Time from tick to tick at present",
        |target, points| points.put(watch(target).and_then(|watch| watch.interval_seconds)),
    ),
    Exported::of(
        Gauge,
        "gostat_target_detail",
        "1 for how much is read at present, 0 for the others",
        |target, points| {
            if let Some(now) = watch(target).and_then(|watch| watch.detail) {
                for (detail, name) in Detail::ALL {
                    points.put_labelled(&[name], u64::from(detail == now));
                }
            }
        },
    )
    .labelled(&["detail"]),
    Exported::of(
        Gauge,
        "gostat_target_breaker",
        "1 for the state of the circuit breaker, 0 for the others",
        |target, points| {
            if let Some(now) = watch(target).and_then(|watch| watch.breaker) {
                for (breaker, name) in Breaker::ALL {
                    points.put_labelled(&[name], u64::from(breaker == now));
                }
            }
        },
    )
    .labelled(&["state"]),
    Exported::of(
        Counter,
        "gostat_target_breaker_opened_total",
        "How often the circuit breaker has opened",
        |target, points| points.put(target.counters.breaker_opened),
    ),
    Exported::of(
        Gauge,
        "gostat_target_overhead_ratio",
        "CPU time of gostat that reading this target takes at present, as a share of one CPU",
        |target, points| points.put(watch(target).and_then(|watch| watch.overhead_ratio)),
    ),
    Exported::of(
        Gauge,
        "gostat_target_overhead_limit_ratio",
        "What reading this target may take: the overhead budget",
        |target, points| points.put(watch(target).and_then(|watch| watch.overhead_limit_ratio)),
    ),
];
