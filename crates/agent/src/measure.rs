//! What the agent knows, as metrics: of its targets at each look, of itself when it is asked.

use std::collections::BTreeMap;
use std::fs;
use std::sync::Mutex;
use std::time::Duration;

use capture::{CaptureError, monotonic_ns};
use linux_process::{CgroupMounts, ProcessTable};
use nix::sys::resource::{Resource, UsageWho, getrlimit, getrusage};
use nix::unistd::{SysconfVar, sysconf};
use rustc_hash::FxHashMap;
use telemetry_export::{
    AgentSample, Breaker, CgroupFigures, Detail, Finding, Format, LeakFigures, Limits, ProcessTags, Queue,
    Tags, TargetMetrics, TargetSample, TickCost, Watch, render,
};
use web_server::Text;

use crate::breaker::BreakerState;
use crate::clock::now_unix_ms;
use crate::config::{Collect, Config};
use crate::judge::{FindingsView, Judge};
use crate::locks::locked;
use crate::registry::Registry;
use crate::remember::{Remembered, WAITING_MAX};
use crate::searches::{Searched, Searches};
use crate::target::{Facts, TargetId};
use crate::watcher::{Look, Status};

/// A look is late if it begins later than by this part of the interval.
const LATE_SHARE: f64 = 10.0;

/// Metrics of all targets.
pub(crate) struct Metrics {
    targets: Mutex<FxHashMap<TargetId, TargetMetrics>>,
    limits: Limits,
    table: ProcessTable,
    groups: CgroupMounts,
}

/// What else there is to say of the agent.
pub(crate) struct Own<'o> {
    pub(crate) registry: &'o Registry,
    pub(crate) config: &'o Config,
    pub(crate) findings: FindingsView,
    pub(crate) remembered: Option<Remembered>,
    pub(crate) history_bytes: Option<u64>,
    pub(crate) history_limit_bytes: Option<u64>,
}

impl Metrics {
    pub(crate) fn new(table: ProcessTable) -> Self {
        let groups = CgroupMounts::find(table.root());
        Metrics { targets: Mutex::default(), limits: Limits::default(), table, groups }
    }

    pub(crate) fn began(&self, facts: &Facts) {
        let metrics = TargetMetrics::new(labels(facts), self.limits);
        locked(&self.targets).insert(facts.id.clone(), metrics);
    }

    /// What the control groups of a target say now.
    pub(crate) fn groups_of(&self, facts: &Facts) -> Option<linux_process::CgroupFigures> {
        let groups = self.table.open(facts.target.pid).and_then(|process| process.cgroups());
        groups.ok().map(|groups| self.groups.figures(&groups))
    }

    pub(crate) fn looked(
        &self,
        look: &Look<'_, '_>,
        groups: Option<linux_process::CgroupFigures>,
        searches: &Searches,
        judge: &Judge,
    ) {
        let mut sample = TargetSample::seen(look.census);
        let late = Duration::from_nanos(look.tick.late_ns);
        sample.cost = TickCost {
            cpu_seconds: Some(look.cpu.as_secs_f64()),
            missed_ticks: look.tick.missed,
            late_seconds: (late > look.interval.div_f64(LATE_SHARE)).then_some(late.as_secs_f64()),
            ..sample.cost
        };
        sample.watch = Watch {
            interval_seconds: Some(look.interval.as_secs_f64()),
            detail: Some(detail(look.collect)),
            overhead_ratio: Some(look.cpu.as_secs_f64() / look.interval.as_secs_f64().max(1e-3)),
            overhead_limit_ratio: look.share_max,
            breaker: Some(breaker(look.breaker)),
            breaker_opened: Some(look.breaker_opened),
        };
        sample.cgroup = groups.map(cgroup_figures);
        let firing = judge.firing_of(look.facts).into_iter();
        let named = firing.map(|((kind, severity), count)| (Finding { kind, severity }, count));
        sample.findings = Some(named.collect());
        sample.leaks = searches.searched(&look.facts.id).map(leak_figures);
        if let Some(metrics) = locked(&self.targets).get_mut(&look.facts.id) {
            metrics.observe(sample);
        }
    }

    pub(crate) fn failed(&self, facts: &Facts, error: &CaptureError) {
        let class = match error {
            CaptureError::NotPermitted(_) => "not_permitted",
            CaptureError::Ending { .. } => "ending",
            _ => "unreadable",
        };
        if let Some(metrics) = locked(&self.targets).get_mut(&facts.id) {
            metrics.observe(TargetSample::failed(class, now_unix_ms(), monotonic_ns()));
        }
    }

    pub(crate) fn ended(&self, facts: &Facts) {
        locked(&self.targets).remove(&facts.id);
    }

    /// Everything, in the form that is wanted.
    pub(crate) fn text(&self, accept: Option<&str>, own: &Own<'_>) -> Text {
        let format = Format::for_accept(accept);
        let agent = agent_sample(own);
        let mut targets = locked(&self.targets).clone();
        for status in own.registry.statuses() {
            if let Some(metrics) = targets.get_mut(&status.facts.id) {
                note_state(metrics, &status);
            }
        }
        let mut targets: Vec<_> = targets.into_iter().collect();
        targets.sort_by(|(a, _), (b, _)| a.cmp(b));
        let body = render(format, &agent, targets.iter().map(|(_, metrics)| metrics), &self.limits);
        Text { media_type: format.content_type(), body }
    }
}

/// Of a target that is left alone there is no look that would say so.
fn note_state(metrics: &mut TargetMetrics, status: &Status) {
    if !status.disabled && status.collect != Collect::Off {
        return;
    }
    metrics.observe(TargetSample::not_tried(Watch {
        interval_seconds: Some(status.interval.as_secs_f64()),
        detail: Some(Detail::Off),
        breaker: Some(breaker(status.breaker)),
        breaker_opened: Some(status.breaker_opened),
        ..Watch::default()
    }));
}

fn breaker(state: BreakerState) -> Breaker {
    match state {
        BreakerState::Closed => Breaker::Closed,
        BreakerState::Open => Breaker::Open,
        BreakerState::HalfOpen => Breaker::HalfOpen,
    }
}

fn detail(collect: Collect) -> Detail {
    match collect {
        Collect::Stacks => Detail::Stacks,
        Collect::Counts => Detail::Counts,
        Collect::Off => Detail::Off,
    }
}

fn labels(facts: &Facts) -> Tags {
    let label = |name: &str| facts.labels.get(name).cloned();
    Tags {
        target: facts.id.to_string(),
        service: label("service.name"),
        version: label("service.version"),
        environment: label("deployment.environment.name").or_else(|| label("deployment.environment")),
        container: facts.container.as_ref().map(|container| container.short_id().to_owned()),
        pod: label("k8s.pod.name"),
        node: label("k8s.node.name"),
        process: ProcessTags::from(&facts.target),
    }
}

#[expect(
    clippy::cast_precision_loss,
    reason = "microseconds of years and thousands of processors fit 53 bits"
)]
fn cgroup_figures(figures: linux_process::CgroupFigures) -> CgroupFigures {
    let seconds = |us: u64| us as f64 / 1e6;
    CgroupFigures {
        cpu_periods: figures.cpu_periods,
        cpu_throttled_periods: figures.cpu_throttled_periods,
        cpu_throttled_seconds: figures.cpu_throttled_us.map(seconds),
        cpu_limit_cores: figures.cpu_limit_millis.map(|millis| millis as f64 / 1e3),
        memory_bytes: figures.memory_bytes,
        memory_limit_bytes: figures.memory_limit_bytes,
        stalled_seconds: figures.stalled_us.into_iter().map(|(key, us)| (key, seconds(us))).collect(),
    }
}

fn leak_figures(searched: Searched) -> LeakFigures {
    LeakFigures { proven: searched.proven, suspected: searched.suspected }
}

fn agent_sample(own: &Own<'_>) -> AgentSample {
    let mut targets: BTreeMap<&'static str, u64> =
        [("watched", 0), ("off", 0), ("failing", 0)].into_iter().collect();
    for status in own.registry.statuses() {
        let state = match (status.disabled || status.collect == Collect::Off, &status.error) {
            (true, _) => "off",
            (false, Some(_)) => "failing",
            (false, None) => "watched",
        };
        *targets.entry(state).or_default() += 1;
    }
    let mut notifications = BTreeMap::new();
    let (mut queues, mut history_looks) = (BTreeMap::new(), BTreeMap::new());
    for sink in &own.findings.sinks {
        for (outcome, count) in [("delivered", sink.sent), ("failed", sink.failed), ("dropped", sink.dropped)]
        {
            notifications.insert((sink.sink.clone(), outcome), count);
        }
        let settings = own.config.alerts.sinks.iter().find(|settings| settings.name == sink.sink);
        let capacity = settings.map_or(0, |settings| settings.queue_max as u64);
        queues.insert(format!("alerts/{}", sink.sink), Queue { length: sink.queue as u64, capacity });
    }
    if let Some(remembered) = &own.remembered {
        let length = remembered.waiting as u64;
        queues.insert("history".to_owned(), Queue { length, capacity: WAITING_MAX as u64 });
        history_looks.extend([("written", remembered.ticks), ("left_out", remembered.left_out)]);
    }
    AgentSample {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        start_time_unix_seconds: started_unix_seconds(),
        cpu_seconds: cpu_seconds(),
        resident_bytes: resident_bytes(),
        open_files: fs::read_dir("/proc/self/fd").ok().map(|entries| entries.count() as u64),
        open_files_limit: getrlimit(Resource::RLIMIT_NOFILE).ok().map(|(soft, _)| soft),
        targets,
        history_bytes: own.history_bytes,
        history_limit_bytes: own.history_limit_bytes,
        history_looks,
        history_refused: own.remembered.as_ref().map(|remembered| remembered.refused),
        queues,
        notifications,
    }
}

/// When we began.
#[expect(clippy::cast_precision_loss, reason = "milliseconds since 1970 fit 53 bits")]
fn started_unix_seconds() -> Option<f64> {
    let table = ProcessTable::default();
    let identity = table.open(std::process::id()).ok()?.identity().ok()?;
    Some(table.started_unix_ms(identity.start_ticks)? as f64 / 1e3)
}

/// Our own processor time.
fn cpu_seconds() -> Option<f64> {
    let usage = getrusage(UsageWho::RUSAGE_SELF).ok()?;
    let times = [usage.user_time(), usage.system_time()];
    let us: i64 = times.iter().map(|time| time.tv_sec() * 1_000_000 + time.tv_usec()).sum();
    Some(Duration::from_micros(u64::try_from(us).ok()?).as_secs_f64())
}

/// Our own memory: the second number of `/proc/self/statm`, pages.
pub(crate) fn resident_bytes() -> Option<u64> {
    let text = fs::read_to_string("/proc/self/statm").ok()?;
    let pages: u64 = text.split_whitespace().nth(1)?.parse().ok()?;
    let page = sysconf(SysconfVar::PAGE_SIZE).ok()??;
    pages.checked_mul(u64::try_from(page).ok()?)
}
