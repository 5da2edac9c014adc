//! What is shipped with the metrics: the page about them, rules for Prometheus, dashboards for Grafana.
//!
//! All of it names metrics, and promtool, the real one, judges the rest. It is not there where `scripts/bootstrap test`
//! has not unpacked it; then these tests say so.

#![forbid(unsafe_code)]
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "for tests only: what goes wrong should stop the test"
)]
#![expect(clippy::print_stderr, reason = "a skipped test must be seen")]

mod dashboards;
mod expressions;
mod page;
mod promtool;
mod rules;
mod samples;

use std::path::PathBuf;

/// A file of this repository.
fn repository(path: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../..").join(path)
}

fn read(path: &str) -> String {
    std::fs::read_to_string(repository(path)).unwrap_or_else(|cause| panic!("{path}: {cause}"))
}
