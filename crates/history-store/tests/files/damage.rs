//! Files that are no history, or no longer.

use std::fs;

use history_store::{
    History, HistoryError, HistoryStore, Limits, ProcessId, RangeQuery, Retention, Selection, Span,
    SqliteHistory, SqliteStore, Step, Subject, move_aside,
};
use rusqlite::Connection;

use crate::{MINUTE_MS, START_MS, batch, open};

#[test]
fn a_file_that_is_no_database_is_moved_aside_only_when_asked() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("history.db");
    fs::write(&path, "not a database, but precious".repeat(100)).unwrap();
    for _ in 0..2 {
        let error = SqliteStore::open(&path, Limits::default()).map(drop).unwrap_err();
        assert!(matches!(error, HistoryError::Corrupt { .. }), "{error}");
        assert!(error.hint().unwrap().contains("moved aside"));
    }
    let aside = move_aside(&path).unwrap();
    assert!(fs::read_to_string(&aside).unwrap().starts_with("not a database, but precious"));
    open(&path).write(&batch(0, 1)).unwrap();
    assert_ne!(move_aside(&path).unwrap(), aside, "nothing is overwritten");
    assert!(matches!(move_aside(&path), Err(HistoryError::File { .. })), "there is nothing to move");
}

#[test]
fn other_databases_and_later_versions_are_not_touched() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("foreign.db");
    Connection::open(&path).unwrap().execute_batch("CREATE TABLE accounts (money INTEGER)").unwrap();
    let before = fs::read(&path).unwrap();
    let error = SqliteStore::open(&path, Limits::default()).map(drop).unwrap_err();
    assert!(matches!(error, HistoryError::Foreign { .. }), "{error}");
    assert_eq!(fs::read(&path).unwrap(), before);

    let path = directory.path().join("newer.db");
    open(&path).write(&batch(0, 1)).unwrap();
    Connection::open(&path).unwrap().pragma_update(None, "user_version", 99).unwrap();
    let as_writer = SqliteStore::open(&path, Limits::default()).map(drop).unwrap_err();
    let as_reader = SqliteHistory::open(&path, Limits::default()).map(drop).unwrap_err();
    for error in [as_writer, as_reader] {
        assert!(matches!(error, HistoryError::Newer { found: 99, .. }), "{error}");
    }
}

#[test]
fn what_is_not_there_is_said_to_be_missing() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("history.db");
    let error = SqliteHistory::open(&path, Limits::default()).map(drop).unwrap_err();
    assert!(matches!(error, HistoryError::Missing { .. }), "{error}");
    assert!(!path.exists(), "asking creates nothing");
    let nowhere = directory.path().join("no such directory/history.db");
    let error = SqliteStore::open(&nowhere, Limits::default()).map(drop).unwrap_err();
    assert!(matches!(error, HistoryError::File { .. }), "{error}");
    assert!(error.hint().unwrap().contains("directory"));
}

/// Whatever is damaged: answers or errors, and never a panic; and where a check finds nothing, everything is right.
#[test]
fn damaged_files_give_errors() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("history.db");
    let mut store = open(&path);
    for number in 0..300 {
        store.write(&batch(number, 2)).unwrap();
        store.tidy(START_MS + number * MINUTE_MS, &Retention::default()).unwrap();
    }
    drop(store);
    let whole = fs::read(&path).unwrap();
    let mut found = 0;
    for part in 0..60 {
        let mut bytes = whole.clone();
        let start = bytes.len() / 60 * part;
        bytes[start..start + 200].iter_mut().for_each(|byte| *byte ^= 0x5a);
        let path = directory.path().join(format!("damaged-{part}.db"));
        fs::write(&path, bytes).unwrap();
        let Ok(history) = SqliteHistory::open(&path, Limits::default()) else {
            found += 1;
            continue;
        };
        let query = RangeQuery {
            processes: Selection::All,
            span: Span { from_ms: START_MS, to_ms: START_MS + 300 * MINUTE_MS },
            step: Step::Ms(MINUTE_MS),
            subject: Subject::Measures(Vec::new()),
            top: 9,
        };
        let range = history.range(&query);
        let state = history.at(ProcessId(1), START_MS + 100 * MINUTE_MS);
        match history.check() {
            Ok(problems) if problems.is_empty() => {
                let last = range.unwrap().series[0].values[299].and_then(|value| value.last);
                // Of both processes.
                assert_eq!(last, Some(598));
                assert_eq!(state.unwrap().unwrap().measures[0].value, 100);
            }
            Ok(_) => found += 1,
            Err(error) => {
                assert!(
                    matches!(error, HistoryError::Corrupt { .. } | HistoryError::Engine { .. }),
                    "{error}"
                );
                found += 1;
            }
        }
    }
    assert!(found > 10, "{found}: hardly any damage was found");
}
