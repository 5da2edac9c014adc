//! What may be typed after `gostat diff`.

use clap::Args;

pub(super) const DIFF_NOTES: &str = "\
A and B:
  FILE, FILE@N, FILE@TIME  a moment of a recording (the last one without @), as for --at
  FILE                     a dump: of gostat dump --json, of gostat dump, of SIGQUIT or a panic, of
                           /debug/pprof/goroutine with debug=2, or a goroutine profile
Both may be of different kinds, processes and builds: goroutines are of one group if the innermost
functions of their stacks are the same code and the same function started them. Line numbers do
not matter. Profiles have no creators and no states: with one of them, neither is compared. The
runtime's own goroutines are left out.

Examples:
  gostat record api 60 -o api.gostat      ... and later:
  gostat diff api.gostat@1 api.gostat     what has changed since the first moment?
  gostat diff api.gostat@2026-11-21T12:00:00Z api.gostat@2026-11-21T13:00:00Z --limit 5
  gostat dump api --json -o before.json; ...; gostat diff before.json after.json --json";

/// Options of `gostat diff`.
#[derive(Debug, Args)]
pub(crate) struct DiffOptions {
    /// The earlier one: a recording, with @N or @TIME for one of its moments, or a dump.
    #[arg(value_name = "A")]
    pub(crate) before: String,
    /// The later one, likewise.
    #[arg(value_name = "B")]
    pub(crate) after: String,
    /// Show at most N groups.
    #[arg(long, value_name = "N")]
    pub(crate) limit: Option<usize>,
    /// Print one JSON object.
    #[arg(long)]
    pub(crate) json: bool,
}
