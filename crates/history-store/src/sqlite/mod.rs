//! The embedded engine: one SQLite file, no server.
//!
//! The catalogue (processes, stacks, texts, marks, findings) is rows; figures are [blocks](crate::block), one row each.
//!
//! The file is in WAL mode with `synchronous=NORMAL`: every committed batch survives any end of the process. A power cut
//! or a crash of the kernel may take the batches since the last checkpoint, at most some 4 MB of log, and leaves the file
//! whole. Syncing each batch instead would write to the disk's platter every tick, for ticks that are worth little a
//! minute later.

mod schema;
mod file;
mod trouble;
mod catalogue;
mod intern;
mod write;
mod pack;
mod remove;
mod sweep;
mod read;
mod happened;
mod answer;

use std::path::{Path, PathBuf};

use rusqlite::Connection;

use crate::batch::{Batch, Finding, Mark};
use crate::error::HistoryError;
use crate::limits::Limits;
use crate::process::{Process, ProcessId, Selection};
use crate::query::{Listed, Range, RangeQuery, Span, State, TickHeader};
use crate::retention::{Retention, Sizes, Tidied};
use crate::store::{History, HistoryStore};

pub use file::move_aside;

/// A history in a file, to be asked only. It may be written meanwhile, by another process, too.
pub struct SqliteHistory {
    connection: Connection,
    path: PathBuf,
    limits: Limits,
}

/// A history in a file, to be written and asked.
pub struct SqliteStore {
    history: SqliteHistory,
    writer: write::Writer,
    sweeper: sweep::Sweeper,
    /// Held as long as this is: there is one writer.
    _lock: std::fs::File,
}

impl SqliteHistory {
    /// Opens a history to ask it. Nothing is created, and the writer, if there is one, goes on.
    ///
    /// # Errors
    /// There is none at `path`, or it cannot be understood.
    pub fn open(path: &Path, limits: Limits) -> Result<SqliteHistory, HistoryError> {
        let connection = file::open_reader(path)?;
        Ok(SqliteHistory { connection, path: path.to_path_buf(), limits })
    }

    /// Does something in one read transaction, so that all of it is of one moment.
    fn reading<T>(
        &self,
        read: impl FnOnce(&read::Reading<'_>) -> Result<T, trouble::Trouble>,
    ) -> Result<T, HistoryError> {
        let run = || {
            let transaction = self.connection.unchecked_transaction()?;
            read(&read::Reading { connection: &transaction, limits: &self.limits })
        };
        run().map_err(|trouble: trouble::Trouble| trouble.of(&self.path))
    }
}

impl SqliteStore {
    /// Opens a history to write to it, creating it if there is none. The directory must exist.
    ///
    /// # Errors
    /// Another process writes to it, it cannot be understood, it is damaged (then [`move_aside`] makes room for a new
    /// one), or the file cannot be opened.
    pub fn open(path: &Path, limits: Limits) -> Result<SqliteStore, HistoryError> {
        let lock = file::lock(path)?;
        let connection = file::open_writer(path)?;
        Ok(SqliteStore {
            history: SqliteHistory { connection, path: path.to_path_buf(), limits },
            writer: write::Writer::default(),
            sweeper: sweep::Sweeper::default(),
            _lock: lock,
        })
    }
}

impl History for SqliteHistory {
    fn processes(&self, selection: &Selection) -> Result<Vec<Process>, HistoryError> {
        self.reading(|reading| reading.processes(selection))
    }

    fn ticks(&self, process: ProcessId, span: Span, at_most: usize) -> Result<Vec<TickHeader>, HistoryError> {
        self.reading(|reading| reading.ticks(process, span, at_most))
    }

    fn at(&self, process: ProcessId, at_ms: u64) -> Result<Option<State>, HistoryError> {
        self.reading(|reading| reading.at(process, at_ms))
    }

    fn range(&self, query: &RangeQuery) -> Result<Range, HistoryError> {
        self.reading(|reading| answer::range(reading, query))
    }

    fn marks(&self, span: Span, at_most: usize) -> Result<Listed<Mark>, HistoryError> {
        self.reading(|reading| reading.marks(span, at_most))
    }

    fn findings(&self, span: Span, at_most: usize) -> Result<Listed<Finding>, HistoryError> {
        self.reading(|reading| reading.findings(span, at_most))
    }

    fn reaches_back_to(&self) -> Result<Option<u64>, HistoryError> {
        self.reading(|reading| reading.reaches_back_to())
    }

    fn sizes(&self) -> Result<Sizes, HistoryError> {
        let mut sizes = self.reading(|reading| reading.sizes())?;
        sizes.log_bytes = std::fs::metadata(file::beside(&self.path, "-wal")).map_or(0, |log| log.len());
        Ok(sizes)
    }

    fn check(&self) -> Result<Vec<String>, HistoryError> {
        self.reading(|reading| reading.check())
    }
}

impl History for SqliteStore {
    fn processes(&self, selection: &Selection) -> Result<Vec<Process>, HistoryError> {
        self.history.processes(selection)
    }

    fn ticks(&self, process: ProcessId, span: Span, at_most: usize) -> Result<Vec<TickHeader>, HistoryError> {
        self.history.ticks(process, span, at_most)
    }

    fn at(&self, process: ProcessId, at_ms: u64) -> Result<Option<State>, HistoryError> {
        self.history.at(process, at_ms)
    }

    fn range(&self, query: &RangeQuery) -> Result<Range, HistoryError> {
        self.history.range(query)
    }

    fn marks(&self, span: Span, at_most: usize) -> Result<Listed<Mark>, HistoryError> {
        self.history.marks(span, at_most)
    }

    fn findings(&self, span: Span, at_most: usize) -> Result<Listed<Finding>, HistoryError> {
        self.history.findings(span, at_most)
    }

    fn reaches_back_to(&self) -> Result<Option<u64>, HistoryError> {
        self.history.reaches_back_to()
    }

    fn sizes(&self) -> Result<Sizes, HistoryError> {
        self.history.sizes()
    }

    fn check(&self) -> Result<Vec<String>, HistoryError> {
        self.history.check()
    }
}

impl HistoryStore for SqliteStore {
    fn write(&mut self, batch: &Batch) -> Result<(), HistoryError> {
        let SqliteHistory { connection, path, limits } = &mut self.history;
        self.writer.write(connection, limits, batch).map_err(|trouble| trouble.of(path))
    }

    fn tidy(&mut self, now_ms: u64, retention: &Retention) -> Result<Tidied, HistoryError> {
        let SqliteHistory { connection, path, .. } = &mut self.history;
        let mut tidied = Tidied::default();
        let mut run = || {
            pack::pack(connection, now_ms, &mut tidied)?;
            let clock_ms = remove::advance_clock(connection, now_ms)?;
            remove::remove(connection, clock_ms, retention, &mut tidied)?;
            if self.sweeper.is_due(clock_ms, tidied.removed) && self.sweeper.sweep(connection, clock_ms)? {
                // Ids that are known may be gone.
                self.writer.forget();
            }
            remove::shrink(connection)
        };
        run().map_err(|trouble: trouble::Trouble| trouble.of(path))?;
        Ok(tidied)
    }
}
