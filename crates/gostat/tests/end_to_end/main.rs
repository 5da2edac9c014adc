//! What gostat sees of real Go programs, compared with what these say of themselves.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test ends where something is not as it must be"
)]
#![expect(clippy::print_stderr, reason = "a skipped test must be seen")]

mod blocked;
mod churn;
mod debian_programs;
mod diff;
mod gostat;
mod json;
mod latencies;
mod leaks;
mod meanings;
mod memory;
mod moving;
mod pprof;
mod rates;
mod recording;
mod sched;
mod schedtrace;
mod text;
mod traceback;
