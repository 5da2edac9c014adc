//! Truth about leaks: who is called asleep for ever, compared with what is known of programs.
//!
//! Three sources of truth, none of which is ours: the runtime's own leak profile, taken of the same process after we
//! have looked (`go_programs`); what that profile says of the same places in a program by a newer release
//! (`older_releases`); and programs that were made to leak, or not to, goroutine by goroutine (`patterns`, `planted`,
//! `healthy`). Everything is looked at while it runs and, where that is permitted, while it stands still.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test ends where something is not as it must be"
)]
#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "how much was found is worth a look with --nocapture"
)]

mod go_programs;
mod healthy;
mod older_releases;
mod patterns;
mod planted;
mod search;
