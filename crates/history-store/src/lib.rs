//! What was seen of Go processes over time, kept and asked.
//!
//! An agent looks at many processes every few seconds. Each look becomes a [`Tick`]: how many goroutines did what
//! (stack, status, wait reason, labels), and the counters of scheduler, memory and control group. A [`Batch`] of ticks
//! is written whole or not at all; questions are answered meanwhile, also to other processes.
//!
//! ```text
//! Census ──Translator──> Tick ─┐
//!        marks, findings,      ├─ Batch ──write──> HistoryStore ──tidy──> hours, minutes, less
//!        processes, endings ───┘                        │
//!                    range · at · ticks · processes · marks · findings · sizes
//! ```
//!
//! - [`HistoryStore`] is the seam; [`SqliteStore`] the engine that needs no server. Its tests in `tests/behaviour` are
//!   told a store to test, and any other engine has to pass the same.
//! - **What is not known is not zero.** A slot without ticks is a gap; a tick that looked at statuses only says nothing of
//!   stacks; a measure that is missing has no value; least and most are given only where they are exact.
//! - **Ticks are ordered by when they were written**, not by what a clock said. A clock that is set back leaves a mark,
//!   and both times that it showed the same hour can be asked for.
//! - **Everything is bounded**: see [`Limits`] and [`Retention`].
//!
//! ```
//! use history_store::{Batch, History, HistoryStore, Limits, Measure, MeasureKind, ProcessKey, Selection};
//! use history_store::{SqliteStore, Tick};
//!
//! let directory = tempfile::tempdir()?;
//! let mut store = SqliteStore::open(&directory.path().join("history.db"), Limits::default())?;
//! let process = ProcessKey { boot_id: "b".to_owned(), pid: 7, start_ticks: 1, execs: 0 };
//! let heap = Measure { name: "heap_alloc_bytes".into(), kind: MeasureKind::Gauge, value: 4_096 };
//! let (counts, measures) = (Vec::new(), vec![heap]);
//! let tick = Tick { process, at_ms: 60_000, counts, measures, counts_only: false, unread: 0 };
//! store.write(&Batch { at_ms: 60_000, ticks: vec![tick], ..Batch::default() })?;
//!
//! let process = &store.processes(&Selection::All)?[0];
//! let state = store.at(process.id, 61_000)?.unwrap();
//! assert_eq!((state.tick.at_ms, state.measures[0].value), (60_000, 4_096));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! Deliberately absent: clocks (times come with ticks), threads, sources of ticks, how findings are found.

#![forbid(unsafe_code)]

mod process;
mod stack;
mod tick;
mod translate;
mod batch;
mod query;
mod retention;
mod limits;
mod error;
mod store;
mod block;
mod range;
mod sqlite;

pub use batch::{Batch, Finding, FindingState, Mark, MarkKind};
pub use block::DecodeError;
pub use error::HistoryError;
pub use limits::Limits;
pub use process::{Ending, EndingKind, Process, ProcessId, ProcessInfo, ProcessKey, Selection};
pub use query::{
    Group, Listed, Range, RangeQuery, Series, Slot, Span, State, Step, Subject, TickHeader, Value,
};
pub use retention::{Level, LevelSize, Retention, Sizes, Tidied};
pub use sqlite::{SqliteHistory, SqliteStore, move_aside};
pub use stack::{Frame, Labels, Stack};
pub use store::{History, HistoryStore};
pub use tick::{Count, Measure, MeasureKind, Place, Tick};
pub use translate::{GOROUTINES, RUNTIME_GOROUTINES, Translator};
