//! What a user may choose, and what the program that we are part of does for us.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use analysis::Rules;
use recording::Moment;

/// How to look, and how to show it.
#[derive(Clone)]
pub struct Settings {
    /// Time between looks.
    pub interval: Duration,
    /// Threads that may read a target side by side.
    pub workers: usize,
    /// Rules for what goroutines are doing.
    pub rules: Arc<Rules>,
    /// Show a recording as slowly as it was made, instead of a moment each interval.
    pub pace: bool,
    /// Bytes that looks of earlier may take. The last one is kept whatever it takes.
    pub memory_bytes: usize,
    /// How it looks.
    pub theme: Theme,
    /// Begins a recording.
    pub open_tape: OpenTape,
}

/// What the terminal can show.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Theme {
    /// Whether colours help. What they say is said in characters as well.
    pub colour: bool,
    /// Whether it shows more than ASCII.
    pub unicode: bool,
}

/// Begins a recording in a new file.
pub type OpenTape = Arc<dyn Fn(&Path) -> Result<Box<dyn Tape>, Trouble> + Send + Sync>;

/// A recording that is being made: writing files belongs to the binary.
pub trait Tape: Send {
    /// Adds a moment.
    ///
    /// # Errors
    /// When it cannot be written; what was written before is whole.
    fn append(&mut self, moment: &Moment) -> Result<(), Trouble>;

    /// Ends it.
    ///
    /// # Errors
    /// When the system says only now that it could not keep it.
    fn finish(self: Box<Self>) -> Result<(), Trouble>;
}

/// Something that did not work, in words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trouble {
    /// What is wrong.
    pub cause: String,
    /// What to do about it, if anybody knows.
    pub hint: Option<String>,
}

impl Trouble {
    /// Words for an error, with what it advises.
    pub fn new(cause: impl std::fmt::Display, hint: Option<String>) -> Trouble {
        Trouble { cause: cause.to_string(), hint }
    }
}
