//! What a Go process looked like at one moment: plain data, no I/O.
//!
//! A [`Snapshot`] is what every source (a live process now; core files, dumps and recordings later)
//! produces and what every analysis and output consumes. It knows nothing of where it came from.
//!
//! ```text
//! Snapshot
//! ├── target        which process, which Go release, how its layouts were found
//! ├── goroutines    one fixed-size record each; text and stacks are ids into `tables`
//! ├── wait_objects  what blocked goroutines wait on; a goroutine owns a range of these
//! ├── scheduler     Ps, Ms, run queues, counters
//! ├── memory        the runtime's counters of memory and garbage collections
//! ├── tables        strings, frames, stacks and label sets, each stored once
//! ├── cost          what taking it cost, and how much of it was torn
//! └── gaps          everything that could not be read; never a zero or a guess instead
//! ```
//!
//! Everything can be serialised, by the names of its fields, so that the `recording` crate can store what was seen
//! without a second set of types that could fall behind. A field that is added later must have a value for recordings
//! that lack it (`Option` has, others take `#[serde(default)]`). Ids are checked by whoever reads. Deliberately absent:
//! forms for people and tools (the `report` crate owns those), clocks, files.
//!
//! ```
//! use snapshot::{Frame, StackTrace, Tables};
//! let mut tables = Tables::default();
//! let function = tables.strings.intern_str("main.worker");
//! let file = tables.strings.intern_str("/src/main.go");
//! let frame = tables.frames.intern(Frame { function, file, line: 7, inlined: false, ..Frame::default() });
//! let stack = tables.stacks.intern(StackTrace { frames: Box::new([frame]), complete: true });
//! assert_eq!(tables.stacks.get(stack).unwrap().frames.len(), 1);
//! ```

#![forbid(unsafe_code)]

mod address;
mod intern;
mod stored;
mod stack;
mod visibility;
mod goroutine;
mod wait_object;
mod references;
mod leak_findings;
mod scheduler;
mod memory_statistics;
mod target;
mod gap;
mod census;
mod printable;

use serde::{Deserialize, Serialize};

pub use address::Address;
pub use census::{Census, Cohort, Individual};
pub use gap::{Gap, GapCause, GapSubject};
pub use goroutine::{Goroutine, GoroutineId, StackState, Status, WaitingSince};
pub use intern::{Id, Interner, Strings};
pub use leak_findings::{Asleep, CallSite, GroupFacts, LeakFindings};
pub use memory_statistics::MemoryStatistics;
pub use printable::Printable;
pub use references::{Holder, LockPosition, ObjectReferences, References, ReferredBy};
pub use scheduler::{Machine, Processor, ProcessorStatus, Scheduler, Thread};
pub use stack::{Frame, FrameId, FunctionRole, LabelSet, LabelSetId, StackId, StackTrace, StringId, Tables};
pub use target::{Architecture, LayoutSource, Target};
pub use wait_object::{Channel, WaitDirection, WaitObject, WaitObjectKind};

/// One Go process at one moment.
///
/// The goroutines' stacks are from slightly different instants (the target runs while it is read), each
/// of them checked against tearing: see `ARCHITECTURE.md`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Snapshot {
    /// The process that was read.
    pub target: Target,
    /// Wall-clock time at which reading began, in milliseconds since the Unix epoch.
    pub taken_at_unix_ms: u64,
    /// The same moment by the monotonic clock (`CLOCK_MONOTONIC`), nanoseconds: what durations between
    /// snapshots are taken from, since the wall clock can be set.
    pub taken_at_monotonic_ns: u64,
    /// Every live goroutine, in the order of the runtime's own list (`allgs`); where only the scheduler was asked
    /// for, those that an M runs or that are locked to one.
    pub goroutines: Vec<Goroutine>,
    /// Backing store of [`Goroutine::waiting_on`].
    pub wait_objects: Vec<WaitObject>,
    /// Ps, Ms and queues; `None` where they could not be read (then there is a gap that says why).
    pub scheduler: Option<Scheduler>,
    /// Memory and garbage collections; `None` where they were not asked for, or could not be found.
    pub memory: Option<MemoryStatistics>,
    /// Strings, frames, stacks and label sets that the records point into.
    pub tables: Tables,
    /// What taking this snapshot cost, and how much was torn.
    pub cost: Cost,
    /// What could not be read.
    pub gaps: Vec<Gap>,
}

impl Snapshot {
    /// What a goroutine waits on; empty for one that waits on nothing we can name.
    pub fn waiting_on(&self, goroutine: &Goroutine) -> &[WaitObject] {
        let (start, len) = goroutine.waiting_on;
        let start = start as usize;
        self.wait_objects.get(start..start + len as usize).unwrap_or_default()
    }

    /// The frames of a goroutine, innermost first; empty where its stack could not be taken.
    pub fn frames(&self, goroutine: &Goroutine) -> impl Iterator<Item = &Frame> {
        self.tables.frames_of(goroutine.stack)
    }

    /// The words of the runtime for why a goroutine is parked, if it is.
    pub fn wait_reason(&self, goroutine: &Goroutine) -> Option<&str> {
        goroutine.wait_reason.map(|id| self.tables.text(id))
    }

    /// pprof labels of a goroutine as (key, value), in the order in which the runtime holds them.
    pub fn labels(&self, goroutine: &Goroutine) -> impl Iterator<Item = (&str, &str)> {
        let set = self.tables.label_sets.get(goroutine.labels);
        set.into_iter()
            .flat_map(|set| set.0.iter())
            .map(|&(key, value)| (self.tables.text(key), self.tables.text(value)))
    }
}

/// What taking a snapshot cost, and how trustworthy the moment was.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cost {
    /// Finding the runtime in the process, microseconds; 0 when a session was already attached.
    pub attach_us: u64,
    /// Reading and checking all goroutine headers, microseconds.
    pub headers_us: u64,
    /// Reading, checking and unwinding stacks, microseconds.
    pub stacks_us: u64,
    /// The whole snapshot without `attach_us`, microseconds.
    pub total_us: u64,
    /// Bytes copied out of the target.
    pub bytes_read: u64,
    /// System calls made to copy them.
    pub read_calls: u64,
    /// Stacks read (accepted or not).
    pub stacks_read: u64,
    /// Reads that were rejected because the goroutine moved meanwhile and that were tried again.
    pub retried: u64,
    /// Goroutines whose stack was given up on after the last retry (each is also a gap).
    pub torn: u64,
    /// Goroutines whose stack was known from an earlier look and was not read again.
    pub known: u64,
    /// Stacks that a re-check found changed although nothing in the goroutine's header had: what
    /// [`Cost::known`] ones were wrong in, until then.
    pub stale: u64,
}
