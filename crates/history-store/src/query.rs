//! Questions to a history, and their answers.

use std::sync::Arc;

use snapshot::Status;

use crate::process::{ProcessId, Selection};
use crate::retention::Level;
use crate::stack::Stack;
use crate::tick::{Count, Measure, MeasureKind};

/// From a moment (included) to another (excluded), milliseconds since the Unix epoch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span {
    /// The first moment.
    pub from_ms: u64,
    /// The moment after the last.
    pub to_ms: u64,
}

impl Span {
    /// All time.
    pub const ALL: Span = Span { from_ms: 0, to_ms: i64::MAX as u64 };

    /// Whether a moment is in it.
    pub fn contains(&self, at_ms: u64) -> bool {
        (self.from_ms..self.to_ms).contains(&at_ms)
    }
}

/// What happened between two moments?
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RangeQuery {
    /// In which processes. Figures of several are added up.
    pub processes: Selection,
    /// When.
    pub span: Span,
    /// How wide a slot is.
    pub step: Step,
    /// To what.
    pub subject: Subject,
    /// How many series to tell apart, those with the most goroutines first; the rest is added up to one.
    pub top: usize,
}

/// How wide a slot is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// As narrow as gives no more slots than this, taken from the finest level that still has the beginning.
    Auto {
        /// How many slots there may be.
        slots_max: u64,
    },
    /// So many milliseconds, taken from the coarsest level that is fine enough. What has been removed from that level
    /// is a gap.
    Ms(u64),
}

/// What a range is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Subject {
    /// How many goroutines there are.
    Total,
    /// How many stand where. Ticks without stacks say nothing about it.
    Stack,
    /// How many do what.
    Status,
    /// How many wait for what.
    WaitReason,
    /// How many have which value of this label. Ticks without stacks say nothing about it.
    Label(String),
    /// Counters and figures with these names; all of them if there is none.
    Measures(Vec<String>),
}

/// What happened: a table of slots and series.
#[derive(Debug, Clone, PartialEq)]
pub struct Range {
    /// From which level it was taken; hours that are not over are always taken from ticks.
    pub level: Level,
    /// How wide a slot is, milliseconds. Slots begin at multiples of it since the Unix epoch.
    pub step_ms: u64,
    /// All slots of the span, also those in which nobody looked.
    pub slots: Vec<Slot>,
    /// Largest first, the rest at the end; each with as many values as there are slots.
    pub series: Vec<Series>,
    /// How many series there are, those in the rest included.
    pub series_total: usize,
}

impl Range {
    /// Where nobody looked for at least so many milliseconds.
    pub fn gaps(&self, shortest_ms: u64) -> Vec<Span> {
        let mut gaps: Vec<Span> = Vec::new();
        for slot in self.slots.iter().filter(|slot| slot.ticks == 0) {
            let end_ms = slot.start_ms.saturating_add(self.step_ms);
            match gaps.last_mut() {
                Some(gap) if gap.to_ms == slot.start_ms => gap.to_ms = end_ms,
                _ => gaps.push(Span { from_ms: slot.start_ms, to_ms: end_ms }),
            }
        }
        gaps.retain(|gap| gap.to_ms - gap.from_ms >= shortest_ms);
        gaps
    }
}

/// One slot of time.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Slot {
    /// When it begins, milliseconds since the Unix epoch.
    pub start_ms: u64,
    /// How many ticks it has, of all processes. With none it is a gap.
    pub ticks: u64,
    /// How many of them looked at statuses only.
    pub counts_only: u64,
    /// The most goroutines that a tick of it could not read.
    pub unread: u64,
}

/// One row of the table.
#[derive(Debug, Clone, PartialEq)]
pub struct Series {
    /// Of whom.
    pub group: Group,
    /// A value for each slot; none where nothing is known.
    pub values: Vec<Option<Value>>,
}

/// What a series is about.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Group {
    /// All goroutines.
    Total,
    /// Those on this stack.
    Stack(Arc<Stack>),
    /// Those whose stack could not be had.
    NotTaken,
    /// Those beyond the limit of different things in a tick.
    BeyondLimit,
    /// Those with this status.
    Status(Status),
    /// Those that wait for this; none for those that do not wait.
    WaitReason(Option<Arc<str>>),
    /// Those with this value of the label; none for those without the label.
    Label(Option<Arc<str>>),
    /// A counter or figure.
    Measure(Arc<str>, MeasureKind),
    /// Everything that has no series of its own.
    Rest,
}

/// What a series was in a slot.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Value {
    /// As of the slot's last tick; none if that tick did not look, or did not have the measure. Of several processes:
    /// the sum.
    pub last: Option<i64>,
    /// The mean over its ticks; none for counters. Of several processes: the sum of the means.
    pub mean: Option<f64>,
    /// The least of a tick; none where that is not known exactly (several processes, the rest).
    pub min: Option<i64>,
    /// The most of a tick; none where that is not known exactly.
    pub max: Option<i64>,
}

/// All that is known of a process as of a moment: enough to print a grouped dump, and to compare with another.
#[derive(Debug, Clone, PartialEq)]
pub struct State {
    /// The process.
    pub process: ProcessId,
    /// The tick that it is from.
    pub tick: TickHeader,
    /// The level that still had it. Whichever that is, the counts are those of that tick.
    pub level: Level,
    /// Who did what.
    pub counts: Vec<Count>,
    /// Counters and figures.
    pub measures: Vec<Measure>,
}

/// The latest of what there is, oldest first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed<T> {
    /// As many as were wanted.
    pub entries: Vec<T>,
    /// How many earlier ones there are.
    pub left_out: u64,
}

/// When a tick was, and how good.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TickHeader {
    /// Its number among all ticks of the process, from 0. It grows when the time does not.
    pub sequence: u64,
    /// When, milliseconds since the Unix epoch.
    pub at_ms: u64,
    /// Whether only statuses were looked at.
    pub counts_only: bool,
    /// Goroutines that could not be read; of a tick known from minutes or hours, the most of these.
    pub unread: u64,
}
