//! The seam: what any engine that keeps history can do.

use crate::batch::{Batch, Finding, Mark};
use crate::error::HistoryError;
use crate::process::{Process, ProcessId, Selection};
use crate::query::{Listed, Range, RangeQuery, Span, State, TickHeader};
use crate::retention::{Retention, Sizes, Tidied};

/// A history that can be asked. Answers are of one moment each: writing meanwhile does not mix into them.
pub trait History {
    /// The processes selected, oldest first.
    ///
    /// # Errors
    /// The history cannot be read.
    fn processes(&self, selection: &Selection) -> Result<Vec<Process>, HistoryError>;

    /// The ticks of a process whose times are in a span, in the order in which they were written, as long as the raw
    /// ones are kept; at most the first `at_most`.
    ///
    /// # Errors
    /// The history cannot be read.
    fn ticks(&self, process: ProcessId, span: Span, at_most: usize) -> Result<Vec<TickHeader>, HistoryError>;

    /// What was known at a moment: the tick with the latest time not after it, of those with the same time the
    /// one written last. How old that is, its own time says.
    ///
    /// # Errors
    /// The history cannot be read.
    fn at(&self, process: ProcessId, at_ms: u64) -> Result<Option<State>, HistoryError>;

    /// What happened between two moments.
    ///
    /// # Errors
    /// The history cannot be read, or the question asks for nothing or for too much.
    fn range(&self, query: &RangeQuery) -> Result<Range, HistoryError>;

    /// What happened in a span, oldest first; at most the latest `at_most`.
    ///
    /// # Errors
    /// The history cannot be read.
    fn marks(&self, span: Span, at_most: usize) -> Result<Listed<Mark>, HistoryError>;

    /// Findings that were seen in a span, in order of when they began; at most the `at_most` that were seen last, and
    /// fewer where their bodies are large.
    ///
    /// # Errors
    /// The history cannot be read.
    fn findings(&self, span: Span, at_most: usize) -> Result<Listed<Finding>, HistoryError>;

    /// How far back it reaches, milliseconds since the Unix epoch: the earliest of what is left of figures, and of the
    /// moments at which watching began.
    ///
    /// # Errors
    /// The history cannot be read.
    fn reaches_back_to(&self) -> Result<Option<u64>, HistoryError>;

    /// How large it is.
    ///
    /// # Errors
    /// The history cannot be read.
    fn sizes(&self) -> Result<Sizes, HistoryError>;

    /// What is wrong with the stored data; nothing, if all of it can be read. This reads everything.
    ///
    /// # Errors
    /// The history cannot be read at all.
    fn check(&self) -> Result<Vec<String>, HistoryError>;
}

/// A history that is being written. There is one writer at a time.
pub trait HistoryStore: History {
    /// Writes a batch: when this returns, no end of this process loses any of it.
    ///
    /// # Errors
    /// Nothing of the batch was written: there is no space, a part of it is too large, or the history is damaged. It
    /// may be tried again, but for [`HistoryError::is_of_the_batch`].
    fn write(&mut self, batch: &Batch) -> Result<(), HistoryError>;

    /// Packs ticks, seals and rolls up hours that are over, and removes what is too old or too much. It does a bounded
    /// piece of work; call it after each batch. `now_ms` is the time by the same clock as that of ticks: it may jump
    /// forward without everything being removed at once for being old.
    ///
    /// # Errors
    /// Nothing was changed: there is no space, or the history is damaged.
    fn tidy(&mut self, now_ms: u64, retention: &Retention) -> Result<Tidied, HistoryError>;
}
