//! Every thread of a process made to stand still for a short, bounded time, and always let go again.
//!
//! Only what a user asks for with `--freeze` comes here: everything else reads a target that runs on.
//!
//! ```text
//! caller's thread                      tracer's thread (tracer.rs)
//! freeze ────────────────────────────> seize every thread (nothing stops yet), then interrupt them all
//!    │  <─────────── Frozen ────────── all stand still: registers are read
//!    │  copy(&Frozen)                  waits for the end of `copy`, or the deadline, whichever is first
//!    └──────────── end of copy ──────> lets every thread go
//! ```
//!
//! **Who lets go.** The tracer's thread does at the deadline, whatever `copy` does meanwhile, and when `copy` panics.
//! When it ends itself in any way (gostat killed by SIGKILL, SIGTERM, Ctrl-C, a crash), the kernel does: a tracee
//! outlives its tracer, since `PTRACE_O_EXITKILL` is not set. Ctrl-Z is ignored meanwhile (`terminal_stops.rs`).
//! What remains: a gostat that is stopped by SIGSTOP, a debugger or a frozen control group cannot keep its deadline.
//!
//! **Signals** for the target that come meanwhile stay with the kernel. One that was on its way to a thread as that
//! was stopped is given back on letting go. It is looked at with `WNOWAIT`, so that the kernel still has it if gostat
//! is killed in between.
//!
//! **System calls.** A thread that waits in the kernel is woken to stop, and its call begins anew when it goes on:
//! nearly all calls do so without the program's notice, with what is left of their time. Some return `EINTR` instead,
//! although no signal was handled; signal(7) lists them under "interruption by stop signals". Measured on Linux 6.18 by
//! `tests/freeze/system_calls.rs`: `epoll_wait`, `epoll_pwait`, `semop`, `semtimedop`, `sigtimedwait`, `sigwaitinfo`, and
//! `recv`, `send`, `accept`, `connect` on sockets with `SO_RCVTIMEO` or `SO_SNDTIMEO`. Go's runtime and its
//! standard library repeat all that they use (they have to: `SIGURG` preempts goroutines, and SIGSTOP and SIGCONT do
//! the same). C code that takes `EINTR` for a failure would fail under Ctrl-Z and `fg`, too.

mod error;
mod registers;
mod task;
mod terminal_stops;
mod tracee;
mod tracer;

use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

pub use error::FreezeError;
pub use registers::Registers;
use terminal_stops::TerminalStopsIgnored;
use tracer::{LetGo, Seized, Tracer};

/// How long a process may be stopped, and how much of it is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FreezeLimits {
    /// The longest time for which threads may be stopped; then they go on, whether or not the copy has ended.
    pub deadline: Duration,
    /// How much of that may pass until the last thread stands still: one that sleeps uninterruptibly (waiting for a
    /// disk, mostly) does not, and the others shall not wait for it.
    pub stopping: Duration,
    /// Threads of a process that is frozen; one that has more is refused.
    pub threads_max: usize,
}

impl Default for FreezeLimits {
    fn default() -> Self {
        FreezeLimits {
            deadline: Duration::from_secs(1),
            stopping: Duration::from_millis(250),
            threads_max: 1 << 16,
        }
    }
}

/// A process of which no thread runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Frozen {
    /// Its threads, in the order of their ids. One that has ended but is still listed (the first one of some C
    /// programs) is not among them.
    pub threads: Vec<FrozenThread>,
}

/// A thread that stands still.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FrozenThread {
    /// Its id in our pid namespace.
    pub tid: u32,
    /// All its registers.
    pub registers: Registers,
    /// The number of the system call that it is in; it has been taken out of it, and goes on by making it again or by
    /// taking its result. `None` if it was running code of its own.
    pub system_call: Option<u64>,
}

/// What was done while a process stood still.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FrozenFor<T> {
    /// What `copy` returned.
    pub value: T,
    /// From before the first thread was stopped until all were let go: an upper bound for each.
    pub stopped: Duration,
    /// The deadline came before the copy had ended: the copy is not of one moment.
    pub expired: bool,
}

/// Runs `copy` while every thread of `pid` stands still, for no longer than `limits.deadline`.
///
/// Needs what `ptrace` needs: `CAP_SYS_PTRACE`, or the same user and `kernel.yama.ptrace_scope` 0. `copy` runs in the
/// calling thread; the target's memory is read as always, by [`LiveMemory`](crate::LiveMemory). If it takes
/// longer than the deadline, the target goes on in the middle of it, which `expired` tells.
///
/// Measured on two virtual CPUs with other load, Go 1.27.4, threads in system calls, from the first thread stopped to the
/// last one let go, `copy` doing nothing: 0.2 ms with 13 threads, 1.3 ms with 104, 12.5 ms with 1,004 (medians of
/// 50; 0.4, 2.1 and 16 ms at worst).
///
/// # Errors
/// [`FreezeError`]; nothing is left stopped then, and `copy` has not run.
pub fn freeze<T>(
    pid: u32,
    limits: &FreezeLimits,
    copy: impl FnOnce(&Frozen) -> T,
) -> Result<FrozenFor<T>, FreezeError> {
    let _ignored = TerminalStopsIgnored::new();
    let (mut guard, frozen) = Guard::stop(pid, limits)?;
    // If this panics, the guard's drop lets go.
    let value = copy(&frozen);
    let LetGo { stopped, expired } = guard.release().ok_or(FreezeError::TracerLost)?;
    Ok(FrozenFor { value, stopped, expired })
}

/// While this lives, its thread keeps a process stopped; until the deadline, that is.
struct Guard {
    /// Dropped to let go.
    copying: Option<Sender<()>>,
    let_go: Receiver<LetGo>,
    tracer: Option<JoinHandle<()>>,
}

/// How long the tracer's thread may be silent before somebody looks after it.
const SILENCE: Duration = Duration::from_millis(10);

impl Guard {
    fn stop(pid: u32, limits: &FreezeLimits) -> Result<(Guard, Frozen), FreezeError> {
        let (copying, copied) = channel();
        let (frozen_to, frozen) = channel();
        let (let_go_to, let_go) = channel();
        let seized = Seized::default();
        let (limits, seized_by_it) = (*limits, Arc::clone(&seized));
        let run = move || {
            let mut tracer = Tracer::new(pid, &limits, seized_by_it);
            match tracer.stop() {
                Ok(frozen) => {
                    // If nobody is there any more to take it, nobody is copying either.
                    let _ = frozen_to.send(Ok(frozen));
                    let expired = tracer.wait_for_end_of(&copied);
                    let _ = let_go_to.send(tracer.let_go(expired));
                }
                Err(error) => {
                    tracer.let_go(true);
                    let _ = frozen_to.send(Err(error));
                }
            }
            // Here the thread ends, and the kernel detaches whatever could not be let go.
        };
        let named = std::thread::Builder::new().name("freeze".into());
        let thread = named.spawn(run).map_err(|error| FreezeError::no_thread(&error))?;
        let mut guard = Guard { copying: Some(copying), let_go, tracer: Some(thread) };
        let frozen = guard.wait_until_frozen(pid, &limits, &frozen, &seized)?;
        Ok((guard, frozen))
    }

    fn wait_until_frozen(
        &mut self,
        pid: u32,
        limits: &FreezeLimits,
        frozen: &Receiver<Result<Frozen, FreezeError>>,
        seized: &Mutex<Vec<u32>>,
    ) -> Result<Frozen, FreezeError> {
        let began = Instant::now();
        loop {
            match frozen.recv_timeout(SILENCE) {
                Ok(result) => return result,
                Err(RecvTimeoutError::Disconnected) => return Err(FreezeError::TracerLost),
                Err(RecvTimeoutError::Timeout) => {}
            }
            // The kernel makes who seizes a thread of a process wait while that process executes another program; and
            // exec waits until its former threads have been taken notice of by who seized them, which is the very
            // thread that waits. Any other thread of ours may do that instead. (Linux, ptrace_attach and de_thread.)
            let seized = seized.lock().unwrap_or_else(PoisonError::into_inner).clone();
            seized.iter().filter(|tid| **tid != pid).for_each(|tid| tracee::take_notice_of_end(*tid));
            if began.elapsed() > limits.deadline.saturating_mul(2).saturating_add(Duration::from_secs(1)) {
                // It waits in PTRACE_SEIZE, before it has stopped anything; it will find that nobody copies.
                self.tracer = None;
                return Err(FreezeError::Busy { pid });
            }
        }
    }

    /// Lets go, and returns when all threads run. `None` if the tracer's thread has ended without a word.
    fn release(&mut self) -> Option<LetGo> {
        self.copying = None;
        self.let_go.recv().ok()
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        self.copying = None;
        if let Some(tracer) = self.tracer.take() {
            // A panic of it was a TracerLost already.
            let _ = tracer.join();
        }
    }
}
