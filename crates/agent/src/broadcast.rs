//! Telling listeners what happens: looks, what becomes of targets, and findings that change.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use alerting::{Alert, Finding, FindingId, Severity, State, TargetKey};
use capture::CaptureError;
use rustc_hash::FxHashMap;
use snapshot::{Census, GapSubject, Scheduler};
use web_server::{Feed, FindingEvent, ReasonCount, SchedulerCounts, TargetChange, TargetEvent, TickEvent};

use crate::clock::now_unix_ms;
use crate::judge::FindingsView;
use crate::locks::locked;
use crate::registry::Observer;
use crate::target::{Facts, TargetId, tags};
use crate::watcher::Look;

/// Wait reasons that are told apart.
const REASONS_MAX: usize = 8;
/// Targets of a finding that are named.
const NAMED_MAX: usize = 100;

/// What is told of a finding again only if it changes.
#[derive(Debug, Clone, PartialEq)]
struct Told {
    state: State,
    severity: Severity,
    silenced_by: Option<u64>,
    count: u64,
    targets: Vec<String>,
}

/// Tells.
pub(crate) struct Broadcast {
    feed: Arc<Feed>,
    /// Findings name targets by these keys.
    ids: Mutex<FxHashMap<TargetKey, TargetId>>,
    told: Mutex<BTreeMap<FindingId, (Told, FindingEvent)>>,
}

impl Broadcast {
    pub(crate) fn new(feed: Arc<Feed>) -> Self {
        Broadcast { feed, ids: Mutex::default(), told: Mutex::default() }
    }

    /// Tells which findings have changed since this was last asked, and which are forgotten.
    pub(crate) fn findings(&self, view: &FindingsView) {
        let mut told = locked(&self.told);
        let mut now = BTreeMap::new();
        for (finding, alert) in &view.findings {
            let (state, event) = self.finding(finding, alert);
            if told.remove(&finding.id).is_none_or(|(before, _)| before != state) {
                self.feed.finding(&event);
            }
            now.insert(finding.id.clone(), (state, event));
        }
        for (_, (_, last)) in std::mem::replace(&mut *told, now) {
            self.feed.finding(&FindingEvent { state: None, at_ms: now_unix_ms(), ..last });
        }
    }

    fn finding(&self, finding: &Finding, alert: &Alert) -> (Told, FindingEvent) {
        let ids = locked(&self.ids);
        let keys = finding.targets.iter().map(|concerned| &concerned.key).chain(&finding.more_targets);
        let targets: Vec<_> =
            keys.filter_map(|key| ids.get(key)).take(NAMED_MAX).map(TargetId::to_string).collect();
        drop(ids);
        let (state, severity, silenced_by) = (finding.state, finding.severity, finding.silenced_by);
        let event = FindingEvent {
            id: finding.id.to_string(),
            at_ms: now_unix_ms(),
            state: Some(state),
            kind: alert.kind.clone(),
            severity,
            service: alert.service.clone(),
            sentence: alert.sentence.clone(),
            count: alert.count,
            silenced_by,
            targets: targets.clone(),
        };
        (Told { state, severity, silenced_by, count: alert.count, targets }, event)
    }

    fn target(&self, facts: &Facts, change: TargetChange, error: Option<&CaptureError>) {
        self.feed.target(&TargetEvent {
            target: facts.id.to_string(),
            at_ms: now_unix_ms(),
            change,
            name: facts.target.name.clone(),
            error: error.map(CaptureError::to_string),
        });
    }
}

impl Observer for Broadcast {
    fn began(&self, facts: &Facts) {
        locked(&self.ids).insert(tags(facts).key(), facts.id.clone());
        self.target(facts, TargetChange::Began, None);
    }

    fn looked(&self, look: &Look<'_, '_>) {
        self.feed.tick(&tick(look));
    }

    fn failed(&self, facts: &Facts, error: &CaptureError) {
        self.target(facts, TargetChange::Failed, Some(error));
    }

    fn ended(&self, facts: &Facts, how: &CaptureError) {
        let key = tags(facts).key();
        let mut ids = locked(&self.ids);
        // Another program of the same process may have its place already.
        if ids.get(&key) == Some(&facts.id) {
            ids.remove(&key);
        }
        drop(ids);
        self.target(facts, TargetChange::Ended, Some(how));
    }
}

fn tick(look: &Look<'_, '_>) -> TickEvent {
    let census = look.census;
    let count = |runtime: bool| {
        let of_it = census.cohorts.iter().filter(|(cohort, _)| cohort.is_runtime == runtime);
        of_it.map(|(_, count)| count).sum()
    };
    let mut states = BTreeMap::new();
    for (cohort, count) in &census.cohorts {
        *states.entry(cohort.status.name().to_owned()).or_default() += count;
    }
    let (wait_reasons, wait_reasons_rest) = wait_reasons(census);
    let unread = census.gaps.iter().filter(|gap| gap.subject == GapSubject::Goroutine);
    TickEvent {
        target: look.facts.id.to_string(),
        at_ms: census.taken_at_unix_ms,
        goroutines: count(false),
        runtime_goroutines: count(true),
        states,
        wait_reasons,
        wait_reasons_rest,
        unread: unread.map(|gap| gap.count).sum(),
        scheduler: census.scheduler.as_ref().map(scheduler),
        collect: look.collect.name(),
        interval_ms: number(look.interval, Duration::as_millis),
        missed: look.tick.missed,
        breaker: look.breaker.name(),
        cpu_us: number(look.cpu, Duration::as_micros),
    }
}

/// Most first, and how many goroutines have others.
fn wait_reasons(census: &Census<'_>) -> (Vec<ReasonCount>, u64) {
    let mut counts: FxHashMap<_, u64> = FxHashMap::default();
    for (cohort, count) in &census.cohorts {
        if let Some(reason) = cohort.wait_reason {
            *counts.entry(reason).or_default() += count;
        }
    }
    let mut reasons: Vec<_> = counts
        .into_iter()
        .map(|(reason, count)| ReasonCount { reason: census.tables.text(reason).to_owned(), count })
        .collect();
    reasons.sort_by(|a, b| b.count.cmp(&a.count).then_with(|| a.reason.cmp(&b.reason)));
    let rest = reasons.iter().skip(REASONS_MAX).map(|reason| reason.count).sum();
    reasons.truncate(REASONS_MAX);
    (reasons, rest)
}

fn scheduler(scheduler: &Scheduler) -> SchedulerCounts {
    SchedulerCounts {
        runnable: scheduler.runnable_queued(),
        global_run_queue: u64::from(scheduler.global_run_queue),
        processors: scheduler.processors.len() as u64,
        idle_processors: u64::from(scheduler.idle_processors),
        threads: scheduler.machines.len() as u64,
        idle_threads: u64::from(scheduler.idle_machines),
        spinning_threads: u64::from(scheduler.spinning_machines),
        gc_waiting: scheduler.gc_waiting,
    }
}

fn number(time: Duration, unit: fn(&Duration) -> u128) -> u64 {
    u64::try_from(unit(&time)).unwrap_or(u64::MAX)
}
