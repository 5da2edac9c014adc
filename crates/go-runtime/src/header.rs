//! The part of a `runtime.g` that says what a goroutine is doing.

use std::hash::Hasher;

use go_binary::Bytes;
use rustc_hash::FxHasher;
use snapshot::{Address, GoroutineId, Status};

use crate::fields::GFields;

/// `_Gscan`: the GC or tracer owns the stack.
const SCAN: u32 = 0x1000;

/// A decoded `runtime.g`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Header {
    pub(crate) at: Address,
    pub(crate) id: GoroutineId,
    raw_status: u32,
    tracking_seq: u8,
    pub(crate) wait_reason: u8,
    pub(crate) stack_lo: u64,
    pub(crate) stack_hi: u64,
    sched_sp: u64,
    sched_pc: u64,
    sched_lr: u64,
    sched_bp: u64,
    pub(crate) syscall_sp: u64,
    pub(crate) syscall_pc: u64,
    pub(crate) wait_since_ns: i64,
    pub(crate) m: Address,
    pub(crate) locked_m: Address,
    pub(crate) parent_id: Option<GoroutineId>,
    pub(crate) gopc: Address,
    pub(crate) startpc: Address,
    pub(crate) waiting: Address,
    pub(crate) labels: Address,
    pub(crate) sleep_when_ns: Option<i64>,
    pub(crate) bubble: Address,
    pub(crate) secret: bool,
}

/// Where unwinding starts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Start {
    pub(crate) pc: u64,
    pub(crate) sp: u64,
    pub(crate) lr: u64,
}

/// What of a header tells whether a goroutine has moved between two looks at it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Mark {
    id: u64,
    /// A hash of where it stands and of what hangs on it.
    place: u64,
    /// Tells moments at which a GC first saw it wait from each other; 0 if none has.
    seen_waiting: u32,
    status: u8,
    tracking_seq: u8,
    wait_reason: u8,
}

impl Mark {
    /// Whether both are of one and the same wait. The stack may have been moved meanwhile: a GC does that to
    /// goroutines that wait on.
    ///
    /// `trackingSeq` has eight bits and comes round. But `g.waitsince`, once a GC has set it, stays until the
    /// goroutine runs (`execute` and `exitsyscall` clear it, in all releases), so it tells two waits with the same
    /// number apart if the first was long enough to meet a GC.
    pub(crate) fn same_wait(&self, later: &Mark) -> bool {
        (self.id, self.status, self.tracking_seq, self.wait_reason)
            == (later.id, later.status, later.tracking_seq, later.wait_reason)
            && (self.seen_waiting == 0 || self.seen_waiting == later.seen_waiting)
    }

    /// Whether the goroutine has not moved from one to the other, as far as headers tell.
    pub(crate) fn unmoved(&self, later: &Mark) -> bool {
        self.same_wait(later) && self.place == later.place
    }
}

impl Header {
    /// Decodes the bytes of a `g` that were read at `at`.
    ///
    /// `None` if `g.sched.g` does not point to itself: in every status and release it does, so this is not
    /// a goroutine.
    pub(crate) fn decode(bytes: &[u8], at: Address, fields: &GFields) -> Option<Self> {
        if bytes.address_at(fields.sched_g)? != at {
            return None;
        }
        Some(Header {
            at,
            id: GoroutineId(bytes.u64_at(fields.goid)?),
            raw_status: bytes.u32_at(fields.status)?,
            tracking_seq: bytes.u8_at(fields.tracking_seq)?,
            wait_reason: bytes.u8_at(fields.wait_reason)?,
            stack_lo: bytes.u64_at(fields.stack_lo)?,
            stack_hi: bytes.u64_at(fields.stack_hi)?,
            sched_sp: bytes.u64_at(fields.sched_sp)?,
            sched_pc: bytes.u64_at(fields.sched_pc)?,
            sched_lr: bytes.u64_at(fields.sched_lr)?,
            sched_bp: bytes.u64_at(fields.sched_bp)?,
            syscall_sp: bytes.u64_at(fields.syscall_sp)?,
            syscall_pc: bytes.u64_at(fields.syscall_pc)?,
            wait_since_ns: bytes.i64_at(fields.wait_since)?,
            m: bytes.address_at(fields.m)?,
            locked_m: bytes.address_at(fields.locked_m)?,
            parent_id: fields
                .parent_goid
                .and_then(|at| bytes.u64_at(at))
                .filter(|id| *id != 0)
                .map(GoroutineId),
            gopc: bytes.address_at(fields.gopc)?,
            startpc: bytes.address_at(fields.startpc)?,
            waiting: bytes.address_at(fields.waiting)?,
            labels: bytes.address_at(fields.labels)?,
            sleep_when_ns: fields.sleep_when.and_then(|at| bytes.i64_at(at)).filter(|when| *when != 0),
            bubble: fields.bubble.and_then(|at| bytes.address_at(at)).unwrap_or_default(),
            secret: fields.secret.and_then(|at| bytes.i32_at(at)).is_some_and(|depth| depth > 0),
        })
    }

    /// Its status; `None` for a number that no release uses, and for descriptors that are not goroutines
    /// (spare ones of cgo callbacks).
    pub(crate) fn status(&self) -> Option<Status> {
        Some(match self.raw_status & !SCAN {
            0 => Status::Idle,
            1 => Status::Runnable,
            2 => Status::Running,
            3 => Status::Syscall,
            4 => Status::Waiting,
            6 | 11 => Status::Dead,
            8 => Status::Copystack,
            9 => Status::Preempted,
            10 => Status::Leaked,
            _ => return None,
        })
    }

    /// Whether the GC or tracer owns its stack at the moment.
    pub(crate) fn scanning(&self) -> bool {
        self.raw_status & SCAN != 0
    }

    /// A number for the time that it has been running, as long as it does: departures from running, modulo 256.
    pub(crate) fn run(&self) -> u8 {
        self.tracking_seq
    }

    /// Whether `later` shows it running, as now, without a rest in between.
    pub(crate) fn same_run(&self, later: &Header) -> bool {
        self.id == later.id
            && self.tracking_seq == later.tracking_seq
            && [self, later].into_iter().all(|header| header.status() == Some(Status::Running))
    }

    /// Whether the wait reason means anything.
    pub(crate) fn is_parked(&self) -> bool {
        matches!(self.status(), Some(Status::Waiting | Status::Leaked))
    }

    /// Whether its stack lies still, with valid saved registers, unless it changes meanwhile.
    pub(crate) fn has_saved_stack(&self) -> bool {
        let still = matches!(
            self.status(),
            Some(Status::Runnable | Status::Syscall | Status::Waiting | Status::Preempted | Status::Leaked)
        );
        let start = self.start();
        still && self.stack_lo < start.sp && start.sp <= self.stack_hi
    }

    /// Saved registers, as the runtime chooses them for tracebacks.
    pub(crate) fn start(&self) -> Start {
        if self.syscall_sp != 0 {
            Start { pc: self.syscall_pc, sp: self.syscall_sp, lr: 0 }
        } else {
            Start { pc: self.sched_pc, sp: self.sched_sp, lr: self.sched_lr }
        }
    }

    /// Whether `later` shows the same goroutine in the same park, so that what was read in between was
    /// its own and still.
    ///
    /// `trackingSeq` is the decisive part: it counts departures from running, so a goroutine that ran and
    /// came back to the same place is told apart. It is stepped just after the status changes, and a parked
    /// goroutine leaves its M only after that: comparing `m` closes the gap.
    pub(crate) fn unmoved(&self, later: &Header) -> bool {
        self.id == later.id
            && self.raw_status == later.raw_status
            && self.tracking_seq == later.tracking_seq
            && self.wait_reason == later.wait_reason
            && self.m == later.m
            && (self.stack_lo, self.stack_hi) == (later.stack_lo, later.stack_hi)
            && (self.sched_sp, self.sched_pc, self.sched_bp)
                == (later.sched_sp, later.sched_pc, later.sched_bp)
            && (self.syscall_sp, self.syscall_pc) == (later.syscall_sp, later.syscall_pc)
    }

    /// Whether headers do not tell that it moved, if it moved: from Go 1.26 on `trackingSeq` no longer counts going
    /// from running to a system call, so whoever enters one after the other, from the same depth of stack, looks as
    /// if it had stayed in the first. There are no more of these than threads.
    pub(crate) fn can_move_unseen(&self) -> bool {
        self.status() == Some(Status::Syscall)
    }

    /// The same in short, to be kept: what [`Header::unmoved`] compares, but for the scan bit, which says
    /// nothing about the goroutine; and the moment from which on a GC has seen it wait.
    pub(crate) fn mark(&self) -> Mark {
        let mut place = FxHasher::default();
        for word in [
            self.m.0,
            self.stack_lo,
            self.stack_hi,
            self.sched_sp,
            self.sched_pc,
            self.sched_bp,
            self.syscall_sp,
            self.syscall_pc,
            self.waiting.0,
            self.labels.0,
            self.locked_m.0,
            u64::from(self.secret),
        ] {
            place.write_u64(word);
        }
        Mark {
            id: self.id.0,
            place: place.finish(),
            seen_waiting: seen_waiting(self.wait_since_ns),
            status: self.raw_status.to_le_bytes()[0],
            tracking_seq: self.tracking_seq,
            wait_reason: self.wait_reason,
        }
    }

    /// As [`Header::unmoved`], and what it points to is the same as well.
    pub(crate) fn unmoved_and_waiting_alike(&self, later: &Header) -> bool {
        self.unmoved(later) && self.waiting == later.waiting && self.labels == later.labels
    }
}

/// A moment in half as many bits, which two GCs hardly ever have in common; 0 only for 0.
fn seen_waiting(since_ns: i64) -> u32 {
    let [a, b, c, d, e, ..] = since_ns.to_le_bytes();
    // The lowest bit is worth a nanosecond.
    if since_ns == 0 { 0 } else { u32::from_le_bytes([a | 1, b, c, d ^ e]) }
}
