//! Files: opened, told from other files, locked for one writer, moved aside when they are damaged.

use std::ffi::OsString;
use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read as _, Seek as _, Write as _};
use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::{Connection, OpenFlags};

use crate::error::HistoryError;
use crate::sqlite::schema;
use crate::sqlite::trouble::Trouble;

/// How long a reader waits for the writer, or the writer for a checkpoint, where they exclude each other at all.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);
/// The log is cut to this size when it has been written back, bytes.
const LOG_BYTES: i64 = 8 << 20;
/// Files that were moved aside are numbered to this.
const ASIDE_MAX: u32 = 10_000;

/// The path of a file that belongs to a history.
pub(super) fn beside(path: &Path, ending: &str) -> PathBuf {
    let mut name = OsString::from(path);
    name.push(ending);
    name.into()
}

/// Becomes the one writer. The lock is on a file of its own: closing any descriptor of the database would give away
/// SQLite's own locks on it.
pub(super) fn lock(path: &Path) -> Result<File, HistoryError> {
    let name = beside(path, ".lock");
    let trouble = |cause| HistoryError::File { action: "lock", path: name.clone(), cause };
    let mut file = OpenOptions::new()
        .read(true)
        .write(true)
        .create(true)
        .truncate(false)
        .open(&name)
        .map_err(trouble)?;
    match file.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => {
            let mut text = String::new();
            let said = (&mut file).take(32).read_to_string(&mut text).is_ok();
            let pid = text.trim().parse().ok().filter(|_| said);
            return Err(HistoryError::InUse { path: path.to_path_buf(), pid });
        }
        Err(TryLockError::Error(cause)) => return Err(trouble(cause)),
    }
    // Only for the message to others: a full disk is no reason not to start.
    let _ =
        file.set_len(0).and_then(|()| file.rewind()).and_then(|()| writeln!(file, "{}", std::process::id()));
    Ok(file)
}

/// Opens a database to write to it, making its tables if it is new.
pub(super) fn open_writer(path: &Path) -> Result<Connection, HistoryError> {
    let flags =
        OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let open = || -> Result<Connection, Trouble> {
        let mut connection = Connection::open_with_flags(path, flags)?;
        connection.busy_timeout(BUSY_TIMEOUT)?;
        let mut version = schema::VERSION;
        let is_new = number(&connection, "SELECT count(*) FROM sqlite_schema")? == 0
            && number(&connection, "PRAGMA application_id")? == 0;
        if is_new {
            // Only before there is any table; later this would take rewriting the file.
            connection.pragma_update(None, "auto_vacuum", "INCREMENTAL")?;
        } else {
            version = identify(&connection, path)?;
        }
        connection.pragma_update_and_check(None, "journal_mode", "WAL", |_| Ok(()))?;
        connection.pragma_update(None, "synchronous", "NORMAL")?;
        connection.pragma_update_and_check(None, "journal_size_limit", LOG_BYTES, |_| Ok(()))?;
        if is_new {
            let transaction = connection.transaction()?;
            transaction.execute_batch(schema::PROCESS)?;
            transaction.execute_batch(schema::TABLES)?;
            transaction.execute(
                "INSERT INTO sqlite_sequence VALUES ('stack', ?1)",
                [crate::block::place::RESERVED.cast_signed()],
            )?;
            transaction.pragma_update(None, "application_id", schema::APPLICATION_ID)?;
            transaction.pragma_update(None, "user_version", schema::VERSION)?;
            transaction.commit()?;
        }
        if version < schema::VERSION {
            let transaction = connection.transaction()?;
            if version == 1 {
                transaction.execute_batch(schema::FROM_1.0)?;
                transaction.execute_batch(schema::PROCESS)?;
                transaction.execute_batch(schema::FROM_1.1)?;
            }
            transaction.execute_batch(schema::FROM_2)?;
            transaction.pragma_update(None, "user_version", schema::VERSION)?;
            transaction.commit()?;
        }
        Ok(connection)
    };
    open().map_err(|trouble| opening(trouble, path))
}

/// Opens a database to read it.
pub(super) fn open_reader(path: &Path) -> Result<Connection, HistoryError> {
    if let Err(cause) = std::fs::metadata(path) {
        return Err(match cause.kind() {
            std::io::ErrorKind::NotFound => HistoryError::Missing { path: path.to_path_buf() },
            _ => HistoryError::File { action: "open", path: path.to_path_buf(), cause },
        });
    }
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let open = || -> Result<Connection, Trouble> {
        let connection = Connection::open_with_flags(path, flags)?;
        connection.busy_timeout(BUSY_TIMEOUT)?;
        let version = identify(&connection, path)?;
        if version == 1 {
            connection.execute_batch(schema::VIEW_OF_1)?;
        }
        if version < 3 {
            connection.execute_batch(schema::VIEW_OF_2)?;
        }
        Ok(connection)
    };
    open().map_err(|trouble| opening(trouble, path))
}

/// SQLite says little about why a file cannot be opened; the system says it.
fn opening(trouble: Trouble, path: &Path) -> HistoryError {
    match trouble {
        Trouble::Sqlite(error) if error.sqlite_error_code() == Some(rusqlite::ErrorCode::CannotOpen) => {
            let cause = match File::open(path) {
                Err(cause) => cause,
                Ok(_) => std::io::Error::other(error),
            };
            HistoryError::File { action: "open", path: path.to_path_buf(), cause }
        }
        trouble => trouble.of(path),
    }
}

/// The version of a history. Refuses what is not ours, and what is too new.
fn identify(connection: &Connection, path: &Path) -> Result<i64, Trouble> {
    let path = path.to_path_buf();
    if number(connection, "PRAGMA application_id")? != schema::APPLICATION_ID {
        return Err(HistoryError::Foreign { path }.into());
    }
    let found = number(connection, "PRAGMA user_version")?;
    if found > schema::VERSION {
        return Err(HistoryError::Newer { path, found, known: schema::VERSION }.into());
    }
    Ok(found)
}

/// The one number that a statement returns.
pub(super) fn number(connection: &Connection, sql: &str) -> rusqlite::Result<i64> {
    connection.query_row(sql, [], |row| row.get(0))
}

/// Gives a damaged history another name, its log with it, so that a new one can begin in its place. Nothing is deleted.
/// Returns the new name. For whoever asks for it: opening never does this by itself.
///
/// # Errors
/// Somebody writes to it, or the system refuses.
pub fn move_aside(path: &Path) -> Result<PathBuf, HistoryError> {
    let _lock = lock(path)?;
    let names = (1..ASIDE_MAX).map(|number| beside(path, &format!(".damaged-{number}")));
    let free = names.into_iter().find(|name| !name.exists() && !beside(name, "-wal").exists());
    let refused = |cause| HistoryError::File { action: "move aside", path: path.to_path_buf(), cause };
    let aside = free.ok_or_else(|| refused(std::io::ErrorKind::AlreadyExists.into()))?;
    // The log first: a database without its log is older, a log without its database would be applied to another.
    for ending in ["-wal", "-shm", ""] {
        match std::fs::rename(beside(path, ending), beside(&aside, ending)) {
            Err(cause) if cause.kind() != std::io::ErrorKind::NotFound || ending.is_empty() => {
                return Err(refused(cause));
            }
            _ => {}
        }
    }
    Ok(aside)
}
