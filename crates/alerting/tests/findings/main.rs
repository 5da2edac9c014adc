//! The life of findings: what is told, what is not, and what a restart changes.

#![forbid(unsafe_code)]
#![expect(clippy::unwrap_used, reason = "tests: what goes wrong should stop the test")]

mod agent;
mod bounds;
mod detected;
mod grouping;
mod life;
#[path = "../../../analysis/tests/process/mod.rs"]
mod process;
mod restart;
mod sequences;
mod silences;
