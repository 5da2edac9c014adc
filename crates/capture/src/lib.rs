//! Open a target, whatever it is, and take snapshots of it.
//!
//! The one place where sources are joined: processes from `linux-process`, bytes from `process-memory`,
//! executables from `go-binary`, the walk from `go-runtime`, moments of earlier from `recording`.
//!
//! ```text
//! pid ──> Process ──> image::find ──> Executable + Bias ──┐
//!             │                                           ├──> Runtime ──> Session::snapshot
//!             └─────> LiveMemory ─────────────────────────┘
//! ```
//!
//! A [`Source`] is such a session, or a [`Replay`] of what was recorded of one: the same questions, the same answers.
//! [`Pace`] says when to take the next one.
//!
//! Nothing is written to the target, and nothing stops it but [`Session::freeze`], which is for users who ask for that.
//!
//! ```no_run
//! let mut session = capture::Session::attach(4242)?;
//! let snapshot = session.snapshot(&capture::Options::default())?;
//! println!("{} goroutines", snapshot.goroutines.len());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

#![forbid(unsafe_code)]

mod error;
mod file_source;
mod image;
mod image_mark;
mod build;
mod options;
mod pace;
mod running_threads;
mod thread_ids;
mod machine_threads;
mod session;
mod standstill;
mod heap_copy;
mod leaks;
mod blocking;
mod replay;
mod source;
mod survey;

pub use blocking::Blocked;
pub use build::ProgramBuild;
pub use error::{AttachError, CaptureError};
pub use image::CodeMapping;
pub use leaks::LeakSearch;
pub use options::Options;
pub use pace::{IntervalTooShort, Pace, PaceTick, monotonic_ns};
pub use process_memory::give_back_freed;
pub use replay::{Replay, ReplayError};
pub use session::{Session, require_readable};
pub use snapshot::{Asleep, GroupFacts, LeakFindings};
pub use source::Source;
pub use standstill::Standstill;
pub use survey::{GoProcess, Survey};
