//! What may be typed after `gostat top`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use terminal_ui::View;

use super::{Interval, Moment, ReadingOptions};

pub(super) const TOP_NOTES: &str = "\
What is shown:
  Without TARGET all Go processes: goroutines, trend, release; Enter opens one. Of a process:
    1 clusters     goroutines with equal stacks: how many, how many more than before, what they do
    2 goroutines   every single one, sorted and filtered
    3 stack        of what is selected
    4 why          y: what it waits for, who could end that
    5 leaks        L: which goroutines can never run again, with the evidence
    6 scheduler    Ps, run queues, threads, memory, garbage collections
    7 events       growth, gaps, collections, ends
  ? lists all keys. `/` filters by a word, or by what gostat dump --filter takes. Space holds the
  picture, [ and ] go back and forth in time, w records to a file. The process is never stopped.

Looks of earlier are kept as long as they fit into --memory-mib; of a million goroutines that is
none but the last, whose clusters stay. LOST in the first line counts what could not be read in
this look, LATE looks that were left out because the one before took too long.

Without a terminal: --once prints one picture, --once --json the same as data: of all processes as
gostat ps --json, of one as gostat dump --group --json.

Colours are left out if NO_COLOR is set, other characters than ASCII where the locale has none.

Examples:
  gostat top
  gostat top api 250ms
  gostat top api.gostat --at 3             a recording: [ and ] step, Space plays
  gostat top api --once --view scheduler";

/// Options of `gostat top`.
#[derive(Debug, Args)]
pub(crate) struct TopOptions {
    /// Pid, name of a process if only one has it, or a recording (see gostat record) [default: all processes].
    pub(crate) target: Option<String>,
    /// Time between looks: seconds, or with a unit (500ms, 2s, 1m) [default: 1s].
    pub(crate) interval: Option<Interval>,
    /// Print one picture as text, and end.
    #[arg(long)]
    pub(crate) once: bool,
    /// With --once: print one JSON object.
    #[arg(long, requires = "once")]
    pub(crate) json: bool,
    /// What to show of a target at first.
    #[arg(long, value_enum, default_value_t = FirstView::Clusters, requires = "once")]
    pub(crate) view: FirstView,
    /// Play a recording as slowly as it was made, instead of a moment each interval.
    #[arg(long, requires = "target")]
    pub(crate) pace: bool,
    /// Memory that looks of earlier may take, MiB.
    #[arg(long, value_name = "N", default_value_t = 128, value_parser = clap::value_parser!(u32).range(1..=65_536))]
    pub(crate) memory_mib: u32,
    /// Rules of your own for what goroutines are doing, tried before the built-in ones (see docs/meanings.md).
    #[arg(long, value_name = "FILE")]
    pub(crate) rules: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) moment: Moment,
    #[command(flatten)]
    pub(crate) reading: ReadingOptions,
}

/// Views that one picture can be of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum FirstView {
    /// Goroutines with equal stacks.
    Clusters,
    /// Every goroutine.
    Goroutines,
    /// Ps, run queues, threads.
    Scheduler,
}

impl FirstView {
    /// The same for the crate that shows it.
    pub(crate) fn view(self) -> View {
        match self {
            FirstView::Clusters => View::Clusters,
            FirstView::Goroutines => View::Goroutines,
            FirstView::Scheduler => View::Scheduler,
        }
    }
}
