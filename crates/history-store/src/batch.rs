//! What is written at once: all of it, or nothing.

use crate::process::{Ending, ProcessInfo, ProcessKey};
use crate::tick::Tick;

/// What one round over all targets has found. It is written whole or not at all.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Batch {
    /// When the round began, milliseconds since the Unix epoch.
    pub at_ms: u64,
    /// What is known of processes: needed once for each, whenever it changes, and when one is watched again that had an
    /// ending. Written before the endings.
    pub processes: Vec<(ProcessKey, ProcessInfo)>,
    /// Any number of ticks of any processes, those of one process in order.
    pub ticks: Vec<Tick>,
    /// Processes that ended, or are not looked at any more.
    pub endings: Vec<(ProcessKey, Ending)>,
    /// Things that happened.
    pub marks: Vec<Mark>,
    /// Findings as they are now: each replaces the one with its key.
    pub findings: Vec<Finding>,
}

/// Something that happened at a moment, to be seen beside the figures.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mark {
    /// To which process, if to one.
    pub process: Option<ProcessKey>,
    /// To which service, by its name; with neither, to the whole machine.
    pub service: Option<String>,
    /// When, milliseconds since the Unix epoch.
    pub at_ms: u64,
    /// What kind of thing.
    pub kind: MarkKind,
    /// In words.
    pub text: String,
}

/// What happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum MarkKind {
    /// A new version was deployed.
    Deploy,
    /// The process executed another program.
    Exec,
    /// Watching began.
    AgentStart,
    /// Watching ended as it should.
    AgentStop,
    /// The clock was set back: times after this mark repeat those before it. Made by the store itself.
    ClockSetBack,
    /// What a user wants to remember.
    Note,
}

impl MarkKind {
    /// Every kind.
    pub const ALL: [MarkKind; 6] = [
        MarkKind::Deploy,
        MarkKind::Exec,
        MarkKind::AgentStart,
        MarkKind::AgentStop,
        MarkKind::ClockSetBack,
        MarkKind::Note,
    ];

    /// Its name in files and outputs.
    pub fn name(self) -> &'static str {
        match self {
            MarkKind::Deploy => "deploy",
            MarkKind::Exec => "exec",
            MarkKind::AgentStart => "agent_start",
            MarkKind::AgentStop => "agent_stop",
            MarkKind::ClockSetBack => "clock_set_back",
            MarkKind::Note => "note",
        }
    }
}

/// Something found wrong, over its life.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// What makes it the same finding when it is seen again.
    pub key: String,
    /// In which process; none for findings about several.
    pub process: Option<ProcessKey>,
    /// Where it is in its life.
    pub state: FindingState,
    /// When it was seen first, milliseconds since the Unix epoch.
    pub first_ms: u64,
    /// When it was seen last, milliseconds since the Unix epoch.
    pub last_ms: u64,
    /// All that there is to say of it, as JSON. It is kept as it is.
    pub body: String,
}

/// Where a finding is in its life.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum FindingState {
    /// Seen, but not for long enough.
    Pending,
    /// True now. Never removed by age or size.
    Firing,
    /// It was true.
    Resolved,
}

impl FindingState {
    /// Every state.
    pub const ALL: [FindingState; 3] = [FindingState::Pending, FindingState::Firing, FindingState::Resolved];

    /// Its name in files and outputs.
    pub fn name(self) -> &'static str {
        match self {
            FindingState::Pending => "pending",
            FindingState::Firing => "firing",
            FindingState::Resolved => "resolved",
        }
    }
}
