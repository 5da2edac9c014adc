//! Why a thread could not be sampled.

use std::io;
use std::time::Duration;

use nix::errno::Errno;

/// Why a thread could not be sampled.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SamplerError {
    /// EACCES or EPERM from perf_event_open.
    #[error(
        "sampling the thread is not permitted: {errno}\nhint: needs CAP_PERFMON (CAP_SYS_ADMIN before \
         Linux 5.8), or kernel.perf_event_paranoid at most 2 and permission to ptrace the target; in a \
         container also a seccomp profile that allows perf_event_open"
    )]
    NotPermitted {
        /// EACCES for the kernel's own rules, EPERM usually for seccomp.
        errno: Errno,
    },
    /// The thread has ended, or there never was one.
    #[error("the thread has ended")]
    NoSuchThread,
    /// This kernel or machine has no cpu-clock samples with registers and stack.
    #[error("this kernel offers no thread samples with registers and stack: {errno}")]
    Unsupported {
        /// ENOSYS (built without perf events, or hidden by a sandbox), ENOENT, EOPNOTSUPP, ENODEV or E2BIG.
        errno: Errno,
    },
    /// This architecture's registers are not known here.
    #[error("thread samples are known for amd64 and arm64 only")]
    UnknownArchitecture,
    /// The ring for the samples was refused: it counts against the user's locked memory.
    #[error(
        "no memory for the samples: {errno}\nhint: raise RLIMIT_MEMLOCK or kernel.perf_event_mlock_kb, or \
         sample fewer threads or less stack"
    )]
    RingRefused {
        /// EPERM for the limit, ENOMEM for the machine.
        errno: Errno,
    },
    /// More threads than the limits allow; this one was left out.
    #[error("left out: only {threads_max} threads are sampled at once")]
    TooManyThreads {
        /// The limit.
        threads_max: usize,
    },
    /// The deadline passed before this thread's turn; it may well be running.
    #[error("left out: {} ms passed before its turn", deadline.as_millis())]
    OutOfTime {
        /// The limit.
        deadline: Duration,
    },
    /// perf_event_open or the event's set-up failed in another way (EMFILE, EBUSY, ...).
    #[error("opening a sampling event failed: {errno}")]
    Open {
        /// What the kernel said.
        errno: Errno,
    },
    /// Waiting for samples failed.
    #[error("waiting for samples failed: {errno}")]
    Wait {
        /// What the kernel said.
        errno: Errno,
    },
    /// What the kernel recorded is not what was asked for.
    #[error("the kernel's record of the thread makes no sense: {0}")]
    Record(#[from] RecordError),
}

/// What is wrong with a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum RecordError {
    /// The record ends before what it says it contains.
    #[error("{len} bytes are too short")]
    Short {
        /// Length of the record without its header.
        len: usize,
    },
    /// The record is of another thread.
    #[error("it is of thread {found}")]
    OtherThread {
        /// The thread in the record.
        found: u32,
    },
    /// The thread was not in 64-bit user code, so there are no registers of the kind asked for.
    #[error("register set {abi} instead of the 64-bit one")]
    NoRegisters {
        /// `PERF_SAMPLE_REGS_ABI_*`: 0 none, 1 of a 32-bit program.
        abi: u64,
    },
}

impl SamplerError {
    /// Sorts a failure of perf_event_open.
    pub(super) fn opening(error: &io::Error) -> SamplerError {
        // perf-event2 replaces E2BIG by an error of its own, of this kind and without a number.
        let unsupported = error.kind() == io::ErrorKind::Unsupported && error.raw_os_error().is_none();
        let errno = if unsupported { Errno::E2BIG } else { errno_of(error) };
        match errno {
            Errno::EACCES | Errno::EPERM => SamplerError::NotPermitted { errno },
            Errno::ESRCH => SamplerError::NoSuchThread,
            Errno::ENOSYS | Errno::ENOENT | Errno::EOPNOTSUPP | Errno::ENODEV | Errno::E2BIG => {
                SamplerError::Unsupported { errno }
            }
            _ => SamplerError::Open { errno },
        }
    }

    /// Sorts a failure of mapping the ring.
    pub(super) fn mapping(error: &io::Error) -> SamplerError {
        match errno_of(error) {
            errno @ (Errno::EPERM | Errno::ENOMEM) => SamplerError::RingRefused { errno },
            errno => SamplerError::Open { errno },
        }
    }
}

fn errno_of(error: &io::Error) -> Errno {
    error.raw_os_error().map_or(Errno::UnknownErrno, Errno::from_raw)
}

#[cfg(test)]
mod tests {
    use std::io;

    use nix::errno::Errno;

    use super::SamplerError;

    #[test]
    fn refusals_are_told_apart() {
        let opening = |errno: Errno| SamplerError::opening(&io::Error::from(errno));
        for errno in [Errno::EACCES, Errno::EPERM] {
            assert_eq!(opening(errno), SamplerError::NotPermitted { errno });
        }
        for errno in [Errno::ENOSYS, Errno::ENOENT, Errno::EOPNOTSUPP, Errno::ENODEV] {
            assert_eq!(opening(errno), SamplerError::Unsupported { errno });
        }
        assert_eq!(opening(Errno::ESRCH), SamplerError::NoSuchThread);
        assert_eq!(opening(Errno::EMFILE), SamplerError::Open { errno: Errno::EMFILE });
        let too_new = io::Error::new(io::ErrorKind::Unsupported, "attr too big");
        assert_eq!(SamplerError::opening(&too_new), SamplerError::Unsupported { errno: Errno::E2BIG });
        // The same number means something else when it is the ring that was refused.
        let mapping = SamplerError::mapping(&io::Error::from(Errno::EPERM));
        assert_eq!(mapping, SamplerError::RingRefused { errno: Errno::EPERM });
    }

    #[test]
    fn a_refusal_says_what_would_help() {
        let message = SamplerError::NotPermitted { errno: Errno::EACCES }.to_string();
        assert!(message.contains("hint: needs CAP_PERFMON") && message.contains("perf_event_paranoid"));
    }
}
