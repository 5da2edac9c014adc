//! An attached process, from which snapshots are taken.

use std::time::{Instant, SystemTime, UNIX_EPOCH};

use go_runtime::{Limits, Moment, Runtime};
use linux_process::{Process, ProcessError, ProcessTable};
use process_memory::{LiveMemory, ProcessMemory, ReadError, ReadFailure};
use snapshot::{Address, Census, Individual, Snapshot, Target};

use crate::build::ProgramBuild;
use crate::error::{AttachError, CaptureError};
use crate::image::{self, CodeMapping, NotGo};
use crate::image_mark::ImageMark;
use crate::machine_threads;
use crate::options::Options;
use crate::pace::monotonic_ns;
use crate::running_threads::ProcessThreads;
use crate::thread_ids::ThreadIds;

/// How often a process is looked at before it is said that its runtime looks strange.
const ATTEMPTS: usize = 3;

/// A live Go process that has been understood.
pub struct Session {
    process: Process,
    memory: LiveMemory,
    runtime: Runtime,
    target: Target,
    code: Option<CodeMapping>,
    image_mark: ImageMark,
    attach_us: u64,
}

/// What [`Session`] knows besides which process it is of.
type Understood = (LiveMemory, Runtime, Target, Option<CodeMapping>);

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
        // Before anything else is read: what is read after it may be of another program already.
        let image_mark = ImageMark::of(&process);
        let mut threads = process.thread_ids().unwrap_or_default();
        let mut understood = Self::understand(&process, not_go);
        for attempt in 1.. {
            let Err(AttachError::Runtime { .. }) = &understood else { break };
            if what_became_since(&image_mark, &process).is_some() {
                break;
            }
            // After the last attempt, too: a runtime that loses its threads looks strange, but is not unknown.
            if is_losing_threads(&process, &mut threads) {
                return Err(AttachError::Ending { pid: process.pid() });
            }
            if attempt >= ATTEMPTS {
                break;
            }
            understood = Self::understand(&process, not_go);
        }
        match understood {
            Ok((memory, runtime, target, code)) => {
                let image_mark = image_mark?;
                let attach_us = u64::try_from(began.elapsed().as_micros()).unwrap_or(u64::MAX);
                Ok(Session { process, memory, runtime, target, code, image_mark, attach_us })
            }
            Err(error) if error.is_not_go() => Err(error),
            Err(error) => Err(match what_became_since(&image_mark, &process) {
                Some(CaptureError::Replaced { pid }) => AttachError::Replaced { pid },
                Some(CaptureError::Ending { pid }) => AttachError::Ending { pid },
                // Its memory cannot be read, but there is something left of it.
                _ if matches!(error, AttachError::Exited { .. }) && process.is_alive() => {
                    AttachError::Ending { pid: process.pid() }
                }
                _ => error,
            }),
        }
    }

    /// Everything about a process that stays as long as it runs this program.
    fn understand(process: &Process, not_go: &mut NotGo) -> Result<Understood, AttachError> {
        let pid = process.pid();
        let image = image::find(process, not_go)?;
        let memory = LiveMemory::of(pid);
        read_one_byte(process, &memory, image.first)?;
        let code = image.code;
        let (architecture, stripped) = (image.executable.architecture(), image.executable.stripped());
        let threads = || ThreadIds::of(process).own().to_vec();
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
        Ok((memory, runtime, target, code))
    }

    /// Which build of the program it is.
    pub fn build(&self) -> ProgramBuild {
        ProgramBuild::of(self.runtime.program().build_info())
    }

    /// Lets up to so many threads of ours read side by side (one, if this is never called). They are started
    /// only where there are tens of thousands of goroutines.
    pub fn set_workers(&mut self, workers: usize) {
        self.runtime.set_workers(workers);
    }

    /// Forgets what earlier looks found, and the memory that it takes: the next one reads everything.
    pub fn forget(&mut self) {
        self.runtime.forget();
    }

    /// Never copies more of the target's heap than so many bytes: [`Session::find_leaks`] refuses larger ones.
    pub fn set_heap_bytes_max(&mut self, bytes: u64) {
        self.runtime.set_heap_bytes_max(bytes);
    }

    /// What is attached to.
    pub fn target(&self) -> &Target {
        &self.target
    }

    /// When the process started, clock ticks since boot; `None` if it is gone.
    pub fn start_ticks(&self) -> Option<u64> {
        Some(self.process.identity().ok()?.start_ticks)
    }

    /// Where its code is mapped, for tools that disassemble.
    pub fn code_mapping(&self) -> Option<CodeMapping> {
        self.code
    }

    /// Counts the goroutines by what they do. In a session this is what to do at every tick: stacks of
    /// goroutines that have not moved are not read again.
    ///
    /// # Errors
    /// When the process is gone, or runs another program by now. What can merely not be read is a gap.
    pub fn census(&mut self, options: &Options) -> Result<Census<'_>, CaptureError> {
        let ids = ThreadIds::of(&self.process);
        let threads = ProcessThreads { process: &self.process, ids: &ids };
        let (wanted, threads) = options.of_runtime(&threads);
        let taken = self.runtime.census(&self.memory, &self.target, &wanted, now(), threads);
        let mut census = Self::checked(&self.process, &self.image_mark, taken)?;
        census.scheduler.iter_mut().for_each(|scheduler| ids.translate_scheduler(scheduler));
        census.cost.attach_us = std::mem::take(&mut self.attach_us);
        Ok(census)
    }

    /// A census with every single goroutine, in the order of the runtime's list: for whoever shows all of them at
    /// every tick.
    ///
    /// # Errors
    /// As [`Session::census`].
    pub fn roll(&mut self, options: &Options) -> Result<(Census<'_>, Vec<Individual>), CaptureError> {
        let ids = ThreadIds::of(&self.process);
        let threads = ProcessThreads { process: &self.process, ids: &ids };
        let (wanted, threads) = options.of_runtime(&threads);
        let taken = self.runtime.roll(&self.memory, &self.target, &wanted, now(), threads);
        let (mut census, individuals) = Self::checked(&self.process, &self.image_mark, taken)?;
        census.scheduler.iter_mut().for_each(|scheduler| ids.translate_scheduler(scheduler));
        census.cost.attach_us = std::mem::take(&mut self.attach_us);
        Ok((census, individuals))
    }

    /// Takes a snapshot: every single goroutine.
    ///
    /// # Errors
    /// As [`Session::census`].
    pub fn snapshot(&mut self, options: &Options) -> Result<Snapshot, CaptureError> {
        let ids = ThreadIds::of(&self.process);
        let threads = ProcessThreads { process: &self.process, ids: &ids };
        let (wanted, threads) = options.of_runtime(&threads);
        let taken = self.runtime.snapshot(&self.memory, &self.target, &wanted, now(), threads);
        let mut snapshot = Self::checked(&self.process, &self.image_mark, taken)?;
        ids.translate(&mut snapshot);
        if options.threads {
            machine_threads::add(&self.process, &mut snapshot);
        }
        snapshot.cost.attach_us = std::mem::take(&mut self.attach_us);
        Ok(snapshot)
    }

    /// The runtime.
    pub(crate) fn runtime(&self) -> &Runtime {
        &self.runtime
    }

    /// The target's memory.
    pub(crate) fn memory(&self) -> &LiveMemory {
        &self.memory
    }

    /// The process.
    pub(crate) fn process(&self) -> &Process {
        &self.process
    }

    /// `None` as long as it is the program that was attached to.
    pub(crate) fn what_became(&self) -> Option<CaptureError> {
        self.image_mark.what_became(&self.process)
    }

    /// Only when something has been read is it sure that all of it was of one program.
    fn checked<T>(
        process: &Process,
        image_mark: &ImageMark,
        taken: Result<T, ReadError>,
    ) -> Result<T, CaptureError> {
        let pid = process.pid();
        match (taken, image_mark.what_became(process)) {
            (_, Some(end)) => Err(end),
            (Ok(taken), None) => Ok(taken),
            (Err(cause), None) if cause.cause == ReadFailure::ProcessExited => {
                Err(CaptureError::Exited { pid })
            }
            (Err(cause), None) => Err(CaptureError::Memory { pid, cause }),
        }
    }
}

/// Checks that we may read the memory of a process, whatever it is, by reading one byte of it.
///
/// # Errors
/// [`ProcessError::PermissionDenied`] if not, or why it cannot be asked.
pub fn require_readable(process: &Process) -> Result<(), ProcessError> {
    match process.maps()?.iter().find(|mapping| mapping.permissions.read) {
        Some(mapping) => read_one_byte(process, &LiveMemory::of(process.pid()), mapping.start),
        None => {
            Err(process.require_program().err().unwrap_or(ProcessError::NoSuchProcess { pid: process.pid() }))
        }
    }
}

/// The system's answer to an actual read is the only one that counts.
fn read_one_byte(process: &Process, memory: &LiveMemory, at: Address) -> Result<(), ProcessError> {
    match memory.read(at, &mut [0]) {
        Err(error) if error.cause == ReadFailure::PermissionDenied => Err(process.memory_denied()),
        _ => Ok(()),
    }
}

/// What became of a process since its mark was taken. One that had none just then, as while it executes another program,
/// runs that one by now if it has a mark.
fn what_became_since(mark: &Result<ImageMark, ProcessError>, process: &Process) -> Option<CaptureError> {
    match mark {
        Ok(mark) => mark.what_became(process),
        Err(_) => ImageMark::of(process).is_ok().then_some(CaptureError::Replaced { pid: process.pid() }),
    }
}

/// Whether the threads of a process are ending, as they do before exec and exit, while its memory is still the old
/// one. `before` has its threads as they were when this was last asked.
fn is_losing_threads(process: &Process, before: &mut Vec<u32>) -> bool {
    let now = process.thread_ids().unwrap_or_default();
    let lost = before.iter().any(|tid| now.binary_search(tid).is_err());
    // Every Go program has had a second thread from its start on, which watches the others (`runtime.sysmon`).
    let ending = lost || now.len() <= 1 || process.stat().is_ok_and(|stat| stat.state.has_exited());
    *before = now;
    ending
}

/// Both clocks, now.
fn now() -> Moment {
    let unix = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let monotonic_ns = i64::try_from(monotonic_ns()).unwrap_or(i64::MAX);
    Moment { unix_ms: u64::try_from(unix.as_millis()).unwrap_or(u64::MAX), monotonic_ns }
}
