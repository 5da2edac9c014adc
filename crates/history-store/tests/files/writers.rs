//! One writer, any number of readers.

use history_store::{
    History, HistoryError, HistoryStore, Limits, ProcessId, Retention, Span, SqliteHistory, SqliteStore,
    move_aside,
};

use crate::{MINUTE_MS, START_MS, batch, open};

#[test]
fn a_second_writer_is_refused_and_told_who_is_first() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("history.db");
    let mut first = open(&path);
    let error = SqliteStore::open(&path, Limits::default()).map(drop).unwrap_err();
    assert!(
        matches!(error, HistoryError::InUse { pid: Some(pid), .. } if pid == std::process::id()),
        "{error}"
    );
    assert!(matches!(move_aside(&path), Err(HistoryError::InUse { .. })), "not under its feet");
    first.write(&batch(0, 1)).unwrap();
    drop(first);
    open(&path).write(&batch(1, 1)).unwrap();
}

#[test]
fn readers_see_whole_batches_while_the_writer_goes_on() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("history.db");
    let mut store = open(&path);
    store.write(&batch(0, 3)).unwrap();
    let stop = std::sync::atomic::AtomicBool::new(false);
    std::thread::scope(|scope| {
        let reader = scope.spawn(|| {
            let history = SqliteHistory::open(&path, Limits::default()).unwrap();
            let mut most = 0;
            while !stop.load(std::sync::atomic::Ordering::Relaxed) {
                let first = history.ticks(ProcessId(1), Span::ALL, usize::MAX).unwrap().len();
                let last = history.ticks(ProcessId(3), Span::ALL, usize::MAX).unwrap().len();
                assert!(last >= first && first >= most, "{first} {last} {most}");
                most = first;
            }
            history.ticks(ProcessId(1), Span::ALL, usize::MAX).unwrap().len()
        });
        for number in 1..400 {
            store.write(&batch(number, 3)).unwrap();
            store.tidy(START_MS + number * MINUTE_MS, &Retention::default()).unwrap();
        }
        stop.store(true, std::sync::atomic::Ordering::Relaxed);
        assert_eq!(reader.join().unwrap(), 400);
    });
}
