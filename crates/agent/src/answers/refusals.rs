//! Why there is no answer, as the web server says it.

use history_store::HistoryError;
use web_server::AskError;

use crate::history::PastError;
use crate::live::LiveError;
use crate::registry::TargetError;

pub(super) fn no_history() -> AskError {
    AskError::NothingKnown {
        reason: "the agent keeps no history".to_owned(),
        hint: Some("set keep = true in [history] of its configuration".to_owned()),
    }
}

pub(super) fn unwatched(error: LiveError) -> AskError {
    AskError::Unreadable { reason: error.to_string(), hint: error.hint() }
}

pub(super) fn unknown(error: TargetError) -> AskError {
    let TargetError::Unknown { id } = error;
    AskError::UnknownTarget { id }
}

pub(crate) fn past(error: &PastError) -> AskError {
    let (reason, hint) = (error.to_string(), error.hint());
    match error {
        PastError::Word { .. } | PastError::EmptySpan | PastError::Store(HistoryError::Question { .. }) => {
            AskError::Question { reason, hint }
        }
        PastError::NoTarget { .. } | PastError::NotThen { .. } => AskError::NothingKnown { reason, hint },
        PastError::Store(_) => AskError::Unreadable { reason, hint },
    }
}

pub(super) fn unreadable(error: &dyn std::error::Error, hint: Option<String>) -> AskError {
    AskError::Unreadable { reason: error.to_string(), hint }
}
