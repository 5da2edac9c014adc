//! Delivery to real servers: a real Alertmanager, and servers over real sockets that are slow, down, or lie.

#![forbid(unsafe_code)]
#![expect(clippy::unwrap_used, clippy::panic, reason = "tests: what goes wrong should stop the test")]
#![expect(clippy::print_stderr, reason = "a skipped test must be seen")]

mod alertmanager;
mod drills;
mod restart;
mod server;
mod tls;
mod troubles;
mod wanted;
