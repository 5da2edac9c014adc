//! What SQLite says, as an error that says what to do.

use std::path::Path;

use rusqlite::ErrorCode;

use crate::block::DecodeError;
use crate::error::HistoryError;

/// What went wrong in a file whose name is added later.
#[derive(Debug)]
pub(super) enum Trouble {
    /// SQLite says so.
    Sqlite(rusqlite::Error),
    /// Something in the file cannot be.
    Damaged(String),
    /// The error is complete.
    Said(HistoryError),
}

impl From<rusqlite::Error> for Trouble {
    fn from(error: rusqlite::Error) -> Trouble {
        Trouble::Sqlite(error)
    }
}

impl From<HistoryError> for Trouble {
    fn from(error: HistoryError) -> Trouble {
        Trouble::Said(error)
    }
}

impl Trouble {
    /// A block that cannot be decoded.
    pub(super) fn block(id: i64, error: DecodeError) -> Trouble {
        Trouble::Damaged(format!("block {id} cannot be read: {error}"))
    }

    /// The error for a history at `path`.
    pub(super) fn of(self, path: &Path) -> HistoryError {
        let path = path.to_path_buf();
        let error = match self {
            Trouble::Said(error) => return error,
            Trouble::Damaged(detail) => return HistoryError::Corrupt { path, detail },
            Trouble::Sqlite(error) => error,
        };
        match error.sqlite_error_code() {
            Some(ErrorCode::DiskFull) => HistoryError::Full { path },
            Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => {
                HistoryError::Corrupt { path, detail: error.to_string() }
            }
            // A full disk shows as such only where SQLite writes; where it makes its shared memory larger, this is
            // SQLITE_IOERR_SHMSIZE.
            Some(ErrorCode::SystemIoFailure)
                if extended(&error) == Some(rusqlite::ffi::SQLITE_IOERR_SHMSIZE) =>
            {
                HistoryError::Full { path }
            }
            Some(
                ErrorCode::ConstraintViolation
                | ErrorCode::TooBig
                | ErrorCode::TypeMismatch
                | ErrorCode::ParameterOutOfRange,
            ) => HistoryError::Refused { path, cause: Box::new(error) },
            _ => HistoryError::Engine { path, cause: Box::new(error) },
        }
    }
}

fn extended(error: &rusqlite::Error) -> Option<i32> {
    match error {
        rusqlite::Error::SqliteFailure(failure, _) => Some(failure.extended_code),
        _ => None,
    }
}
