//! The parts of a document that are not goroutines: target, snapshot, gaps.

use std::collections::BTreeMap;

use analysis::{Counts, count};
use serde::Serialize;
use snapshot::{Gap, LayoutSource, Machine, Processor, Scheduler, Snapshot, Status, Target};

use super::AddressJson;

#[derive(Serialize)]
pub(super) struct TargetJson<'a> {
    pid: u32,
    name: &'a str,
    executable: &'a str,
    architecture: &'static str,
    go_version: &'a str,
    module: Option<&'a str>,
    module_version: Option<&'a str>,
    stripped: bool,
    layout: &'static str,
    /// The release whose layout was used, where that is another one.
    layout_release: Option<&'a str>,
}

impl<'a> TargetJson<'a> {
    pub(super) fn new(target: &'a Target) -> Self {
        let (layout, layout_release) = match &target.layout {
            LayoutSource::Table => ("table", None),
            LayoutSource::Dwarf => ("dwarf", None),
            LayoutSource::Nearest(release) => ("nearest", Some(release.as_str())),
        };
        TargetJson {
            pid: target.pid,
            name: &target.name,
            executable: &target.executable,
            architecture: target.architecture.goarch(),
            go_version: &target.go_version,
            module: target.module.as_deref(),
            module_version: target.module_version.as_deref(),
            stripped: target.stripped,
            layout,
            layout_release,
        }
    }
}

#[derive(Serialize)]
pub(super) struct SnapshotJson<'a> {
    taken_at_unix_ms: u64,
    goroutines: u64,
    runtime_goroutines: u64,
    by_status: BTreeMap<&'static str, u64>,
    by_wait_reason: BTreeMap<&'a str, u64>,
    attach_us: u64,
    headers_us: u64,
    stacks_us: u64,
    total_us: u64,
    bytes_read: u64,
    read_calls: u64,
    stacks_read: u64,
    retried: u64,
    torn: u64,
    scheduler: Option<SchedulerJson>,
}

impl<'a> SnapshotJson<'a> {
    pub(super) fn new(snapshot: &'a Snapshot) -> Self {
        let census = snapshot.census(&snapshot.goroutines);
        let counts = count(&census);
        let cost = &snapshot.cost;
        SnapshotJson {
            taken_at_unix_ms: snapshot.taken_at_unix_ms,
            goroutines: counts.total,
            runtime_goroutines: counts.runtime,
            by_status: by_status(&counts),
            by_wait_reason: counts.by_wait_reason,
            attach_us: cost.attach_us,
            headers_us: cost.headers_us,
            stacks_us: cost.stacks_us,
            total_us: cost.total_us,
            bytes_read: cost.bytes_read,
            read_calls: cost.read_calls,
            stacks_read: cost.stacks_read,
            retried: cost.retried,
            torn: cost.torn,
            scheduler: snapshot.scheduler.as_ref().map(SchedulerJson::new),
        }
    }
}

/// All statuses, those that nobody has with 0.
pub(crate) fn by_status(counts: &Counts<'_>) -> BTreeMap<&'static str, u64> {
    Status::ALL.into_iter().map(|status| (status.name(), counts.status(status))).collect()
}

#[derive(Serialize)]
struct SchedulerJson {
    gomaxprocs: usize,
    idle_processors: u32,
    idle_machines: u32,
    spinning_machines: u32,
    global_run_queue: u32,
    gc_waiting: bool,
    goroutines_created: Option<u64>,
    goroutine_id_limit: u64,
    descriptors: u64,
    processors: Vec<ProcessorJson>,
    machines: Vec<MachineJson>,
}

impl SchedulerJson {
    fn new(scheduler: &Scheduler) -> Self {
        SchedulerJson {
            gomaxprocs: scheduler.processors.len(),
            idle_processors: scheduler.idle_processors,
            idle_machines: scheduler.idle_machines,
            spinning_machines: scheduler.spinning_machines,
            global_run_queue: scheduler.global_run_queue,
            gc_waiting: scheduler.gc_waiting,
            goroutines_created: scheduler.goroutines_created,
            goroutine_id_limit: scheduler.goroutine_id_limit,
            descriptors: scheduler.descriptors,
            processors: scheduler.processors.iter().map(ProcessorJson::new).collect(),
            machines: scheduler.machines.iter().map(MachineJson::new).collect(),
        }
    }
}

#[derive(Serialize)]
struct ProcessorJson {
    id: i32,
    status: &'static str,
    run_queue: u32,
    run_next: bool,
    sched_tick: u32,
    syscall_tick: u32,
    m: Option<i64>,
}

impl ProcessorJson {
    fn new(p: &Processor) -> Self {
        ProcessorJson {
            id: p.id,
            status: p.status.name(),
            run_queue: p.run_queue,
            run_next: p.run_next,
            sched_tick: p.sched_tick,
            syscall_tick: p.syscall_tick,
            m: p.m,
        }
    }
}

#[derive(Serialize)]
struct MachineJson {
    id: i64,
    tid: Option<u32>,
    goroutine: Option<u64>,
    p: Option<i32>,
    spinning: bool,
    blocked: bool,
    in_cgo: bool,
    locked_goroutine: Option<u64>,
}

impl MachineJson {
    fn new(m: &Machine) -> Self {
        MachineJson {
            id: m.id,
            tid: (m.tid != 0).then_some(m.tid),
            goroutine: m.goroutine.map(|id| id.0),
            p: m.p,
            spinning: m.spinning,
            blocked: m.blocked,
            in_cgo: m.in_cgo,
            locked_goroutine: m.locked_goroutine.map(|id| id.0),
        }
    }
}

/// A gap as JSON has it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) struct GapJson {
    subject: &'static str,
    cause: &'static str,
    goroutine: Option<u64>,
    address: Option<AddressJson>,
    count: u64,
}

impl GapJson {
    pub(crate) fn new(gap: &Gap) -> Self {
        GapJson {
            subject: gap.subject.name(),
            cause: gap.cause.name(),
            goroutine: gap.goroutine.map(|id| id.0),
            address: gap.address.map(AddressJson),
            count: gap.count,
        }
    }
}
