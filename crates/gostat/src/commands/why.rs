//! `gostat why` and `gostat graph`: who waits for whom.

use analysis::blocking::{BlockingGraph, Deadlock};
use anyhow::Result;
use capture::{Blocked, Source};
use report::{BlockingReport, not_blocked};
use snapshot::GoroutineId;

use crate::arguments::{CopyOptions, GraphFormat, GraphOptions, WhyOptions};
use crate::output::deliver;
use crate::target;

/// How often it is looked in all where locks change hands too fast.
const LOOKS_MAX: usize = 3;

/// Why there is nothing to explain.
#[derive(Debug, thiserror::Error)]
pub(crate) enum WhyError {
    #[error("process {pid} has no goroutine {goroutine}")]
    NoSuchGoroutine { pid: u32, goroutine: u64 },
    #[error("goroutine {goroutine} is not blocked: it is {doing}")]
    NotBlocked { goroutine: u64, doing: String },
}

impl WhyError {
    /// What the user can do about it.
    pub(crate) fn hint(&self) -> String {
        match self {
            WhyError::NoSuchGoroutine { pid, .. } => {
                format!("it may have ended; gostat dump {pid} lists those that there are")
            }
            WhyError::NotBlocked { .. } => "try again, if it should be blocked".into(),
        }
    }
}

/// Runs `gostat why`.
pub(crate) fn why(options: &WhyOptions) -> Result<()> {
    let (mut source, mut blocked) = look(&options.target, &options.copy)?;
    for _ in 1..LOOKS_MAX {
        // Stopping it again, or reading a recorded moment once more, would not be what was asked for.
        let again = matches!(source, Source::Live(_)) && options.copy.freeze().is_none();
        if !again || !is_unsettled(&blocked, options.goroutine) {
            break;
        }
        blocked = source.blocked(None)?;
    }
    let graph = BlockingGraph::new(&blocked.snapshot, &blocked.references);
    let (pid, id) = (source.target().pid, options.goroutine);
    let index = graph.index_of(GoroutineId(id));
    let none = || WhyError::NoSuchGoroutine { pid, goroutine: id };
    let (index, goroutine) = index.and_then(|at| Some((at, graph.goroutine(at)?))).ok_or_else(none)?;
    if let Some(doing) = not_blocked(&blocked.snapshot, goroutine) {
        return Err(WhyError::NotBlocked { goroutine: id, doing }.into());
    }
    let deadlocks = graph.deadlocks();
    let report = report_on(&source, &blocked, &graph, &deadlocks)?;
    let chain = graph.chain(index);
    deliver(None, |mut writer| match options.json {
        true => report.write_why_json(&chain, &mut writer),
        false => report.write_why(&chain, &mut writer),
    })?;
    Ok(())
}

fn is_unsettled(blocked: &Blocked, goroutine: u64) -> bool {
    let graph = BlockingGraph::new(&blocked.snapshot, &blocked.references);
    graph.index_of(GoroutineId(goroutine)).is_some_and(|index| graph.is_unsettled(index))
}

/// Runs `gostat graph`.
pub(crate) fn graph(options: &GraphOptions) -> Result<()> {
    let (source, blocked) = look(&options.target, &options.copy)?;
    let graph = BlockingGraph::new(&blocked.snapshot, &blocked.references);
    let deadlocks = graph.deadlocks();
    let report = report_on(&source, &blocked, &graph, &deadlocks)?;
    let merged = graph.merged(&deadlocks);
    deliver(options.output.as_deref(), |mut writer| match options.format {
        GraphFormat::Dot => report.write_dot(&merged, &mut writer),
        GraphFormat::Json => report.write_graph_json(&merged, &mut writer),
        GraphFormat::Svg => report.write_svg(&merged, &mut writer),
    })?;
    Ok(())
}

fn look(target: &str, copy: &CopyOptions) -> Result<(Source, Blocked)> {
    let mut source = target::open(target, &copy.moment)?;
    if copy.freeze().is_some() {
        target::require_live(&source, "--freeze", target)?;
    }
    source.set_workers(copy.reading.threads());
    let blocked = source.blocked(copy.freeze())?;
    Ok((source, blocked))
}

/// Looks at all members of deadlocks once more.
fn report_on<'g>(
    source: &Source,
    blocked: &Blocked,
    graph: &'g BlockingGraph<'g>,
    deadlocks: &'g [Deadlock],
) -> Result<BlockingReport<'g>> {
    let report = BlockingReport::new(graph, deadlocks, |members| source.still_blocked(blocked, members))?;
    let frozen_us = blocked.frozen.map(|time| u64::try_from(time.as_micros()).unwrap_or(u64::MAX));
    Ok(BlockingReport { frozen_us, ..report })
}
