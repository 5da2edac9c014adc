//! What can go wrong with a history, and what to do about it.

use std::path::PathBuf;

/// Why a history could not be opened, written or read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum HistoryError {
    /// Somebody else writes to it.
    #[error("{path} is being written by {}", writer(*.pid))]
    InUse {
        /// The history.
        path: PathBuf,
        /// The process that says it is the writer.
        pid: Option<u32>,
    },
    /// There is no such file.
    #[error("there is no history at {path}")]
    Missing {
        /// Where it should be.
        path: PathBuf,
    },
    /// It is some other program's database.
    #[error("{path} is a database, but no history of gostat")]
    Foreign {
        /// The file.
        path: PathBuf,
    },
    /// A later gostat has made it.
    #[error("{path} has version {found} of the schema, and this gostat knows none later than {known}")]
    Newer {
        /// The history.
        path: PathBuf,
        /// Its version.
        found: i64,
        /// The latest version that we know.
        known: i64,
    },
    /// Its contents are damaged.
    #[error("{path} is damaged: {detail}")]
    Corrupt {
        /// The history.
        path: PathBuf,
        /// What is wrong with it.
        detail: String,
    },
    /// There is no space for what was to be written. Nothing of it was, and nothing else was lost.
    #[error("no space left to write to {path}")]
    Full {
        /// The history.
        path: PathBuf,
    },
    /// One thing in a batch is larger than a history takes. Nothing of the batch was written.
    #[error("{what} of {found} bytes is too large: {limit} are allowed")]
    TooLarge {
        /// What it is.
        what: &'static str,
        /// Its size in bytes.
        found: usize,
        /// The largest allowed size in bytes.
        limit: usize,
    },
    /// The engine does not take what was to be written, and never will. Nothing of the batch was written.
    #[error("{path} does not take it: {cause}")]
    Refused {
        /// The history.
        path: PathBuf,
        /// In the engine's words.
        cause: Box<dyn std::error::Error + Send + Sync>,
    },
    /// A question that has no answer: an empty span, or more columns than anybody could draw.
    #[error("cannot answer: {reason}")]
    Question {
        /// What is wrong with it.
        reason: String,
    },
    /// The system refused a file.
    #[error("cannot {action} {path}: {cause}")]
    File {
        /// What was tried.
        action: &'static str,
        /// On which file.
        path: PathBuf,
        /// What the system said.
        cause: std::io::Error,
    },
    /// Anything else that the engine reports.
    #[error("{path}: {cause}")]
    Engine {
        /// The history.
        path: PathBuf,
        /// In the engine's words.
        cause: Box<dyn std::error::Error + Send + Sync>,
    },
}

fn writer(pid: Option<u32>) -> String {
    pid.map_or_else(|| "another gostat".to_owned(), |pid| format!("process {pid}"))
}

impl HistoryError {
    /// Whether it is what was to be written that is wrong: trying it again is of no use, and everything else can be
    /// written. Whatever else is in the way (a full disk, a lock, a damaged file) is not in what was to be written.
    pub fn is_of_the_batch(&self) -> bool {
        matches!(self, HistoryError::TooLarge { .. } | HistoryError::Refused { .. })
    }

    /// What the user can do about it, if anything.
    pub fn hint(&self) -> Option<String> {
        Some(match self {
            HistoryError::InUse { pid: Some(pid), .. } => {
                format!("end process {pid} first, or write to another file; reading needs no such care")
            }
            HistoryError::InUse { .. } => {
                "end the other gostat first, or write to another file; reading needs no such care".to_owned()
            }
            HistoryError::Missing { .. } => "name the file that the agent writes to".to_owned(),
            HistoryError::Foreign { .. } => "name another file; this one was not touched".to_owned(),
            HistoryError::Newer { .. } => "take the newer gostat; this file was not touched".to_owned(),
            HistoryError::Corrupt { .. } => {
                "have it moved aside and a new one begun; the damaged one is kept, and `sqlite3 FILE .recover` may \
                 still get most out of it"
                    .to_owned()
            }
            HistoryError::Full { .. } => {
                "free space on its file system, or keep less (lower limits of age and size); what was written \
                 before is safe, and writing goes on as soon as there is space"
                    .to_owned()
            }
            HistoryError::File { .. } => "check that the directory exists and is yours to write".to_owned(),
            HistoryError::TooLarge { .. }
            | HistoryError::Refused { .. }
            | HistoryError::Question { .. } | HistoryError::Engine { .. } => {
                return None;
            }
        })
    }
}
