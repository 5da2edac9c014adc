//! Build and run the real Go programs that the tests look at.
//!
//! The programs are in `test-programs/`, each named by the state that it shows. A [`Build`] is one of them
//! with one Go release, one [`Variant`] of building, for one architecture; it is built once and kept under
//! `${GOSTAT_CACHE:-~/.cache/gostat}/programs`, by the hash of what it is made of. [`Running`] is one
//! process of it, which has said that all its goroutines are where they shall be, and which answers
//! questions about itself:
//!
//! ```text
//! matrix() ─> Build ─ build() ─> Built ─ Running::start() ─> Running ─ ask("stack") ─> what Go itself says
//!                                                               └──── pid() ─────────> what gostat sees
//! ```
//!
//! ```no_run
//! use target_programs::{Build, GoRelease, Program, Running, Variant};
//! let build = Build::amd64(Program::States, GoRelease::new(23, 12), Variant::Stripped);
//! if let Some(built) = build.build_or_skip()? {
//!     let mut states = Running::start(&built, &[])?;
//!     assert!(states.ask_text("stack")?.contains("main.chanReceive"));
//! }
//! # Ok::<(), target_programs::TargetError>(())
//! ```
//!
//! Of some programs it is known what leaks, for verdicts to be compared with. [`leak_programs`] are Go's own, made from
//! a toolchain's sources: [`Running::leaked`] is what the runtime says where it can, [`LeakProgram::expected`] what it
//! said elsewhere. In [`Program::Leaks`] the functions' names say it, [`Program::Planted`] counts, and of
//! [`Program::Healthy`] nothing leaks:
//!
//! ```no_run
//! use target_programs::{GoRelease, Variant, leak_programs};
//! for program in leak_programs(GoRelease::new(27, 4))? {
//!     let mut running = program.start(Variant::Stripped)?;
//!     let ours = running.pid(); // look at it now: the profile leaves marks
//!     let theirs = running.leaked()?;
//! }
//! # Ok::<(), target_programs::TargetError>(())
//! ```
//!
//! Deliberately absent: reading what the programs say (that is `goroutine-dump` and `pprof-profile`) and
//! comparing it.

#![forbid(unsafe_code)]

mod build;
mod build_cache;
mod derived;
mod error;
mod error_output;
mod leak_programs;
mod matrix;
mod prerequisite;
mod program;
mod release;
mod running;
mod variant;
mod verdicts;

pub use build::{Build, Built};
pub use error::TargetError;
pub use error_output::ErrorOutput;
pub use leak_programs::{LEAKS_THAT_GO_MISSES, LeakProgram, LeakSet, LeakSites, leak_programs};
pub use matrix::{NEWEST, leak_releases, matrix, matrix_of, releases};
pub use prerequisite::Prerequisite;
pub use program::Program;
pub use release::GoRelease;
pub use running::Running;
pub use variant::Variant;
