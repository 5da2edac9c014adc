//! `gostat agent` as a user runs it: a process of its own, watching real Go programs.

#![forbid(unsafe_code)]
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test ends where something is not as it must be"
)]

mod alerts;
mod contract;
mod held_up;
mod life;
mod marks;
mod page;
mod past_findings;
mod profiles;
mod requests;
mod running_agent;
mod stream;
mod tls;
mod webhook;
