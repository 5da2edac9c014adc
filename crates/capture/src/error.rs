//! Why a process cannot be captured, and what to do about it.

use std::time::Duration;

use go_binary::BinaryError;
use go_runtime::heap::CopyError;
use linux_process::ProcessError;
use process_memory::{FreezeError, ReadError, ReadFailure};

use crate::replay::ReplayError;

/// A process that cannot be attached to.
#[derive(Debug, thiserror::Error)]
pub enum AttachError {
    /// It does not exist, is not a program, or may not be looked at.
    #[error(transparent)]
    Process(#[from] ProcessError),
    /// Its executable is not a Go program that can be read.
    #[error("process {pid} ({name}): {cause}")]
    NotReadableGo {
        /// Its pid.
        pid: u32,
        /// Its short name.
        name: String,
        /// What its executable is.
        cause: BinaryError,
    },
    /// Its executable is not mapped: it has just executed another one, or is about to exit.
    #[error("process {pid} is starting or ending: its executable is not mapped")]
    NotMapped {
        /// Its pid.
        pid: u32,
    },
    /// The runtime in it could not be understood.
    #[error("process {pid}: {cause}")]
    Runtime {
        /// Its pid.
        pid: u32,
        /// Why not.
        cause: go_runtime::AttachError,
    },
    /// Its memory could not be read.
    #[error("process {pid}: {cause}")]
    Memory {
        /// Its pid.
        pid: u32,
        /// Why not.
        cause: ReadError,
    },
    /// It has executed another program while it was being looked at.
    #[error("process {pid} has executed another program")]
    Replaced {
        /// Its pid.
        pid: u32,
    },
    /// It is losing its threads, or has lost its memory before them.
    #[error("process {pid} is ending or executing another program")]
    Ending {
        /// Its pid.
        pid: u32,
    },
    /// It exited while it was being looked at.
    #[error("process {pid} exited while it was being looked at")]
    Exited {
        /// Its pid.
        pid: u32,
    },
}

impl AttachError {
    /// Whether the process simply is not a Go program.
    pub fn is_not_go(&self) -> bool {
        matches!(self, AttachError::NotReadableGo { cause: BinaryError::NotGo | BinaryError::NotElf, .. })
    }

    /// Whether the process may be a Go program all the same: one that we may not read, or cannot.
    pub fn may_be_go(&self) -> bool {
        match self {
            AttachError::Process(ProcessError::PermissionDenied { .. } | ProcessError::Io { .. }) => true,
            AttachError::Process(_) | AttachError::Exited { .. } | AttachError::NotMapped { .. } => false,
            other => !other.is_not_go(),
        }
    }

    /// Whether the next attempt may well succeed: the process is just beginning, ending or changing.
    pub fn is_passing(&self) -> bool {
        matches!(
            self,
            AttachError::Replaced { .. }
                | AttachError::Ending { .. }
                | AttachError::Exited { .. }
                | AttachError::NotMapped { .. }
                | AttachError::Runtime { cause: go_runtime::AttachError::NotStarted, .. }
        )
    }

    /// What the user can do about it, if anything.
    pub fn hint(&self) -> Option<String> {
        let hint = match self {
            AttachError::Process(error) => return error.hint(),
            AttachError::NotReadableGo { cause, .. } => match cause {
                BinaryError::NotGo | BinaryError::NotElf | BinaryError::OtherCompiler { .. } => {
                    "gostat ps lists the Go programs that run here"
                }
                BinaryError::Packed { .. } => "unpack the executable (upx -d) and start that one",
                BinaryError::ThirtyTwoBit | BinaryError::UnsupportedMachine(_) => {
                    "64-bit amd64 and arm64 programs can be read"
                }
                BinaryError::TooOld { .. } => "build the program with Go 1.19 or later",
                BinaryError::UnknownLayout { .. } | BinaryError::UnknownVersion { .. } => UNKNOWN_RELEASE,
                _ => "the file may have been damaged or changed after linking",
            },
            AttachError::NotMapped { .. } | AttachError::Ending { .. } | AttachError::Exited { .. } => {
                "try again, if it still runs"
            }
            AttachError::Replaced { .. } => "try again",
            AttachError::Runtime { cause, .. } => match cause {
                go_runtime::AttachError::SelfTest { .. } | go_runtime::AttachError::MissingField { .. } => {
                    UNKNOWN_RELEASE
                }
                go_runtime::AttachError::NotStarted => "try again in a moment",
                _ => return None,
            },
            AttachError::Memory { cause, .. } => match cause.cause {
                ReadFailure::PermissionDenied => "run as root or with CAP_SYS_PTRACE; see gostat doctor",
                _ => return None,
            },
        };
        Some(hint.into())
    }

    pub(crate) fn runtime(pid: u32, cause: go_runtime::AttachError) -> Self {
        match cause {
            go_runtime::AttachError::Memory(cause) => Self::memory(pid, cause),
            cause => AttachError::Runtime { pid, cause },
        }
    }

    fn memory(pid: u32, cause: ReadError) -> Self {
        match cause.cause {
            ReadFailure::ProcessExited => AttachError::Exited { pid },
            _ => AttachError::Memory { pid, cause },
        }
    }
}

const UNKNOWN_RELEASE: &str = "gostat may not know this Go release yet: a newer gostat may, and an executable that is not stripped always \
     works (it carries the layouts itself)";

/// A snapshot that could not be taken.
#[derive(Debug, thiserror::Error)]
pub enum CaptureError {
    /// The process has exited.
    #[error("process {pid} has exited")]
    Exited {
        /// Its pid.
        pid: u32,
    },
    /// The process has executed another program: what is known of it no longer holds.
    #[error("process {pid} has executed another program")]
    Replaced {
        /// Its pid.
        pid: u32,
    },
    /// Its main thread has no memory any more, but not all of its threads have ended.
    #[error("process {pid} is ending or executing another program")]
    Ending {
        /// Its pid.
        pid: u32,
    },
    /// We may not stop it, for the reason that is given.
    #[error(transparent)]
    NotPermitted(ProcessError),
    /// It could not be stopped; nothing of it is.
    #[error("{cause}")]
    Freeze {
        /// Why not.
        cause: FreezeError,
    },
    /// Not even the list of goroutines could be read.
    #[error("process {pid}: {cause}")]
    Memory {
        /// Its pid.
        pid: u32,
        /// Why not.
        cause: ReadError,
    },
    /// It could not be copied in the time for which it may be stopped. It runs on.
    #[error("process {pid}: copying it took longer than the {deadline:?} for which it may be stopped")]
    FreezeTooShort {
        /// Its pid.
        pid: u32,
        /// That time.
        deadline: Duration,
    },
    /// Its heap could not be copied.
    #[error("process {pid}: {cause}")]
    Heap {
        /// Its pid.
        pid: u32,
        /// Why not.
        cause: CopyError,
    },
    /// It is of a recording, which cannot be played.
    #[error(transparent)]
    Replay(#[from] ReplayError),
}

impl CaptureError {
    /// What the user can do about it, if anything.
    pub fn hint(&self) -> Option<String> {
        match self {
            CaptureError::Replaced { .. } | CaptureError::Ending { .. } => {
                Some("try again, if it still runs".into())
            }
            CaptureError::Exited { .. } => Some("gostat ps lists the Go programs that run here".into()),
            CaptureError::Heap { cause: CopyError::NoHeap, .. } => Some(UNKNOWN_RELEASE.into()),
            CaptureError::NotPermitted(cause) => cause.hint(),
            CaptureError::Freeze { cause } => cause.hint().map(str::to_owned),
            CaptureError::FreezeTooShort { .. } => {
                Some("allow it more (--freeze=5s), or look without stopping it".into())
            }
            CaptureError::Replay(error) => error.hint().map(str::to_owned),
            CaptureError::Memory { .. } | CaptureError::Heap { .. } => None,
        }
    }
}
