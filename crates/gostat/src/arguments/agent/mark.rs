//! Options of `gostat agent mark`.

use agent::history::Moment;
use clap::Args;

use super::RunningAgent;

/// What is shown below the options.
pub(super) const MARK_NOTES: &str = "\
Marks are on the time line of the page, and in `gostat history --marks`. Without --service and
--target a mark is of the whole machine. The agent marks by itself when another build of a service
appears; a pipeline that marks what it deploys is on the time line at once, also if nothing
restarts.

Examples:
  gostat agent mark 'v1.2.3, #456' --deploy --service shop
  gostat agent mark 'traffic moved to the other region'
  gostat agent mark 'replica restarted by hand' --target 4242-18273 --at 5m";

/// Options of `gostat agent mark`.
#[derive(Debug, Args)]
pub(crate) struct MarkOptions {
    /// What happened, in up to 500 characters.
    pub(crate) text: String,
    /// It is a deploy, and no mere note.
    #[arg(long)]
    pub(crate) deploy: bool,
    /// The service that it is about, by its name; it need not run yet.
    #[arg(long, value_name = "NAME", conflicts_with = "target")]
    pub(crate) service: Option<String>,
    /// The process that it is about, by its target's id.
    #[arg(long, value_name = "ID")]
    pub(crate) target: Option<String>,
    /// When: a duration before now (5m), or a time (2026-05-17T12:30:00Z, @SECONDS) [default: now].
    #[arg(long, value_name = "TIME")]
    pub(crate) at: Option<Moment>,
    /// Print one JSON object.
    #[arg(long)]
    pub(crate) json: bool,
    #[command(flatten)]
    pub(crate) running: RunningAgent,
}
