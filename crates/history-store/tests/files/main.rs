//! The file of the embedded engine: damaged, foreign, too new, too old, written by two, written by one that is killed, full.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test fails by panicking, and its numbers are small"
)]

#[path = "../small_file_system/mod.rs"]
mod small_file_system;
mod damage;
mod writers;
mod killed;
mod full;
mod older;
mod refused;

use std::path::Path;

use history_store::{Batch, Limits, Measure, MeasureKind, ProcessKey, SqliteStore, Tick};

const START_MS: u64 = 1_000 * 3_600_000;
const MINUTE_MS: u64 = 60_000;

fn open(path: &Path) -> SqliteStore {
    SqliteStore::open(path, Limits::default()).unwrap()
}

/// A batch with one tick of each of some processes, a minute after the one before. Each says its number.
fn batch(number: u64, processes: u32) -> Batch {
    let at_ms = START_MS + number * MINUTE_MS;
    let tick = |pid| Tick {
        process: ProcessKey { boot_id: "boot".to_owned(), pid, start_ticks: 1, execs: 0 },
        at_ms,
        counts: Vec::new(),
        measures: vec![Measure { name: "number".into(), kind: MeasureKind::Gauge, value: number as i64 }],
        counts_only: false,
        unread: 0,
    };
    Batch { at_ms, ticks: (1..=processes).map(tick).collect(), ..Batch::default() }
}
