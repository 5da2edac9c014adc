//! Metrics of the runtime and of what the system gives it: scheduler, memory, control group.

use snapshot::MemoryStatistics;

use super::Exported;
use super::Kind::{Counter, Gauge, Histogram};
use crate::histogram;
use crate::look::SchedulerFigures;
use crate::target_metrics::{TargetMetrics, seconds};
use crate::target_sample::CgroupFigures;

fn scheduler(target: &TargetMetrics) -> Option<&SchedulerFigures> {
    target.look()?.scheduler.as_ref()
}

fn memory(target: &TargetMetrics) -> Option<MemoryStatistics> {
    target.look()?.memory
}

fn cgroup(target: &TargetMetrics) -> Option<&CgroupFigures> {
    target.last.as_ref()?.cgroup.as_ref()
}

pub(super) static RUNTIME: &[Exported<TargetMetrics>] = &[
    Exported::of(Gauge, "go_processor_limit", "Ps: GOMAXPROCS", |target, points| {
        points.put(scheduler(target).map(|scheduler| scheduler.processors.values().sum::<u64>()));
    })
    .convention("go.processor.limit"),
    Exported::of(Gauge, "go_scheduler_processors", "Ps by what they do", |target, points| {
        for (state, count) in scheduler(target).iter().flat_map(|scheduler| &scheduler.processors) {
            points.put_labelled(&[state], *count);
        }
    })
    .labelled(&["state"]),
    Exported::of(Gauge, "go_scheduler_threads", "Ms: threads that the runtime knows of", |target, points| {
        points.put(scheduler(target).map(|scheduler| scheduler.threads));
    }),
    Exported::of(Gauge, "go_scheduler_threads_idle", "Ms parked for want of work", |target, points| {
        points.put(scheduler(target).map(|scheduler| scheduler.threads_idle));
    }),
    Exported::of(
        Gauge,
        "go_scheduler_threads_idle_locked",
        "Ms that wait until the goroutine locked to them can run",
        |target, points| points.put(scheduler(target).and_then(|scheduler| scheduler.threads_idle_locked)),
    ),
    Exported::of(Gauge, "go_scheduler_threads_spinning", "Ms that look for work", |target, points| {
        points.put(scheduler(target).map(|scheduler| scheduler.threads_spinning));
    }),
    Exported::of(
        Gauge,
        "go_scheduler_queued_goroutines",
        "Goroutines on run queues: the global one, and those of all Ps together",
        |target, points| {
            if let Some(scheduler) = scheduler(target) {
                points.put_labelled(&["global"], scheduler.queued_globally);
                points.put_labelled(&["local"], scheduler.queued_locally);
            }
        },
    )
    .labelled(&["queue"]),
    Exported::of(
        Histogram,
        "go_schedule_duration_seconds",
        "How long goroutines waited to run once they could, since the process began, as the runtime has measured it \
         (/sched/latencies:seconds), which it does every eighth time; it keeps no sum",
        |target, points| {
            if let Some(times) = &target.counters.times_to_run {
                points.put_histogram(&histogram::Histogram::of_runtime(times));
            }
        },
    )
    .convention("go.schedule.duration"),
    Exported::of(
        Histogram,
        "go_memory_gc_pause_duration_seconds",
        "How long the world was stopped for garbage collections, from the decision on, since the process began \
         (/sched/pauses/total/gc:seconds, Go 1.22 and later); the runtime keeps no sum",
        |target, points| {
            if let Some(times) = &target.counters.gc_pauses {
                points.put_histogram(&histogram::Histogram::of_runtime(times));
            }
        },
    )
    .convention("go.memory.gc.pause.duration"),
    Exported::of(
        Gauge,
        "go_scheduler_gc_waiting",
        "1 while a garbage collection stops or has stopped the world",
        |target, points| points.put(scheduler(target).map(|scheduler| u64::from(scheduler.gc_waiting))),
    ),
    Exported::of(Gauge, "go_memory_limit_bytes", "GOMEMLIMIT, if there is one", |target, points| {
        points.put(memory(target).and_then(|memory| memory.memory_limit_bytes));
    })
    .convention("go.memory.limit"),
    Exported::of(
        Gauge,
        "go_memory_gc_goal_bytes",
        "Size of the heap at which the next garbage collection is to be done (NextGC)",
        |target, points| points.put(memory(target).and_then(|memory| memory.heap_goal_bytes)),
    )
    .convention("go.memory.gc.goal"),
    Exported::of(
        Counter,
        "go_memory_gc_cycles_total",
        "Completed garbage collections (NumGC)",
        |target, points| points.put(target.counters.gc_cycles),
    )
    .convention("go.memory.gc.cycles"),
    Exported::of(
        Counter,
        "go_memory_gc_pause_seconds_total",
        "Time that the world was stopped for garbage collections (PauseTotalNs)",
        |target, points| points.put(target.counters.gc_pause_ns.map(seconds)),
    ),
    Exported::of(
        Gauge,
        "go_memory_heap_allocated_bytes",
        "Heap objects, unreachable ones that are not swept yet included (HeapAlloc)",
        |target, points| points.put(memory(target).and_then(|memory| memory.heap_alloc_bytes)),
    ),
    Exported::of(Gauge, "go_memory_heap_in_use_bytes", "Heap spans in use (HeapInuse)", |target, points| {
        points.put(memory(target).and_then(|memory| memory.heap_in_use_bytes));
    }),
    Exported::of(
        Gauge,
        "go_memory_heap_idle_bytes",
        "Heap spans that hold nothing, those given back to the system included (HeapIdle)",
        |target, points| points.put(memory(target).and_then(|memory| memory.heap_idle_bytes)),
    ),
    Exported::of(
        Gauge,
        "go_memory_heap_released_bytes",
        "Idle heap spans that were given back to the system (HeapReleased)",
        |target, points| points.put(memory(target).and_then(|memory| memory.heap_released_bytes)),
    ),
    Exported::of(
        Gauge,
        "go_memory_stack_in_use_bytes",
        "Stack spans in use (StackInuse)",
        |target, points| {
            points.put(memory(target).and_then(|memory| memory.stack_in_use_bytes));
        },
    ),
    Exported::of(
        Counter,
        "go_memory_mallocs_total",
        "Objects allocated, tiny ones included (Mallocs)",
        |target, points| points.put(target.counters.mallocs),
    ),
    Exported::of(
        Counter,
        "go_memory_frees_total",
        "Objects freed, tiny ones included (Frees)",
        |target, points| points.put(target.counters.frees),
    ),
    Exported::of(
        Counter,
        "gostat_cgroup_cpu_periods_total",
        "Periods of the CPU quota in which the control group was able to run (nr_periods)",
        |target, points| points.put(cgroup(target).and_then(|cgroup| cgroup.cpu_periods)),
    ),
    Exported::of(
        Counter,
        "gostat_cgroup_cpu_throttled_periods_total",
        "Periods in which the control group was throttled (nr_throttled)",
        |target, points| points.put(cgroup(target).and_then(|cgroup| cgroup.cpu_throttled_periods)),
    ),
    Exported::of(
        Counter,
        "gostat_cgroup_cpu_throttled_seconds_total",
        "Time that threads of the control group were throttled (throttled_usec)",
        |target, points| points.put(cgroup(target).and_then(|cgroup| cgroup.cpu_throttled_seconds)),
    ),
    Exported::of(
        Gauge,
        "gostat_cgroup_cpu_limit_cores",
        "CPUs that the control group may use (quota / period), if there is a quota",
        |target, points| points.put(cgroup(target).and_then(|cgroup| cgroup.cpu_limit_cores)),
    ),
    Exported::of(Gauge, "gostat_cgroup_memory_bytes", "Memory of the control group", |target, points| {
        points.put(cgroup(target).and_then(|cgroup| cgroup.memory_bytes));
    }),
    Exported::of(
        Gauge,
        "gostat_cgroup_memory_limit_bytes",
        "Memory that the control group may use, if there is a limit",
        |target, points| points.put(cgroup(target).and_then(|cgroup| cgroup.memory_limit_bytes)),
    ),
    Exported::of(
        Counter,
        "gostat_cgroup_stalled_seconds_total",
        "Time that some or all tasks of the control group were stalled for want of a resource (PSI)",
        |target, points| {
            for ((resource, share), stalled) in
                cgroup(target).iter().flat_map(|cgroup| &cgroup.stalled_seconds)
            {
                points.put_labelled(&[resource, share], *stalled);
            }
        },
    )
    .labelled(&["resource", "share"]),
];
