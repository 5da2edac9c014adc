//! A file system that is full.

use std::fs;
use std::io::Write as _;
use std::path::Path;

use history_store::{History, HistoryError, HistoryStore, Limits, ProcessId, Retention, Span, SqliteHistory};

use crate::small_file_system::SmallFileSystem;
use crate::{MINUTE_MS, START_MS, batch, open};

#[test]
fn a_full_disk_loses_nothing_and_writing_resumes() {
    let disk = match SmallFileSystem::mount(2) {
        Ok(disk) => disk,
        Err(error) => {
            writeln!(std::io::stderr(), "SKIPPED: a full disk needs the right to mount one: {error}")
                .unwrap();
            return;
        }
    };
    fs::write(disk.path("ballast"), vec![1; 1 << 20]).unwrap();
    let path = disk.path("history.db");
    let mut store = open(&path);
    let mut written = 0;
    let mut write = |written: &mut u64| {
        let result = store.write(&batch(*written, 50)).and_then(|()| {
            *written += 1;
            store.tidy(START_MS + *written * MINUTE_MS, &Retention::default())
        });
        result.map(drop)
    };
    let error = (0..10_000).find_map(|_| write(&mut written).err()).expect("2 MB are soon full");
    assert!(matches!(error, HistoryError::Full { .. }), "{error}");
    assert!(error.hint().unwrap().contains("free space"));
    assert_eq!(count(&path), written, "what was written is there");
    // It stays full: each try says the same. What a failed one has written to the log is used again.
    for _ in 0..20 {
        let before = written;
        if let Err(error) = write(&mut written) {
            assert!(matches!(error, HistoryError::Full { .. }), "{error}");
        }
        assert!(written <= before + 1);
    }
    fs::remove_file(disk.path("ballast")).unwrap();
    let before = written;
    for _ in 0..5 {
        write(&mut written).unwrap();
    }
    assert_eq!((written, count(&path)), (before + 5, before + 5));
    let history = SqliteHistory::open(&path, Limits::default()).unwrap();
    assert_eq!(history.check().unwrap(), Vec::<String>::new());
}

fn count(path: &Path) -> u64 {
    let history = SqliteHistory::open(path, Limits::default()).unwrap();
    let ticks = history.ticks(ProcessId(50), Span::ALL, usize::MAX).unwrap();
    let numbers: Vec<u64> = ticks.iter().map(|tick| (tick.at_ms - START_MS) / MINUTE_MS).collect();
    assert!(numbers.iter().copied().eq(0..numbers.len() as u64));
    numbers.len() as u64
}
