//! The text that a scrape gets, in one of the two formats.

use std::collections::HashSet;
use std::fmt::{self, Write};

use crate::agent_sample::{AgentSample, Queue};
use crate::catalogue::{AGENT, Exported, Kind, Metric, of_targets};
use crate::format::Format;
use crate::limits::Limits;
use crate::points::{Point, Points};
use crate::target_metrics::TargetMetrics;

/// What the agent's own metrics are read from: itself, and what has become of this exposition.
pub(crate) struct Page {
    pub(crate) agent: AgentSample,
    pub(crate) series: u64,
    pub(crate) series_max: u64,
    pub(crate) left_out_targets: u64,
    names_max: usize,
}

/// One target's values, by metric in the order of the catalogue.
struct Block<'a> {
    labels: &'a str,
    values: Vec<Vec<Point>>,
}

impl Block<'_> {
    /// The values of a metric, each with the labels of the target.
    fn values_of(&self, index: usize) -> impl Iterator<Item = (&str, &Point)> {
        self.values.get(index).into_iter().flatten().map(|point| (self.labels, point))
    }
}

/// Renders what is known of the agent and of its targets.
///
/// Targets come in the order of their labels. Those beyond [`Limits::series`] are left out whole, and so is one whose
/// labels are those of another: both would spoil the scrape for all others.
pub fn render<'a>(
    format: Format,
    agent: &AgentSample,
    targets: impl IntoIterator<Item = &'a TargetMetrics>,
    limits: &Limits,
) -> String {
    let mut targets: Vec<&TargetMetrics> = targets.into_iter().collect();
    targets.sort_by(|a, b| a.labels.cmp(&b.labels));
    let (blocks, series) = blocks(&targets, limits.series);
    let page = Page {
        agent: agent.clone(),
        series: series as u64,
        series_max: limits.series as u64,
        left_out_targets: (targets.len() - blocks.len()) as u64,
        names_max: limits.findings,
    };
    let mut out = String::new();
    // Writing to a string does not fail.
    let _ = write_all(&mut out, format, &page, &blocks);
    out
}

/// The targets that fit, and how many series they have.
fn blocks<'a>(targets: &[&'a TargetMetrics], series_max: usize) -> (Vec<Block<'a>>, usize) {
    let (mut blocks, mut series, mut seen) = (Vec::new(), 0, HashSet::new());
    for target in targets {
        if !seen.insert(target.labels.as_str()) {
            continue;
        }
        let values: Vec<Vec<Point>> = of_targets().map(|exported| values(exported, target)).collect();
        let more: usize = values.iter().map(Vec::len).sum();
        if series + more > series_max {
            break;
        }
        series += more;
        blocks.push(Block { labels: &target.labels, values });
    }
    (blocks, series)
}

fn values<S>(exported: &Exported<S>, source: &S) -> Vec<Point> {
    let mut points = Points::new(exported.metric.labels);
    (exported.read)(source, &mut points);
    points.into_points()
}

fn write_all(out: &mut String, format: Format, page: &Page, blocks: &[Block<'_>]) -> fmt::Result {
    for (index, exported) in of_targets().enumerate() {
        let points = blocks.iter().flat_map(|block| block.values_of(index));
        write_family(out, format, &exported.metric, points)?;
    }
    for exported in AGENT {
        let values = values(exported, page);
        write_family(out, format, &exported.metric, values.iter().map(|point| ("", point)))?;
    }
    if format == Format::OpenMetrics {
        out.push_str("# EOF\n");
    }
    Ok(())
}

/// A family without values is not mentioned: what nobody knows is absent.
fn write_family<'p>(
    out: &mut String,
    format: Format,
    metric: &Metric,
    points: impl Iterator<Item = (&'p str, &'p Point)>,
) -> fmt::Result {
    let mut points = points.peekable();
    if points.peek().is_none() {
        return Ok(());
    }
    write_heading(out, format, metric)?;
    for (of_target, point) in points {
        out.push_str(metric.name);
        out.push_str(point.suffix);
        let labels = [of_target, &point.labels].concat();
        if let Some(labels) = labels.strip_suffix(',') {
            write!(out, "{{{labels}}}")?;
        }
        writeln!(out, " {}", point.value)?;
    }
    Ok(())
}

fn write_heading(out: &mut String, format: Format, metric: &Metric) -> fmt::Result {
    let (family, kind) = match format {
        Format::OpenMetrics => (metric.family(), open_metrics_type(metric.kind)),
        Format::Prometheus => (metric.name, prometheus_type(metric)),
    };
    writeln!(out, "# TYPE {family} {kind}")?;
    if let (Format::OpenMetrics, Some(unit)) = (format, metric.unit()) {
        writeln!(out, "# UNIT {family} {unit}")?;
    }
    out.push_str("# HELP ");
    out.push_str(family);
    out.push(' ');
    for character in metric.help.chars() {
        match character {
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            // Only OpenMetrics has this escape; in the older format, a backslash would stay.
            '"' if format == Format::OpenMetrics => out.push_str("\\\""),
            other => out.push(other),
        }
    }
    out.push('\n');
    Ok(())
}

fn open_metrics_type(kind: Kind) -> &'static str {
    match kind {
        Kind::Counter => "counter",
        Kind::Gauge => "gauge",
        Kind::Histogram => "histogram",
        Kind::Info => "info",
    }
}

/// `promtool check metrics`, which reads this format only, refuses a gauge called `…_count`: the suffix belongs to
/// histograms there. OpenTelemetry's `go.goroutine.count` is spelled so all the same; its type is left open.
fn prometheus_type(metric: &Metric) -> &'static str {
    match metric.kind {
        Kind::Counter => "counter",
        Kind::Gauge if metric.name.ends_with("_count") => "untyped",
        Kind::Gauge | Kind::Info => "gauge",
        Kind::Histogram => "histogram",
    }
}

impl Page {
    /// The queues, as many as there may be.
    pub(crate) fn queues(&self) -> impl Iterator<Item = (&String, &Queue)> {
        self.agent.queues.iter().take(self.names_max)
    }

    /// Notifications, of as many sinks and outcomes as there may be.
    pub(crate) fn notifications(&self) -> impl Iterator<Item = (&(String, &'static str), &u64)> {
        self.agent.notifications.iter().take(self.names_max)
    }
}
