//! A target and an agent of which everything is known.

use std::collections::{BTreeMap, HashMap};

use analysis::Fingerprint;
use snapshot::{MemoryStatistics, Status, TimeBucket, TimeHistogram};
use telemetry_export::{
    AgentSample, Breaker, CgroupFigures, Detail, Finding, Goroutines, LeakFigures, Limits, Look, Outcome,
    ProcessTags, Queue, SchedulerFigures, StackCount, Stacks, Tags, TargetMetrics, TargetSample, ThreadLock,
    TickCost, Watch,
};

/// A target of which everything is known.
pub(crate) fn target_with_everything(name: &str) -> TargetMetrics {
    let mut metrics = TargetMetrics::new(tags(name), Limits::default());
    metrics.observe(TargetSample { outcome: Outcome::Failed("timeout"), ..sample(1) });
    metrics.observe(sample(2));
    metrics.observe(sample(3));
    metrics
}

/// A target that could not be read at its last tick.
pub(crate) fn failing_target(name: &str) -> TargetMetrics {
    let mut metrics = TargetMetrics::new(tags(name), Limits::default());
    metrics.observe(TargetSample { outcome: Outcome::Failed("timeout"), ..sample(1) });
    metrics
}

fn tags(name: &str) -> Tags {
    let known = |value: &str| Some(value.to_owned());
    Tags {
        target: name.to_owned(),
        service: known("shop"),
        version: known("1.2.3"),
        environment: known("staging"),
        container: known("8d1f"),
        pod: known("shop-0"),
        node: known("node-7"),
        process: ProcessTags {
            pid: Some(4242),
            executable: known("/srv/shop"),
            module: known("example.com/shop"),
            module_version: known("v1.2.3"),
            go_version: known("go1.27.4"),
            architecture: Some("amd64"),
        },
    }
}

fn sample(tick: u64) -> TargetSample {
    let stalled = [("cpu", "some"), ("memory", "full")].map(|key| (key, 1.5));
    TargetSample {
        taken_at_unix_ms: 1_700_000_000_000 + tick * 5000,
        taken_at_monotonic_ns: tick * 5_000_000_000,
        outcome: Outcome::Seen(Box::new(look())),
        cost: TickCost {
            seconds: Some(0.01),
            cpu_seconds: Some(0.009),
            bytes_read: 4096,
            torn: 1,
            gaps: 2,
            missed_ticks: 1,
            late_seconds: Some(0.2),
        },
        watch: Watch {
            interval_seconds: Some(5.0),
            detail: Some(Detail::Stacks),
            breaker: Some(Breaker::Closed),
            breaker_opened: Some(1),
            overhead_ratio: Some(0.002),
            overhead_limit_ratio: Some(0.01),
        },
        cgroup: Some(CgroupFigures {
            cpu_periods: Some(100),
            cpu_throttled_periods: Some(7),
            cpu_throttled_seconds: Some(0.7),
            cpu_limit_cores: Some(2.0),
            memory_bytes: Some(1 << 28),
            memory_limit_bytes: Some(1 << 30),
            stalled_seconds: stalled.into(),
        }),
        leaks: Some(LeakFigures { proven: 3, suspected: 1 }),
        findings: Some(BTreeMap::from([(Finding { kind: "growth".to_owned(), severity: "high" }, 1)])),
    }
}

fn look() -> Look {
    let stack = StackCount { count: 8, function: "example.com/shop.(*Cart).add".to_owned() };
    let goroutines = Goroutines {
        count: 10,
        system: 5,
        by_state: [(Status::Waiting, 9), (Status::Running, 1)].into(),
        by_wait_reason: [("select".to_owned(), 6), ("chan receive".to_owned(), 3)].into(),
        locked_by_state: [(Status::Running, 1)].into(),
        stacks: Some(Stacks { by_fingerprint: HashMap::from([(Fingerprint(7), stack)]), unknown: 2 }),
    };
    let bucket =
        |bits: u32| TimeBucket { from_ns: 1 << bits, below_ns: Some(2 << bits), count: 1 << (20 - bits / 2) };
    let times = TimeHistogram { buckets: (8..30).map(bucket).collect() };
    let scheduler = SchedulerFigures {
        goroutines_created: Some(1000),
        goroutine_id_limit: 1024,
        processors: [("idle", 3), ("running", 1)].into(),
        threads: 9,
        threads_idle: 4,
        threads_idle_locked: Some(1),
        threads_spinning: 1,
        queued_globally: 2,
        queued_locally: 3,
        gc_waiting: false,
        times_to_run: Some(times.clone()),
        gc_pauses: Some(times),
    };
    let lock = ThreadLock {
        goroutine: 17,
        machine: 3,
        resource: "program",
        depth: Some(1),
        stage: "waiting",
        blocked: Some("select".to_owned()),
    };
    let bytes = Some(1 << 20);
    let memory = MemoryStatistics {
        heap_alloc_bytes: bytes,
        heap_in_use_bytes: bytes,
        heap_idle_bytes: bytes,
        heap_released_bytes: bytes,
        stack_in_use_bytes: bytes,
        mallocs: Some(500),
        frees: Some(400),
        counts_settled: true,
        gc_cycles: Some(12),
        gc_pause_total_ns: Some(1_500_000),
        gc_pause_last_ns: Some(100_000),
        heap_goal_bytes: bytes,
        memory_limit_bytes: bytes,
    };
    Look {
        goroutines: Some(goroutines),
        scheduler: Some(scheduler),
        memory: Some(memory),
        thread_locks: Some(vec![lock]),
    }
}

pub(crate) fn agent_with_everything() -> AgentSample {
    AgentSample {
        version: "0.1.0".to_owned(),
        start_time_unix_seconds: Some(1.7e9),
        cpu_seconds: Some(12.5),
        resident_bytes: Some(1 << 25),
        open_files: Some(40),
        open_files_limit: Some(1024),
        targets: [("watched", 2), ("failing", 0)].into(),
        history_bytes: Some(1 << 20),
        history_limit_bytes: Some(1 << 30),
        history_looks: [("written", 9_000), ("left_out", 3)].into(),
        history_refused: Some(1),
        queues: [("alerts".to_owned(), Queue { length: 1, capacity: 100 })].into(),
        notifications: [(("ops".to_owned(), "delivered"), 3)].into(),
    }
}
