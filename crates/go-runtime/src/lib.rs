//! Walk a Go runtime's own structures in memory and make a snapshot of them.
//!
//! ```text
//! Executable + ProcessMemory
//!        │  Program::open      function tables, variables, layouts of this very build
//!        ▼
//!     Runtime::attach          wait-reason words, then a self-test that fails closed
//!        │  Runtime::snapshot
//!        ▼
//!  allgs ──> headers in bulk ──> [header][stack][header] ──> unwind ──> waits, labels ──> Snapshot
//! ```
//!
//! The target runs on while it is read. What makes the result trustworthy is the protocol of
//! `ARCHITECTURE.md`: a stack is accepted only if the goroutine's header was the same before and after,
//! `trackingSeq` included. Whatever is not accepted, not readable or out of bounds becomes a
//! [`snapshot::Gap`], never a zero or a guess.
//!
//! No knowledge of Go releases is in the code: field offsets come from `go_binary::layout`, words for wait
//! reasons from the target, and features are detected by the presence of fields.

#![forbid(unsafe_code)]

mod error;
mod limits;
mod fields;
mod layout_choice;
mod program;
mod gaps;
mod wait_reasons;
mod self_test;
mod goroutine_list;
mod header;
mod bulk;
mod symbols;
mod unwind;
mod cohorts;
mod known;
mod context;
mod machines;
mod bound_goroutines;
mod processors;
mod time_histograms;
mod scheduler;
mod allocation_caches;
mod memory_statistics;
mod running;
mod sweep;
mod stacks;
mod labels;
mod semaphores;
mod awaited;
mod waits;
mod sync_objects;
mod look;
mod records;
pub mod heap;
mod runtime;

pub use error::AttachError;
pub use limits::Limits;
pub use program::Program;
pub use running::{RunningThreads, ThreadRegisters};
pub use runtime::{Moment, Options, Runtime};
