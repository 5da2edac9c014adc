//! A file of an earlier gostat: readable as it is, and brought up to date by the first who writes to it.

use history_store::{
    Batch, Ending, EndingKind, Finding, FindingState, History, HistoryStore, Limits, Mark, MarkKind,
    ProcessInfo, Selection, Span, SqliteHistory,
};
use rusqlite::Connection;

use crate::{START_MS, batch, open};

/// The table of processes as version 1 had it.
const PROCESS_1: &str = "
CREATE TABLE process (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    boot_id TEXT NOT NULL,
    pid INTEGER NOT NULL,
    start_ticks INTEGER NOT NULL,
    executable TEXT NOT NULL DEFAULT '',
    command TEXT NOT NULL DEFAULT '',
    go_version TEXT NOT NULL DEFAULT '',
    module TEXT,
    module_version TEXT,
    container_id TEXT,
    first_seen_ms INTEGER NOT NULL,
    last_seen_ms INTEGER NOT NULL,
    ended_ms INTEGER,
    ended_how TEXT,
    next_sequence INTEGER NOT NULL DEFAULT 0,
    last_tick_ms INTEGER NOT NULL DEFAULT 0,
    UNIQUE (boot_id, pid, start_ticks)
);
INSERT INTO process SELECT id, boot_id, pid, start_ticks, executable, command, go_version, module, module_version,
    container_id, first_seen_ms, last_seen_ms, ended_ms, ended_how, next_sequence, last_tick_ms FROM process_2;
DELETE FROM sqlite_sequence WHERE name = 'process';
UPDATE sqlite_sequence SET name = 'process' WHERE name = 'process_2';
DROP TABLE process_2;
PRAGMA user_version = 1;";

/// Takes away what version 2 did not have.
const TO_2: &str = "ALTER TABLE mark DROP COLUMN service; PRAGMA user_version = 2;";

#[test]
fn a_file_of_version_2_loses_nothing_and_its_marks_are_of_no_service() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("history.db");
    let mark = |service: Option<&str>| Mark {
        process: None,
        service: service.map(str::to_owned),
        at_ms: START_MS,
        kind: MarkKind::Deploy,
        text: "v2".to_owned(),
    };
    let finding = |key: &str, state| Finding {
        key: key.to_owned(),
        process: None,
        state,
        first_ms: START_MS,
        last_ms: START_MS,
        body: "{}".to_owned(),
    };
    let findings = vec![finding("a", FindingState::Firing), finding("b", FindingState::Pending)];
    let mut store = open(&path);
    store.write(&Batch { marks: vec![mark(None)], findings, ..batch(0, 2) }).unwrap();
    drop(store);
    Connection::open(&path).unwrap().execute_batch(TO_2).unwrap();
    let reader = SqliteHistory::open(&path, Limits::default()).unwrap();
    let marks = |history: &dyn History| history.marks(Span::ALL, 9).unwrap().entries;
    assert_eq!(marks(&reader), [mark(None)], "who only reads need not wait for a writer");
    let mut store = open(&path);
    store.write(&Batch { marks: vec![mark(Some("shop"))], ..Batch::default() }).unwrap();
    assert_eq!(marks(&store), [mark(None), mark(Some("shop"))]);
    assert_eq!(marks(&reader).len(), 2, "who has read goes on");
    // Who knows of what fires writes it anew, under another key.
    let known = store.findings(Span::ALL, 9).unwrap().entries;
    assert!(known.contains(&finding("a", FindingState::Resolved)), "{known:?}");
    assert!(known.contains(&finding("b", FindingState::Pending)), "{known:?}");
    assert_eq!(store.processes(&Selection::All).unwrap().len(), 2);
    assert_eq!(marks(&SqliteHistory::open(&path, Limits::default()).unwrap()), marks(&store));
}

#[test]
fn a_file_of_version_1_loses_nothing() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("history.db");
    let mut store = open(&path);
    let mut first = batch(0, 3);
    let key = first.ticks[1].process.clone();
    let info = ProcessInfo { command: "api".to_owned(), ..ProcessInfo::default() };
    first.processes.push((key.clone(), info));
    first.endings.push((key.clone(), Ending { at_ms: START_MS + 1, how: EndingKind::Exited }));
    first.marks.push(Mark {
        process: Some(key.clone()),
        service: None,
        at_ms: START_MS,
        kind: MarkKind::Note,
        text: "a note".to_owned(),
    });
    store.write(&first).unwrap();
    let written = (store.processes(&Selection::All).unwrap(), store.marks(Span::ALL, 99).unwrap().entries);
    drop(store);
    let connection = Connection::open(&path).unwrap();
    // The ids of processes that were removed are not given out again.
    connection.execute_batch("UPDATE sqlite_sequence SET seq = 40 WHERE name = 'process'").unwrap();
    connection.execute_batch("ALTER TABLE process RENAME TO process_2").unwrap();
    connection.execute_batch(TO_2).unwrap();
    connection.execute_batch(PROCESS_1).unwrap();
    drop(connection);

    let told = |history: &dyn History| {
        assert_eq!(history.check().unwrap(), Vec::<String>::new());
        (history.processes(&Selection::All).unwrap(), history.marks(Span::ALL, 99).unwrap().entries)
    };
    let reader = SqliteHistory::open(&path, Limits::default()).unwrap();
    assert_eq!(told(&reader), written, "who only reads need not wait for a writer");
    let mut store = open(&path);
    assert_eq!(told(&store), written);
    assert_eq!(told(&reader), written, "who has read goes on");
    let mut exec = batch(1, 1);
    exec.ticks[0].process.execs = 1;
    store.write(&exec).unwrap();
    store.write(&Batch { ticks: batch(2, 3).ticks, ..Batch::default() }).unwrap();
    let now = store.processes(&Selection::All).unwrap();
    assert_eq!((now.len(), now[3].id.0, now[3].key.execs), (4, 41, 1));
    for process in &now[..3] {
        assert_eq!(store.ticks(process.id, Span::ALL, 9).unwrap().len(), 2, "{process:?}");
    }
}
