//! One process, held by its directory in `/proc`: what is read through it is never of a later process
//! that got the same pid.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs::File;
use std::io::Read;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use procfs::ProcError;

use crate::cgroup::{CGROUP_LIMIT_BYTES, Cgroup, parse_cgroups};
use crate::environment::{ENVIRONMENT_LIMIT_BYTES, parse_environment};
use crate::error::{ProcessError, Subject};
use crate::maps::{MAPS_LIMIT_BYTES, Mapping, parse_maps};
use crate::namespaces::{NamespaceId, Namespaces};
use crate::stat::{Stat, parse_stat};
use crate::status::{Status, parse_status};

mod threads;
mod trouble;

/// `stat`, `status` and the like are about 2 KiB; this leaves room and still is a bound.
const SMALL_FILE_LIMIT_BYTES: usize = 64 << 10;

/// Which process: survives the reuse of its pid.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ProcessIdentity {
    /// Its pid.
    pub pid: u32,
    /// When it started, in clock ticks (mostly 10 ms) since boot. `exec` does not change it.
    pub start_ticks: u64,
}

/// What is known of the file that a process runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Executable {
    /// Its path in the mount namespace of the process, when it was started.
    pub path: PathBuf,
    /// Whether that name no longer leads to it: deleted or replaced, as by an upgrade.
    pub deleted: bool,
}

/// A process, held open.
#[derive(Debug)]
pub struct Process {
    directory: procfs::process::Process,
    pid: u32,
}

impl Process {
    /// Opens `/proc/PID` below `root`. That needs no permission but to see the process.
    ///
    /// # Errors
    /// [`ProcessError::NoSuchProcess`], or what the system said.
    pub fn open(root: &Path, pid: u32) -> Result<Process, ProcessError> {
        match procfs::process::Process::new_with_root(root.join(pid.to_string())) {
            Ok(directory) => Ok(Process { directory, pid }),
            Err(ProcError::NotFound(_)) => Err(ProcessError::NoSuchProcess { pid }),
            Err(other) => {
                Err(ProcessError::Io { pid, subject: Subject::State, source: trouble::io_error(other) })
            }
        }
    }

    /// Its pid in our pid namespace.
    pub fn pid(&self) -> u32 {
        self.pid
    }

    /// Name, state, threads, start time. One read, allowed to everybody (unless `/proc` has hidepid).
    ///
    /// # Errors
    /// When the process is gone or `/proc` does not let us.
    pub fn stat(&self) -> Result<Stat, ProcessError> {
        let text = self.read("stat", Subject::State, SMALL_FILE_LIMIT_BYTES)?;
        parse_stat(&text).map_err(|source| self.malformed(Subject::State, source))
    }

    /// Owner, pids in nested namespaces, capabilities. Allowed to everybody.
    ///
    /// # Errors
    /// When the process is gone or `/proc` does not let us.
    pub fn status(&self) -> Result<Status, ProcessError> {
        let text = self.read("status", Subject::Status, SMALL_FILE_LIMIT_BYTES)?;
        parse_status(&text).map_err(|source| self.malformed(Subject::Status, source))
    }

    /// Which process this is, to recognise it later.
    ///
    /// # Errors
    /// As [`Process::stat`].
    pub fn identity(&self) -> Result<ProcessIdentity, ProcessError> {
        Ok(ProcessIdentity { pid: self.pid, start_ticks: self.stat()?.start_ticks })
    }

    /// Whether it still runs: neither gone nor a zombie.
    pub fn is_alive(&self) -> bool {
        self.settled_stat().is_ok_and(|stat| !stat.state.has_exited() || stat.threads > 1)
    }

    /// As [`Process::stat`], of what it is when another thread than the first has called exec, and takes the first one's
    /// place: who has begun to read of that one sees a zombie. A real one stays.
    fn settled_stat(&self) -> Result<Stat, ProcessError> {
        let stat = self.stat()?;
        if stat.state.has_exited() && stat.threads <= 1 { self.stat() } else { Ok(stat) }
    }

    /// Checks that this is a process with a program in it, and not a zombie, a kernel thread or a thread.
    ///
    /// # Errors
    /// One for each of these.
    pub fn require_program(&self) -> Result<Stat, ProcessError> {
        let pid = self.pid;
        let stat = self.settled_stat()?;
        if stat.kernel_thread {
            return Err(ProcessError::KernelThread { pid });
        }
        let leader = self.status()?.thread_group;
        if leader != pid {
            return Err(ProcessError::Thread { tid: pid, pid: leader });
        }
        match (stat.state.has_exited(), stat.threads) {
            (false, _) => Ok(stat),
            (true, 0 | 1) => Err(ProcessError::Zombie { pid }),
            (true, _) => Err(ProcessError::MainThreadExited { pid }),
        }
    }

    /// The path of the file that it runs. Needs the right to inspect the process: same user, or
    /// `CAP_SYS_PTRACE`.
    ///
    /// # Errors
    /// When there is none (zombie, kernel thread), the process is gone, or the system does not let us.
    pub fn executable(&self) -> Result<Executable, ProcessError> {
        let link = self.directory.exe().map_err(|error| self.explain(error, Subject::Executable))?;
        let bytes = link.as_os_str().as_bytes();
        Ok(match bytes.strip_suffix(b" (deleted)") {
            // A file may really be called so: then the link's name leads to it.
            Some(path) if !link.exists() => {
                Executable { path: PathBuf::from(OsString::from_vec(path.to_vec())), deleted: true }
            }
            _ => Executable { path: link, deleted: false },
        })
    }

    /// Opens the file that it runs, by the kernel's own reference: right for deleted and replaced files
    /// and for other mount namespaces.
    ///
    /// # Errors
    /// As [`Process::executable`].
    pub fn open_executable(&self) -> Result<File, ProcessError> {
        self.open_file("exe", Subject::Executable)
    }

    /// Says why its memory may not be read, after reading it was refused: in the words for whose it is.
    pub fn memory_denied(&self) -> ProcessError {
        self.denied(Subject::Memory)
    }

    /// What is mapped where. Mappings made or undone while the kernel writes the list may be missing or
    /// there still; each line is right for some moment in between.
    ///
    /// # Errors
    /// As [`Process::executable`], and for lists beyond 64 MiB.
    pub fn maps(&self) -> Result<Vec<Mapping>, ProcessError> {
        let text = self.read("maps", Subject::MemoryMaps, MAPS_LIMIT_BYTES)?;
        if text.is_empty() {
            // What has no memory has an empty list: say which it is, if it is one of the usual reasons.
            self.require_program()?;
        }
        parse_maps(&text).map_err(|source| self.malformed(Subject::MemoryMaps, source))
    }

    /// The auxiliary vector as the kernel gave it to the program: it differs after every `exec`, which
    /// changes neither pid nor start time. Empty for a process that has no memory any more.
    ///
    /// # Errors
    /// As [`Process::executable`].
    pub fn auxiliary_vector(&self) -> Result<Vec<u8>, ProcessError> {
        self.read("auxv", Subject::Memory, SMALL_FILE_LIMIT_BYTES)
    }

    /// Opens a file by its path in the mount namespace of the process.
    ///
    /// # Errors
    /// When the process is gone, or there is no such file, or the system does not let us.
    pub fn open_mapped(&self, path: &Path) -> Result<File, ProcessError> {
        let within = path.strip_prefix("/").unwrap_or(path);
        self.open_file(&format!("root/{}", within.display()), Subject::MemoryMaps)
    }

    /// The name by which it was called: the first of its arguments. `None` where there is none (zombies,
    /// kernel threads, programs that overwrote it).
    ///
    /// # Errors
    /// When the process is gone or `/proc` does not let us.
    pub fn called_as(&self) -> Result<Option<OsString>, ProcessError> {
        let subject = Subject::CommandLine;
        let mut text = Vec::new();
        let file = self.open_file("cmdline", subject)?;
        // Command lines may be megabytes; a path is 4 KiB at most.
        file.take(4 << 10).read_to_end(&mut text).map_err(|error| self.explain_io(error, subject))?;
        let name = text.split(|&byte| byte == 0).next().unwrap_or_default();
        Ok((!name.is_empty()).then(|| OsString::from_vec(name.to_vec())))
    }

    /// Variables of its environment, by their names: see [`parse_environment`].
    ///
    /// # Errors
    /// As [`Process::executable`].
    pub fn environment<'n>(&self, names: &[&'n str]) -> Result<BTreeMap<&'n str, String>, ProcessError> {
        let text = self.read("environ", Subject::Environment, ENVIRONMENT_LIMIT_BYTES)?;
        Ok(parse_environment(&text, names))
    }

    /// Which file it runs, by device and inode: another one after exec.
    ///
    /// # Errors
    /// As [`Process::executable`].
    pub fn executable_file(&self) -> Result<(u64, u64), ProcessError> {
        let metadata = self.open_executable()?.metadata();
        let metadata = metadata.map_err(|error| self.explain_io(error, Subject::Executable))?;
        Ok((metadata.dev(), metadata.ino()))
    }

    /// Its control groups.
    ///
    /// # Errors
    /// When the process is gone or `/proc` does not let us.
    pub fn cgroups(&self) -> Result<Vec<Cgroup>, ProcessError> {
        let text = self.read("cgroup", Subject::ControlGroups, CGROUP_LIMIT_BYTES)?;
        Ok(parse_cgroups(&text))
    }

    /// Its namespaces. Needs the same right as [`Process::executable`].
    ///
    /// # Errors
    /// As [`Process::executable`].
    pub fn namespaces(&self) -> Result<Namespaces, ProcessError> {
        let identifier = |name: &str| {
            // Opening the link leads to the namespace itself, whose inode is its number.
            let file = self.open_file(&format!("ns/{name}"), Subject::Namespaces)?;
            let metadata = file.metadata().map_err(|error| self.explain_io(error, Subject::Namespaces))?;
            Ok(NamespaceId(metadata.ino()))
        };
        Ok(Namespaces { pid: identifier("pid")?, mount: identifier("mnt")?, user: identifier("user")? })
    }

    fn open_file(&self, name: &str, subject: Subject) -> Result<File, ProcessError> {
        self.directory.open_relative(name).map_err(|error| self.explain(error, subject))
    }

    fn read(&self, name: &str, subject: Subject, limit_bytes: usize) -> Result<Vec<u8>, ProcessError> {
        let mut bytes = Vec::new();
        let limit = u64::try_from(limit_bytes).unwrap_or(u64::MAX);
        self.open_file(name, subject)?
            .take(limit.saturating_add(1))
            .read_to_end(&mut bytes)
            .map_err(|error| self.explain_io(error, subject))?;
        if bytes.len() > limit_bytes {
            return Err(ProcessError::TooLong { pid: self.pid, subject, limit_bytes });
        }
        Ok(bytes)
    }
}
