//! The scheduler: Ps, Ms, queues and counters.

use serde::{Deserialize, Serialize};

use crate::goroutine::GoroutineId;
use crate::time_histogram::TimeHistogram;

/// What the runtime's `sched`, `allp` and `allm` said. The parts were read microseconds apart.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Scheduler {
    /// All Ps; their number is GOMAXPROCS.
    pub processors: Vec<Processor>,
    /// All Ms: the threads that the runtime knows of.
    pub machines: Vec<Machine>,
    /// Ps that have nothing to run.
    pub idle_processors: u32,
    /// Ms parked for want of work.
    pub idle_machines: u32,
    /// Ms parked because the goroutine locked to them cannot run (`sched.nmidlelocked`).
    pub idle_locked_machines: Option<u32>,
    /// Ms that look for work.
    pub spinning_machines: u32,
    /// Whether another M should begin to look for work (`sched.needspinning`; Go 1.20 and later).
    pub need_spinning: Option<bool>,
    /// Ms that there are by the runtime's own count (`mcount`): those started without those freed.
    pub machine_count: Option<u64>,
    /// Goroutines on the global run queue.
    pub global_run_queue: u32,
    /// Whether a GC is stopping or has stopped the world.
    pub gc_waiting: bool,
    /// Ps that whoever stops the world still waits for (`sched.stopwait`).
    pub stop_wait: Option<i32>,
    /// Whether the runtime's watching thread sleeps, as it does when all Ps are idle (`sched.sysmonwait`).
    pub sysmon_waiting: Option<bool>,
    /// Goroutines started since the process began, exact (Go 1.26 and later).
    pub goroutines_created: Option<u64>,
    /// Upper bound of all ids given out so far (`sched.goidgen`; Ps take them in batches of 16).
    pub goroutine_id_limit: u64,
    /// Goroutine descriptors in `allgs`, dead ones included.
    pub descriptors: u64,
    /// How long goroutines waited until they ran once they could, since the process began: what `/sched/latencies:seconds`
    /// of `runtime/metrics` is. The runtime measures every eighth time (`gTrackingPeriod`).
    pub times_to_run: Option<TimeHistogram>,
    /// How long the world was stopped for the garbage collector, from the decision until it went on: what
    /// `/sched/pauses/total/gc:seconds` is (Go 1.22 and later).
    pub gc_pauses: Option<TimeHistogram>,
}

impl Scheduler {
    /// Goroutines on all run queues: global, per P, and each P's next.
    pub fn runnable_queued(&self) -> u64 {
        self.locally_queued() + u64::from(self.global_run_queue)
    }

    /// Goroutines on the queues of all Ps, each P's next included.
    pub fn locally_queued(&self) -> u64 {
        self.processors.iter().map(|p| u64::from(p.run_queue) + u64::from(p.run_next)).sum()
    }
}

/// One P.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Processor {
    /// Its number.
    pub id: i32,
    /// What it is doing.
    pub status: ProcessorStatus,
    /// Goroutines on its own queue, at most 256.
    pub run_queue: u32,
    /// Whether a goroutine is to run next, ahead of the queue.
    pub run_next: bool,
    /// Scheduling decisions so far (wraps).
    pub sched_tick: u32,
    /// System calls noticed so far (wraps).
    pub syscall_tick: u32,
    /// The M that has it.
    pub m: Option<i64>,
    /// Descriptors of goroutines that ended, kept for reuse (`p.gFree`).
    pub free_goroutines: Option<u32>,
    /// Timers in its heap.
    pub timers: Option<u64>,
}

/// `_Pidle` … `_Pdead` of `runtime/runtime2.go`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum ProcessorStatus {
    /// Has nothing to run.
    #[default]
    Idle,
    /// Owned by an M that runs Go code.
    Running,
    /// Lent to a system call (not used by Go 1.26 and later).
    Syscall,
    /// Stopped for the GC.
    GcStop,
    /// Beyond GOMAXPROCS.
    Dead,
    /// A number that no known release uses.
    Unknown(u32),
}

impl ProcessorStatus {
    /// A short name for outputs.
    pub fn name(self) -> &'static str {
        match self {
            ProcessorStatus::Idle => "idle",
            ProcessorStatus::Running => "running",
            ProcessorStatus::Syscall => "syscall",
            ProcessorStatus::GcStop => "gcstop",
            ProcessorStatus::Dead => "dead",
            ProcessorStatus::Unknown(_) => "unknown",
        }
    }
}

/// One M: a thread of the runtime.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Machine {
    /// Its number.
    pub id: i64,
    /// Linux thread id; 0 for a spare M that cgo callbacks may borrow.
    pub tid: u32,
    /// The goroutine that it runs.
    pub goroutine: Option<GoroutineId>,
    /// The P that it holds.
    pub p: Option<i32>,
    /// Whether it looks for work.
    pub spinning: bool,
    /// Whether it sleeps on a runtime note.
    pub blocked: bool,
    /// Whether it executes C code.
    pub in_cgo: bool,
    /// The goroutine locked to it.
    pub locked_goroutine: Option<GoroutineId>,
    /// How often that has called `runtime.LockOSThread` without unlocking (`m.lockedExt`).
    pub locked_by_program: Option<u32>,
    /// The same of the runtime itself: callbacks from C, initialisation (`m.lockedInt`).
    pub locked_by_runtime: Option<u32>,
    /// Depth of allocations that it is in the middle of (`m.mallocing`).
    pub mallocing: Option<i32>,
    /// Whether it is throwing: 0 if not, otherwise for whom (`m.throwing`; 1 for the
    /// user, 2 for a fault of the runtime).
    pub throwing: Option<i32>,
    /// Why the goroutine that it runs must stay on it, in the runtime's words; empty where there is no reason.
    pub preempt_off: Option<String>,
    /// Runtime locks and other reasons against preemption that it holds (`m.locks`).
    pub locks: Option<i32>,
    /// How far it is in dying of a panic (`m.dying`).
    pub dying: Option<i32>,
    /// The Linux thread that it is, where the system was asked.
    pub thread: Option<Thread>,
}

/// What Linux says of an M's thread.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Thread {
    /// Its own name (`comm`); any text.
    pub name: String,
    /// Its state by the letter of proc(5): `R`, `S`, `D`, …
    pub state: char,
    /// Time that it has been on a processor, nanoseconds. It grows with the kernel's ticks and switches.
    pub cpu_ns: u64,
    /// Its control group: a path below the root of the hierarchy, as seen from our cgroup namespace.
    pub cgroup: Option<String>,
}
