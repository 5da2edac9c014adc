//! Registers and stacks of threads that are on a CPU, given by the kernel without stopping the target.
//!
//! A running goroutine has no saved registers in its `g`. perf_event_open can have the kernel record, at a
//! timer interrupt that hits a thread in user code, its registers and the bytes above its stack pointer:
//!
//! ```text
//! tids ──> one cpu-clock event and ring each ──> ppoll ──> first record of each ──> ThreadSample
//!          (event.rs)                                      (record.rs)
//! ```
//!
//! Only the thread's own CPU time makes the clock advance, so a thread that sleeps gives no sample, and a
//! sample is never from kernel code. On amd64 the register that holds `g` (r14) does so in Go code only: in
//! assembly, C and the vDSO it holds anything, so callers compare [`ThreadSample::g`] with the g's they know.

mod error;
mod event;
mod record;
mod registers;

use std::os::fd::{AsRawFd, BorrowedFd};
use std::time::{Duration, Instant};

use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags, ppoll};
use nix::sys::time::TimeSpec;
use snapshot::{Address, Architecture};

pub use error::{RecordError, SamplerError};
use event::ThreadEvent;
use registers::RegisterSet;

/// Registers and stack bytes of a thread at an instant at which it ran user code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ThreadSample {
    /// The thread, as the caller named it.
    pub tid: u32,
    /// Program counter: the instruction that was about to run, not a return address.
    pub pc: Address,
    /// Stack pointer.
    pub sp: Address,
    /// Frame pointer register: rbp on amd64, x29 on arm64.
    pub bp: u64,
    /// Link register on architectures that have one (x30 on arm64).
    pub lr: Option<u64>,
    /// The register in which Go's ABIInternal keeps the current `g`: r14 on amd64, x28 on arm64.
    pub g: u64,
    /// Address of the first byte of [`stack`](Self::stack); the stack pointer.
    pub stack_at: Address,
    /// Memory from `stack_at` upwards, copied at the same instant as the registers. The kernel copies up to
    /// the limit or to the first page that is not resident, so it can be shorter than the stack, and can go
    /// past the end of a goroutine's stack (`g.stack.hi`) into whatever lies behind.
    pub stack: Vec<u8>,
}

impl ThreadSample {
    /// Understands what the kernel records for a sample of thread `tid`: a `PERF_RECORD_SAMPLE` without its
    /// 8-byte header, on a machine of that architecture, as [`sample_threads`] asks for it.
    ///
    /// # Errors
    /// [`RecordError`] when the record is too short for what it claims, or of something else.
    pub fn from_record(body: &[u8], tid: u32, architecture: Architecture) -> Result<Self, RecordError> {
        record::parse(body, tid, &RegisterSet::of(architecture))
    }
}

/// How much sampling may cost.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SamplingLimits {
    /// Threads sampled in one call; the rest is reported as [`SamplerError::TooManyThreads`].
    pub threads_max: usize,
    /// How long the call may take altogether.
    pub deadline: Duration,
    /// CPU time in user code after which a thread is sampled. Shorter is sooner, down to the kernel's floor of
    /// 10 microseconds; on a kernel without high-resolution timers it is a tick in any case.
    pub period: Duration,
    /// Stack bytes per thread: rounded down to a multiple of 8, at most [`SamplingLimits::STACK_BYTES_MAX`].
    pub stack_bytes: u32,
}

impl SamplingLimits {
    /// What the kernel accepts: the length of a perf record is a `u16`, and the size a multiple of 8.
    pub const STACK_BYTES_MAX: u32 = 65_528;
}

impl Default for SamplingLimits {
    fn default() -> Self {
        // A record must fit a power-of-two ring with a byte to spare; a little less than 16 KiB of stack
        // halves the ring, which counts against the user's locked memory (RLIMIT_MEMLOCK).
        SamplingLimits {
            threads_max: 64,
            deadline: Duration::from_millis(20),
            period: Duration::from_micros(200),
            stack_bytes: 16 * 1024 - 256,
        }
    }
}

/// Whether this process may sample threads at all, tried on the calling thread.
///
/// Success does not promise that a given target may be sampled: for another process the kernel also asks
/// for the permission that ptrace needs.
///
/// # Errors
/// Why not, as [`sample_threads`] would say for each thread.
pub fn perf_available() -> Result<(), SamplerError> {
    let tid = nix::unistd::gettid().as_raw().unsigned_abs();
    ThreadEvent::open(tid, &SamplingLimits::default()).map(drop)
}

/// Samples each thread once, at its first instant in user code before the deadline.
///
/// A thread that does not run until then has neither a sample nor an error. The target is not stopped: each
/// of its running threads takes a few timer interrupts and one copy of its stack. Every event is closed when
/// its thread has been sampled, all of them on return.
///
/// Measured with the default limits on two virtual CPUs: a thread that has a CPU is sampled 0.3 ms after the
/// call, at 45 us of our own CPU time; one that sleeps costs 55 us and the wait until the deadline. Pass
/// threads that are known to run (goroutines in `_Grunning`) and the call ends as soon as each has its sample.
pub fn sample_threads(
    tids: &[u32],
    limits: &SamplingLimits,
) -> (Vec<ThreadSample>, Vec<(u32, SamplerError)>) {
    let start = Instant::now();
    let mut samples = Vec::new();
    let mut errors = Vec::new();
    let mut waiting = Vec::new();
    for (n, &tid) in tids.iter().enumerate() {
        if n >= limits.threads_max {
            errors.push((tid, SamplerError::TooManyThreads { threads_max: limits.threads_max }));
        } else if start.elapsed() >= limits.deadline {
            errors.push((tid, SamplerError::OutOfTime { deadline: limits.deadline }));
        } else {
            match ThreadEvent::open(tid, limits) {
                Ok(event) => waiting.push(event),
                Err(error) => errors.push((tid, error)),
            }
        }
    }
    // The rings are looked at even when opening the events took all the time.
    while !waiting.is_empty() {
        let ready = match wait(&waiting, limits.deadline.saturating_sub(start.elapsed())) {
            Ok(ready) => ready,
            Err(errno) => {
                errors.extend(waiting.iter().map(|event| (event.tid, SamplerError::Wait { errno })));
                break;
            }
        };
        if ready.iter().all(|ready| ready.is_empty()) {
            break;
        }
        let mut still_waiting = Vec::with_capacity(waiting.len());
        for (mut event, ready) in waiting.into_iter().zip(ready) {
            match event.take() {
                Ok(Some(sample)) => samples.push(sample),
                Ok(None) if ready.intersects(!PollFlags::POLLIN) => {
                    errors.push((event.tid, SamplerError::NoSuchThread));
                }
                Ok(None) => still_waiting.push(event),
                Err(error) => errors.push((event.tid, error.into())),
            }
        }
        waiting = still_waiting;
    }
    (samples, errors)
}

/// Waits until an event has a record (POLLIN) or has ended with its thread (POLLHUP), and says which; nothing
/// is set when `timeout` passed first.
fn wait(events: &[ThreadEvent], timeout: Duration) -> Result<Vec<PollFlags>, Errno> {
    let mut fds: Vec<PollFd<'_>> = events
        .iter()
        .map(|event| {
            // SAFETY: the event owns the descriptor and is borrowed for longer than `fds` lives.
            let fd = unsafe { BorrowedFd::borrow_raw(event.as_raw_fd()) };
            PollFd::new(fd, PollFlags::POLLIN)
        })
        .collect();
    let until = Instant::now() + timeout;
    loop {
        let left = until.saturating_duration_since(Instant::now());
        match ppoll(&mut fds, Some(TimeSpec::from_duration(left)), None) {
            Ok(_) => return Ok(fds.iter().map(|fd| fd.revents().unwrap_or(PollFlags::POLLERR)).collect()),
            Err(Errno::EINTR) => {}
            Err(errno) => return Err(errno),
        }
    }
}
