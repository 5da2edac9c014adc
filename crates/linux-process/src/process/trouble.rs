//! What it means that something of a process could not be read.

use std::io;

use procfs::ProcError;

use super::Process;
use crate::error::{ProcessError, Subject};
use crate::parse::ParseError;

impl Process {
    pub(super) fn malformed(&self, subject: Subject, source: ParseError) -> ProcessError {
        ProcessError::Malformed { pid: self.pid, subject, source }
    }

    pub(super) fn explain(&self, error: ProcError, subject: Subject) -> ProcessError {
        self.explain_io(io_error(error), subject)
    }

    /// Finds out what a failure means. A zombie's and a kernel thread's files fail in various ways (empty,
    /// not found, not permitted); what they are explains it better than the error does.
    pub(super) fn explain_io(&self, source: io::Error, subject: Subject) -> ProcessError {
        let pid = self.pid;
        if matches!(subject, Subject::State | Subject::Status) {
            // These are what the diagnosis below rests on.
            return match source.kind() {
                io::ErrorKind::PermissionDenied => self.denied(subject),
                io::ErrorKind::NotFound => ProcessError::NoSuchProcess { pid },
                _ if is_no_such_process(&source) => ProcessError::NoSuchProcess { pid },
                _ => ProcessError::Io { pid, subject, source },
            };
        }
        match self.require_program() {
            Err(
                reason @ (ProcessError::NoSuchProcess { .. }
                | ProcessError::Zombie { .. }
                | ProcessError::KernelThread { .. }
                | ProcessError::MainThreadExited { .. }
                | ProcessError::Thread { .. }),
            ) => reason,
            _ if source.kind() == io::ErrorKind::PermissionDenied => self.denied(subject),
            // A program has both until its memory is gone, which is somewhat before it is a zombie.
            _ if matches!(subject, Subject::Executable | Subject::Memory)
                && (source.kind() == io::ErrorKind::NotFound || is_no_such_process(&source)) =>
            {
                ProcessError::Ending { pid }
            }
            _ => ProcessError::Io { pid, subject, source },
        }
    }

    pub(super) fn denied(&self, subject: Subject) -> ProcessError {
        let owner_uid = match subject {
            Subject::State | Subject::Status => None,
            _ => self.status().ok().map(|status| status.real_uid),
        };
        let our_uid = nix::unistd::geteuid().as_raw();
        ProcessError::PermissionDenied { pid: self.pid, subject, owner_uid, our_uid }
    }
}

/// `ESRCH`: what reading a file of a vanished process fails with when its directory was open already.
fn is_no_such_process(error: &io::Error) -> bool {
    error.raw_os_error() == Some(nix::errno::Errno::ESRCH as i32)
}

pub(super) fn io_error(error: ProcError) -> io::Error {
    match error {
        ProcError::PermissionDenied(_) => io::ErrorKind::PermissionDenied.into(),
        ProcError::NotFound(_) => io::ErrorKind::NotFound.into(),
        ProcError::Incomplete(_) => io::ErrorKind::UnexpectedEof.into(),
        ProcError::Io(error, _) => error,
        other @ (ProcError::Other(_) | ProcError::InternalError(_)) => io::Error::other(other.to_string()),
    }
}
