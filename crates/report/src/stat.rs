//! One tick of `gostat stat`: what a process is doing now, and how fast it changes.

use std::collections::BTreeMap;
use std::io;

use analysis::{Counts, WaitClass, count};
use serde::Serialize;
use snapshot::{Census, Scheduler, Status};

use crate::json::to_writer;
use crate::memory::MemoryTick;
use crate::rates::Counters;
use crate::stat_steady::SteadyCounts;

/// The numbers of one tick. What is unknown is `None`: rates on the first tick, queues where the
/// scheduler could not be read.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct StatTick {
    /// Wall-clock time of the snapshot, milliseconds since the Unix epoch.
    pub taken_at_unix_ms: u64,
    /// The number of the window of the monotonic clock in which the snapshot began, from the clock's zero;
    /// `None` where there is no interval.
    pub window: Option<u64>,
    /// How long after the begin of that window it began, microseconds.
    pub late_us: Option<u64>,
    /// All goroutines.
    pub goroutines: u64,
    /// Those of the runtime itself, which are in the other counts too.
    pub runtime_goroutines: u64,
    /// By status, with 0 for statuses that nobody has.
    pub by_status: BTreeMap<&'static str, u64>,
    /// By the runtime's words for why they wait.
    pub by_wait_reason: BTreeMap<String, u64>,
    /// The same by kind of wait, with 0 for kinds that nobody has.
    pub by_wait_class: BTreeMap<&'static str, u64>,
    /// Goroutines on the global run queue.
    pub global_run_queue: Option<u64>,
    /// Goroutines on the queues of all Ps, each P's next included.
    pub local_run_queue: Option<u64>,
    /// Number of Ps.
    pub gomaxprocs: Option<u64>,
    /// Ps without work.
    pub idle_processors: Option<u64>,
    /// Threads of the runtime.
    pub machines: Option<u64>,
    /// Threads parked for want of work.
    pub idle_machines: Option<u64>,
    /// Threads looking for work.
    pub spinning_machines: Option<u64>,
    /// Goroutines started per second since the tick before.
    pub created_per_s: Option<f64>,
    /// Goroutines that ended per second since the tick before.
    pub ended_per_s: Option<f64>,
    /// Whether these rates come from the runtime's own exact counter (Go 1.26 and later). Otherwise from
    /// the ids given out, of which each P takes 16 at a time: slow rates come in jumps, and between any two
    /// ticks the count is wrong by at most 15 for each P.
    pub rates_exact: bool,
    /// Memory and garbage collections, whose keys stand between the others.
    #[serde(flatten)]
    pub memory: MemoryTick,
    /// Share of the stacks read that kept moving and were given up, 0 to 1.
    pub torn_share: f64,
    /// Reads that had to be repeated.
    pub retried: u64,
    /// What taking the snapshot cost us, microseconds.
    pub snapshot_us: u64,
    /// Bytes copied out of the target for it.
    pub bytes_read: u64,
    /// The counts without jitter, if somebody asked for them and there were three ticks already.
    pub steady: Option<SteadyCounts>,
    /// What the rates of the next tick are counted from; `None` if the scheduler could not be read.
    #[serde(skip)]
    counters: Option<Counters>,
}

impl StatTick {
    /// The tick of a census, with rates since the tick before, if there was one.
    pub fn new(previous: Option<&StatTick>, current: &Census<'_>) -> StatTick {
        let counts = count(current);
        let scheduler = current.scheduler.as_ref();
        let number = |of: fn(&Scheduler) -> u64| scheduler.map(of);
        let mut counters = Counters::of(current);
        let before = previous.and_then(|previous| previous.counters.as_ref());
        let rates = before.zip(counters.as_mut()).and_then(|(before, now)| now.since(before));
        let cost = &current.cost;
        StatTick {
            taken_at_unix_ms: current.taken_at_unix_ms,
            window: None,
            late_us: None,
            goroutines: counts.total,
            runtime_goroutines: counts.runtime,
            by_status: crate::json::by_status(&counts),
            by_wait_reason: counts.by_wait_reason.iter().map(|(r, n)| ((*r).to_owned(), *n)).collect(),
            by_wait_class: by_wait_class(&counts),
            global_run_queue: number(|s| s.global_run_queue.into()),
            local_run_queue: number(Scheduler::locally_queued),
            gomaxprocs: number(|s| s.processors.len() as u64),
            idle_processors: number(|s| s.idle_processors.into()),
            machines: number(|s| s.machines.len() as u64),
            idle_machines: number(|s| s.idle_machines.into()),
            spinning_machines: number(|s| s.spinning_machines.into()),
            created_per_s: rates.as_ref().map(|rates| rates.created_per_s),
            ended_per_s: rates.as_ref().map(|rates| rates.ended_per_s),
            rates_exact: rates.is_some_and(|rates| rates.exact),
            memory: MemoryTick::new(previous.map(|previous| &previous.memory), current),
            torn_share: share(cost.torn, cost.stacks_read),
            retried: cost.retried,
            snapshot_us: cost.total_us,
            bytes_read: cost.bytes_read,
            steady: None,
            counters,
        }
    }

    /// How many goroutines have a status.
    pub fn status(&self, status: Status) -> u64 {
        self.by_status.get(status.name()).copied().unwrap_or(0)
    }

    /// How many goroutines wait for something of a class.
    pub fn wait_class(&self, class: WaitClass) -> u64 {
        self.by_wait_class.get(class.name()).copied().unwrap_or(0)
    }

    /// Writes the tick as one line of JSON. Fails only if `out` does.
    pub fn write_json(&self, out: &mut impl io::Write) -> io::Result<()> {
        let mut line = Vec::new();
        to_writer(&mut line, self)?;
        line.push(b'\n');
        out.write_all(&line)
    }
}

fn by_wait_class(counts: &Counts<'_>) -> BTreeMap<&'static str, u64> {
    WaitClass::ALL.into_iter().map(|class| (class.name(), counts.wait_class(class))).collect()
}

fn share(part: u64, whole: u64) -> f64 {
    if whole == 0 { 0.0 } else { part as f64 / whole as f64 }
}
