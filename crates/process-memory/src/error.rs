//! Why a read of foreign memory failed.

use std::fmt;

use nix::errno::Errno;
use snapshot::{Address, GapCause};

/// A read that could not be completed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("cannot read {wanted} bytes at {at} (got {obtained}): {cause}")]
pub struct ReadError {
    /// Where the read began.
    pub at: Address,
    /// How many bytes were wanted.
    pub wanted: usize,
    /// How many were obtained before it stopped.
    pub obtained: usize,
    /// Why it stopped.
    pub cause: ReadFailure,
}

/// Causes of failed reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReadFailure {
    /// Nothing is mapped there, or it may not be read.
    NotMapped,
    /// We may not read this process at all.
    PermissionDenied,
    /// The process is gone.
    ProcessExited,
    /// A recording does not hold these bytes.
    NotRecorded,
    /// An earlier read of the same batch ended the batch.
    NotAttempted,
    /// Anything else that the system said.
    Os(Errno),
}

impl From<Errno> for ReadFailure {
    fn from(errno: Errno) -> Self {
        match errno {
            Errno::EFAULT | Errno::EIO => ReadFailure::NotMapped,
            Errno::EPERM | Errno::EACCES => ReadFailure::PermissionDenied,
            Errno::ESRCH => ReadFailure::ProcessExited,
            other => ReadFailure::Os(other),
        }
    }
}

impl From<ReadFailure> for GapCause {
    fn from(failure: ReadFailure) -> Self {
        match failure {
            ReadFailure::PermissionDenied => GapCause::NotPermitted,
            ReadFailure::ProcessExited => GapCause::ProcessExited,
            ReadFailure::NotMapped
            | ReadFailure::NotRecorded
            | ReadFailure::NotAttempted
            | ReadFailure::Os(_) => GapCause::Unreadable,
        }
    }
}

impl fmt::Display for ReadFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ReadFailure::NotMapped => f.write_str("not mapped"),
            ReadFailure::PermissionDenied => f.write_str("permission denied"),
            ReadFailure::ProcessExited => f.write_str("the process has exited"),
            ReadFailure::NotRecorded => f.write_str("not in the recording"),
            ReadFailure::NotAttempted => f.write_str("not attempted"),
            ReadFailure::Os(errno) => f.write_str(errno.desc()),
        }
    }
}
