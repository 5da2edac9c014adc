//! An attached process, from which snapshots are taken.

use std::time::{Instant, SystemTime, UNIX_EPOCH};

use go_runtime::{Limits, Moment, Runtime};
use linux_process::{Process, ProcessTable};
use nix::time::{ClockId, clock_gettime};
use process_memory::{LiveMemory, ReadFailure};
use snapshot::{Snapshot, Target};

use crate::error::{AttachError, CaptureError};
use crate::image::{self, CodeMapping, NotGo};
use crate::running_threads::ProcessThreads;

/// What a snapshot should contain besides the states of all goroutines.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Options {
    /// Stacks.
    pub stacks: bool,
    /// Stacks of running goroutines, by sampling their threads. Takes up to some tens of milliseconds.
    pub running: bool,
    /// What goroutines wait on.
    pub wait_objects: bool,
    /// pprof labels.
    pub labels: bool,
}

impl Default for Options {
    fn default() -> Self {
        Options { stacks: true, running: true, wait_objects: true, labels: true }
    }
}

impl Options {
    /// States, wait reasons and the scheduler only: the cheapest snapshot.
    pub const COUNTS: Options = Options { stacks: false, running: false, wait_objects: false, labels: false };
}

/// A live Go process that has been understood.
pub struct Session {
    process: Process,
    memory: LiveMemory,
    runtime: Runtime,
    target: Target,
    code: Option<CodeMapping>,
    /// The auxiliary vector: it changes with every exec, which keeps pid and start time.
    image_mark: Vec<u8>,
    attach_us: u64,
}

impl Session {
    /// Attaches to the process with this pid. Takes some milliseconds; the target does not notice.
    ///
    /// # Errors
    /// [`AttachError`] says why not, with a hint.
    pub fn attach(pid: u32) -> Result<Self, AttachError> {
        Self::of(ProcessTable::default().open(pid)?)
    }

    /// Attaches to a process that has been found already.
    ///
    /// # Errors
    /// As [`Session::attach`].
    pub fn of(process: Process) -> Result<Self, AttachError> {
        Self::with_known_files(process, &mut NotGo::default())
    }

    pub(crate) fn with_known_files(process: Process, not_go: &mut NotGo) -> Result<Self, AttachError> {
        let began = Instant::now();
        let pid = process.pid();
        let image = image::find(&process, not_go)?;
        process.require_readable_memory()?;
        let image_mark = process.auxiliary_vector()?;
        let memory = LiveMemory::of(pid);
        let threads: Vec<u32> = process.threads()?.iter().map(|thread| thread.tid).collect();
        let code = image.code;
        let (architecture, stripped) = (image.executable.architecture(), image.executable.stripped());
        let runtime =
            Runtime::attach(image.executable, image.bias, &memory, Limits::default(), Some(&threads))
                .map_err(|cause| AttachError::runtime(pid, cause))?;
        let target = Target {
            pid,
            name: process.stat()?.name,
            executable: image.path,
            architecture,
            go_version: image.build_info.go_version,
            module: image.build_info.module.or(image.build_info.path),
            module_version: image.build_info.module_version,
            stripped,
            layout: runtime.program().layout_source().clone(),
        };
        let attach_us = u64::try_from(began.elapsed().as_micros()).unwrap_or(u64::MAX);
        Ok(Session { process, memory, runtime, target, code, image_mark, attach_us })
    }

    /// What is attached to.
    pub fn target(&self) -> &Target {
        &self.target
    }

    /// Where its code is mapped, for tools that disassemble.
    pub fn code_mapping(&self) -> Option<CodeMapping> {
        self.code
    }

    /// Takes a snapshot.
    ///
    /// # Errors
    /// When the process is gone, or runs another program by now. What can merely not be read is a gap in
    /// the snapshot.
    pub fn snapshot(&mut self, options: &Options) -> Result<Snapshot, CaptureError> {
        let pid = self.target.pid;
        let wanted = go_runtime::Options {
            stacks: options.stacks,
            wait_objects: options.wait_objects,
            labels: options.labels,
        };
        let threads = ProcessThreads { process: &self.process };
        let threads: Option<&dyn go_runtime::RunningThreads> =
            if options.running { Some(&threads) } else { None };
        let taken = self.runtime.snapshot(&self.memory, &self.target, &wanted, now(), threads);
        // Only now is it sure that all of it was of one program.
        let same = self.process.auxiliary_vector();
        match (taken, same) {
            (_, Err(_)) => Err(CaptureError::Exited { pid }),
            (_, Ok(mark)) if mark != self.image_mark => Err(if mark.is_empty() {
                CaptureError::Exited { pid }
            } else {
                CaptureError::Replaced { pid }
            }),
            (Ok(mut snapshot), _) => {
                snapshot.cost.attach_us = std::mem::take(&mut self.attach_us);
                Ok(snapshot)
            }
            (Err(cause), _) if cause.cause == ReadFailure::ProcessExited => Err(CaptureError::Exited { pid }),
            (Err(cause), _) => Err(CaptureError::Memory { pid, cause }),
        }
    }
}

/// Both clocks, now.
fn now() -> Moment {
    let unix = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let monotonic = clock_gettime(ClockId::CLOCK_MONOTONIC)
        .map_or(0, |time| time.tv_sec().saturating_mul(1_000_000_000).saturating_add(time.tv_nsec()));
    Moment { unix_ms: u64::try_from(unix.as_millis()).unwrap_or(u64::MAX), monotonic_ns: monotonic }
}
