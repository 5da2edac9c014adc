//! A recording as a source: moments that were taken earlier, shown as if they were taken now.

use std::fs::File;
use std::io::Read;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::time::Duration;

use recording::{Damage, Moment, MomentInfo, OpenError, ReadError, Recording};
use rustc_hash::FxHashSet;
use snapshot::{GapSubject, GoroutineId, LabelSetId, Snapshot, StackId, StackState};

use crate::options::Options;

/// Why a recording cannot be played.
#[derive(Debug, thiserror::Error)]
pub enum ReplayError {
    /// It cannot be opened.
    #[error("{}: {cause}", path.display())]
    Open {
        /// The file.
        path: PathBuf,
        /// Why not.
        cause: OpenError,
    },
    /// A moment cannot be read.
    #[error("{}: {cause}", path.display())]
    Moment {
        /// The file.
        path: PathBuf,
        /// Why not.
        cause: ReadError,
    },
    /// There is no moment in it.
    #[error("{} has no moment that can be read", path.display())]
    Empty {
        /// The file.
        path: PathBuf,
    },
    /// It was recorded without what the heap says.
    #[error("moment {number} of {} was recorded without the heap", path.display())]
    NoHeap {
        /// The file.
        path: PathBuf,
        /// The moment, from 1.
        number: usize,
    },
}

impl ReplayError {
    /// What the user can do about it, if anything.
    pub fn hint(&self) -> Option<&'static str> {
        match self {
            ReplayError::Open { cause, .. } => cause.hint(),
            ReplayError::Moment { cause: ReadError::Undecodable { .. }, .. } => {
                Some("it may have been made by a newer gostat; other moments may be readable: --at")
            }
            ReplayError::Moment { .. } => Some("other moments may be readable: --at"),
            ReplayError::Empty { .. } => Some("was the recorder stopped before it had taken the first one?"),
            ReplayError::NoHeap { .. } => {
                Some("gostat record --heap also records what leaks, why and graph need")
            }
        }
    }
}

/// An open recording, and where we are in it.
#[derive(Debug)]
pub struct Replay {
    path: PathBuf,
    recording: Recording<File>,
    /// Indexes of the moments that are yet to be played.
    left: Range<usize>,
    index: usize,
    /// The moment that is shown now.
    current: Moment,
    /// As much of it as was asked for last.
    shown: Option<Snapshot>,
}

impl Replay {
    /// Whether a file begins as recordings do. Only of regular files: others may have nothing to read for ever.
    pub fn is_recording(path: &Path) -> bool {
        let mut first = [0; recording::MAGIC.len()];
        let is_file = path.metadata().is_ok_and(|metadata| metadata.is_file());
        let mut read = || File::open(path)?.read_exact(&mut first);
        is_file && read().is_ok() && first == recording::MAGIC
    }

    /// Opens a recording at its last moment.
    ///
    /// # Errors
    /// When it cannot be read, or has no moment.
    pub fn open(path: &Path) -> Result<Replay, ReplayError> {
        let failed = |cause| ReplayError::Open { path: path.to_owned(), cause };
        let file = File::open(path).map_err(|error| failed(error.into()))?;
        let mut recording = Recording::open(file).map_err(failed)?;
        let count = recording.moments().len();
        let index = count.checked_sub(1).ok_or_else(|| ReplayError::Empty { path: path.to_owned() })?;
        let current = read(path, &mut recording, index)?;
        Ok(Replay { path: path.to_owned(), recording, left: 0..count, index, current, shown: None })
    }

    /// All moments.
    pub fn moments(&self) -> &[MomentInfo] {
        self.recording.moments()
    }

    /// Where the recording ends too early, if it does.
    pub fn damage(&self) -> Option<&Damage> {
        self.recording.damage()
    }

    /// Index of the moment that is shown.
    pub fn index(&self) -> usize {
        self.index
    }

    /// Shows one moment, and no other.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn choose(&mut self, index: usize) -> Result<(), ReplayError> {
        self.left = index..index.saturating_add(1);
        self.show(index)
    }

    /// Begins to play with the first moment that is no longer than `lasts` before the one that is shown, up to that one.
    pub fn play_before(&mut self, lasts: Duration) {
        let earlier = self.moments().get(..=self.index).unwrap_or_default();
        let end_ns = earlier.last().map_or(0, |last| last.taken_at_monotonic_ns);
        let begin_ns = end_ns.saturating_sub(u64::try_from(lasts.as_nanos()).unwrap_or(u64::MAX));
        let first = earlier.iter().position(|moment| moment.taken_at_monotonic_ns >= begin_ns);
        self.left = first.unwrap_or(self.index)..self.index.saturating_add(1);
    }

    /// Shows the next moment; `false` if there is none.
    pub(crate) fn advance(&mut self) -> Result<bool, ReplayError> {
        self.left.next().map_or(Ok(false), |index| self.show(index).map(|()| true))
    }

    /// The time of the next moment, nanoseconds of the monotonic clock.
    pub(crate) fn next_ns(&self) -> Option<u64> {
        Some(self.moments().get(self.left.clone().next()?)?.taken_at_monotonic_ns)
    }

    /// Whether the moment that is shown was recorded with what the heap says.
    pub fn has_heap(&self) -> bool {
        self.current.heap.is_some()
    }

    /// The moment that is shown.
    pub(crate) fn current(&self) -> &Moment {
        &self.current
    }

    pub(crate) fn heap(&self) -> Result<&recording::Heap, ReplayError> {
        let missing = || ReplayError::NoHeap { path: self.path.clone(), number: self.index + 1 };
        self.current.heap.as_ref().ok_or_else(missing)
    }

    /// As much of the moment as a live process would have been asked for.
    pub(crate) fn shown(&mut self, options: &Options) -> &Snapshot {
        self.shown.insert(reduced(&self.current.snapshot, options))
    }

    fn show(&mut self, index: usize) -> Result<(), ReplayError> {
        if self.index != index {
            self.current = read(&self.path, &mut self.recording, index)?;
            self.index = index;
        }
        Ok(())
    }
}

fn read(path: &Path, recording: &mut Recording<File>, index: usize) -> Result<Moment, ReplayError> {
    recording.moment(index).map_err(|cause| ReplayError::Moment { path: path.to_owned(), cause })
}

/// A snapshot without what was not asked for.
fn reduced(whole: &Snapshot, options: &Options) -> Snapshot {
    let Options { every_goroutine, stacks, running: _, wait_objects, labels, threads, memory } = *options;
    let mut snapshot = whole.clone();
    if !every_goroutine {
        let machines = whole.scheduler.iter().flat_map(|scheduler| &scheduler.machines);
        let of_machines = machines.flat_map(|m| m.goroutine.into_iter().chain(m.locked_goroutine));
        let of_machines: FxHashSet<GoroutineId> = of_machines.collect();
        snapshot.goroutines.retain(|goroutine| of_machines.contains(&goroutine.id));
    }
    for goroutine in &mut snapshot.goroutines {
        if !stacks {
            (goroutine.stack, goroutine.stack_state) = (StackId::default(), StackState::NotTaken);
        }
        if !wait_objects {
            goroutine.waiting_on = (0, 0);
        }
        if !labels {
            goroutine.labels = LabelSetId::default();
        }
    }
    if !threads {
        let machines = snapshot.scheduler.iter_mut().flat_map(|scheduler| &mut scheduler.machines);
        machines.for_each(|machine| machine.thread = None);
    }
    snapshot.memory = snapshot.memory.filter(|_| memory);
    snapshot.gaps.retain(|gap| match gap.subject {
        GapSubject::GoroutineList => every_goroutine,
        GapSubject::Stack | GapSubject::OuterFrames | GapSubject::Symbols => stacks,
        GapSubject::Labels => labels,
        GapSubject::WaitObject | GapSubject::SemaphoreTable => wait_objects,
        GapSubject::MemoryStatistics => memory,
        GapSubject::Goroutine
        | GapSubject::WaitReason
        | GapSubject::Machines
        | GapSubject::Processors
        | GapSubject::Scheduler => true,
    });
    snapshot
}
