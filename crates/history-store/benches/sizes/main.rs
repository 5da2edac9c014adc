//! What history costs: bytes of a week, processor time of questions and of writing, and what rows of changes would take.
//!
//! `cargo bench -p history-store --bench sizes` prints a few lines; `ARCHITECTURE.md` quotes them.

#![forbid(unsafe_code)]
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a benchmark that cannot run should say so")]
#![allow(clippy::print_stdout, reason = "its output is what it prints")]
#![allow(clippy::cast_possible_truncation, reason = "the numbers are small")]
#![allow(missing_docs, reason = "a program")]

mod change_rows;
#[path = "../../tests/load/mod.rs"]
mod load;

use std::time::Duration;

use history_store::{
    Batch, History, HistoryStore, Limits, ProcessId, RangeQuery, Retention, Selection, Span, SqliteStore,
    Step, Subject,
};
use load::{Load, TICK_MS};

const DAY_MS: u64 = 86_400_000;
const START_MS: u64 = 1_700_000_000_000 / DAY_MS * DAY_MS;
const BATCH_TARGETS: u32 = 100;
const BATCHES: u64 = 120;

fn main() {
    let directory = tempfile::tempdir().unwrap();
    let mut week = SqliteStore::open(&directory.path().join("week.db"), Limits::default()).unwrap();
    fill_week(&mut week);
    ask(&week);
    write_many(&directory.path().join("many.db"));
    change_rows::measure(&directory.path().join("rows.db"));
}

fn fill_week(store: &mut SqliteStore) {
    let mut load = Load::new(1);
    let keep = Retention { raw_ms: 30 * DAY_MS, ..Retention::default() };
    for number in 0..7 * DAY_MS / TICK_MS {
        let at_ms = START_MS + number * TICK_MS;
        store.write(&Batch { at_ms, ticks: vec![load.tick(at_ms)], ..Batch::default() }).unwrap();
        store.tidy(at_ms, &keep).unwrap();
    }
    let sizes = store.sizes().unwrap();
    let used = (sizes.file_bytes - sizes.free_bytes) as f64 / 1e6;
    println!(
        "target-week, 100 stacks, 40 measures: {used:.1} MB ({} stacks, {} texts)",
        sizes.stacks, sizes.strings
    );
    for level in sizes.levels {
        println!("  {:?}: {:.1} MB of blocks", level.level, level.bytes as f64 / 1e6);
    }
}

fn ask(store: &SqliteStore) {
    let day = Span { from_ms: START_MS + 3 * DAY_MS, to_ms: START_MS + 4 * DAY_MS };
    let subjects = [
        Subject::Total,
        Subject::Status,
        Subject::Stack,
        Subject::Label("tenant".to_owned()),
        Subject::Measures(Vec::new()),
    ];
    for subject in subjects {
        for step in [Step::Auto { slots_max: 1_500 }, Step::Ms(TICK_MS)] {
            let query = RangeQuery {
                processes: Selection::One(ProcessId(1)),
                span: day,
                step,
                subject: subject.clone(),
                top: 20,
            };
            let took = (0..5).map(|_| timed(|| store.range(&query).unwrap()));
            let took: Vec<Duration> = took.collect();
            println!(
                "one day, {subject:?}, {step:?}: {:.1?} at best, {:.1?} at worst",
                took.iter().min().unwrap(),
                took.iter().max().unwrap()
            );
        }
    }
    let at = timed(|| store.at(ProcessId(1), START_MS + 5 * DAY_MS).unwrap());
    println!("one moment with all stacks: {at:.1?}");
}

fn write_many(path: &std::path::Path) {
    let mut store = SqliteStore::open(path, Limits::default()).unwrap();
    let mut loads: Vec<Load> = (0..BATCH_TARGETS).map(Load::new).collect();
    let (mut writing, mut tidying) = (Duration::ZERO, Duration::ZERO);
    // Through the end of an hour, so that sealing all of them is part of it.
    let first_ms = START_MS + 3_600_000 - BATCHES / 2 * TICK_MS;
    for number in 0..BATCHES {
        let at_ms = first_ms + number * TICK_MS;
        let ticks = loads.iter_mut().map(|load| load.tick(at_ms)).collect();
        writing += timed(|| store.write(&Batch { at_ms, ticks, ..Batch::default() }).unwrap());
        tidying += timed(|| store.tidy(at_ms, &Retention::default()).unwrap());
    }
    let share = |took: Duration| took.as_secs_f64() / (BATCHES * TICK_MS) as f64 * 1e5;
    println!(
        "{BATCH_TARGETS} targets every {TICK_MS} ms: writing {:.2} %, tidying {:.2} % of a core",
        share(writing),
        share(tidying)
    );
}

/// Time on the processor, which does not depend on what else the machine does.
fn timed<T>(run: impl FnOnce() -> T) -> Duration {
    let start = on_processor();
    std::hint::black_box(run());
    on_processor() - start
}

fn on_processor() -> Duration {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap();
    Duration::from_nanos(text.split(' ').next().unwrap().parse().unwrap())
}
