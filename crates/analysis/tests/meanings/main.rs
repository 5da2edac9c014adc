//! What goroutines are doing, for whom, and what a rule file may say about it.

#![expect(clippy::unwrap_used, reason = "a test ends where something is not as it must be")]

mod from_dump;
mod libraries;
#[path = "../process/mod.rs"]
mod process;
mod rule_files;
mod similar_groups;
