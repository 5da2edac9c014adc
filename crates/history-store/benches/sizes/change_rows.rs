//! The other shape: a row for each series and run of equal values.

use std::collections::HashMap;
use std::path::Path;
use std::time::Duration;

use history_store::Place;
use rusqlite::{Connection, params};

use crate::load::{Load, TICK_MS};
use crate::{BATCH_TARGETS, DAY_MS, START_MS, timed};

/// Writes a day of one process this way, and says what a week would take.
pub(crate) fn measure(path: &Path) {
    let mut connection = Connection::open(path).unwrap();
    connection.pragma_update_and_check(None, "journal_mode", "WAL", |_| Ok(())).unwrap();
    connection.pragma_update(None, "synchronous", "NORMAL").unwrap();
    connection
        .execute_batch(
            "CREATE TABLE run (series INTEGER, from_ms INTEGER, value INTEGER, PRIMARY KEY (series, from_ms)) WITHOUT ROWID",
        )
        .unwrap();
    let mut load = Load::new(1);
    let mut series: HashMap<String, (i64, i64)> = HashMap::new();
    let mut writing = Duration::ZERO;
    let ticks = DAY_MS / TICK_MS;
    for number in 0..ticks {
        let at_ms = START_MS + number * TICK_MS;
        let tick = load.tick(at_ms);
        let mut changed = Vec::new();
        let counts = tick.counts.iter().map(|count| {
            let Place::Stack(stack) = &count.place else { unreachable!() };
            let frame = &stack.frames[0];
            (format!("{} {} {:?}", frame.function, frame.line, count.labels), count.count as i64)
        });
        let measures = tick.measures.iter().map(|measure| (measure.name.to_string(), measure.value));
        for (name, value) in counts.chain(measures) {
            let next = series.len() as i64;
            let (id, last) = series.entry(name).or_insert((next, -1));
            if *last != value {
                *last = value;
                changed.push((*id, value));
            }
        }
        writing += timed(|| {
            let transaction = connection.transaction().unwrap();
            let mut insert = transaction.prepare("INSERT INTO run VALUES (?1, ?2, ?3)").unwrap();
            for (id, value) in changed {
                insert.execute(params![id, at_ms as i64, value]).unwrap();
            }
            drop(insert);
            transaction.commit().unwrap();
        });
    }
    let pages: i64 = connection.query_row("PRAGMA page_count", [], |row| row.get(0)).unwrap();
    let week = 7.0 * pages as f64 * 4096.0 / 1e6;
    let share = writing.as_secs_f64() / DAY_MS as f64 * 1e5 * f64::from(BATCH_TARGETS);
    println!(
        "instead, rows of changes: {week:.0} MB a target-week without rollups; writing {BATCH_TARGETS} targets {share:.1} % of a core"
    );
}
