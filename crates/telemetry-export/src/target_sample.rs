//! What is known of one target at one tick: what was seen, what it cost, and how it is watched.

use std::collections::BTreeMap;

use snapshot::Census;

use crate::look::Look;

/// One tick of one target.
#[derive(Debug, Clone, PartialEq)]
pub struct TargetSample {
    /// Wall-clock time of the tick, milliseconds since the Unix epoch.
    pub taken_at_unix_ms: u64,
    /// The same by the monotonic clock (`CLOCK_MONOTONIC`), nanoseconds: what is integrated over.
    pub taken_at_monotonic_ns: u64,
    /// What was seen; or why nothing was.
    pub outcome: Outcome,
    /// What the tick cost.
    pub cost: TickCost,
    /// How the target is watched from now on.
    pub watch: Watch,
    /// What its control group says, if somebody asked.
    pub cgroup: Option<CgroupFigures>,
    /// What the latest search for leaks found; `None` before the first.
    pub leaks: Option<LeakFigures>,
    /// Findings that fire now, counted by kind and severity; `None` where nobody looks for any.
    pub findings: Option<BTreeMap<Finding, u64>>,
}

/// How a tick ended.
#[derive(Debug, Clone, PartialEq)]
pub enum Outcome {
    /// The target was read.
    Seen(Box<Look>),
    /// It could not be read: a short, constant word for the kind of error (`not_permitted`, `exited`, `timeout`), never a
    /// message, since each becomes a series.
    Failed(&'static str),
    /// Nobody tried: it is switched off, or its breaker is open. This is no tick, and only says how it is watched.
    NotTried,
}

/// What a tick cost, and what went wrong in it without failing it.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct TickCost {
    /// Time from its beginning to its end, seconds.
    pub seconds: Option<f64>,
    /// CPU time of ours that it took, seconds.
    pub cpu_seconds: Option<f64>,
    /// Bytes copied out of the target.
    pub bytes_read: u64,
    /// Stacks that moved while they were read and were given up.
    pub torn: u64,
    /// Things that could not be read.
    pub gaps: u64,
    /// Ticks that should have been between the one before and this one.
    pub missed_ticks: u64,
    /// How much too late it began, seconds.
    pub late_seconds: Option<f64>,
}

/// How a target is watched.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Watch {
    /// Time from tick to tick, seconds.
    pub interval_seconds: Option<f64>,
    /// How much is read.
    pub detail: Option<Detail>,
    /// The circuit breaker's state.
    pub breaker: Option<Breaker>,
    /// How often it has opened since the target is watched.
    pub breaker_opened: Option<u64>,
    /// CPU time of ours that looking at this target takes, as a share of one CPU.
    pub overhead_ratio: Option<f64>,
    /// What it may take.
    pub overhead_limit_ratio: Option<f64>,
}

/// How much of a target is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Detail {
    /// Headers and stacks.
    Stacks,
    /// Headers only.
    Counts,
    /// Nothing.
    Off,
}

impl Detail {
    /// Every level, and its value of the label `detail`.
    pub const ALL: [(Detail, &'static str); 3] =
        [(Detail::Stacks, "stacks"), (Detail::Counts, "counts"), (Detail::Off, "off")];
}

/// State of a circuit breaker.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Breaker {
    /// The target is read.
    Closed,
    /// It is left alone.
    Open,
    /// One try is made.
    HalfOpen,
}

impl Breaker {
    /// Every state, and its value of the label `state`.
    pub const ALL: [(Breaker, &'static str); 3] =
        [(Breaker::Closed, "closed"), (Breaker::Open, "open"), (Breaker::HalfOpen, "half_open")];
}

/// What a control group says (version 1 or 2). The counters are the kernel's.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct CgroupFigures {
    /// Periods in which it was able to run (`nr_periods`).
    pub cpu_periods: Option<u64>,
    /// Periods in which it was throttled (`nr_throttled`).
    pub cpu_throttled_periods: Option<u64>,
    /// How long its threads were throttled, seconds (`throttled_usec`).
    pub cpu_throttled_seconds: Option<f64>,
    /// CPUs that it may use (quota / period); `None` if there is no quota.
    pub cpu_limit_cores: Option<f64>,
    /// Memory in use, bytes.
    pub memory_bytes: Option<u64>,
    /// Memory that it may use, bytes; `None` if there is no limit.
    pub memory_limit_bytes: Option<u64>,
    /// Time for which tasks were stalled (PSI `total`), seconds, by (resource, share): `cpu`, `memory` or `io`;
    /// `some` or `full`.
    pub stalled_seconds: BTreeMap<(&'static str, &'static str), f64>,
}

/// What a search for leaks found, in goroutines.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct LeakFigures {
    /// Proven: nothing that lives can wake them.
    pub proven: u64,
    /// Suspected.
    pub suspected: u64,
}

/// What a finding is about.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Finding {
    /// Its kind: `growth`, `mutex_pile_up`, the name of a rule.
    pub kind: String,
    /// How grave it is: `low`, `medium`, `high`.
    pub severity: &'static str,
}

impl TargetSample {
    /// What a census says: its look, its moment, and of what it cost that which it knows. The rest is to be filled in.
    pub fn seen(census: &Census<'_>) -> TargetSample {
        #[expect(clippy::cast_precision_loss, reason = "microseconds of one look fit 53 bits")]
        let seconds = census.cost.total_us as f64 / 1e6;
        TargetSample {
            taken_at_unix_ms: census.taken_at_unix_ms,
            taken_at_monotonic_ns: census.taken_at_monotonic_ns,
            outcome: Outcome::Seen(Box::new(Look::of(census))),
            cost: TickCost {
                seconds: Some(seconds),
                bytes_read: census.cost.bytes_read,
                torn: census.cost.torn,
                gaps: census.gaps.iter().map(|gap| gap.count).sum(),
                ..TickCost::default()
            },
            watch: Watch::default(),
            cgroup: None,
            leaks: None,
            findings: None,
        }
    }

    /// Nobody looked: how the target is watched is all that is said.
    pub fn not_tried(watch: Watch) -> TargetSample {
        TargetSample { outcome: Outcome::NotTried, watch, ..TargetSample::failed("", 0, 0) }
    }

    /// A tick that could not read the target.
    pub fn failed(class: &'static str, taken_at_unix_ms: u64, taken_at_monotonic_ns: u64) -> TargetSample {
        TargetSample {
            taken_at_unix_ms,
            taken_at_monotonic_ns,
            outcome: Outcome::Failed(class),
            cost: TickCost::default(),
            watch: Watch::default(),
            cgroup: None,
            leaks: None,
            findings: None,
        }
    }
}
