//! Stops all threads of a process, watches the deadline, and lets them go: what the tracer's thread does.

use std::collections::BTreeMap;
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use nix::errno::Errno;

use super::registers::{self, Sets};
use super::tracee::{self, Became};
use super::{FreezeError, FreezeLimits, Frozen, task};

/// The threads that are seized now, for who has to take notice of their ends.
pub(super) type Seized = Arc<Mutex<Vec<u32>>>;

/// What is said when all threads have been let go.
#[derive(Debug, Clone, Copy)]
pub(super) struct LetGo {
    /// How long some of them stood still, at most.
    pub(super) stopped: Duration,
    /// Whether it was the deadline.
    pub(super) expired: bool,
}

/// Rounds in which nobody stopped before the next one waits a little.
const EAGER_ROUNDS: u32 = 50;
/// How long it waits then: threads that wait for a processor need that one, too.
const PAUSE: Duration = Duration::from_micros(100);

/// Holds threads; all calls from one thread, as the kernel wants it.
pub(super) struct Tracer {
    pid: u32,
    limits: FreezeLimits,
    own_tid: u32,
    /// Seized threads, and what became of each.
    threads: BTreeMap<u32, Became>,
    seized: Seized,
    /// When the first thread may have been stopped.
    began: Instant,
}

impl Tracer {
    pub(super) fn new(pid: u32, limits: &FreezeLimits, seized: Seized) -> Self {
        let own_tid = nix::unistd::gettid().as_raw().unsigned_abs();
        Tracer { pid, limits: *limits, own_tid, threads: BTreeMap::new(), seized, began: Instant::now() }
    }

    /// Stops all threads. On an error some may be stopped still: let them go then.
    pub(super) fn stop(&mut self) -> Result<Frozen, FreezeError> {
        let sets = registers::NATIVE.ok_or(FreezeError::UnknownArchitecture)?;
        if self.pid == std::process::id() {
            return Err(FreezeError::Ourselves { pid: self.pid });
        }
        let seizing_since = self.began;
        // Until no thread is left that is not seized: those of seized ones are from birth. Nothing stops so far, but
        // threads that are being made.
        while self.seize_more()? {}
        self.began = Instant::now();
        self.interrupt_running();
        let frozen = loop {
            if self.wait_until_all_stand()? {
                // A thread was made before the others were interrupted: it and its parent stood since then.
                self.began = seizing_since;
            }
            if self.seize_more()? {
                self.interrupt_running();
            } else if let Some(frozen) = self.look_at_all(&sets)? {
                break frozen;
            }
        };
        if frozen.threads.is_empty() {
            return Err(FreezeError::NoSuchProcess { pid: self.pid });
        }
        Ok(frozen)
    }

    /// Waits for the end of the copy, or the deadline: whether it was that.
    pub(super) fn wait_for_end_of(&self, copied: &Receiver<()>) -> bool {
        let left = self.limits.deadline.saturating_sub(self.began.elapsed());
        matches!(copied.recv_timeout(left), Err(RecvTimeoutError::Timeout))
    }

    /// Lets go of whatever stands still. What does not stand still is let go by the kernel when this thread ends.
    pub(super) fn let_go(&mut self, expired: bool) -> LetGo {
        // Who was to stop and has not yet been seen to may have in the meantime.
        self.threads.iter_mut().filter(|(_, became)| **became == Became::Running).for_each(
            |(tid, became)| {
                *became = tracee::became(*tid);
            },
        );
        for (tid, became) in std::mem::take(&mut self.threads) {
            if let Became::Stopped { signal, .. } = became {
                // It fails for one that was killed meanwhile only: that one is gone anyway.
                let _ = tracee::let_go(tid, signal);
            }
        }
        let stopped = self.began.elapsed();
        self.seized.lock().unwrap_or_else(PoisonError::into_inner).clear();
        LetGo { stopped, expired }
    }

    /// Seizes the threads that are not yet. Whether there were any.
    fn seize_more(&mut self) -> Result<bool, FreezeError> {
        let (pid, threads_max) = (self.pid, self.limits.threads_max);
        let tids = task::thread_ids(pid).map_err(|errno| match errno {
            Errno::ENOENT | Errno::ESRCH => FreezeError::NoSuchProcess { pid },
            errno => FreezeError::Os { pid, call: "listing threads", errno },
        })?;
        if tids.len() > threads_max {
            return Err(FreezeError::TooManyThreads { pid, threads_max });
        }
        let mut more = false;
        for tid in tids {
            if self.knows(tid) {
                continue;
            }
            self.in_time()?;
            let ours = match tracee::seize(tid) {
                Ok(()) => true,
                Err(Errno::ESRCH) => false,
                // Who was just ending is refused, too; and by now its id may be that of a thread that called exec.
                Err(_) => match tracee::seize(tid) {
                    Ok(()) => true,
                    Err(Errno::ESRCH) => false,
                    Err(errno) => self.is_ours_already(tid, errno)?,
                },
            };
            if ours {
                self.hold(tid);
                more = true;
            }
        }
        Ok(more)
    }

    /// Whether a thread is held, or known to have ended. The first one of a process comes back to life: as the thread that
    /// called exec.
    fn knows(&mut self, tid: u32) -> bool {
        let is_back = self.threads.get(&tid) == Some(&Became::Ended)
            && task::status(tid).is_some_and(|status| !status.has_ended());
        if is_back {
            self.threads.remove(&tid);
        }
        self.threads.contains_key(&tid)
    }

    /// After a refusal: whether the thread is seized because its parent was, or not there any more; else the reason.
    fn is_ours_already(&self, tid: u32, errno: Errno) -> Result<bool, FreezeError> {
        let pid = self.pid;
        match task::status(tid) {
            None => Ok(false),
            Some(status) if status.has_ended() => Ok(false),
            Some(status) if status.tracer == self.own_tid => Ok(true),
            Some(status) if status.tracer != 0 => {
                // The kernel names the thread that traces.
                let tracer = task::status(status.tracer).map_or(status.tracer, |tracer| tracer.process);
                Err(FreezeError::Traced { pid, tracer, name: task::name(tracer) })
            }
            Some(_) if matches!(errno, Errno::EPERM | Errno::EACCES) => {
                Err(FreezeError::NotPermitted { pid, errno })
            }
            Some(_) => Err(FreezeError::Os { pid, call: "PTRACE_SEIZE", errno }),
        }
    }

    fn interrupt_running(&mut self) {
        for (tid, _) in self.threads.iter().filter(|(_, became)| **became == Became::Running) {
            // It fails for a thread that has ended only, which waiting for it will tell.
            let _ = tracee::interrupt(*tid);
        }
    }

    /// Waits until no seized thread runs. Whether one of them was stopped as it made another.
    fn wait_until_all_stand(&mut self) -> Result<bool, FreezeError> {
        let mut made = false;
        let mut idle_rounds = 0;
        loop {
            let running: Vec<u32> = self.of(|became| became == Became::Running);
            if running.is_empty() {
                return Ok(made);
            }
            let mut progress = false;
            for tid in running {
                let became = tracee::became(tid);
                progress |= became != Became::Running;
                if let Became::Stopped { child: Some(child), .. } = became {
                    made = true;
                    self.hold(child);
                }
                self.note(tid, became);
            }
            idle_rounds = if progress { 0 } else { idle_rounds + 1 };
            self.in_time()?;
            if idle_rounds > EAGER_ROUNDS {
                self.take_notice_of_ends();
                // The kernel has no waiting for a stop that would end with the deadline.
                std::thread::sleep(PAUSE);
            } else {
                std::thread::yield_now();
            }
        }
    }

    /// Threads that stood still may have been killed, by exec in another one most notably, which waits until somebody
    /// takes notice. And the first thread of a process, once it has ended, says so only after all others have.
    fn take_notice_of_ends(&mut self) {
        self.hold_orphans();
        for tid in self.of(|became| became != Became::Ended) {
            let ended = match tid == self.pid {
                true => task::status(tid).is_none_or(|status| status.has_ended()),
                false => tracee::became(tid) == Became::Ended,
            };
            if ended {
                self.note(tid, Became::Ended);
            }
        }
    }

    /// Who made a thread may have been killed before it could say so: the new one is ours from its birth all the same, and
    /// exec waits for its end, too.
    fn hold_orphans(&mut self) {
        for tid in task::thread_ids(self.pid).unwrap_or_default() {
            let is_ours = || task::status(tid).is_some_and(|status| status.tracer == self.own_tid);
            if !self.threads.contains_key(&tid) && is_ours() {
                self.hold(tid);
            }
        }
    }

    /// The registers of all, or `None` if one that stood still has gone since (killed, or replaced by exec).
    fn look_at_all(&mut self, sets: &Sets) -> Result<Option<Frozen>, FreezeError> {
        let pid = self.pid;
        let listed = task::thread_ids(pid).unwrap_or_default();
        let mut threads = Vec::with_capacity(self.threads.len());
        for tid in self.of(|became| matches!(became, Became::Stopped { .. })) {
            match tracee::look_at(tid, sets) {
                // A process that was made by clone(2) is seized like a thread, stands still, and is no thread.
                Ok(thread) if listed.contains(&tid) => threads.push(thread),
                Ok(_) => {}
                Err(Errno::ESRCH) => {
                    let became = tracee::became(tid);
                    self.note(tid, became);
                    self.interrupt_running();
                    self.in_time()?;
                    return Ok(None);
                }
                Err(errno) => return Err(FreezeError::Os { pid, call: "PTRACE_GETREGSET", errno }),
            }
        }
        Ok(Some(Frozen { threads }))
    }

    fn of(&self, wanted: impl Fn(Became) -> bool) -> Vec<u32> {
        self.threads.iter().filter(|(_, became)| wanted(**became)).map(|(tid, _)| *tid).collect()
    }

    fn hold(&mut self, tid: u32) {
        // It may be known already: from its parent and from the list.
        self.threads.entry(tid).or_insert_with(|| {
            self.seized.lock().unwrap_or_else(PoisonError::into_inner).push(tid);
            Became::Running
        });
    }

    fn note(&mut self, tid: u32, became: Became) {
        if became == Became::Ended && tid != self.pid {
            tracee::take_notice_of_end(tid);
            self.seized.lock().unwrap_or_else(PoisonError::into_inner).retain(|seized| *seized != tid);
            // Its id may be given to a new thread.
            self.threads.remove(&tid);
        } else {
            self.threads.insert(tid, became);
        }
    }

    /// Whether there is time left to stop threads; if not, which of them is to blame.
    fn in_time(&self) -> Result<(), FreezeError> {
        let waited = self.began.elapsed();
        if waited < self.limits.stopping.min(self.limits.deadline) {
            return Ok(());
        }
        let running = self.of(|became| became == Became::Running);
        let asleep =
            running.iter().find(|tid| task::status(**tid).is_some_and(|status| status.state == b'D'));
        let pid = self.pid;
        Err(match asleep {
            Some(&tid) => FreezeError::Uninterruptible { pid, tid, waited },
            None => {
                FreezeError::OutOfTime { pid, running: running.len(), threads: self.threads.len(), waited }
            }
        })
    }
}
