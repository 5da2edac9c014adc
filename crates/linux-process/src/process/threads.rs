//! What is read of the threads of a process.

use super::{Process, SMALL_FILE_LIMIT_BYTES};
use crate::cgroup::{CGROUP_LIMIT_BYTES, Cgroup, parse_cgroups};
use crate::error::{ProcessError, Subject};
use crate::stat::{Stat, parse_stat};
use crate::status::{Status, parse_status};
use crate::thread::{Thread, ThreadActivity, parse_schedstat, parse_thread_activity, parse_wait_channel};

/// The kernel allows 4 million pids; a process with more threads than this is not looked at whole.
const THREADS_MAX: usize = 1 << 20;

impl Process {
    /// Ids of its threads, ascending: cheaper than [`Process::threads`].
    ///
    /// # Errors
    /// When the process is gone or `/proc` does not let us.
    pub fn thread_ids(&self) -> Result<Vec<u32>, ProcessError> {
        let tasks = self.directory.tasks().map_err(|error| self.explain(error, Subject::Threads))?;
        let tasks = tasks.take(THREADS_MAX).map_while(Result::ok);
        let mut tids: Vec<u32> = tasks.filter_map(|task| u32::try_from(task.tid).ok()).collect();
        tids.sort_unstable();
        Ok(tids)
    }

    /// What `status` says of one of its threads: its ids in nested pid namespaces, most notably.
    ///
    /// # Errors
    /// When the thread is gone or `/proc` does not let us.
    pub fn thread_status(&self, tid: u32) -> Result<Status, ProcessError> {
        let text = self.thread_status_text(tid)?;
        parse_status(&text).map_err(|source| self.malformed(Subject::Threads, source))
    }

    pub(crate) fn thread_status_text(&self, tid: u32) -> Result<Vec<u8>, ProcessError> {
        self.read(&format!("task/{tid}/status"), Subject::Threads, SMALL_FILE_LIMIT_BYTES)
    }

    /// Name, state and start time of one of its threads. Allowed to everybody.
    ///
    /// # Errors
    /// When the thread is gone or `/proc` does not let us.
    pub fn thread_stat(&self, tid: u32) -> Result<Stat, ProcessError> {
        let text = self.read(&format!("task/{tid}/stat"), Subject::Threads, SMALL_FILE_LIMIT_BYTES)?;
        parse_stat(&text).map_err(|source| self.malformed(Subject::Threads, source))
    }

    /// Time that one of its threads has been on a processor, nanoseconds. `None` from kernels that do not keep it
    /// (`CONFIG_SCHED_INFO`); [`Stat::cpu_ticks`] is the same, coarser.
    pub fn thread_cpu_ns(&self, tid: u32) -> Option<u64> {
        let name = format!("task/{tid}/schedstat");
        parse_schedstat(&self.read(&name, Subject::Threads, SMALL_FILE_LIMIT_BYTES).ok()?)
    }

    /// Control groups of one of its threads: they may differ from those of the others.
    ///
    /// # Errors
    /// When the thread is gone or `/proc` does not let us.
    pub fn thread_cgroups(&self, tid: u32) -> Result<Vec<Cgroup>, ProcessError> {
        let text = self.read(&format!("task/{tid}/cgroup"), Subject::Threads, CGROUP_LIMIT_BYTES)?;
        Ok(parse_cgroups(&text))
    }

    /// Its threads, in the order of their ids. Threads that end meanwhile are left out.
    ///
    /// # Errors
    /// When the process is gone or `/proc` does not let us.
    pub fn threads(&self) -> Result<Vec<Thread>, ProcessError> {
        let mut threads = Vec::new();
        for tid in self.thread_ids()? {
            let Ok(stat) = self.thread_stat(tid) else { continue };
            let wait_channel = self
                .read(&format!("task/{tid}/wchan"), Subject::Threads, SMALL_FILE_LIMIT_BYTES)
                .ok()
                .and_then(|text| parse_wait_channel(&text));
            threads.push(Thread { tid, name: stat.name, state: stat.state, wait_channel });
        }
        Ok(threads)
    }

    /// Whether one of its threads runs, and if not, where it entered the kernel. Needs the right to trace
    /// the process, and a kernel with `CONFIG_HAVE_ARCH_TRACEHOOK` (amd64 and arm64 have it).
    ///
    /// # Errors
    /// When the thread is gone, or the system does not let us.
    pub fn thread_activity(&self, tid: u32) -> Result<ThreadActivity, ProcessError> {
        let subject = Subject::ThreadRegisters;
        let text = self.read(&format!("task/{tid}/syscall"), subject, SMALL_FILE_LIMIT_BYTES)?;
        parse_thread_activity(&text).map_err(|source| self.malformed(subject, source))
    }
}
