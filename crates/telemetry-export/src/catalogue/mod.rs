//! Every metric that is exported: its name, kind and meaning, and how it is read. There is no other way to export one.

mod agent;
mod goroutines;
mod thread_locks;
mod runtime;
mod watching;

use crate::exposition::Page;
use crate::points::Points;
use crate::target_metrics::TargetMetrics;

pub(crate) use agent::AGENT;

/// A metric as users see it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Metric {
    /// Its name, as Prometheus stores it.
    pub name: &'static str,
    /// Its kind.
    pub kind: Kind,
    /// Labels of its own, besides those of the target.
    pub labels: &'static [&'static str],
    /// What it means, one sentence without a full stop.
    pub help: &'static str,
    /// The name of OpenTelemetry's semantic conventions that this is the Prometheus spelling of.
    pub convention: Option<&'static str>,
    /// Whether it is about a target, and carries its tags, or about the agent.
    pub of_target: bool,
}

/// Kinds of metrics.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Only grows, as long as what it is about lives.
    Counter,
    /// Goes up and down.
    Gauge,
    /// A distribution: series `…_bucket`, and where the sum is known `…_count` and `…_sum`.
    Histogram,
    /// Always 1; its labels are what it says.
    Info,
}

impl Metric {
    /// Its unit, which its name ends with; none for plain counts.
    pub fn unit(&self) -> Option<&'static str> {
        let family = self.family();
        ["seconds", "bytes", "ratio"]
            .into_iter()
            .find(|unit| family.strip_suffix(unit).is_some_and(|rest| rest.ends_with('_')))
    }

    /// The name of its family in OpenMetrics, where the names of samples have the suffixes.
    pub fn family(&self) -> &'static str {
        let suffix = match self.kind {
            Kind::Counter => "_total",
            Kind::Info => "_info",
            Kind::Gauge | Kind::Histogram => return self.name,
        };
        self.name.strip_suffix(suffix).unwrap_or(self.name)
    }
}

/// All metrics, in the order in which they are exported: of targets, then of the agent.
pub fn catalogue() -> impl Iterator<Item = Metric> {
    of_targets().map(|exported| exported.metric).chain(AGENT.iter().map(|exported| exported.metric))
}

pub(crate) fn of_targets() -> impl Iterator<Item = &'static Exported<TargetMetrics>> {
    [goroutines::GOROUTINES, thread_locks::THREAD_LOCKS, runtime::RUNTIME, watching::WATCHING]
        .into_iter()
        .flatten()
}

/// A metric, and how its values are read from `S`.
pub(crate) struct Exported<S> {
    pub(crate) metric: Metric,
    pub(crate) read: fn(&S, &mut Points),
}

type TargetPoints = fn(&TargetMetrics, &mut Points);
type AgentPoints = fn(&Page, &mut Points);

impl Exported<TargetMetrics> {
    const fn of(kind: Kind, name: &'static str, help: &'static str, read: TargetPoints) -> Self {
        let metric = Metric { name, kind, labels: &[], help, convention: None, of_target: true };
        Exported { metric, read }
    }
}

impl Exported<Page> {
    const fn of_agent(kind: Kind, name: &'static str, help: &'static str, read: AgentPoints) -> Self {
        let metric = Metric { name, kind, labels: &[], help, convention: None, of_target: false };
        Exported { metric, read }
    }
}

impl<S> Exported<S> {
    const fn labelled(mut self, labels: &'static [&'static str]) -> Self {
        self.metric.labels = labels;
        self
    }

    const fn convention(mut self, name: &'static str) -> Self {
        self.metric.convention = Some(name);
        self
    }
}
