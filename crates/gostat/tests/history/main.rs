//! What the agent remembers of real Go processes, as `gostat history` and the agent's API tell it.

#![forbid(unsafe_code)]
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test ends where something is not as it must be"
)]

mod remembering;
mod schema;
mod told;
mod endings;
mod killed;
mod full;
mod refusals;
