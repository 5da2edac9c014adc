//! The metrics of one target: its last look, and counters that never fall as long as it lives.

use std::collections::BTreeMap;

use snapshot::{MemoryStatistics, TimeHistogram};

use crate::counted_names::CountedNames;
use crate::label_value;
use crate::limits::Limits;
use crate::look::{Goroutines, Look, SchedulerFigures};
use crate::tags::Tags;
use crate::target_sample::{Finding, Outcome, TargetSample, TickCost};
use crate::thread_locks::ThreadLocks;
use crate::top_stacks::TopStacks;

/// Intervals between two looks beyond which nobody knows what was in between: nothing is integrated over them.
const INTEGRATED_INTERVALS_MAX: f64 = 3.0;

/// The same in seconds where the interval is not known.
const INTEGRATED_SECONDS_MAX: f64 = 60.0;

/// What is exported of one target. Make one when a process is first seen, and another one for its successor: counters
/// are of one process's life.
#[derive(Debug, Clone)]
pub struct TargetMetrics {
    pub(crate) tags: Tags,
    /// The labels of every series, ready to be written.
    pub(crate) labels: String,
    pub(crate) last: Option<TargetSample>,
    pub(crate) counters: Counters,
    pub(crate) wait_reasons: CountedNames<Blocked>,
    pub(crate) errors: CountedNames<u64>,
    pub(crate) findings: Option<CountedFindings>,
    pub(crate) stacks: Option<TopStacks>,
    /// None before any look saw Ms.
    pub(crate) thread_locks: Option<ThreadLocks>,
    limits: Limits,
    last_seen_monotonic_ns: Option<u64>,
}

/// What only grows.
#[derive(Debug, Clone, Default)]
pub(crate) struct Counters {
    pub(crate) started: Option<Started>,
    pub(crate) mallocs: Option<u64>,
    pub(crate) frees: Option<u64>,
    pub(crate) gc_cycles: Option<u64>,
    pub(crate) gc_pause_ns: Option<u64>,
    pub(crate) times_to_run: Option<TimeHistogram>,
    pub(crate) gc_pauses: Option<TimeHistogram>,
    pub(crate) ticks: u64,
    pub(crate) missed_ticks: u64,
    pub(crate) late_ticks: u64,
    pub(crate) bytes_read: u64,
    pub(crate) torn: u64,
    pub(crate) gaps: u64,
    pub(crate) tick_seconds: Option<f64>,
    pub(crate) tick_cpu_seconds: Option<f64>,
    pub(crate) breaker_opened: Option<u64>,
    pub(crate) unobserved_seconds: f64,
    pub(crate) last_seen_unix_ms: Option<u64>,
}

/// Goroutines started so far. The exact number and the limit of ids are never mixed: the limit is higher.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Started {
    is_exact: bool,
    pub(crate) count: u64,
}

/// Goroutines blocked for one reason.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Blocked {
    pub(crate) now: u64,
    before: u64,
    /// Goroutine-seconds so far.
    pub(crate) seconds: f64,
}

/// Findings that fire, of a bounded number of kinds.
pub(crate) type CountedFindings = BTreeMap<&'static str, CountedNames<u64>>;

impl TargetMetrics {
    /// Nothing has been seen yet.
    pub fn new(tags: Tags, limits: Limits) -> TargetMetrics {
        let mut labels = String::new();
        for (name, value) in Tags::LABELS.into_iter().zip(tags.values()) {
            label_value::append(&mut labels, name, value.unwrap_or_default());
        }
        TargetMetrics {
            tags,
            labels,
            last: None,
            counters: Counters::default(),
            wait_reasons: CountedNames::new(limits.wait_reasons),
            errors: CountedNames::new(limits.error_classes),
            findings: None,
            stacks: None,
            thread_locks: None,
            limits,
            last_seen_monotonic_ns: None,
        }
    }

    /// Which target this is.
    pub fn tags(&self) -> &Tags {
        &self.tags
    }

    /// Takes the next tick.
    ///
    /// Goroutine-seconds are the counts of two looks, averaged, times the time between them. Where that is more than
    /// three intervals (a minute, if the interval is not known), because looks failed or nobody tried, nobody knows what
    /// was in between: the time is counted as not observed instead.
    pub fn observe(&mut self, mut sample: TargetSample) {
        match &sample.outcome {
            Outcome::Seen(look) => self.see(&sample, look),
            Outcome::Failed(class) => {
                *self.errors.of(class) += 1;
                self.counters.tick(&sample.cost);
            }
            Outcome::NotTried => {}
        }
        self.findings = sample.findings.as_ref().map(|findings| self.count_findings(findings));
        raise(&mut self.counters.breaker_opened, sample.watch.breaker_opened);
        if let Outcome::Seen(look) = &mut sample.outcome
            && let Some(goroutines) = &mut look.goroutines
        {
            // There may be hundreds of thousands of them; what is shown has been taken.
            goroutines.stacks = None;
        }
        self.last = Some(sample);
    }

    /// The last look, if it was not followed by a failure: what was true earlier is not shown as if it still were.
    pub(crate) fn look(&self) -> Option<&Look> {
        match &self.last.as_ref()?.outcome {
            Outcome::Seen(look) => Some(look),
            Outcome::Failed(_) | Outcome::NotTried => None,
        }
    }

    fn see(&mut self, sample: &TargetSample, look: &Look) {
        self.counters.tick(&sample.cost);
        self.counters.last_seen_unix_ms = Some(sample.taken_at_unix_ms);
        if let Some(scheduler) = &look.scheduler {
            self.counters.start(scheduler);
            self.counters.times(scheduler);
        }
        if let Some(memory) = &look.memory {
            self.counters.remember(memory);
        }
        if let Some(seen) = &look.thread_locks {
            let causes_max = self.limits.wait_reasons;
            let locks = self.thread_locks.get_or_insert_with(|| ThreadLocks::new(causes_max));
            locks.observe(sample.taken_at_monotonic_ns, seen);
        }
        if let Some(goroutines) = &look.goroutines {
            self.integrate(sample, goroutines);
            self.stacks = goroutines.stacks.as_ref().map(|stacks| {
                let mut top = self.stacks.take().unwrap_or_else(|| TopStacks::new(self.limits.stacks));
                top.update(stacks);
                top
            });
        }
    }

    fn integrate(&mut self, sample: &TargetSample, goroutines: &Goroutines) {
        for blocked in self.wait_reasons.values_mut() {
            (blocked.before, blocked.now) = (blocked.now, 0);
        }
        for (reason, count) in &goroutines.by_wait_reason {
            self.wait_reasons.of(reason).now += count;
        }
        let Some(before) = self.last_seen_monotonic_ns.replace(sample.taken_at_monotonic_ns) else { return };
        let passed = seconds(sample.taken_at_monotonic_ns.saturating_sub(before));
        let longest = sample.watch.interval_seconds.map(|interval| interval * INTEGRATED_INTERVALS_MAX);
        if passed > longest.unwrap_or(INTEGRATED_SECONDS_MAX) {
            self.counters.unobserved_seconds += passed;
            return;
        }
        for blocked in self.wait_reasons.values_mut() {
            #[expect(clippy::cast_precision_loss, reason = "counts of goroutines fit 53 bits")]
            let mean = (blocked.before as f64 + blocked.now as f64) / 2.0;
            blocked.seconds += mean * passed;
        }
    }

    fn count_findings(&self, findings: &BTreeMap<Finding, u64>) -> CountedFindings {
        let mut counted = CountedFindings::new();
        for (finding, count) in findings {
            let of_severity = counted.entry(finding.severity);
            *of_severity.or_insert_with(|| CountedNames::new(self.limits.findings)).of(&finding.kind) +=
                count;
        }
        counted
    }
}

impl Counters {
    fn tick(&mut self, cost: &TickCost) {
        self.ticks += 1;
        self.missed_ticks = self.missed_ticks.saturating_add(cost.missed_ticks);
        self.late_ticks += u64::from(cost.late_seconds.is_some_and(|late| late > 0.0));
        self.bytes_read = self.bytes_read.saturating_add(cost.bytes_read);
        self.torn = self.torn.saturating_add(cost.torn);
        self.gaps = self.gaps.saturating_add(cost.gaps);
        add(&mut self.tick_seconds, cost.seconds);
        add(&mut self.tick_cpu_seconds, cost.cpu_seconds);
    }

    fn start(&mut self, scheduler: &SchedulerFigures) {
        let is_exact =
            self.started.map_or(scheduler.goroutines_created.is_some(), |started| started.is_exact);
        let now = if is_exact { scheduler.goroutines_created } else { Some(scheduler.goroutine_id_limit) };
        let mut count = self.started.map(|started| started.count);
        raise(&mut count, now);
        self.started = count.map(|count| Started { is_exact, count });
    }

    /// What the runtime has counted does not become less; where it could not be read it stays as it was.
    fn times(&mut self, scheduler: &SchedulerFigures) {
        for (known, now) in
            [(&mut self.times_to_run, &scheduler.times_to_run), (&mut self.gc_pauses, &scheduler.gc_pauses)]
        {
            if now.is_some() {
                known.clone_from(now);
            }
        }
    }

    fn remember(&mut self, memory: &MemoryStatistics) {
        raise(&mut self.mallocs, memory.mallocs);
        raise(&mut self.frees, memory.frees);
        raise(&mut self.gc_cycles, memory.gc_cycles);
        raise(&mut self.gc_pause_ns, memory.gc_pause_total_ns);
    }
}

/// A counter that is read from elsewhere, and may have been read a little too low, does not fall.
fn raise(counter: &mut Option<u64>, now: Option<u64>) {
    *counter = (*counter).max(now);
}

fn add(sum: &mut Option<f64>, more: Option<f64>) {
    if let Some(more) = more.filter(|more| more.is_finite() && *more >= 0.0) {
        *sum = Some(sum.unwrap_or_default() + more);
    }
}

/// Nanoseconds as seconds.
#[expect(clippy::cast_precision_loss, reason = "a rounded nanosecond after years is no loss")]
pub(crate) fn seconds(ns: u64) -> f64 {
    ns as f64 / 1e9
}
