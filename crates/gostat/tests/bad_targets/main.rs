//! Targets that cannot be dumped get one line of cause, one line of hint and exit status 2; targets that are
//! merely odd are dumped all the same.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test ends where something is not as it must be"
)]
#![expect(clippy::print_stderr, reason = "a skipped test must be seen")]

mod endings;
mod files;
mod gostat;
mod namespaces;
mod no_target;
mod other_compilers;
mod permissions;
mod secret;
mod targets;
mod unknown_releases;
