//! Offsets in Ms, Ps and the scheduler's own structure.

use super::Structure;
use crate::error::AttachError;

/// `runtime.m`.
#[derive(Debug, Clone)]
pub(crate) struct MFields {
    pub(crate) size: usize,
    pub(crate) procid: usize,
    pub(crate) curg: usize,
    pub(crate) p: usize,
    pub(crate) id: usize,
    pub(crate) spinning: usize,
    pub(crate) blocked: usize,
    pub(crate) in_cgo: usize,
    pub(crate) alllink: usize,
    pub(crate) locked_g: usize,
    /// The goroutines of the thread's own stack and of its stack for signals.
    pub(crate) g0: Option<usize>,
    pub(crate) gsignal: Option<usize>,
    pub(crate) mallocing: Option<usize>,
    pub(crate) throwing: Option<usize>,
    pub(crate) preempt_off: Option<usize>,
    pub(crate) locks: Option<usize>,
    pub(crate) dying: Option<usize>,
}

/// `runtime.p`. Its start is read as one piece, of its tail, which is several KiB away, single words.
#[derive(Debug, Clone)]
pub(crate) struct PFields {
    pub(crate) size: usize,
    pub(crate) id: usize,
    pub(crate) status: usize,
    pub(crate) sched_tick: usize,
    pub(crate) syscall_tick: usize,
    pub(crate) m: usize,
    pub(crate) run_queue_head: usize,
    pub(crate) run_queue_tail: usize,
    /// A ring of 256 pointers to goroutines.
    pub(crate) run_queue: Option<usize>,
    pub(crate) run_next: usize,
    pub(crate) free_goroutines: Option<usize>,
    /// In the tail.
    pub(crate) timers: Option<usize>,
    /// In the tail.
    pub(crate) goroutines_created: Option<usize>,
}

/// `runtime.schedt`.
#[derive(Debug, Clone)]
pub(crate) struct SchedFields {
    pub(crate) size: usize,
    pub(crate) goidgen: usize,
    pub(crate) idle_machines: usize,
    pub(crate) idle_processors: usize,
    pub(crate) spinning: usize,
    pub(crate) run_queue_size: usize,
    pub(crate) gc_waiting: usize,
    pub(crate) idle_locked_machines: Option<usize>,
    pub(crate) need_spinning: Option<usize>,
    pub(crate) machines_started: Option<usize>,
    pub(crate) machines_freed: Option<usize>,
    pub(crate) stop_wait: Option<usize>,
    pub(crate) sysmon_wait: Option<usize>,
    pub(crate) goroutines_created: Option<usize>,
}

impl MFields {
    pub(super) fn bind(m: &Structure<'_>) -> Result<Self, AttachError> {
        let optional = ["mallocing", "throwing", "locks", "dying"].map(|field| m.has(field));
        let [mallocing, throwing, locks, dying] = optional;
        let preempt_off = m.has("preemptoff");
        let words = [Some(m.need("lockedg")?), Some(m.need("alllink")?), preempt_off.map(|at| at + 8)];
        let last = optional.into_iter().chain(words).flatten().max().unwrap_or_default();
        Ok(MFields {
            size: (last + 8).min(m.size()?),
            procid: m.need("procid")?,
            curg: m.need("curg")?,
            p: m.need("p")?,
            id: m.need("id")?,
            spinning: m.need("spinning")?,
            blocked: m.need("blocked")?,
            in_cgo: m.need("incgo")?,
            alllink: m.need("alllink")?,
            locked_g: m.need("lockedg")?,
            g0: m.has("g0"),
            gsignal: m.has("gsignal"),
            mallocing,
            throwing,
            preempt_off,
            locks,
            dying,
        })
    }
}

impl PFields {
    pub(super) fn bind(p: &Structure<'_>) -> Result<Self, AttachError> {
        let run_next = p.need("runnext")?;
        let free_goroutines = p.any(&["gFree.size", "gFree.n"]);
        Ok(PFields {
            size: free_goroutines.unwrap_or(run_next).max(run_next) + 8,
            id: p.need("id")?,
            status: p.need("status")?,
            sched_tick: p.need("schedtick")?,
            syscall_tick: p.need("syscalltick")?,
            m: p.need("m")?,
            run_queue_head: p.need("runqhead")?,
            run_queue_tail: p.need("runqtail")?,
            run_queue: p.has("runq"),
            run_next,
            free_goroutines,
            // A slice until Go 1.22; from Go 1.23 on a structure with the slice in it, and a length that lags behind.
            timers: p.any(&["timers.heap.len", "timers.len"]),
            goroutines_created: p.has("goroutinesCreated"),
        })
    }
}

impl SchedFields {
    pub(super) fn bind(sched: &Structure<'_>) -> Result<Self, AttachError> {
        let missing = |field| AttachError::MissingField { structure: "runtime.schedt", field };
        let run_queue_size = sched.any(&["runqsize", "runq.size"]).ok_or(missing("runqsize"))?;
        let gc_waiting = sched.need("gcwaiting")?;
        let optional = [
            "nmidlelocked",
            "needspinning",
            "mnext",
            "nmfreed",
            "stopwait",
            "sysmonwait",
            "goroutinesCreated",
        ]
        .map(|field| sched.has(field));
        let last = optional.into_iter().flatten().chain([gc_waiting, run_queue_size]).max();
        let [
            idle_locked_machines,
            need_spinning,
            machines_started,
            machines_freed,
            stop_wait,
            sysmon_wait,
            goroutines_created,
        ] = optional;
        Ok(SchedFields {
            size: last.unwrap_or_default() + 8,
            goidgen: sched.need("goidgen")?,
            idle_machines: sched.need("nmidle")?,
            idle_processors: sched.need("npidle")?,
            spinning: sched.need("nmspinning")?,
            run_queue_size,
            gc_waiting,
            idle_locked_machines,
            need_spinning,
            machines_started,
            machines_freed,
            stop_wait,
            sysmon_wait,
            goroutines_created,
        })
    }
}
