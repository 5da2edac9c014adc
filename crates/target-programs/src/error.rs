//! What can go wrong between the sources of a program and its answers.

use std::io;
use std::path::PathBuf;
use std::time::Duration;

/// Why a program could not be built, started or asked.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TargetError {
    /// A file of the sources or of the cache could not be read or written.
    #[error("cannot use {path}: {cause}")]
    File {
        /// The file.
        path: PathBuf,
        /// What the system said.
        cause: io::Error,
    },
    /// Neither `GOSTAT_CACHE` nor `HOME` says where built programs may be kept.
    #[error("nowhere to keep built programs\nhint: set GOSTAT_CACHE to a directory that you may write")]
    NoCache,
    /// A tool could not be started at all.
    #[error("cannot run {tool}: {cause}")]
    Tool {
        /// Its path or name.
        tool: PathBuf,
        /// What the system said.
        cause: io::Error,
    },
    /// A tool failed; its messages went before.
    #[error("{tool} failed for {build} ({status}):\n{messages}")]
    ToolFailed {
        /// Its path or name.
        tool: PathBuf,
        /// What was to be made.
        build: String,
        /// How it ended.
        status: std::process::ExitStatus,
        /// What it wrote to standard error.
        messages: String,
    },
    /// Not the name of a Go release.
    #[error("not a Go release: {0:?}\nhint: write 1.23.4, or for the first of a minor 1.23.0")]
    Release(String),
    /// The program ended, or closed its output.
    #[error("{build} ended while it was asked {question:?}")]
    Ended {
        /// Which program.
        build: String,
        /// What it was to answer; `ready` before anything else.
        question: String,
    },
    /// The program did not answer in time.
    #[error("{build} did not answer {question:?} within {patience:?}")]
    Late {
        /// Which program.
        build: String,
        /// What it was to answer.
        question: String,
        /// How long it was waited for.
        patience: Duration,
    },
    /// The program answered that it cannot answer.
    #[error("{build} refused {question:?}: {answer}")]
    Refused {
        /// Which program.
        build: String,
        /// What it was asked.
        question: String,
        /// What it said.
        answer: String,
    },
}

impl TargetError {
    /// For `map_err` after an operation on a file.
    pub(crate) fn file(path: &std::path::Path) -> impl FnOnce(io::Error) -> TargetError {
        let path = path.to_owned();
        move |cause| TargetError::File { path, cause }
    }
}
