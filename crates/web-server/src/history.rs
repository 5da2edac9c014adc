//! Questions to the history and their answers, as JSON has them: the contract of `docs/json.md`.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A question as it was sent. What it means, and what is wrong with it, the backend knows.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HistoryQuestion {
    /// Id, pid, process name, module or service name.
    pub target: String,
    /// From when: a duration before now, or a time.
    pub since: Option<String>,
    /// Until when.
    pub until: Option<String>,
    /// What the series are.
    pub by: Option<String>,
    /// How wide a slot is.
    pub step: Option<String>,
    /// How many series to tell apart.
    pub top: Option<String>,
}

/// A question about findings of the past, as it was sent.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FindingsQuestion {
    /// From when: a duration before now, or a time.
    pub since: Option<String>,
    /// Until when.
    pub until: Option<String>,
}

/// A question about what happened, as it was sent.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MarksQuestion {
    /// To which process or service: as of a [`HistoryQuestion`]; all without.
    pub target: Option<String>,
    /// From when: a duration before now, or a time.
    pub since: Option<String>,
    /// Until when.
    pub until: Option<String>,
}

/// A mark that is to be made.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "MarkWanted")]
pub struct NewMark {
    /// What happened, in words: 500 characters at most.
    pub text: String,
    /// What kind of thing.
    #[serde(default)]
    pub kind: NewMarkKind,
    /// Id of the target that it happened to.
    #[serde(default)]
    pub target: Option<String>,
    /// Or the service, by its name; it need not run yet. With neither, it happened to the whole machine.
    #[serde(default)]
    pub service: Option<String>,
    /// When: a duration before now, or a time; now without.
    #[serde(default)]
    pub at: Option<String>,
}

/// What users may mark.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum NewMarkKind {
    /// What they want to remember.
    #[default]
    Note,
    /// That a new version was deployed.
    Deploy,
}

/// Something that happened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(rename = "Mark")]
pub struct MarkJson {
    /// When, Unix milliseconds.
    pub at_ms: u64,
    /// What kind of thing: `deploy`, `exec`, `agent_start`, `agent_stop`, `clock_set_back` or `note`.
    pub kind: &'static str,
    /// In words.
    pub text: String,
    /// Id of the process, if it happened to one.
    pub process: Option<String>,
    /// Name of the service, if it happened to one; with neither, it happened to the whole machine.
    pub service: Option<String>,
}

/// What happened in a span.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Marks {
    /// Oldest first.
    pub marks: Vec<MarkJson>,
    /// Earlier ones of the span, for which there is no room.
    pub left_out: u64,
}

/// A process of the history. Times are Unix milliseconds.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct PastProcess {
    /// Names it, as a target's id does.
    pub id: String,
    /// Its pid.
    pub pid: u32,
    /// Its short name.
    pub name: String,
    /// The file that it ran, as it saw it.
    pub executable: String,
    /// Go release as the binary says it.
    pub go_version: String,
    /// Path of the main module.
    pub module: Option<String>,
    /// Version of the main module.
    pub module_version: Option<String>,
    /// Id of its container.
    pub container: Option<String>,
    /// What its environment says of it.
    pub labels: BTreeMap<String, String>,
    /// When it was seen first.
    pub first_seen_ms: u64,
    /// When it was seen last.
    pub last_seen_ms: u64,
    /// When its record ended; none as long as it is watched.
    pub ended_ms: Option<u64>,
    /// How: `exited`, `executed`, `not_permitted`, `not_watched`, `agent_stopped` or `agent_killed`.
    pub ended: Option<&'static str>,
    /// Goroutines at the last look, the runtime's own left out. Only where processes are listed.
    pub goroutines: Option<u64>,
}

/// Processes of the history.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct PastProcesses {
    /// Those that were seen last come first.
    pub processes: Vec<PastProcess>,
    /// Others, seen longer ago, for which there is no room.
    pub left_out: usize,
}

/// What processes did: slots of time, and for each series a value in each.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct HistoryAnswer {
    /// The processes whose figures are added up.
    pub processes: Vec<PastProcess>,
    /// The first moment.
    pub since_ms: u64,
    /// The moment after the last.
    pub until_ms: u64,
    /// What the series are.
    pub by: String,
    /// What the figures are from: `looks`, `minutes` or `hours`.
    pub level: &'static str,
    /// How wide a slot is.
    pub step_ms: u64,
    /// All slots, also those in which nobody looked.
    pub slots: Vec<SlotJson>,
    /// Largest first, the rest at the end.
    pub series: Vec<SeriesJson>,
    /// How many series there are, those in the rest included.
    pub series_total: usize,
    /// Where nobody looked.
    pub gaps: Vec<GapJson>,
}

/// One slot of time.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct SlotJson {
    /// When it begins.
    pub start_ms: u64,
    /// Looks in it; none makes it a gap.
    pub looks: u64,
    /// Of these, those that took no stacks.
    pub counts_only: u64,
    /// The most goroutines that a look could not read.
    pub unread: u64,
}

/// One series.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct SeriesJson {
    /// What it counts: `goroutines`, `runtime`, `stack`, `state`, `reason`, `label`, `measure`, `no_stack`, `beyond_limit` or `rest`.
    pub kind: &'static str,
    /// The state, reason, value or measure; of a stack its innermost function that is the program's. None for those without.
    pub name: Option<String>,
    /// The stack.
    pub stack: Option<StackJson>,
    /// The latest known value.
    pub last: Option<i64>,
    /// The least of any look; none where that is not known exactly.
    pub min: Option<i64>,
    /// The most of any look; none where that is not known exactly.
    pub max: Option<i64>,
    /// The mean over all slots that have one, each weighing as much as it has looks.
    pub mean: Option<f64>,
    /// The latest known value without the first.
    pub change: Option<i64>,
    /// One for each slot; none where nothing is known.
    pub values: Vec<Option<ValueJson>>,
}

/// What a series was in a slot.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, JsonSchema)]
pub struct ValueJson {
    /// At its last look.
    pub last: Option<i64>,
    /// The mean of its looks.
    pub mean: Option<f64>,
    /// The least.
    pub min: Option<i64>,
    /// The most.
    pub max: Option<i64>,
}

/// A span in which nobody looked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
pub struct GapJson {
    /// Its first moment.
    pub from_ms: u64,
    /// The moment after its last.
    pub to_ms: u64,
}

/// A stack.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct StackJson {
    /// Innermost first.
    pub frames: Vec<FrameJson>,
    /// Whether no outer frames are missing.
    pub complete: bool,
    /// The `go` statement.
    pub created_by: Option<FrameJson>,
    /// Whether its goroutines are the runtime's own.
    pub is_runtime: bool,
}

/// A frame.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct FrameJson {
    /// The runtime's own name for the function.
    pub function: String,
    /// Source file.
    pub file: String,
    /// Line in it.
    pub line: Option<u32>,
    /// Whether the call was inlined into the next frame.
    pub inlined: bool,
}
