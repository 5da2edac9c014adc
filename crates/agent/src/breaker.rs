//! Leaving a process alone that cannot be looked at: a circuit breaker for each.
//!
//! ```text
//!            too many time-outs or errors:          and again:
//! Closed ──> looks leave out stacks, still Closed ──> Open ── after a while ──> HalfOpen: a single look
//!    ^                                                  ^                          │           │
//!    │                                                  └────────── it fails ──────┘           │
//!    └──────────────────────────── it is well, at first without stacks ────────────────────────┘
//! ```
//!
//! Pure: whoever looks says when, and what came of it.

use std::collections::VecDeque;
use std::time::Duration;

use crate::config::{BreakerLimits, Collect};

/// Looks that are remembered for the share of errors.
const OUTCOMES_KEPT: usize = 1000;

/// What came of a look.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// It is there.
    Good,
    /// It took too long.
    TimedOut,
    /// It failed.
    Failed,
}

/// Whether looks are allowed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum BreakerState {
    /// They are.
    #[default]
    Closed,
    /// They are not.
    Open,
    /// One is, to see whether all is well again.
    HalfOpen,
}

impl BreakerState {
    /// The word for it.
    pub fn name(self) -> &'static str {
        match self {
            BreakerState::Closed => "closed",
            BreakerState::Open => "open",
            BreakerState::HalfOpen => "half-open",
        }
    }
}

/// The breaker of one process. Times are those of the monotonic clock, nanoseconds.
#[derive(Debug, Clone)]
pub(crate) struct Breaker {
    limits: BreakerLimits,
    state: BreakerState,
    since_ns: u64,
    timeouts: u32,
    /// When looks were, and whether they failed.
    outcomes: VecDeque<(u64, bool)>,
    /// Since when too many fail.
    failing_since_ns: Option<u64>,
    without_stacks_since_ns: Option<u64>,
    opened: u64,
}

impl Breaker {
    /// A closed one.
    pub(crate) fn new(limits: BreakerLimits) -> Self {
        Breaker {
            limits,
            state: BreakerState::Closed,
            since_ns: 0,
            timeouts: 0,
            outcomes: VecDeque::new(),
            failing_since_ns: None,
            without_stacks_since_ns: None,
            opened: 0,
        }
    }

    /// Its state.
    pub(crate) fn state(&self) -> BreakerState {
        self.state
    }

    /// How often it has opened.
    pub(crate) fn opened(&self) -> u64 {
        self.opened
    }

    /// Other limits from now on.
    pub(crate) fn set_limits(&mut self, limits: BreakerLimits) {
        self.limits = limits;
    }

    /// How much may be looked at now. An open breaker whose time is over becomes half-open by being asked.
    pub(crate) fn allowed(&mut self, now_ns: u64) -> Collect {
        if self.state == BreakerState::Open
            && now_ns.saturating_sub(self.since_ns) >= ns(self.limits.retry_after)
        {
            self.enter(BreakerState::HalfOpen, now_ns);
        }
        match (self.state, self.without_stacks_since_ns) {
            (BreakerState::Open, _) => Collect::Off,
            (BreakerState::Closed, None) => Collect::Stacks,
            _ => Collect::Counts,
        }
    }

    /// When an open breaker is to be asked again; `None` for others.
    pub(crate) fn retry_at_ns(&self) -> Option<u64> {
        let at = self.since_ns.saturating_add(ns(self.limits.retry_after));
        (self.state == BreakerState::Open).then_some(at)
    }

    /// Takes note of a look that ended at `now_ns`.
    pub(crate) fn note(&mut self, now_ns: u64, outcome: Outcome) {
        let good = outcome == Outcome::Good;
        if self.state == BreakerState::HalfOpen {
            if good {
                self.without_stacks_since_ns = Some(now_ns);
                self.enter(BreakerState::Closed, now_ns);
            } else {
                self.open(now_ns);
            }
            return;
        }
        self.timeouts = if outcome == Outcome::TimedOut { self.timeouts + 1 } else { 0 };
        if self.outcomes.len() == OUTCOMES_KEPT {
            self.outcomes.pop_front();
        }
        self.outcomes.push_back((now_ns, !good));
        let window = ns(self.limits.error_window);
        while self.outcomes.front().is_some_and(|(at, _)| now_ns.saturating_sub(*at) > window) {
            self.outcomes.pop_front();
        }
        self.failing_since_ns = self.too_many_fail().then(|| self.failing_since_ns.unwrap_or(now_ns));
        let failing = self.failing_since_ns.is_some_and(|since| now_ns.saturating_sub(since) >= window);
        if !good && (self.timeouts >= self.limits.timeouts.max(1) || failing) {
            self.trip(now_ns);
        } else if self.without_stacks_since_ns.is_some_and(|since| {
            good && self.failing_since_ns.is_none()
                && now_ns.saturating_sub(since) >= ns(self.limits.retry_after)
        }) {
            self.without_stacks_since_ns = None;
        }
    }

    #[expect(clippy::cast_precision_loss, reason = "there are at most 1000 of them")]
    fn too_many_fail(&self) -> bool {
        let failed = self.outcomes.iter().filter(|(_, failed)| *failed).count();
        failed as f64 * 100.0 > self.outcomes.len() as f64 * self.limits.error_percent
    }

    /// First stacks are given up, then everything.
    fn trip(&mut self, now_ns: u64) {
        if self.without_stacks_since_ns.is_some() {
            self.open(now_ns);
        } else {
            self.without_stacks_since_ns = Some(now_ns);
            self.forget();
        }
    }

    fn open(&mut self, now_ns: u64) {
        self.opened += 1;
        self.enter(BreakerState::Open, now_ns);
    }

    fn enter(&mut self, state: BreakerState, now_ns: u64) {
        (self.state, self.since_ns) = (state, now_ns);
        self.forget();
    }

    fn forget(&mut self) {
        (self.timeouts, self.failing_since_ns) = (0, None);
        self.outcomes.clear();
    }
}

fn ns(time: Duration) -> u64 {
    u64::try_from(time.as_nanos()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const SECOND: u64 = 1_000_000_000;

    fn breaker() -> Breaker {
        Breaker::new(BreakerLimits::default())
    }

    #[test]
    fn three_timeouts_cost_the_stacks_and_three_more_everything() {
        let mut breaker = breaker();
        for (second, expected) in [
            (1, Collect::Stacks),
            (2, Collect::Stacks),
            (3, Collect::Counts),
            (4, Collect::Counts),
            (5, Collect::Counts),
            (6, Collect::Off),
        ] {
            breaker.note(second * SECOND, Outcome::TimedOut);
            assert_eq!(breaker.allowed(second * SECOND), expected, "{second}");
        }
        assert_eq!((breaker.state(), breaker.opened()), (BreakerState::Open, 1));
        assert_eq!(breaker.retry_at_ns(), Some(66 * SECOND));
        assert_eq!(breaker.allowed(65 * SECOND), Collect::Off);
        assert_eq!(breaker.allowed(66 * SECOND), Collect::Counts);
        assert_eq!(breaker.state(), BreakerState::HalfOpen);
    }

    #[test]
    fn a_good_look_in_between_starts_the_count_anew() {
        // The share of errors has no part in it.
        let mut breaker = Breaker::new(BreakerLimits { error_percent: 100.0, ..BreakerLimits::default() });
        for second in 0..100 {
            let timed_out = second % 3 != 2;
            breaker.note(second * SECOND, if timed_out { Outcome::TimedOut } else { Outcome::Good });
            assert_eq!(breaker.allowed(second * SECOND), Collect::Stacks);
        }
    }

    #[test]
    fn half_of_the_looks_may_fail_but_not_more_for_ten_seconds() {
        let mut half = breaker();
        for second in 1..100 {
            half.note(second * SECOND, if second % 2 == 0 { Outcome::Failed } else { Outcome::Good });
        }
        assert_eq!(half.allowed(100 * SECOND), Collect::Stacks);
        let mut more = breaker();
        let mut tripped = None;
        for second in 1..100 {
            more.note(second * SECOND, if second % 3 == 0 { Outcome::Good } else { Outcome::Failed });
            if more.allowed(second * SECOND) != Collect::Stacks {
                tripped = Some(second);
                break;
            }
        }
        assert_eq!(tripped, Some(11));
    }

    #[test]
    fn the_single_look_decides_and_stacks_come_back_later() {
        let mut breaker = breaker();
        for second in 1..7 {
            breaker.note(second * SECOND, Outcome::TimedOut);
        }
        breaker.allowed(66 * SECOND);
        breaker.note(67 * SECOND, Outcome::Failed);
        assert_eq!((breaker.state(), breaker.opened()), (BreakerState::Open, 2));
        breaker.allowed(127 * SECOND);
        breaker.note(127 * SECOND, Outcome::Good);
        assert_eq!(breaker.state(), BreakerState::Closed);
        breaker.note(130 * SECOND, Outcome::Good);
        assert_eq!(breaker.allowed(130 * SECOND), Collect::Counts);
        breaker.note(187 * SECOND, Outcome::Good);
        assert_eq!(breaker.allowed(187 * SECOND), Collect::Stacks);
    }

    proptest! {
        #[test]
        fn it_is_never_open_without_a_reason_nor_for_ever(
            looks in prop::collection::vec((1_u64..30, 0_u8..3), 1..200),
        ) {
            let mut breaker = breaker();
            let (mut now, mut bad_in_row) = (0, 0);
            for (seconds, outcome) in looks {
                now += seconds * SECOND;
                if breaker.allowed(now) == Collect::Off {
                    let retry = breaker.retry_at_ns().unwrap();
                    prop_assert!(retry > now && retry <= now + 60 * SECOND);
                    now = retry;
                    prop_assert!(breaker.allowed(now) != Collect::Off);
                }
                let outcome = [Outcome::Good, Outcome::TimedOut, Outcome::Failed][usize::from(outcome)];
                let (before, opened) = (breaker.state(), breaker.opened());
                bad_in_row = if outcome == Outcome::Good { 0 } else { bad_in_row + 1 };
                breaker.note(now, outcome);
                if breaker.opened() > opened {
                    prop_assert!(bad_in_row > 0, "opened by a good look, {before:?}");
                }
            }
        }
    }
}
