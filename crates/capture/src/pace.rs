//! When to look again: at whole windows of the monotonic clock, the same ones for everybody.
//!
//! A window is as long as the interval, and windows are counted from the clock's zero (the start of the
//! machine). So whoever looks with the same interval looks at the same instants, and a late tick makes none of
//! the following ones late: there is nothing to drift. This decides only; waiting is the caller's.

use std::time::Duration;

use nix::time::{ClockId, clock_gettime};

/// Below that a window is over before a snapshot is.
const SHORTEST: Duration = Duration::from_millis(1);

/// The monotonic clock (`CLOCK_MONOTONIC`), nanoseconds: the one that a target's runtime uses as well, and that
/// [`Snapshot::taken_at_monotonic_ns`](snapshot::Snapshot::taken_at_monotonic_ns) is of.
pub fn monotonic_ns() -> u64 {
    let ns = |seconds: i64, ns: i64| u64::try_from(seconds.saturating_mul(1_000_000_000).saturating_add(ns));
    clock_gettime(ClockId::CLOCK_MONOTONIC)
        .map_or(0, |time| ns(time.tv_sec(), time.tv_nsec()).unwrap_or_default())
}

/// A series of ticks, at most one a window: the first at once, the others as their windows begin.
///
/// ```
/// use capture::Pace;
/// use std::time::Duration;
///
/// let mut pace = Pace::new(Duration::from_secs(1)).unwrap();
/// assert_eq!(pace.due_ns(5_300_000_000), 5_300_000_000, "the first tick is at once");
/// assert_eq!(pace.began(5_300_000_000).window, 5);
/// assert_eq!(pace.due_ns(5_400_000_000), 6_000_000_000);
/// // This one was 2 ms late, and it took long: windows 7 and 8 are left out.
/// assert_eq!(pace.began(6_002_000_000).late_ns, 2_000_000);
/// assert_eq!(pace.due_ns(8_100_000_000), 9_000_000_000);
/// assert_eq!(pace.began(9_000_000_000).missed, 2);
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pace {
    interval_ns: u64,
    /// The window of the last tick.
    last: Option<u64>,
}

/// A tick, as it came to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PaceTick {
    /// The number of its window, from the clock's zero.
    pub window: u64,
    /// How long after the window's begin the tick began, nanoseconds; always less than the interval.
    pub late_ns: u64,
    /// Windows since the tick before that have none.
    pub missed: u64,
}

/// An interval that nothing can keep.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("an interval of {interval:?} is too short: the least is {SHORTEST:?}")]
pub struct IntervalTooShort {
    /// What was asked for.
    pub interval: Duration,
}

impl Pace {
    /// Ticks every `interval`.
    ///
    /// # Errors
    /// For intervals under a millisecond.
    pub fn new(interval: Duration) -> Result<Pace, IntervalTooShort> {
        if interval < SHORTEST {
            return Err(IntervalTooShort { interval });
        }
        let interval_ns = u64::try_from(interval.as_nanos()).unwrap_or(u64::MAX);
        Ok(Pace { interval_ns, last: None })
    }

    /// When the next tick is due, if it is `now_ns`: `now_ns` itself for the first one, later the begin of the
    /// next window that has had no tick. A window that began while the caller was busy is left out.
    pub fn due_ns(&self, now_ns: u64) -> u64 {
        match self.last {
            None => now_ns,
            Some(last) => {
                let next = now_ns.div_ceil(self.interval_ns).max(last.saturating_add(1));
                next.saturating_mul(self.interval_ns)
            }
        }
    }

    /// Whether a moment of a recording is the first in its window: the others are left out.
    pub fn is_due(&self, at_ns: u64) -> bool {
        self.last.is_none_or(|last| at_ns / self.interval_ns > last)
    }

    /// Takes note of the tick that began at `at_ns`, no earlier than it was due.
    pub fn began(&mut self, at_ns: u64) -> PaceTick {
        let (window, late_ns) = (at_ns / self.interval_ns, at_ns % self.interval_ns);
        let missed = self.last.map_or(0, |last| window.saturating_sub(last).saturating_sub(1));
        self.last = Some(window);
        PaceTick { window, late_ns, missed }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const HOUR_NS: u64 = 3_600_000_000_000;

    #[test]
    fn intervals_that_nothing_can_keep_are_refused() {
        assert!(Pace::new(Duration::from_micros(999)).is_err());
        let zero = Pace::new(Duration::ZERO).unwrap_err();
        assert_eq!(zero.to_string(), "an interval of 0ns is too short: the least is 1ms");
        assert!(Pace::new(SHORTEST).is_ok());
    }

    #[test]
    fn a_tick_that_ends_as_a_window_begins_is_followed_by_that_window() {
        let mut pace = Pace::new(Duration::from_secs(1)).unwrap();
        pace.began(5_000_000_000);
        assert_eq!(pace.due_ns(5_000_000_000), 6_000_000_000, "one tick a window");
        assert_eq!(pace.due_ns(6_000_000_000), 6_000_000_000);
        assert_eq!(pace.due_ns(6_000_000_001), 7_000_000_000);
    }

    #[test]
    fn the_end_of_time_is_no_panic() {
        let mut pace = Pace::new(Duration::MAX).unwrap();
        assert_eq!(pace.began(u64::MAX).window, 1);
        assert_eq!(pace.due_ns(u64::MAX), u64::MAX);
    }

    #[test]
    fn the_clock_is_the_one_that_instants_are_of_and_goes_on() {
        let (first, second) = (monotonic_ns(), monotonic_ns());
        assert!(0 < first && first <= second);
    }

    /// How late a wait ends, and how long a tick takes, in thousandths of the interval: mostly little, sometimes
    /// several windows.
    fn delays() -> impl Strategy<Value = Vec<(u64, u64)>> {
        let late = prop_oneof![8 => 0..10_u64, 2 => 0..1000_u64, 1 => 0..4000_u64];
        let busy = prop_oneof![8 => 0..300_u64, 2 => 0..1200_u64, 1 => 0..5000_u64];
        prop::collection::vec((late, busy), 1..50)
    }

    proptest! {
        /// Simulated hours: the delays above come again and again.
        #[test]
        fn ticks_keep_to_their_windows_for_hours(
            interval_ms in 1_u64..120_000,
            start_ns in 0_u64..HOUR_NS * 1000,
            hours in 1_u64..4,
            delays in delays(),
        ) {
            let interval_ns = interval_ms * 1_000_000;
            let mut pace = Pace::new(Duration::from_millis(interval_ms)).unwrap();
            let (mut now, mut ticks, mut missed) = (start_ns, 0_u64, 0_u64);
            let mut last: Option<PaceTick> = None;
            // Bounded for the shortest intervals: those of a millisecond tick ten thousand times.
            for (late, busy) in delays.iter().cycle().take(10_000) {
                if now - start_ns > hours * HOUR_NS {
                    break;
                }
                let due = pace.due_ns(now);
                prop_assert!(due >= now && due - now <= interval_ns);
                prop_assert!(last.is_none() || due.is_multiple_of(interval_ns), "due as a window begins");
                now = due + late * interval_ns / 1000;
                let tick = pace.began(now);
                prop_assert_eq!(tick.window * interval_ns + tick.late_ns, now, "the error is of this tick alone");
                prop_assert!(tick.late_ns < interval_ns);
                if let Some(last) = last {
                    prop_assert!(tick.window > last.window, "two ticks in a window");
                    prop_assert_eq!(tick.missed, tick.window - last.window - 1);
                }
                (ticks, missed) = (ticks + 1, missed + tick.missed);
                now += busy * interval_ns / 1000;
                last = Some(tick);
            }
            // No drift: every window since the first had its tick, or was missed.
            let first = start_ns + delays[0].0 * interval_ns / 1000;
            prop_assert_eq!(ticks + missed, last.unwrap().window - first / interval_ns + 1);
        }

        /// Who is never late by a whole window and never slow misses none, and stays as exact as at the start.
        #[test]
        fn an_hour_of_ticks_that_are_on_time_is_an_hour(start_ns in 0_u64..HOUR_NS, late_ns in 0_u64..900_000_000) {
            let mut pace = Pace::new(Duration::from_secs(1)).unwrap();
            let first = pace.began(start_ns);
            let (mut now, mut last) = (start_ns, first);
            for _ in 0..3600 {
                now = pace.due_ns(now) + late_ns;
                last = pace.began(now);
                prop_assert_eq!((last.missed, last.late_ns), (0, late_ns));
            }
            prop_assert_eq!(last.window - first.window, 3600);
        }

        /// Two that began at different moments look at the same instants from their second tick on.
        #[test]
        fn equal_intervals_meet(
            interval_ms in 1_u64..100_000, one in 0_u64..HOUR_NS, between_ns in 0_u64..HOUR_NS,
        ) {
            let interval = Duration::from_millis(interval_ms);
            let (mut a, mut b) = (Pace::new(interval).unwrap(), Pace::new(interval).unwrap());
            let other = one + between_ns;
            a.began(one);
            b.began(other);
            let due = b.due_ns(other);
            prop_assert_eq!(a.due_ns(due), due);
            prop_assert_eq!(a.began(due).window, b.began(due).window);
        }
    }
}
