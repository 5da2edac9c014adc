//! Options of `gostat leaks`.

use std::path::PathBuf;

use clap::Args;

use super::{Interval, Moment, ReadingOptions};

/// What is shown below the options.
pub(super) const LEAKS_NOTES: &str = "\
Verdicts:
  proven     they can never run again: nothing that can run reaches what they wait for. Go's own
             goroutineleak profile (Go 1.27) decides in the same way; here it is decided from
             outside, on a copy of the heap, for every Go from 1.19 on
  suspected  something speaks for it, and is said: nothing reached them in several copies of a
             process that ran on; or there are over 50 of them that wait for over 300 s, or their
             number grows (--watch)
Without --freeze the process is not stopped. If the kernel has not run any of its threads while the
heap was copied, as of services that are idle for some milliseconds at a time, the copy is of one
moment, and its verdict is proven. Of a process that never rests a list that changes all the time
may be torn in every copy: what several copies agree on is next to certain, but only suspected.
Beside them it counts those that may have leaked as well: what they wait for is reached by words on
stacks in use, which may be left over from whoever had that stack before.
With --freeze it stands still for the copying alone (some milliseconds for small heaps, 0.7 s for
0.9 GiB), no longer than the given time, and runs on even if gostat is killed.

Exit status:
  0   nothing is proven
  1   a leak is proven: lets a CI job fail
  2   trouble

Examples:
  gostat leaks api                         proof only if it rests while it is copied
  gostat leaks api --freeze                proof
  gostat leaks api --watch 2m              and what grows
  gostat leaks api --json | jq '.leaks[] | {verdict, count, sentence}'";

/// Options of `gostat leaks`.
#[derive(Debug, Args)]
pub(crate) struct LeaksOptions {
    /// Pid, name of a process if only one has it, or a recording (see gostat record).
    pub(crate) target: String,
    /// Stop the process while its heap is copied, for DURATION at most [default: 1s].
    #[arg(long, value_name = "DURATION", num_args = 0..=1, require_equals = true, default_missing_value = "1s")]
    pub(crate) freeze: Option<Interval>,
    /// Copies of a running process that must agree.
    #[arg(long, value_name = "N", default_value_t = 3, value_parser = clap::value_parser!(u32).range(2..=100), conflicts_with = "freeze")]
    pub(crate) passes: u32,
    /// First watch for DURATION which groups of goroutines grow. Interrupting it ends the watch, not the search.
    #[arg(long, value_name = "DURATION")]
    pub(crate) watch: Option<Interval>,
    /// Only goroutines that have been waiting for so long. The Go runtime notes when a wait began at the first garbage
    /// collection that sees it; who has seen none counts as young.
    #[arg(long, value_name = "DURATION")]
    pub(crate) min_age: Option<Interval>,
    /// Also name blocked groups that nothing speaks against but their score.
    #[arg(long)]
    pub(crate) all: bool,
    /// Rules of your own for what goroutines are doing, tried before the built-in ones (see docs/meanings.md).
    #[arg(long, value_name = "FILE")]
    pub(crate) rules: Option<PathBuf>,
    /// Print one JSON object.
    #[arg(long)]
    pub(crate) json: bool,
    /// Write to FILE, whole or not at all, instead of the standard output.
    #[arg(short, long, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) moment: Moment,
    #[command(flatten)]
    pub(crate) reading: ReadingOptions,
}
