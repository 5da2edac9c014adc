//! What may be typed after `gostat why` and `gostat graph`.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, ValueEnum};

use super::{Interval, Moment, ReadingOptions};

pub(super) const WHY_NOTES: &str = "\
What is shown:
  A goroutine, what it waits for, who could end that wait, what those wait for, and so on.
  Goroutines that do the same are shown once, with their number. That somebody waits for something
  is a fact. Who could end it is as sure as the words say: \"probably holds it\" is a guess, since
  Go does not record who has locked a mutex. It is made of the stacks: a frame refers to the
  mutex, and its function has called Lock, not Unlock, before. \"deadlock, confirmed\" are
  goroutines that wait for each other and for nobody else, and of which none had moved when all of
  them were looked at once more.

Examples:
  gostat why 4242 98113
  gostat why api 98113 --json | jq '.chain.waits[].object'";

pub(super) const GRAPH_NOTES: &str = "\
Goroutines with the same stack and the same connections are one node, with their number.

Formats:
  dot   for graphviz: gostat graph api | dot -Tsvg > g.svg
  json  nodes and edges, and all deadlocks
  svg   a picture, drawn by gostat: layers from left to right, good for up to some hundred nodes

Examples:
  gostat graph 4242 --format svg -o blocked.svg
  gostat graph api --format json | jq '.deadlocks'";

/// How the copy of the heap is made.
#[derive(Debug, Args)]
pub(crate) struct CopyOptions {
    /// Stop the process while its heap is copied, at most so long [default: 1s]. Without this, it runs on, and the copy
    /// is of several moments.
    #[arg(long, value_name = "DURATION", num_args = 0..=1, require_equals = true, default_missing_value = "1s")]
    freeze: Option<Interval>,
    #[command(flatten)]
    pub(crate) moment: Moment,
    #[command(flatten)]
    pub(crate) reading: ReadingOptions,
}

impl CopyOptions {
    /// How long the target may stand still, if it may.
    pub(crate) fn freeze(&self) -> Option<Duration> {
        self.freeze.map(|freeze| freeze.0)
    }
}

/// Options of `gostat why`.
#[derive(Debug, Args)]
pub(crate) struct WhyOptions {
    /// Pid, name of a process if only one has it, or a recording (see gostat record).
    pub(crate) target: String,
    /// The goroutine's id, as `gostat dump` shows it.
    #[arg(value_name = "GOID")]
    pub(crate) goroutine: u64,
    /// Print one JSON object.
    #[arg(long)]
    pub(crate) json: bool,
    #[command(flatten)]
    pub(crate) copy: CopyOptions,
}

/// Options of `gostat graph`.
#[derive(Debug, Args)]
pub(crate) struct GraphOptions {
    /// Pid, name of a process if only one has it, or a recording (see gostat record).
    pub(crate) target: String,
    /// How to write it.
    #[arg(long, value_enum, default_value_t = GraphFormat::Dot)]
    pub(crate) format: GraphFormat,
    /// Write to FILE, whole or not at all, instead of the standard output.
    #[arg(short, long, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) copy: CopyOptions,
}

/// Formats of `gostat graph`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum GraphFormat {
    /// The language of graphviz.
    Dot,
    /// One JSON object.
    Json,
    /// A picture.
    Svg,
}
