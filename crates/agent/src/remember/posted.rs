//! Marks that users make: whoever makes one hears whether it is in the history.

use std::sync::mpsc::{Sender, channel};
use std::time::Duration;

use history_store::{Batch, HistoryStore, Mark};

use super::Memory;
use super::writing::said;
use crate::locks::locked;

/// A disk that takes longer is no disk; requests are answered in 30 s.
const WRITTEN_IN: Duration = Duration::from_secs(20);

/// Marks that wait to be written: more at once are no marks of people, or of pipelines.
const POSTED_MAX: usize = 1_000;

/// A mark, and who waits for it.
pub(super) struct Posted {
    mark: Mark,
    written: Sender<Result<(), String>>,
}

/// Why a mark is not in the history.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum PostError {
    /// It could not be written, and is not kept.
    #[error("the mark was not written: {0}")]
    Refused(String),
    /// It may be written yet.
    #[error("the history has not taken the mark in {} s: it may be written later, and another try may make a second one", WRITTEN_IN.as_secs())]
    Late,
    /// The agent ends.
    #[error("the agent is about to end, and takes no marks any more")]
    Ending,
}

impl Memory {
    /// Writes a mark, and returns when no end of the agent loses it any more.
    ///
    /// # Errors
    /// When that could not be done.
    pub(crate) fn post(&self, mark: Mark) -> Result<(), PostError> {
        let (written, answer) = channel();
        let mut waiting = locked(&self.waiting);
        if waiting.stopping {
            return Err(PostError::Ending);
        }
        if waiting.posted.len() >= POSTED_MAX {
            return Err(PostError::Refused(format!("{POSTED_MAX} others wait to be written")));
        }
        waiting.posted.push(Posted { mark, written });
        drop(waiting);
        self.woken.notify_all();
        answer.recv_timeout(WRITTEN_IN).map_err(|_| PostError::Late)?.map_err(PostError::Refused)
    }

    /// Writes what users have posted, each by itself: one that is refused is no trouble of the others.
    pub(super) fn write_posted(&self, store: &mut impl HistoryStore) {
        let posted = std::mem::take(&mut locked(&self.waiting).posted);
        for Posted { mark, written } in posted {
            let batch = Batch { at_ms: self.clock.now_unix_ms(), marks: vec![mark], ..Batch::default() };
            // Who has gone meanwhile need not be told.
            let _ = written.send(store.write(&batch).map_err(|error| said(&error)));
        }
    }
}
