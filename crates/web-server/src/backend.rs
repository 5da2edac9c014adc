//! Whoever knows the answers.

use std::collections::BTreeMap;
use std::sync::Arc;

use alerting::{Alert, AlertingError, Silence, SinkType, State};
use pprof_profile::Mapping;
use schemars::JsonSchema;
use serde::Serialize;
use snapshot::{GoroutineId, Snapshot};

use crate::feed::Feed;
use crate::history::{
    FindingsQuestion, HistoryAnswer, HistoryQuestion, MarkJson, Marks, MarksQuestion, NewMark, PastProcesses,
};
use crate::live::LiveFrames;

/// A text with its media type.
#[derive(Debug, Clone)]
pub struct Text {
    /// For `Content-Type`.
    pub media_type: &'static str,
    /// The text.
    pub body: String,
}

/// How the agent is.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct Health {
    /// Whether it does its work: processes are listed, and it has begun to watch those that are there.
    pub ready: bool,
    /// What is wrong, if something is: what keeps it from that, and what the history could not keep.
    pub problems: Vec<String>,
    /// Its version.
    pub version: &'static str,
    /// Targets that are watched.
    pub targets: usize,
    /// Processes that may be Go programs but cannot be looked into.
    pub refused: usize,
    /// Processes that wait to be looked into, as there are as many targets as there may be.
    pub left: usize,
}

/// A target as it is now. Times are Unix milliseconds.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct TargetState {
    /// Names this run of this program.
    pub id: String,
    /// Its pid.
    pub pid: u32,
    /// Its short name.
    pub name: String,
    /// The file that it runs, as it sees it.
    pub executable: String,
    /// Go release as the binary says it.
    pub go_version: String,
    /// Path of the main module.
    pub module: Option<String>,
    /// Version of the main module.
    pub module_version: Option<String>,
    /// The user that it runs as.
    pub user: Option<String>,
    /// Id of its container.
    pub container: Option<String>,
    /// What its environment says of it, by the names of OpenTelemetry.
    pub labels: BTreeMap<String, String>,
    /// Whether a user has switched it off.
    pub enabled: bool,
    /// What is looked at: `stacks`, `counts` or `off`.
    pub collect: &'static str,
    /// What rules want to be looked at.
    pub collect_wanted: &'static str,
    /// Milliseconds between two looks, for now.
    pub interval_ms: u64,
    /// What rules want of that.
    pub interval_wanted_ms: u64,
    /// Its breaker: `closed`, `open` or `half-open`.
    pub breaker: &'static str,
    /// Looks so far.
    pub looks: u64,
    /// Of these, those that failed.
    pub failed: u64,
    /// Of these, those that took too long.
    pub timed_out: u64,
    /// Windows without a look, as the agent was busy.
    pub missed: u64,
    /// When the last good look was.
    pub looked_at_ms: Option<u64>,
    /// Goroutines then, the runtime's own left out.
    pub goroutines: Option<u64>,
    /// Processor time of all looks, microseconds.
    pub cpu_us: u64,
    /// What the last look failed of, if it did.
    pub error: Option<String>,
}

/// What is wrong, and who is told.
#[derive(Debug, Clone, Default, Serialize, JsonSchema)]
pub struct FindingsState {
    /// Findings, by id: pending, firing, and those resolved not long ago. Of a span: all that were there in it, each time
    /// that it fired an entry of its own, the latest first.
    pub findings: Vec<FindingState>,
    /// What the list is of, if a span was asked for.
    pub past: Option<FindingsPast>,
    /// Silences that have not ended.
    pub silences: Vec<Silence>,
    /// Receivers of alerts.
    pub sinks: Vec<SinkState>,
}

/// A span of which findings are listed. Times are Unix milliseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
pub struct FindingsPast {
    /// The first moment.
    pub since_ms: u64,
    /// The moment after the last.
    pub until_ms: u64,
    /// How far back the history reaches; null if none is kept, and then only what the agent remembers is listed.
    pub reaches_back_to_ms: Option<u64>,
    /// Findings of the span that are not listed: too many, or no longer understood.
    pub left_out: u64,
}

/// A finding as it is now, or was in the end.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct FindingState {
    /// Where it is in its life.
    pub state: State,
    /// When it was first seen this time, Unix milliseconds: it may have been there before, and have gone.
    pub began_unix_ms: u64,
    /// When it began to fire this time; null if it has not.
    pub fired_unix_ms: Option<u64>,
    /// When it was last there.
    pub last_seen_unix_ms: u64,
    /// The number of the silence that keeps it from being told.
    pub silenced_by: Option<u64>,
    /// All that is told of it.
    #[serde(flatten)]
    pub alert: Alert,
}

/// What became of the messages to a receiver.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct SinkState {
    /// Its name.
    pub name: String,
    /// Its type.
    pub sink_type: SinkType,
    /// Messages that arrived.
    pub sent: u64,
    /// Messages that were given up.
    pub failed: u64,
    /// Tries that were, or will be, made again.
    pub retried: u64,
    /// Messages that went because there were too many.
    pub dropped: u64,
    /// Messages that wait.
    pub waiting: usize,
    /// The last error, without secrets.
    pub last_error: Option<String>,
}

/// Goroutines of a target, looked at for a request.
pub struct Goroutines {
    /// All of them.
    pub snapshot: Snapshot,
    /// Those that are wanted; all if `None`.
    pub wanted: Option<Vec<GoroutineId>>,
    /// Where its code lies.
    pub mapping: Option<Mapping>,
}

/// Why there is no answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AskError {
    /// There is no such target.
    #[error("there is no target {id}")]
    UnknownTarget {
        /// What was asked for.
        id: String,
    },
    /// The question makes no sense.
    #[error("{reason}")]
    Question {
        /// What is wrong with it.
        reason: String,
        /// What may help.
        hint: Option<String>,
    },
    /// Nothing is known of what was asked for.
    #[error("{reason}")]
    NothingKnown {
        /// Of what.
        reason: String,
        /// What may help.
        hint: Option<String>,
    },
    /// The target cannot be looked at.
    #[error("{reason}")]
    Unreadable {
        /// Why not.
        reason: String,
        /// What may help.
        hint: Option<String>,
    },
}

/// Whoever knows the answers. Its functions may take long: they are called on threads of their own.
pub trait Backend: Send + Sync + 'static {
    /// What happens, as it happens.
    fn feed(&self) -> &Arc<Feed>;
    /// Metrics in the best form that `Accept` allows.
    fn metrics(&self, accept: Option<&str>) -> Text;
    /// How the agent is.
    fn health(&self) -> Health;
    /// All targets, in the order of their ids.
    fn targets(&self) -> Vec<TargetState>;
    /// One target.
    ///
    /// # Errors
    /// When there is no such target.
    fn target(&self, id: &str) -> Result<TargetState, AskError>;
    /// Switches a target on or off until the agent ends, or the target does.
    ///
    /// # Errors
    /// When there is no such target.
    fn set_enabled(&self, id: &str, enabled: bool) -> Result<TargetState, AskError>;
    /// What is wrong; with a span, also what was in it.
    ///
    /// # Errors
    /// When the span makes no sense, or the history cannot be read.
    fn findings(&self, question: &FindingsQuestion) -> Result<FindingsState, AskError>;
    /// Silences what matches, and gives the number of the silence.
    ///
    /// # Errors
    /// When it would silence everything, or there are too many.
    fn silence(&self, silence: Silence) -> Result<u64, AlertingError>;
    /// Ends a silence; whether there was one of that number.
    fn end_silence(&self, id: u64) -> bool;
    /// Looks at all goroutines of a target.
    ///
    /// # Errors
    /// When there is no such target, or it cannot be looked at.
    fn goroutines(&self, id: &str) -> Result<Goroutines, AskError>;
    /// Looks for goroutines that have leaked for sure: all of them, and which they are.
    ///
    /// # Errors
    /// As [`Backend::goroutines`]; also if nothing is proven.
    fn leaked(&self, id: &str) -> Result<Goroutines, AskError>;
    /// Begins to watch every goroutine of a target.
    ///
    /// # Errors
    /// As [`Backend::goroutines`]; also if too many are watched already.
    fn live(&self, id: &str) -> Result<LiveFrames, AskError>;
    /// Whether [`Backend::live`] would be refused, without beginning anything.
    ///
    /// # Errors
    /// As [`Backend::live`].
    fn may_watch(&self, id: &str) -> Result<(), AskError>;
    /// One goroutine, as `gostat dump --json` has it.
    ///
    /// # Errors
    /// As [`Backend::goroutines`]; also if there is no such goroutine.
    fn goroutine(&self, id: &str, goroutine: GoroutineId) -> Result<Text, AskError>;
    /// What a goroutine waits for, as `gostat why --json` says it.
    ///
    /// # Errors
    /// As [`Backend::goroutine`]; also if it does not wait.
    fn why(&self, id: &str, goroutine: GoroutineId) -> Result<Text, AskError>;
    /// Who waits for whom, as `gostat graph --format json` says it.
    ///
    /// # Errors
    /// As [`Backend::goroutines`].
    fn graph(&self, id: &str) -> Result<Text, AskError>;
    /// Which goroutines have leaked, as `gostat leaks --json` says it.
    ///
    /// # Errors
    /// As [`Backend::goroutines`].
    fn leaks(&self, id: &str) -> Result<Text, AskError>;
    /// What a target or service did.
    ///
    /// # Errors
    /// When the question makes no sense, nothing is known of the target then, or there is no history.
    fn history(&self, question: &HistoryQuestion) -> Result<HistoryAnswer, AskError>;
    /// What happened in a span.
    ///
    /// # Errors
    /// As [`Backend::history`].
    fn marks(&self, question: &MarksQuestion) -> Result<Marks, AskError>;
    /// Makes a mark, which is in the history when this returns.
    ///
    /// # Errors
    /// When it makes no sense, there is no such target, no history, or it cannot be written.
    fn mark(&self, wanted: NewMark) -> Result<MarkJson, AskError>;
    /// The processes that the history knows.
    ///
    /// # Errors
    /// When there is no history.
    fn processes(&self) -> Result<PastProcesses, AskError>;
}
