//! Hand-built processes, whole, failing, hostile and changing, read as real ones are.
//!
//! What must hold is the same everywhere: nothing panics, everything ends within its budget, what is missing
//! is a gap, and what is shown is right.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

mod busy_process;
mod changes;
mod counters;
mod faults;
mod heap_damage;
mod heaps;
mod hostile_values;
mod reading;
mod sessions;
mod whole;
