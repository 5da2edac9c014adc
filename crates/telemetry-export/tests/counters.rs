//! Counters of a target over ticks: they never fall, and say nothing of times that nobody has seen.

#![forbid(unsafe_code)]
#![expect(clippy::unwrap_used, reason = "for tests only: what goes wrong should stop the test")]

use snapshot::MemoryStatistics;
use telemetry_export::{
    AgentSample, Format, Goroutines, Limits, Look, Outcome, SchedulerFigures, Tags, TargetMetrics,
    TargetSample, Watch, render,
};

fn target() -> TargetMetrics {
    TargetMetrics::new(Tags { target: "t".to_owned(), ..Tags::default() }, Limits::default())
}

/// A tick at a second, with an interval of one.
fn at(second: u64, look: Look) -> TargetSample {
    let mut sample = TargetSample::failed("", second * 1000, second * 1_000_000_000);
    sample.outcome = Outcome::Seen(Box::new(look));
    sample.watch = Watch { interval_seconds: Some(1.0), ..Watch::default() };
    sample
}

fn blocked(reasons: &[(&str, u64)]) -> Look {
    let by_wait_reason = reasons.iter().map(|(reason, count)| ((*reason).to_owned(), *count)).collect();
    Look { goroutines: Some(Goroutines { by_wait_reason, ..Goroutines::default() }), ..Look::default() }
}

fn started(exact: Option<u64>, limit: u64) -> Look {
    let scheduler = SchedulerFigures {
        goroutines_created: exact,
        goroutine_id_limit: limit,
        ..SchedulerFigures::default()
    };
    Look { scheduler: Some(scheduler), ..Look::default() }
}

/// The value of a series, if there is one.
fn value(metrics: &TargetMetrics, name: &str, label: &str) -> Option<f64> {
    let text = render(Format::Prometheus, &AgentSample::default(), [metrics], &Limits::default());
    let line = text.lines().find(|line| line.starts_with(&format!("{name}{{")) && line.contains(label))?;
    Some(line.rsplit(' ').next().unwrap().parse().unwrap())
}

#[test]
fn blocked_seconds_are_counts_over_time() {
    let seconds = |metrics: &TargetMetrics, reason: &str| {
        value(metrics, "go_goroutines_blocked_seconds_total", &format!("reason=\"{reason}\""))
    };
    let mut metrics = target();
    metrics.observe(at(10, blocked(&[("select", 4)])));
    assert_eq!(seconds(&metrics, "select"), Some(0.0), "one look says nothing of any time");
    metrics.observe(at(11, blocked(&[("select", 6), ("sleep", 2)])));
    assert_eq!((seconds(&metrics, "select"), seconds(&metrics, "sleep")), (Some(5.0), Some(1.0)));
    metrics.observe(at(13, blocked(&[])));
    assert_eq!((seconds(&metrics, "select"), seconds(&metrics, "sleep")), (Some(11.0), Some(3.0)));
    assert_eq!(value(&metrics, "go_goroutines_by_wait_reason", "select"), Some(0.0));
    metrics.observe(at(100, blocked(&[("select", 1000)])));
    assert_eq!(seconds(&metrics, "select"), Some(11.0), "87 seconds of which nobody knows");
    assert_eq!(value(&metrics, "gostat_target_unobserved_seconds_total", ""), Some(87.0));
}

#[test]
fn time_over_a_failed_tick_counts_if_it_is_short() {
    let mut metrics = target();
    metrics.observe(at(10, blocked(&[("select", 4)])));
    metrics.observe(TargetSample::failed("timeout", 11_000, 11_000_000_000));
    assert_eq!(value(&metrics, "go_goroutine_count", ""), None, "nobody knows how many there are now");
    assert_eq!(value(&metrics, "go_goroutines_blocked_seconds_total", "select"), Some(0.0));
    assert_eq!(value(&metrics, "gostat_target_up", ""), Some(0.0));
    assert_eq!(value(&metrics, "gostat_target_last_error", "timeout"), Some(1.0));
    metrics.observe(at(12, blocked(&[("select", 4)])));
    assert_eq!(value(&metrics, "go_goroutines_blocked_seconds_total", "select"), Some(8.0));
    assert_eq!(value(&metrics, "gostat_target_up", ""), Some(1.0));
    assert_eq!(value(&metrics, "gostat_target_last_error", ""), None);
    assert_eq!(value(&metrics, "gostat_target_errors_total", "timeout"), Some(1.0));
    assert_eq!(value(&metrics, "gostat_target_ticks_total", ""), Some(3.0));
}

#[test]
fn what_is_left_alone_has_no_ticks_and_no_gauges() {
    let mut metrics = target();
    metrics.observe(at(10, blocked(&[("select", 4)])));
    metrics.observe(TargetSample { outcome: Outcome::NotTried, ..at(11, Look::default()) });
    assert_eq!(value(&metrics, "gostat_target_ticks_total", ""), Some(1.0));
    assert_eq!(value(&metrics, "gostat_target_up", ""), Some(0.0));
    assert_eq!(value(&metrics, "go_goroutines_by_wait_reason", ""), None);
    assert_eq!(value(&metrics, "gostat_target_interval_seconds", ""), Some(1.0));
}

#[test]
fn goroutines_started_are_exact_or_a_limit_but_never_in_turns() {
    let total = |metrics: &TargetMetrics| value(metrics, "go_goroutines_total", "");
    let mut exact = target();
    for (look, expected) in [
        (started(Some(100), 160), 100.0),
        (started(None, 176), 100.0),
        (Look::default(), 100.0),
        (started(Some(90), 192), 100.0),
        (started(Some(120), 192), 120.0),
    ] {
        exact.observe(at(1, look));
        assert_eq!(total(&exact), Some(expected));
    }
    let mut limit = target();
    limit.observe(at(1, started(None, 160)));
    limit.observe(at(2, started(Some(150), 176)));
    assert_eq!(total(&limit), Some(176.0));
    assert_eq!(total(&target()), None);
}

#[test]
fn counters_of_the_runtime_that_were_read_too_low_do_not_fall() {
    let memory = |mallocs, gc_cycles| Look {
        memory: Some(MemoryStatistics { mallocs, gc_cycles, ..MemoryStatistics::default() }),
        ..Look::default()
    };
    let mut metrics = target();
    metrics.observe(at(1, memory(Some(1000), Some(3))));
    metrics.observe(at(2, memory(Some(990), None)));
    assert_eq!(value(&metrics, "go_memory_mallocs_total", ""), Some(1000.0));
    assert_eq!(value(&metrics, "go_memory_gc_cycles_total", ""), Some(3.0));
    assert_eq!(value(&metrics, "go_memory_frees_total", ""), None);
}
