//! The system calls that seize one thread, stop it, look at its registers and let it go.
//!
//! All but [`take_notice_of_end`] work in the thread of ours that has seized it only, and are refused in others.
//!
//! The safe functions of the crate nix do not know real-time signals, which then could not be given back, nor
//! waiting without taking (`WNOWAIT`), nor amd64's extended registers: those calls are made here.

use nix::errno::Errno;
use nix::sys::ptrace::{self, Options};
use nix::unistd::Pid;

use super::FrozenThread;
use super::registers::{RegisterSet, Sets};

/// What has become of a thread.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Became {
    /// It has not stopped yet.
    Running,
    /// It stands still.
    Stopped {
        /// The signal that it was about to get, to be given back on letting go. 0 for none.
        signal: i32,
        /// The thread that it was about to make, which is seized from its birth.
        child: Option<u32>,
    },
    /// It has ended.
    Ended,
}

fn id(tid: u32) -> Pid {
    // An id over i32::MAX cannot exist: -1 makes the kernel answer ESRCH.
    Pid::from_raw(i32::try_from(tid).ok().filter(|tid| *tid > 0).unwrap_or(-1))
}

/// Makes a thread ours without stopping it. Threads that it makes from now on are, too, and begin stopped.
pub(super) fn seize(tid: u32) -> Result<(), Errno> {
    ptrace::seize(id(tid), Options::PTRACE_O_TRACECLONE)
}

/// Has a seized thread stop as soon as it can.
pub(super) fn interrupt(tid: u32) -> Result<(), Errno> {
    ptrace::interrupt(id(tid))
}

/// What has become of a seized thread by now.
///
/// A stop is looked at, not taken: taking it would take the signal away that comes with it, and if we were killed then,
/// nobody could give it back.
pub(super) fn became(tid: u32) -> Became {
    match wait(tid, libc::WSTOPPED | libc::WEXITED | libc::WNOWAIT) {
        Err(_) => Became::Ended,
        Ok(None) => Became::Running,
        Ok(Some((libc::CLD_TRAPPED, status))) => {
            let (event, signal) = (status >> 8, status & 0xff);
            let child = (event == libc::PTRACE_EVENT_CLONE).then(|| ptrace::getevent(id(tid)).ok()).flatten();
            Became::Stopped {
                signal: if event == 0 { signal } else { 0 },
                child: child.and_then(|child| u32::try_from(child).ok()),
            }
        }
        Ok(Some((libc::CLD_EXITED | libc::CLD_KILLED | libc::CLD_DUMPED, _))) => Became::Ended,
        Ok(Some(_)) => Became::Running,
    }
}

/// Takes notice of the end of a seized thread, if it has ended, without which it does not go. Not for the first thread of
/// a process, whose end is its parent's to know.
pub(super) fn take_notice_of_end(tid: u32) {
    // Stops of a thread that is traced are given to whoever asks for ends, and then gone.
    if became(tid) == Became::Ended {
        // It fails if somebody else has taken notice already.
        let _ = wait(tid, libc::WEXITED);
    }
}

/// Asks the kernel for news of a thread: code and status, as in `siginfo_t`. `ECHILD` if it is not ours (any more).
fn wait(tid: u32, what: libc::c_int) -> Result<Option<(i32, i32)>, Errno> {
    // SAFETY: every field of siginfo_t may be zero.
    let mut news: libc::siginfo_t = unsafe { std::mem::zeroed() };
    let flags = what | libc::WNOHANG | libc::__WALL;
    // SAFETY: `news` is a siginfo_t of ours that outlives the call.
    let done = unsafe { libc::waitid(libc::P_PID, id(tid).as_raw().cast_unsigned(), &raw mut news, flags) };
    Errno::result(done)?;
    // SAFETY: waitid has filled in the fields for SIGCHLD, or left zeros.
    let (who, status) = (unsafe { news.si_pid() }, {
        // SAFETY: as above.
        unsafe { news.si_status() }
    });
    Ok((who != 0).then_some((news.si_code, status)))
}

/// Looks at a thread that stands still. `ESRCH` if it does not (any more).
pub(super) fn look_at(tid: u32, sets: &Sets) -> Result<FrozenThread, Errno> {
    let general = register_set(tid, sets.general)?;
    // Older processors and emulators have no such set; a thread without it is still a thread.
    let vector = register_set(tid, sets.vector).unwrap_or_default();
    let system_call = sets.system_call.and_then(|set| register_set(tid, set).ok()).unwrap_or_default();
    let (registers, system_call) = sets.decode(&general, &vector, &system_call).ok_or(Errno::EIO)?;
    Ok(FrozenThread { tid, registers, system_call })
}

fn register_set(tid: u32, set: RegisterSet) -> Result<Vec<u8>, Errno> {
    let mut bytes = vec![0_u8; set.bytes];
    let mut range = libc::iovec { iov_base: bytes.as_mut_ptr().cast(), iov_len: bytes.len() };
    // SAFETY: the range is memory of ours, both outlive the call, and the kernel writes no more than fits into it.
    let done = unsafe {
        libc::ptrace(libc::PTRACE_GETREGSET, id(tid).as_raw(), libc::c_long::from(set.kind), &raw mut range)
    };
    Errno::result(done)?;
    bytes.truncate(range.iov_len);
    Ok(bytes)
}

/// Lets a thread that stands still go on, with the signal that it was about to get (0 for none).
pub(super) fn let_go(tid: u32, signal: i32) -> Result<(), Errno> {
    let nowhere = std::ptr::null_mut::<libc::c_void>();
    // SAFETY: the request takes no memory: the address is ignored, and the last argument is a number.
    let done =
        unsafe { libc::ptrace(libc::PTRACE_DETACH, id(tid).as_raw(), nowhere, libc::c_long::from(signal)) };
    Errno::result(done).map(drop)
}
