//! What may be typed after `gostat record`.

use std::path::PathBuf;
use std::time::Duration;

use clap::Args;

use super::{Interval, ReadingOptions};

pub(super) const RECORD_NOTES: &str = "\
The recording:
  Each moment is written as soon as it is taken, so FILE is never \"whole or not at all\": whoever
  stops gostat, even by SIGKILL, loses at most the moment that was being written. If the disk is
  full, the moments before stay. An existing file is never overwritten. Every command that takes a
  process takes a recording of one: gostat dump FILE --at N, gostat stat FILE, gostat diff FILE@1
  FILE@2. A moment of 100,000 goroutines takes one to two megabytes.

--heap:
  leaks, why and graph look at the heap. With --heap each moment has what they need: that takes a
  copy of the process's whole heap (in gostat's memory, not in the file) for each moment, and
  several if the process does not rest. The process runs on unless --freeze is given. An interval
  should leave time for that: moments that are not ready in time are left out.

Examples:
  gostat record api 10s -o api.gostat             every ten seconds, until interrupted
  gostat record api --heap -o leak.gostat         one moment, with leaks and who waits for whom
  gostat record 4242 1 60 -o minute.gostat && gostat stat minute.gostat";

/// Options of `gostat record`.
#[derive(Debug, Args)]
pub(crate) struct RecordOptions {
    /// Pid, or the name of a process if only one has it.
    pub(crate) target: String,
    /// Time between moments: seconds, or with a unit (500ms, 2s, 1m). Without it, one moment is recorded.
    pub(crate) interval: Option<Interval>,
    /// How many moments; without it, they are recorded until interrupted.
    #[arg(value_parser = clap::value_parser!(u64).range(1..))]
    pub(crate) count: Option<u64>,
    /// Where to: a new file, or an empty one.
    #[arg(short, long, value_name = "FILE")]
    pub(crate) output: PathBuf,
    /// Also record what leaks, why and graph show. Copies the heap for each moment: see below.
    #[arg(long)]
    pub(crate) heap: bool,
    /// Copies of a running process that must agree on what has leaked.
    #[arg(long, value_name = "N", default_value_t = 3, value_parser = clap::value_parser!(u32).range(2..=100), requires = "heap")]
    pub(crate) passes: u32,
    /// Stop the process while its heap is copied, for DURATION at most [default: 1s].
    #[arg(long, value_name = "DURATION", num_args = 0..=1, require_equals = true, default_missing_value = "1s", requires = "heap", conflicts_with = "passes")]
    freeze: Option<Interval>,
    #[command(flatten)]
    pub(crate) reading: ReadingOptions,
}

impl RecordOptions {
    /// How long the target may stand still, if it may.
    pub(crate) fn freeze(&self) -> Option<Duration> {
        self.freeze.map(|freeze| freeze.0)
    }
}
