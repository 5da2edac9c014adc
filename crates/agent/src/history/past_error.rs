//! Why there is no answer about the past, and what to do about it.

use history_store::HistoryError;

use super::moment_text::WordError;

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub enum PastError {
    /// A part of the question makes no sense.
    #[error("{key}={text}: {cause}")]
    Word {
        /// Which part.
        key: &'static str,
        /// What it says.
        text: String,
        /// What is wrong with it.
        cause: WordError,
    },
    /// The end is not after the beginning.
    #[error("the span ends before it begins")]
    EmptySpan,
    /// The history has nothing that is called so.
    #[error("the history has no process or service {target}")]
    NoTarget {
        /// What was asked for.
        target: String,
        /// What is called nearly so.
        similar: Vec<String>,
    },
    /// It was not seen then.
    #[error("{target} was not seen in that span")]
    NotThen {
        /// What was asked for.
        target: String,
        /// When it was seen, in words.
        seen: String,
    },
    /// The history cannot answer.
    #[error(transparent)]
    Store(#[from] HistoryError),
}

impl PastError {
    /// What the user can do about it, if anything.
    pub fn hint(&self) -> Option<String> {
        match self {
            PastError::Word { .. } => None,
            PastError::EmptySpan => Some("until must be later than since".to_owned()),
            PastError::NoTarget { similar, .. } if similar.is_empty() => {
                Some("gostat history lists what there is".to_owned())
            }
            PastError::NoTarget { similar, .. } => {
                Some(format!("there is {}; gostat history lists all", similar.join(", ")))
            }
            PastError::NotThen { seen, .. } => {
                Some(format!("it was seen {seen}; since and until choose when"))
            }
            PastError::Store(HistoryError::Missing { .. }) => {
                Some("gostat agent writes one; --history FILE names another file".to_owned())
            }
            PastError::Store(HistoryError::Question { .. }) => Some(
                "ask for wider steps (step), a shorter span (since, until) or fewer series (top)".to_owned(),
            ),
            PastError::Store(error) => error.hint(),
        }
    }
}
