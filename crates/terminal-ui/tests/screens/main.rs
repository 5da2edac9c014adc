//! What the screen shows: the state machine and the drawing, without threads and without a terminal.

#![forbid(unsafe_code)]
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod service;
mod driver;
mod pictures;
mod keys;
mod behaviour;
