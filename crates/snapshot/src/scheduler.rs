//! The scheduler: Ps, Ms, queues and counters.

use crate::goroutine::GoroutineId;

/// What the runtime's `sched`, `allp` and `allm` said. The parts were read microseconds apart.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Scheduler {
    /// All Ps; their number is GOMAXPROCS.
    pub processors: Vec<Processor>,
    /// All Ms: the threads that the runtime knows of.
    pub machines: Vec<Machine>,
    /// Ps that have nothing to run.
    pub idle_processors: u32,
    /// Ms parked for want of work.
    pub idle_machines: u32,
    /// Ms that look for work.
    pub spinning_machines: u32,
    /// Goroutines on the global run queue.
    pub global_run_queue: u32,
    /// Whether a GC is stopping or has stopped the world.
    pub gc_waiting: bool,
    /// Goroutines started since the process began, exact (Go 1.26 and later).
    pub goroutines_created: Option<u64>,
    /// Upper bound of all ids given out so far (`sched.goidgen`; Ps take them in batches of 16).
    pub goroutine_id_limit: u64,
    /// Goroutine descriptors in `allgs`, dead ones included.
    pub descriptors: u64,
}

impl Scheduler {
    /// Goroutines on all run queues: global, per P, and each P's next.
    pub fn runnable_queued(&self) -> u64 {
        let local: u64 = self.processors.iter().map(|p| u64::from(p.run_queue) + u64::from(p.run_next)).sum();
        local + u64::from(self.global_run_queue)
    }
}

/// One P.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
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
}

/// `_Pidle` … `_Pdead` of `runtime/runtime2.go`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ProcessorStatus {
    /// Has nothing to run.
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

/// One M: a thread of the runtime.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
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
}
