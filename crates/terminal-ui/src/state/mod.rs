//! Everything that is shown and where the user is: changed by events alone, which may want effects.

pub(crate) mod cursor;
mod log;
mod overview;
pub(crate) mod watch;
mod update;
mod actions;
mod moves;
mod typing;
pub(crate) mod panes;

use std::time::Duration;

pub use cursor::{Cursor, Scroll};
pub use log::Log;
pub use overview::Overview;
pub use watch::Watch;

use crate::keys::View;
use crate::layout::{Layout, Needs, layout};

/// Times between looks that `+` and `-` go through.
pub(crate) const INTERVALS_MS: [u64; 9] = [100, 250, 500, 1000, 2000, 5000, 10_000, 30_000, 60_000];

/// What the screen is made of.
#[derive(Debug)]
pub struct State {
    /// All processes.
    pub overview: Overview,
    /// The target that is watched; none while all processes are shown.
    pub watch: Option<Watch>,
    /// Whether there is an overview to go back to.
    pub has_overview: bool,
    /// Time between looks.
    pub interval: Duration,
    /// Bytes that looks of earlier may take.
    pub memory_bytes: usize,
    /// Where one is in the help screen, if that is shown.
    pub help: Option<Scroll>,
    /// What is being typed.
    pub prompt: Option<Prompt>,
    /// Something to be said until the next key.
    pub message: Option<Message>,
    /// Columns and lines of the terminal.
    pub size: (u16, u16),
}

/// A question to the user, and the answer so far.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Prompt {
    /// What it is for.
    pub purpose: Purpose,
    /// What has been typed.
    pub text: String,
    /// What is wrong with it.
    pub complaint: Option<String>,
}

/// What is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// A filter.
    Filter,
    /// Something to search in a text.
    Search,
    /// The file of a recording.
    File,
}

/// Something to be said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// What.
    pub text: String,
    /// Whether something went wrong.
    pub is_trouble: bool,
}

impl State {
    /// Before the first look: at all processes, or at a target of this name.
    pub fn new(
        target: Option<(String, bool)>,
        interval: Duration,
        memory_bytes: usize,
        size: (u16, u16),
    ) -> State {
        State {
            overview: Overview::default(),
            has_overview: target.is_none(),
            watch: target.map(|(name, is_recording)| Watch::new(name, is_recording, memory_bytes)),
            interval,
            memory_bytes,
            help: None,
            prompt: None,
            message: None,
            size,
        }
    }

    /// Where on the screen what is.
    pub fn layout(&self) -> Layout {
        let needs = match (&self.help, &self.watch) {
            (Some(_), _) => Needs { tabs: false, table: false, pane: false },
            (None, None) => Needs { tabs: false, table: true, pane: false },
            (None, Some(watch)) => {
                let table = matches!(watch.view, View::Clusters | View::Goroutines);
                Needs { tabs: true, table, pane: table }
            }
        };
        layout(self.size.0, self.size.1, needs)
    }

    /// Lines of the body.
    pub(crate) fn page(&self) -> usize {
        usize::from(self.layout().body.height).max(1)
    }

    fn say(&mut self, text: impl Into<String>) {
        self.message = Some(Message { text: text.into(), is_trouble: false });
    }

    fn complain(&mut self, trouble: &crate::settings::Trouble) {
        let hint = trouble.hint.as_ref().map(|hint| format!(" ({hint})")).unwrap_or_default();
        self.message = Some(Message { text: format!("{}{hint}", trouble.cause), is_trouble: true });
    }
}
