//! Why a process could not be frozen.

use std::io;
use std::time::Duration;

use nix::errno::Errno;

/// Why a process could not be frozen. Nothing of it is left stopped.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FreezeError {
    /// There is no such process, or it has ended.
    #[error("process {pid} has exited")]
    NoSuchProcess {
        /// Its pid.
        pid: u32,
    },
    /// We are asked to stop ourselves.
    #[error("process {pid} is this one, and cannot stop itself")]
    Ourselves {
        /// Our pid.
        pid: u32,
    },
    /// The kernel does not let us.
    #[error("stopping process {pid} is not permitted: {errno}")]
    NotPermitted {
        /// Its pid.
        pid: u32,
        /// What the kernel said.
        errno: Errno,
    },
    /// A debugger or the like has it.
    #[error("process {pid} is being traced already, by process {tracer} ({name})")]
    Traced {
        /// Its pid.
        pid: u32,
        /// The process that traces it.
        tracer: u32,
        /// The tracer's short name; any bytes that are no UTF-8 are replaced.
        name: String,
    },
    /// A thread did not stop, because it is in a sleep that nothing interrupts.
    #[error(
        "thread {tid} of process {pid} cannot be stopped: it has been in an uninterruptible sleep for {} ms",
        waited.as_millis()
    )]
    Uninterruptible {
        /// The process.
        pid: u32,
        /// The thread.
        tid: u32,
        /// How long was waited for it.
        waited: Duration,
    },
    /// Threads did not stop in time.
    #[error("{running} of {threads} threads of process {pid} did not stop within {} ms", waited.as_millis())]
    OutOfTime {
        /// The process.
        pid: u32,
        /// How many did not.
        running: usize,
        /// How many it has.
        threads: usize,
        /// How long was waited for them.
        waited: Duration,
    },
    /// It is executing another program, and does not come to an end with that.
    #[error("process {pid} is busy executing another program")]
    Busy {
        /// Its pid.
        pid: u32,
    },
    /// It has more threads than the limits allow.
    #[error("process {pid} has more than {threads_max} threads")]
    TooManyThreads {
        /// The process.
        pid: u32,
        /// The limit.
        threads_max: usize,
    },
    /// This architecture's registers are not known here.
    #[error("processes can be frozen on amd64 and arm64 only")]
    UnknownArchitecture,
    /// The kernel failed in another way.
    #[error("cannot stop process {pid}: {call}: {errno}")]
    Os {
        /// The process.
        pid: u32,
        /// What was being done.
        call: &'static str,
        /// What the kernel said.
        errno: Errno,
    },
    /// No thread could be started for it.
    #[error("cannot start a thread: {errno}")]
    NoThread {
        /// What the kernel said.
        errno: Errno,
    },
    /// The thread that traces has ended unexpectedly; the kernel has let the target go.
    #[error("the thread that traces has ended: a bug in gostat")]
    TracerLost,
}

impl FreezeError {
    /// What the user can do about it, if anything. A refusal is for the caller to explain, who knows whose process
    /// it is.
    pub fn hint(&self) -> Option<&'static str> {
        Some(match self {
            FreezeError::Traced { .. } => {
                "only one process can trace another: detach the debugger, or do without --freeze"
            }
            FreezeError::Uninterruptible { .. } => {
                "it waits for a disk, a network file system or a child made by vfork: try again, or do without \
                 --freeze"
            }
            FreezeError::OutOfTime { .. } => "the machine may be busy: try again, or allow more time",
            FreezeError::Busy { .. } => "try again, if it still runs",
            _ => return None,
        })
    }

    pub(super) fn no_thread(error: &io::Error) -> Self {
        FreezeError::NoThread { errno: error.raw_os_error().map_or(Errno::UnknownErrno, Errno::from_raw) }
    }
}
