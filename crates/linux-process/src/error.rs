//! Why something about a process could not be learnt, and what would help.

use std::fmt;
use std::io;
use std::path::PathBuf;

use crate::parse::ParseError;

/// Why a process, or something about it, could not be read.
#[derive(Debug, thiserror::Error)]
pub enum ProcessError {
    /// There is none with this pid, or it has gone away meanwhile.
    #[error("no process has pid {pid}")]
    NoSuchProcess {
        /// The pid.
        pid: u32,
    },
    /// It has exited; only its exit status is left.
    #[error("process {pid} is a zombie: it has exited already")]
    Zombie {
        /// Its pid.
        pid: u32,
    },
    /// It lives on without its main thread, and the kernel shows its memory under no pid.
    #[error("process {pid} lives on after its main thread has exited")]
    MainThreadExited {
        /// Its pid.
        pid: u32,
    },
    /// It has no memory any more: it exits, or another thread of it than the first executes another program.
    #[error("process {pid} is ending or executing another program")]
    Ending {
        /// Its pid.
        pid: u32,
    },
    /// It is a thread of the kernel: there is no program.
    #[error("process {pid} is a kernel thread")]
    KernelThread {
        /// Its pid.
        pid: u32,
    },
    /// The number is not of a process but of one of its threads.
    #[error("{tid} is a thread of process {pid}")]
    Thread {
        /// The thread.
        tid: u32,
        /// Its process.
        pid: u32,
    },
    /// The system did not let us.
    #[error("cannot read {subject} of process {pid}: permission denied")]
    PermissionDenied {
        /// Its pid.
        pid: u32,
        /// What we wanted.
        subject: Subject,
        /// Whose process it is, if that can be seen: its real user id.
        owner_uid: Option<u32>,
        /// Who we are: our effective user id.
        our_uid: u32,
    },
    /// The kernel wrote something else than it should.
    #[error("cannot read {subject} of process {pid}")]
    Malformed {
        /// Its pid.
        pid: u32,
        /// What we wanted.
        subject: Subject,
        /// What is wrong with it.
        source: ParseError,
    },
    /// It is longer than we are willing to read.
    #[error("cannot read {subject} of process {pid}: longer than {limit_bytes} bytes")]
    TooLong {
        /// Its pid.
        pid: u32,
        /// What we wanted.
        subject: Subject,
        /// Our bound.
        limit_bytes: usize,
    },
    /// Any other failure of the system.
    #[error("cannot read {subject} of process {pid}")]
    Io {
        /// Its pid.
        pid: u32,
        /// What we wanted.
        subject: Subject,
        /// What the system said.
        source: io::Error,
    },
    /// The directory of processes itself cannot be read.
    #[error("cannot list processes in {}", root.display())]
    Listing {
        /// Where /proc should be.
        root: PathBuf,
        /// What the system said.
        source: io::Error,
    },
}

impl ProcessError {
    /// What the user can do about it, if anything.
    pub fn hint(&self) -> Option<String> {
        Some(match self {
            ProcessError::NoSuchProcess { .. } => {
                "list Go processes with: gostat ps; in a container, use the pid as seen from here".into()
            }
            ProcessError::Thread { pid, .. } => format!("use the pid of the process: {pid}"),
            ProcessError::PermissionDenied { our_uid: 0, .. } => {
                "gostat doctor says whether root has CAP_SYS_PTRACE here, which it lacks in most containers; if it has, \
                 a security module or another user namespace shields the process"
                    .into()
            }
            // The kernel let us see everything else of it, so it is not shielded.
            ProcessError::PermissionDenied {
                subject: Subject::Memory,
                owner_uid: Some(owner),
                our_uid,
                ..
            } if owner == our_uid => {
                "it is ours, but the system lets only its parents read its memory: run as \
                 root or with CAP_SYS_PTRACE, or sudo sysctl kernel.yama.ptrace_scope=0"
                    .into()
            }
            ProcessError::PermissionDenied { owner_uid: Some(owner), our_uid, .. } if owner == our_uid => {
                "it is ours, but shielded (set-user-ID program, file capabilities or PR_SET_DUMPABLE): \
                 run as root or with CAP_SYS_PTRACE"
                    .into()
            }
            ProcessError::PermissionDenied { owner_uid: Some(owner), .. } => {
                format!("it belongs to uid {owner}: run as root, as that user, or with CAP_SYS_PTRACE")
            }
            ProcessError::PermissionDenied { owner_uid: None, .. } => {
                "/proc is mounted with hidepid: run as root or with CAP_SYS_PTRACE".into()
            }
            ProcessError::Listing { .. } => "is /proc mounted? try: mount -t proc proc /proc".into(),
            ProcessError::Zombie { .. } => {
                "its parent has not taken notice yet: nothing else is left of it".into()
            }
            ProcessError::MainThreadExited { .. } => {
                "if it is executing another program just now, try again".into()
            }
            ProcessError::Ending { .. } => "try again, if it still runs".into(),
            ProcessError::KernelThread { .. } => "gostat ps lists the Go programs that run here".into(),
            ProcessError::Malformed { .. } | ProcessError::TooLong { .. } | ProcessError::Io { .. } => {
                return None;
            }
        })
    }
}

/// What is read of a process, in the words for messages.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Subject {
    /// `stat`.
    State,
    /// `status`.
    Status,
    /// `exe`.
    Executable,
    /// `maps`.
    MemoryMaps,
    /// `cmdline`.
    CommandLine,
    /// `environ`.
    Environment,
    /// `cgroup`.
    ControlGroups,
    /// `ns/`.
    Namespaces,
    /// `task/`.
    Threads,
    /// `task/TID/syscall`.
    ThreadRegisters,
    /// `mem`.
    Memory,
}

impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Subject::State => "the state",
            Subject::Status => "the status",
            Subject::Executable => "the executable",
            Subject::MemoryMaps => "the memory maps",
            Subject::CommandLine => "the command line",
            Subject::Environment => "the environment",
            Subject::ControlGroups => "the control groups",
            Subject::Namespaces => "the namespaces",
            Subject::Threads => "the threads",
            Subject::ThreadRegisters => "thread registers",
            Subject::Memory => "the memory",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(subject: Subject, owner_uid: Option<u32>, our_uid: u32, expected: &str) {
        let error = ProcessError::PermissionDenied { pid: 7, subject, owner_uid, our_uid };
        assert_eq!(error.to_string(), format!("cannot read {subject} of process 7: permission denied"));
        let hint = error.hint().unwrap();
        assert!(hint.contains(expected), "{hint}");
    }

    #[test]
    fn advice_depends_on_whose_process_it_is() {
        check(Subject::Executable, Some(5), 1000, "belongs to uid 5");
        check(Subject::Executable, Some(1000), 1000, "shielded");
        check(Subject::Memory, Some(1000), 1000, "sysctl kernel.yama.ptrace_scope=0");
        check(Subject::Executable, Some(5), 0, "whether root has CAP_SYS_PTRACE");
        check(Subject::Executable, None, 1000, "hidepid");
    }
}
