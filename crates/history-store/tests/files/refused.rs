//! What an engine does not take is told from what is in the way of everything.

use history_store::{HistoryError, HistoryStore, Mark, MarkKind};
use rusqlite::Connection;

use crate::{batch, open};

fn marked(number: u64, text: &str) -> history_store::Batch {
    let mut marked = batch(number, 1);
    marked.marks.push(Mark {
        process: None,
        service: None,
        at_ms: 1,
        kind: MarkKind::Note,
        text: text.to_owned(),
    });
    marked
}

#[test]
fn a_constraint_is_of_the_batch_and_a_lock_is_not() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("history.db");
    let mut store = open(&path);
    store.write(&batch(0, 1)).unwrap();
    let other = Connection::open(&path).unwrap();
    let trigger = "CREATE TRIGGER refuses BEFORE INSERT ON mark WHEN new.text = 'wrong'
        BEGIN SELECT RAISE(ABORT, 'not that one'); END";
    other.execute_batch(trigger).unwrap();
    let error = store.write(&marked(1, "wrong")).unwrap_err();
    assert!(matches!(error, HistoryError::Refused { .. }) && error.is_of_the_batch(), "{error}");
    assert!(error.to_string().contains("not that one"), "{error}");
    store.write(&marked(1, "right")).unwrap();

    // SQLite's own lock, held by somebody who has no business here: waited for, and then said.
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    let error = store.write(&marked(2, "right")).unwrap_err();
    assert!(matches!(error, HistoryError::Engine { .. }) && !error.is_of_the_batch(), "{error}");
    other.execute_batch("ROLLBACK").unwrap();
    store.write(&marked(2, "right")).unwrap();
}
