//! Why a runtime could not be attached to.

use go_binary::BinaryError;
use process_memory::ReadError;

/// A process whose runtime cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AttachError {
    /// The executable could not be understood.
    #[error(transparent)]
    Binary(#[from] BinaryError),
    /// Its memory could not be read.
    #[error(transparent)]
    Memory(#[from] ReadError),
    /// The layouts for this release lack a field that is needed.
    #[error("the memory layout of this Go release has no {structure}.{field}")]
    MissingField {
        /// The structure.
        structure: &'static str,
        /// The field.
        field: &'static str,
    },
    /// The self-test found something that no Go runtime looks like: nothing is shown rather than guesses.
    #[error("the runtime in this process does not look as {release} should: {check} ({detail})")]
    SelfTest {
        /// The release whose layout was used.
        release: String,
        /// What did not fit.
        check: &'static str,
        /// Expected and found.
        detail: String,
    },
    /// The runtime has not started any goroutine yet.
    #[error("the Go runtime of this process has not started yet")]
    NotStarted,
}
