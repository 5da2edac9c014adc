//! Verdicts, boundaries and pathologies of processes made by hand.

#![expect(clippy::unwrap_used, reason = "a test ends where something is not as it must be")]

mod findings;
mod judgements;
#[path = "../../../analysis/tests/process/mod.rs"]
mod process;
