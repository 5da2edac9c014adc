//! One goroutine: a fixed-size record.

use crate::address::Address;
use crate::stack::{FrameId, LabelSetId, StackId, StringId};
use serde::{Deserialize, Serialize};

/// A goroutine's id (`goid`), as in Go's own tracebacks. Never reused within a process.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct GoroutineId(pub u64);

/// A goroutine's status, the scan bit folded away: `_Gidle` … `_Gleaked` of `runtime/runtime2.go`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Status {
    /// Just allocated, not yet initialised.
    Idle,
    /// On a run queue.
    Runnable,
    /// Executing Go code on an M and P.
    Running,
    /// In a system call or in C.
    Syscall,
    /// Parked by the runtime: see the wait reason.
    Waiting,
    /// Not in use (listed only when asked for).
    Dead,
    /// Its stack is being moved.
    Copystack,
    /// Stopped by a preemption for a GC or tracer.
    Preempted,
    /// The target's own goroutine-leak detector (Go 1.26 and later) has called it leaked.
    Leaked,
}

impl Status {
    /// Every status, in the order of the runtime's constants.
    pub const ALL: [Status; 9] = [
        Status::Idle,
        Status::Runnable,
        Status::Running,
        Status::Syscall,
        Status::Waiting,
        Status::Dead,
        Status::Copystack,
        Status::Preempted,
        Status::Leaked,
    ];

    /// The word for it, as in the JSON output and in metrics: `waiting`, `runnable`, …
    pub fn name(self) -> &'static str {
        match self {
            Status::Idle => "idle",
            Status::Runnable => "runnable",
            Status::Running => "running",
            Status::Syscall => "syscall",
            Status::Waiting => "waiting",
            Status::Dead => "dead",
            Status::Copystack => "copystack",
            Status::Preempted => "preempted",
            Status::Leaked => "leaked",
        }
    }
}

/// How long a goroutine has been waiting, and who says so.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum WaitingSince {
    /// The runtime's own `waitsince`, set by the first GC that saw the goroutine blocked: the wait is at
    /// least this long, in milliseconds.
    AtLeastMs(u64),
    /// We saw the goroutine begin or continue this very wait for so long, in milliseconds.
    ObservedMs(u64),
}

impl WaitingSince {
    /// Milliseconds, whoever measured them.
    pub fn ms(self) -> u64 {
        match self {
            WaitingSince::AtLeastMs(ms) | WaitingSince::ObservedMs(ms) => ms,
        }
    }
}

/// What is known of a goroutine's stack.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum StackState {
    /// Taken from the goroutine's saved registers and its memory, checked against tearing.
    Saved,
    /// Sampled from a running thread's registers by the kernel (perf events).
    Sampled,
    /// Taken from the registers at which a blocked thread entered the kernel.
    BlockedThread,
    /// Executing on a thread: it has no saved registers, and sampling was not possible.
    Running,
    /// Inside `runtime/secret`: not read, on purpose.
    Secret,
    /// Not asked for.
    NotTaken,
    /// It kept moving while it was read; given up after the last retry.
    Torn,
    /// The memory could not be read (see the gaps).
    Unreadable,
}

/// One goroutine. Text, stack and labels are ids into the snapshot's tables.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Goroutine {
    /// Its `goid`.
    pub id: GoroutineId,
    /// Where its `runtime.g` lies.
    pub address: Address,
    /// What it is doing.
    pub status: Status,
    /// Whether the GC or tracer owned its stack at that moment (`_Gscan`).
    pub scanning: bool,
    /// The runtime's words for why it waits; only for waiting and leaked goroutines.
    pub wait_reason: Option<StringId>,
    /// How long it has been waiting, if anybody knows.
    pub waiting_since: Option<WaitingSince>,
    /// The goroutine that started it (Go 1.21 and later).
    pub parent_id: Option<GoroutineId>,
    /// The `go` statement that started it, and in which function; `None` for the main goroutine.
    pub created_by: Option<FrameId>,
    /// The function that it was started with, as a frame at its entry.
    pub entry: Option<FrameId>,
    /// Id of the M (thread) that runs it.
    pub m: Option<i64>,
    /// Id of the P that it runs on.
    pub p: Option<i32>,
    /// Linux thread id of that M.
    pub tid: Option<u32>,
    /// Whether `runtime.LockOSThread` or a cgo callback ties it to a thread.
    pub locked_to_thread: bool,
    /// Whether it is one of the runtime's own (GC workers, finalizers, …), which `debug=2` hides.
    pub is_runtime: bool,
    /// pprof labels.
    pub labels: LabelSetId,
    /// Range (start, length) in `Snapshot::wait_objects`; use `Snapshot::waiting_on`.
    pub waiting_on: (u32, u32),
    /// Its stack; the empty stack if it could not be had.
    pub stack: StackId,
    /// How the stack was had, or why not.
    pub stack_state: StackState,
    /// The synctest bubble that it belongs to (Go 1.25 and later), if any.
    pub bubble: Option<u64>,
}
