//! One tick of `gostat sched`: the scheduler now, and how fast it works.

mod detail;
mod machine;
mod processor;
mod table;

use std::io;

use serde::Serialize;
use snapshot::{Goroutine, Scheduler, Snapshot, TimeBucket, TimeHistogram};

use crate::json::{GapJson, to_writer};
use machine::MachineTick;
use processor::ProcessorTick;

pub use detail::write_detail;
pub use table::SchedTable;

/// The scheduler at one tick. What is unknown is `None`: rates on the first tick, everything where the scheduler
/// could not be read, and fields that the target's Go release does not have.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct SchedTick<'a> {
    /// Wall-clock time of the snapshot, milliseconds since the Unix epoch.
    pub taken_at_unix_ms: u64,
    /// Number of Ps.
    pub gomaxprocs: Option<u64>,
    /// Ps without work.
    pub idle_processors: Option<u32>,
    /// Ms that there are, by the runtime's own count.
    pub threads: Option<u64>,
    /// Ms looking for work.
    pub spinning_machines: Option<u32>,
    /// Whether another M should look for work (Go 1.20 and later).
    pub need_spinning: Option<bool>,
    /// Ms parked for want of work.
    pub idle_machines: Option<u32>,
    /// Ms parked because their locked goroutine cannot run.
    pub idle_locked_machines: Option<u32>,
    /// Goroutines on the global run queue.
    pub global_run_queue: Option<u32>,
    /// Goroutines on the queues of all Ps, each P's next included.
    pub local_run_queue: Option<u64>,
    /// Whether the world is stopped, or is to be.
    pub gc_waiting: Option<bool>,
    /// Ps that whoever stops the world still waits for.
    pub stop_wait: Option<i32>,
    /// Whether the runtime's watching thread sleeps.
    pub sysmon_waiting: Option<bool>,
    /// Scheduling decisions per second since the tick before, all Ps.
    pub sched_ticks_per_s: Option<f64>,
    /// System calls per second since the tick before, all Ps.
    pub syscall_ticks_per_s: Option<f64>,
    /// How long goroutines waited to run since the process began (every eighth time is measured), by how long.
    pub times_to_run: Option<Vec<BucketTick>>,
    /// How long the world was stopped for garbage collections since then (Go 1.22 and later).
    pub gc_pauses: Option<Vec<BucketTick>>,
    processors: Vec<ProcessorTick>,
    machines: Vec<MachineTick<'a>>,
    goroutines: Vec<GoroutineTick<'a>>,
    /// What taking the snapshot cost us, microseconds.
    pub snapshot_us: u64,
    /// Bytes copied out of the target for it.
    pub bytes_read: u64,
    gaps: Vec<GapJson>,
}

/// So many durations from `from_ns` on and shorter than `below_ns`, if there is a limit. Empty buckets are left out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct BucketTick {
    from_ns: u64,
    below_ns: Option<u64>,
    count: u64,
}

fn buckets(histogram: &TimeHistogram) -> Vec<BucketTick> {
    let tick = |bucket: &TimeBucket| BucketTick {
        from_ns: bucket.from_ns,
        below_ns: bucket.below_ns,
        count: bucket.count,
    };
    histogram.buckets.iter().map(tick).collect()
}

/// A goroutine that an M runs, or that is locked to one.
#[derive(Debug, Clone, PartialEq, Serialize)]
struct GoroutineTick<'a> {
    id: u64,
    status: &'static str,
    wait_reason: Option<&'a str>,
    m: Option<i64>,
    locked_m: Option<i64>,
}

impl<'a> SchedTick<'a> {
    /// The tick of a snapshot, with rates since the one before, if there was one.
    pub fn new(previous: Option<&Snapshot>, current: &'a Snapshot) -> SchedTick<'a> {
        let scheduler = current.scheduler.as_ref();
        let since = previous.and_then(|previous| Since::between(previous, current));
        let processors = processor::ticks(scheduler, since.as_ref());
        let sum = |rate: fn(&ProcessorTick) -> Option<f64>| {
            let rates = processors.iter().filter_map(rate);
            since.as_ref().filter(|_| !processors.is_empty()).map(|_| rates.sum())
        };
        SchedTick {
            taken_at_unix_ms: current.taken_at_unix_ms,
            gomaxprocs: scheduler.map(|s| s.processors.len() as u64),
            idle_processors: scheduler.map(|s| s.idle_processors),
            threads: scheduler.and_then(|s| s.machine_count),
            spinning_machines: scheduler.map(|s| s.spinning_machines),
            need_spinning: scheduler.and_then(|s| s.need_spinning),
            idle_machines: scheduler.map(|s| s.idle_machines),
            idle_locked_machines: scheduler.and_then(|s| s.idle_locked_machines),
            global_run_queue: scheduler.map(|s| s.global_run_queue),
            local_run_queue: scheduler.map(Scheduler::locally_queued),
            gc_waiting: scheduler.map(|s| s.gc_waiting),
            stop_wait: scheduler.and_then(|s| s.stop_wait),
            sysmon_waiting: scheduler.and_then(|s| s.sysmon_waiting),
            sched_ticks_per_s: sum(|p| p.sched_ticks_per_s),
            syscall_ticks_per_s: sum(|p| p.syscall_ticks_per_s),
            times_to_run: scheduler.and_then(|s| s.times_to_run.as_ref()).map(buckets),
            gc_pauses: scheduler.and_then(|s| s.gc_pauses.as_ref()).map(buckets),
            machines: machine::ticks(scheduler, since.as_ref()),
            goroutines: goroutines(current),
            processors,
            snapshot_us: current.cost.total_us,
            bytes_read: current.cost.bytes_read,
            gaps: current.gaps.iter().map(GapJson::new).collect(),
        }
    }

    /// Writes the tick as one line of JSON, everything in it. Fails only if `out` does.
    pub fn write_json(&self, out: &mut impl io::Write) -> io::Result<()> {
        let mut line = Vec::new();
        to_writer(&mut line, self)?;
        line.push(b'\n');
        out.write_all(&line)
    }
}

/// The tick before, and how long ago it was.
struct Since<'a> {
    scheduler: &'a Scheduler,
    ns: u64,
}

impl<'a> Since<'a> {
    /// `None` where the two cannot be compared: no time passed, or no scheduler was read.
    fn between(previous: &'a Snapshot, current: &Snapshot) -> Option<Since<'a>> {
        let (before, now) = (previous.taken_at_monotonic_ns, current.taken_at_monotonic_ns);
        let ns = now.checked_sub(before).filter(|ns| *ns > 0)?;
        Some(Since { scheduler: previous.scheduler.as_ref()?, ns })
    }

    fn per_s(&self, count: f64) -> f64 {
        count * 1e9 / self.ns as f64
    }
}

/// Those that have to do with an M, of however many the snapshot has.
fn goroutines(snapshot: &Snapshot) -> Vec<GoroutineTick<'_>> {
    let machines = snapshot.scheduler.iter().flat_map(|scheduler| &scheduler.machines);
    let locked: Vec<_> = machines.filter_map(|m| Some((m.locked_goroutine?, m.id))).collect();
    let tick = |goroutine: &Goroutine| GoroutineTick {
        id: goroutine.id.0,
        status: goroutine.status.name(),
        wait_reason: goroutine.wait_reason.map(|id| snapshot.tables.text(id)),
        m: goroutine.m,
        locked_m: locked.iter().find(|(id, _)| *id == goroutine.id).map(|(_, m)| *m),
    };
    let mut ticks: Vec<_> = snapshot.goroutines.iter().map(tick).collect();
    ticks.retain(|goroutine| goroutine.m.is_some() || goroutine.locked_m.is_some());
    ticks.sort_unstable_by_key(|goroutine| goroutine.id);
    ticks
}
