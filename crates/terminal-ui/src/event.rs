//! What the state machine hears, and what it wants done.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use rustc_hash::FxHashMap;
use snapshot::GoroutineId;

use crate::arrange::{Arranged, Request};
use crate::cluster::ClusterKey;
use crate::fleet::Fleet;
use crate::keys::Key;
use crate::look::Look;
use crate::settings::Trouble;

/// Something that happened.
#[derive(Debug, Clone)]
pub enum Event {
    /// A key was pressed.
    Key(Key),
    /// The terminal has another size.
    Resize(u16, u16),
    /// All processes were looked at.
    Fleet(Arc<Fleet>),
    /// The target was looked at.
    Look(Seen),
    /// A look was filtered and sorted.
    Arranged(Arc<Arranged>),
    /// The target cannot be looked at any more.
    Gone(Trouble),
    /// Something did not work.
    Trouble(Trouble),
    /// How far a recording is; none if it has ended.
    Recorded(Option<Recorded>),
    /// A search goes on or has ended.
    Search(Question, Progress),
    /// Somebody asks us to end.
    Terminate,
    /// We were stopped and go on.
    Resumed,
}

/// A look, and for a recording what it is to be compared with.
#[derive(Debug, Clone)]
pub struct Seen {
    /// The look.
    pub look: Arc<Look>,
    /// The moment before it in the recording.
    pub before: Option<Arc<Look>>,
    /// Clusters of the recording's first moment.
    pub first: Option<Arc<FxHashMap<ClusterKey, u64>>>,
}

/// How far a recording is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recorded {
    /// Where to.
    pub path: PathBuf,
    /// Moments in it.
    pub moments: u64,
}

/// A question that takes a copy of the heap.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Question {
    /// What has leaked?
    Leaks,
    /// Why is this goroutine blocked?
    Why(GoroutineId),
}

/// What comes of a question.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Progress {
    /// It is being worked on.
    Working(String),
    /// The answer.
    Answer(Arc<[String]>),
    /// There is none.
    Failed(Trouble),
}

/// Something to be done.
#[derive(Debug, Clone)]
pub enum Effect {
    /// Watch the process with this pid and time of start (clock ticks since boot).
    Open(u32, u64),
    /// Watch all processes again.
    Close,
    /// Look so often.
    Interval(Duration),
    /// Show the moment of a recording with this index.
    Show(usize),
    /// Play a recording, or stop that.
    Play(bool),
    /// Filter and sort.
    Arrange(Box<Request>),
    /// Answer a question, at a moment of a recording.
    Ask(Question, Option<usize>),
    /// Record to a file, or end that.
    Record(Option<PathBuf>),
    /// Forget what the terminal shows, and draw.
    Redraw,
    /// Stop ourselves, as shells do.
    Suspend,
    /// End.
    Quit,
}
