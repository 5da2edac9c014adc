//! Options of `gostat history`.

use std::path::PathBuf;

use agent::history::{By, Moment, TOP_DEFAULT, TOP_MAX, Width};
use clap::Args;

/// What is shown below the options.
pub(super) const HISTORY_NOTES: &str = "\
Targets:
  4242                  the process with this pid; of several that have had it, the one seen last,
                        with all programs that it has executed
  4242-18273            this very process, as the list and the agent's API name it; 4242-18273.1 is
                        what it became when it executed another program
  checkout              all processes with this name, file, module (whole path or last part), or
                        service (service.name of OTEL_SERVICE_NAME, OTEL_RESOURCE_ATTRIBUTES)
  Figures of several processes are added up, restarts and replicas of a service alike; least and
  most of such a sum are not known. Give an id for one of them.

Times:
  30s, 15m, 1h30m, 7d (or plain seconds) ago; 2026-05-17T12:30:00Z, 2026-05-17; @SECONDS since 1970;
  now. All times are UTC.

Measures are counters and figures by name, or all whose names begin alike: measure:gc_cycles,
measure:'sched_*', measure:'heap_*', measure:'cgroup_*' (CPU quota and throttling, memory and its
limit, stalls of the control group). --at TIME --json has all that there are.

The record of a process ends as it exited; executed another program; was not permitted to be read
any more; was not watched any more, by a rule or 'gostat agent disable'; or as the agent stopped,
or was killed, which the next agent notes. Only after the first two it was gone for certain.

A dash stands for what is not known. A time in which nobody looked is a gap, and never zero.
Counts by state, reason, label and stack include the runtime's own goroutines; the total has them
apart.

Examples:
  gostat history                             which processes are remembered?
  gostat history api                         the last hour of all processes named api
  gostat history api --since 7d --by stack   which stacks have grown in a week?
  gostat history 4242 --by reason --step 1m
  gostat history api --by label:tenant --top 5
  gostat history api --by measure:'cgroup_*' --since 6h
  gostat history 4242 --at 10m               where all goroutines stood ten minutes ago
  gostat history api --since 1d --marks --findings
  gostat history api --json | jq '.series[0].values[].last'";

/// Options of `gostat history`.
#[derive(Debug, Args)]
pub(crate) struct HistoryOptions {
    /// Pid, id, or name of a process, module or service; without one, all processes are listed.
    pub(crate) target: Option<String>,
    /// From when on [default: 1h; the list: all].
    #[arg(long, value_name = "D|TIME")]
    pub(crate) since: Option<Moment>,
    /// Until when [default: now].
    #[arg(long, value_name = "D|TIME")]
    pub(crate) until: Option<Moment>,
    /// What to tell apart: total, state, reason, stack, label:KEY or measure:NAME.
    #[arg(long, value_name = "WHAT", default_value = "total", requires = "target")]
    pub(crate) by: By,
    /// How much time a line or bar stands for [default: what fits on the terminal].
    #[arg(long, value_name = "D", requires = "target")]
    pub(crate) step: Option<Width>,
    /// How many to tell apart, the largest; the others are added up.
    #[arg(long, value_name = "N", default_value_t = TOP_DEFAULT, value_parser = parse_top)]
    pub(crate) top: usize,
    /// Show where all goroutines stood at a moment instead, as `dump --group` does for now.
    #[arg(long, value_name = "D|TIME", requires = "target",
        conflicts_with_all = ["since", "until", "by", "step", "marks", "findings"])]
    pub(crate) at: Option<Moment>,
    /// Show what happened, too: deploys, other programs executed, agents started and stopped, clocks set
    /// back.
    #[arg(long)]
    pub(crate) marks: bool,
    /// Show what was found wrong, too.
    #[arg(long)]
    pub(crate) findings: bool,
    /// Print one JSON object.
    #[arg(long)]
    pub(crate) json: bool,
    /// The history's file [default: history.sqlite in the state directory of the agent's configuration].
    #[arg(long, value_name = "FILE")]
    pub(crate) history: Option<PathBuf>,
    /// The agent's configuration, which says where its history is.
    #[arg(long, value_name = "FILE", conflicts_with = "history")]
    pub(crate) config: Option<PathBuf>,
}

fn parse_top(text: &str) -> Result<usize, String> {
    let top = text.parse().ok().filter(|top| (1..=TOP_MAX).contains(top));
    top.ok_or_else(|| format!("not a number from 1 to {TOP_MAX}"))
}
