//! Watching one process: when it is looked at next, at what, and what came of it.

use std::sync::Arc;
use std::time::{Duration, Instant};

use capture::{CaptureError, Options, Pace, PaceTick, Session, monotonic_ns};
use nix::time::{ClockId, clock_gettime};
use snapshot::Census;

use crate::breaker::{Breaker, BreakerState, Outcome};
use crate::budget::{Allowed, LookCost};
use crate::config::{BreakerLimits, Collect, Watched};
use crate::target::Facts;

/// What a look at a process brought.
pub struct Look<'l, 'c> {
    /// Which process.
    pub facts: &'l Facts,
    /// Its goroutines, counted.
    pub census: &'l Census<'c>,
    /// Which look it is.
    pub tick: PaceTick,
    /// What was looked at.
    pub collect: Collect,
    /// Time between two looks, for now.
    pub interval: Duration,
    /// Processor time that it took us.
    pub cpu: Duration,
    /// The share of a processor that looks at it may take, as the budget is divided now.
    pub share_max: Option<f64>,
    /// The target's breaker.
    pub breaker: BreakerState,
    /// How often that has opened.
    pub breaker_opened: u64,
}

/// How a process is doing as a target: for outputs, at any time.
#[derive(Debug, Clone)]
pub struct Status {
    /// Which process.
    pub facts: Arc<Facts>,
    /// What rules and users want of it.
    pub wanted: Watched,
    /// Whether a user has switched it off.
    pub disabled: bool,
    /// Whether stacks are no longer looked at since the agent had too little memory.
    pub relieved: bool,
    /// What is done, as budget and breaker allow.
    pub collect: Collect,
    /// Time between two looks, for now.
    pub interval: Duration,
    /// Its breaker.
    pub breaker: BreakerState,
    /// How often that has opened.
    pub breaker_opened: u64,
    /// Looks so far.
    pub looks: u64,
    /// Windows without a look, as the agent was busy.
    pub missed: u64,
    /// Looks that failed, and those that took too long.
    pub failed: u64,
    /// See [`Status::failed`].
    pub timed_out: u64,
    /// When the last good look began, Unix milliseconds.
    pub looked_at_unix_ms: Option<u64>,
    /// Goroutines then, the runtime's own left out.
    pub goroutines: Option<u64>,
    /// Processor time of all looks.
    pub cpu: Duration,
    /// What the last failure was, if the last look failed.
    pub error: Option<String>,
}

impl Status {
    /// Whether there may be stacks to give up.
    pub(crate) fn remembers_stacks(&self) -> bool {
        self.wanted.collect == Collect::Stacks && !self.relieved
    }
}

/// What is wanted of a target: by rules, users, the budget and the memory that there is.
#[derive(Debug, Clone)]
pub(crate) struct Orders {
    /// By rules.
    pub(crate) wanted: Watched,
    /// When it is left alone.
    pub(crate) limits: BreakerLimits,
    /// Whether a user has switched it off.
    pub(crate) disabled: bool,
    /// Whether it has to give up what is remembered of its stacks, for good.
    pub(crate) relieved: bool,
    /// By the budget.
    pub(crate) allowed: Allowed,
}

impl Orders {
    /// What rules say, and the budget has not been asked yet.
    pub(crate) fn new(wanted: Watched, limits: BreakerLimits) -> Self {
        let allowed = Allowed { interval: wanted.interval, collect: wanted.collect, share_max: None };
        Orders { wanted, limits, disabled: false, relieved: false, allowed }
    }

    /// What rules and users want to be looked at, as far as memory allows.
    pub(crate) fn collect(&self) -> Collect {
        match (self.disabled, self.relieved) {
            (true, _) => Collect::Off,
            (false, true) => self.wanted.collect.min(Collect::Counts),
            (false, false) => self.wanted.collect,
        }
    }
}

/// A process that is watched.
pub(crate) struct Watcher {
    session: Session,
    orders: Orders,
    pace: Pace,
    breaker: Breaker,
    cost: LookCost,
    /// Whether rules and users wanted it to be looked at, at its last turn.
    is_wanted: bool,
    status: Status,
}

/// What came of a turn.
pub(crate) enum Seen<'s, 'l, 'c> {
    /// It was looked at.
    Look(&'s Look<'l, 'c>),
    /// It could not be looked at.
    Failed(&'s CaptureError),
    /// Nobody wants it to be looked at any more.
    Unwatched,
}

/// What is to be done after a look.
pub(crate) enum Next {
    /// Another one, at this time of the monotonic clock, nanoseconds.
    At(u64),
    /// Nothing: there is no such process any more.
    Ended(CaptureError),
}

/// Looks cost about that before any has been made: it is what attaching costs.
const COST_AT_FIRST: Duration = Duration::from_millis(2);

impl Watcher {
    pub(crate) fn new(
        facts: Arc<Facts>,
        session: Session,
        orders: Orders,
    ) -> Result<Self, capture::IntervalTooShort> {
        let wanted = orders.wanted;
        let status = Status {
            facts,
            wanted,
            disabled: false,
            relieved: false,
            collect: wanted.collect,
            interval: wanted.interval,
            breaker: BreakerState::Closed,
            breaker_opened: 0,
            looks: 0,
            missed: 0,
            failed: 0,
            timed_out: 0,
            looked_at_unix_ms: None,
            goroutines: None,
            cpu: Duration::ZERO,
            error: None,
        };
        Ok(Watcher {
            session,
            pace: Pace::new(wanted.interval)?,
            breaker: Breaker::new(orders.limits.clone()),
            orders,
            cost: LookCost { counts: COST_AT_FIRST, stacks: COST_AT_FIRST },
            is_wanted: true,
            status,
        })
    }

    pub(crate) fn status(&self) -> &Status {
        &self.status
    }

    /// What looks have cost so far.
    pub(crate) fn cost(&self) -> LookCost {
        self.cost
    }

    /// Takes what is wanted of it from now on.
    pub(crate) fn obey(&mut self, orders: &Orders) {
        if orders.allowed.interval != self.orders.allowed.interval
            && let Ok(pace) = Pace::new(orders.allowed.interval)
        {
            self.pace = pace;
            // A new pace begins at once: many that change together are not to be looked at together.
            self.pace.began(monotonic_ns());
        }
        if orders.relieved && !self.orders.relieved {
            self.session.forget();
        }
        self.breaker.set_limits(orders.limits.clone());
        self.orders = orders.clone();
        let status = &mut self.status;
        (status.wanted, status.disabled, status.relieved) = (orders.wanted, orders.disabled, orders.relieved);
    }

    /// Looks, if that is allowed. `observe` hears what came of it.
    pub(crate) fn look(&mut self, observe: impl FnOnce(&Facts, Seen<'_, '_, '_>)) -> Next {
        let began_ns = monotonic_ns();
        let (wanted, allowed) = (self.orders.collect(), self.orders.allowed);
        let collect = self.breaker.allowed(began_ns).min(allowed.collect).min(wanted);
        let tick = self.pace.began(began_ns);
        (self.status.collect, self.status.interval) = (collect, allowed.interval);
        let was_wanted = std::mem::replace(&mut self.is_wanted, wanted != Collect::Off);
        if collect != Collect::Off {
            if let Err(end) = self.look_at(collect, tick, observe) {
                return Next::Ended(end);
            }
        } else if was_wanted && !self.is_wanted {
            observe(&self.status.facts, Seen::Unwatched);
        }
        (self.status.breaker, self.status.breaker_opened) = (self.breaker.state(), self.breaker.opened());
        let now = monotonic_ns();
        Next::At(self.pace.due_ns(now).max(self.breaker.retry_at_ns().unwrap_or(0)))
    }

    fn look_at(
        &mut self,
        collect: Collect,
        tick: PaceTick,
        observe: impl FnOnce(&Facts, Seen<'_, '_, '_>),
    ) -> Result<(), CaptureError> {
        let options = Options {
            stacks: collect == Collect::Stacks,
            labels: collect == Collect::Stacks,
            memory: true,
            ..Options::COUNTS
        };
        let (began, cpu_began) = (Instant::now(), thread_cpu());
        let status = &mut self.status;
        (status.looks, status.missed) = (status.looks + 1, status.missed + tick.missed);
        let taken = self.session.census(&options);
        let (took, cpu) = (began.elapsed(), thread_cpu().saturating_sub(cpu_began));
        status.cpu += cpu;
        let outcome = match taken {
            Err(end @ (CaptureError::Exited { .. } | CaptureError::Replaced { .. })) => return Err(end),
            Err(error) => {
                status.failed += 1;
                status.error = Some(error.to_string());
                observe(&status.facts, Seen::Failed(&error));
                Outcome::Failed
            }
            Ok(census) => {
                let own = census.cohorts.iter().filter(|(cohort, _)| !cohort.is_runtime);
                status.goroutines = Some(own.map(|(_, count)| count).sum());
                status.looked_at_unix_ms = Some(census.taken_at_unix_ms);
                status.error = None;
                let Allowed { interval, share_max, .. } = self.orders.allowed;
                let (breaker, breaker_opened) = (self.breaker.state(), self.breaker.opened());
                let facts = &status.facts;
                let census = &census;
                let look =
                    Look { facts, census, tick, collect, interval, cpu, share_max, breaker, breaker_opened };
                observe(facts, Seen::Look(&look));
                note(&mut self.cost, collect, cpu);
                if took > self.orders.limits.timeout { Outcome::TimedOut } else { Outcome::Good }
            }
        };
        status.timed_out += u64::from(outcome == Outcome::TimedOut);
        self.breaker.note(monotonic_ns(), outcome);
        Ok(())
    }
}

/// Takes note of what a look cost: the mean, of which the last look is a quarter. The first looks read everything, and
/// later ones what has changed, so it goes down fast.
fn note(cost: &mut LookCost, collect: Collect, cpu: Duration) {
    let mean = match collect {
        Collect::Stacks => &mut cost.stacks,
        _ => &mut cost.counts,
    };
    *mean = (*mean * 3 + cpu) / 4;
    // Counts are a part of it.
    cost.counts = cost.counts.min(cost.stacks.max(cpu));
}

/// Processor time of this thread.
pub(crate) fn thread_cpu() -> Duration {
    clock_gettime(ClockId::CLOCK_THREAD_CPUTIME_ID).map_or(Duration::ZERO, Duration::from)
}
