//! The agent against real Go processes: they come, go, execute others, stand still, and are switched off.

#![forbid(unsafe_code)]
#![expect(clippy::unwrap_used, reason = "a test ends where something is not as it must be")]

mod crowds;
mod hardships;
mod heard;
mod targets;
