//! The agent against real Go processes: they come, go, execute others, stand still, and are switched off.

mod crowds;
mod heard;
mod targets;
