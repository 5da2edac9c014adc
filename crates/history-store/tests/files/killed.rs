//! A writer that is killed loses at most what it was writing.

use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Command, Stdio};

use history_store::{
    Group, History, HistoryStore, Limits, MeasureKind, ProcessId, RangeQuery, Retention, Selection, Span,
    SqliteHistory, Step, Subject,
};

use crate::{MINUTE_MS, START_MS, batch, open};

const PROCESSES: u32 = 4;
const LIVES: usize = 12;
/// Set for the process that is to be killed: where it writes.
const PATH: &str = "GOSTAT_TEST_HISTORY";

/// Not a test by itself: what the process that is killed does. It says each number that has been written.
#[test]
fn writes_until_it_is_killed() {
    let Some(path) = std::env::var_os(PATH) else { return };
    let mut store = open(Path::new(&path));
    let next = store.ticks(ProcessId(1), Span::ALL, usize::MAX).unwrap().len() as u64;
    for number in next.. {
        store.write(&batch(number, PROCESSES)).unwrap();
        writeln!(std::io::stderr(), "{number}").unwrap();
        // A tick is a minute: hours are sealed all the time, and it may be killed in the middle of that.
        store.tidy(START_MS + number * MINUTE_MS, &Retention::default()).unwrap();
    }
}

#[test]
fn a_killed_writer_loses_at_most_the_batch_that_it_was_writing() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("history.db");
    let mut written = 0;
    for life in 0..LIVES {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "killed::writes_until_it_is_killed", "--nocapture"])
            .env(PATH, &path)
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stderr.take().unwrap()).lines().map_while(Result::ok);
        // Sooner or later; where in a batch that is, is up to the scheduler.
        let said: Vec<u64> =
            lines.by_ref().filter_map(|line| line.parse().ok()).take(1 + life * 17 % 90).collect();
        child.kill().unwrap();
        child.wait().unwrap();
        let last = lines.filter_map(|line| line.parse().ok()).last().or(said.last().copied());
        let acknowledged = last.expect("it has written something") + 1;
        assert!(acknowledged > written);
        written = check(&path, acknowledged);
    }
    assert!(written > 60, "{written}: no hour was ever sealed");
}

/// Compares with what was said to be written. Returns how much there is.
fn check(path: &Path, acknowledged: u64) -> u64 {
    let history = SqliteHistory::open(path, Limits::default()).unwrap();
    assert_eq!(history.check().unwrap(), Vec::<String>::new());
    let count = |process| history.ticks(ProcessId(process), Span::ALL, usize::MAX).unwrap().len() as u64;
    let written = count(1);
    assert!((acknowledged..=acknowledged + 1).contains(&written), "{written}, not {acknowledged}");
    for process in 1..=i64::from(PROCESSES) {
        assert_eq!(count(process), written, "batches are whole");
        let query = RangeQuery {
            processes: Selection::One(ProcessId(process)),
            span: Span { from_ms: START_MS, to_ms: START_MS + written * MINUTE_MS },
            step: Step::Ms(MINUTE_MS),
            subject: Subject::Measures(Vec::new()),
            top: 1,
        };
        let range = history.range(&query).unwrap();
        assert_eq!(range.series[0].group, Group::Measure("number".into(), MeasureKind::Gauge));
        let values = range.series[0].values.iter().map(|value| value.unwrap().last.unwrap());
        assert!(values.eq(0..written as i64), "each tick says its number");
    }
    written
}
