//! Asking what was: questions in words, and answers from the history's file.
//!
//! The command line and the HTTP API ask here, so that both understand the same words and answer the same. Reading needs no
//! agent: the file is opened anew for each question, and written meanwhile by whoever writes.

mod moment_text;
mod question;
mod find;
mod past_error;
mod processes;
mod range;
mod moment;
mod happened;

use std::path::Path;

use history_store::{History, Level, Limits, SqliteHistory};

pub(crate) use happened::mark_json;
pub use happened::{FindingJson, Happened};
pub use moment::{GroupJson, MomentAnswer, MomentState};
pub use moment_text::{Moment, Width, WordError};
pub use past_error::PastError;
pub use question::{By, Question, TOP_DEFAULT, TOP_MAX};
pub(crate) use question::{asked_moment, asked_span};
pub use web_server::{
    FrameJson, GapJson, HistoryAnswer, MarkJson, Marks, PastProcess, PastProcesses, SeriesJson, SlotJson,
    StackJson, ValueJson,
};

/// Values of an answer, slots times series: some 20 MB of JSON.
const ANSWER_VALUES_MAX: usize = 200_000;

/// A history, to be asked.
pub struct Past {
    store: SqliteHistory,
}

impl Past {
    /// Opens a history's file. Nothing is created or locked.
    ///
    /// # Errors
    /// There is none, or it cannot be understood.
    pub fn open(path: &Path) -> Result<Past, PastError> {
        let limits = Limits { answer_values: ANSWER_VALUES_MAX, ..Limits::default() };
        Ok(Past { store: SqliteHistory::open(path, limits)? })
    }

    /// Reads everything: how many single looks there are, and what is wrong with the stored data.
    ///
    /// # Errors
    /// The history cannot be read at all.
    pub fn checked(&self) -> Result<(u64, Vec<String>), PastError> {
        let sizes = self.store.sizes()?;
        let looks = sizes.levels.iter().filter(|size| size.level == Level::Raw).map(|size| size.ticks).sum();
        Ok((looks, self.store.check()?))
    }
}
