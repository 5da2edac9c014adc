//! Whether goroutines become more and more.

/// Windows in a row in which a count has to rise.
const RISING_WINDOWS: u32 = 3;
/// How much it has to rise in each, as a share of what it was, per minute.
const RISE_PER_MINUTE: f64 = 0.15;
/// A total beyond which growth over five minutes is looked at alone.
const LARGE_TOTAL: u64 = 5_000;
/// How much a large total has to grow in five minutes, as a share.
const LARGE_RISE: f64 = 0.30;
/// Blocked goroutines beyond which a growth is urgent.
const URGENT_BLOCKED: u64 = 100;

const NS_PER_MINUTE: f64 = 60e9;
const FIVE_MINUTES_NS: u64 = 300 * 1_000_000_000;

/// How many goroutines there were at one moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Point {
    /// On the monotonic clock, nanoseconds.
    pub at_monotonic_ns: u64,
    /// How many there were.
    pub count: u64,
    /// How many of them were blocked.
    pub blocked: u64,
}

/// How urgent a growth is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Urgency {
    /// They do not grow.
    None,
    /// They grow.
    Growing,
    /// They grow, and over 100 of them are blocked: look now.
    P0,
}

/// What a series of counts says.
#[derive(Debug, Clone, PartialEq)]
pub struct Growth {
    /// Growth from the first to the last moment, goroutines per minute; `None` for less than two moments.
    pub per_minute: Option<f64>,
    /// Windows at the end of the series, each from one moment to the next, in which the count rose by more than 15 %
    /// per minute.
    pub rising_windows: u32,
    /// Growth over the last five minutes, as a share of what was there; `None` where the series is shorter.
    pub five_minutes: Option<f64>,
    /// The judgement.
    pub urgency: Urgency,
    /// What it rests on, in words; empty if there is no growth.
    pub evidence: Vec<String>,
}

/// Judges counts at moments in order of time. Moments at which the clock has not advanced are passed over.
///
/// They grow if the count rose in each of the last three windows by more than 15 % per minute; or if there are more
/// than 5,000 and they have grown by more than 30 % in the last five minutes.
pub fn growth(points: &[Point]) -> Growth {
    let mut moments: Vec<Point> = Vec::with_capacity(points.len());
    for point in points {
        if moments.last().is_none_or(|last| last.at_monotonic_ns < point.at_monotonic_ns) {
            moments.push(*point);
        }
    }
    let windows = moments.iter().zip(moments.iter().skip(1));
    let rising =
        windows.rev().take_while(|(before, after)| share_per_minute(before, after) > RISE_PER_MINUTE);
    let rising_windows = u32::try_from(rising.count()).unwrap_or(u32::MAX);
    let five_minutes = five_minute_share(&moments);
    let last = moments.last();
    let per_minute = match (moments.first(), last) {
        (Some(first), Some(last)) if moments.len() > 1 => Some(change(first, last) / minutes(first, last)),
        _ => None,
    };

    let mut evidence = Vec::new();
    let total = last.map_or(0, |last| last.count);
    if rising_windows >= RISING_WINDOWS {
        evidence.push(format!(
            "rose in {rising_windows} windows in a row by more than 15 % per minute, to {total}"
        ));
    }
    if let Some(share) = five_minutes.filter(|share| total > LARGE_TOTAL && *share > LARGE_RISE) {
        evidence.push(format!("{total} goroutines, {:.0} % more than five minutes ago", share * 100.0));
    }
    let blocked = last.map_or(0, |last| last.blocked);
    let urgency = match evidence.is_empty() {
        true => Urgency::None,
        false if blocked > URGENT_BLOCKED => {
            evidence.push(format!("{blocked} of them are blocked"));
            Urgency::P0
        }
        false => Urgency::Growing,
    };
    Growth { per_minute, rising_windows, five_minutes, urgency, evidence }
}

/// Against the latest moment that is at least five minutes before the last.
fn five_minute_share(moments: &[Point]) -> Option<f64> {
    let last = moments.last()?;
    let start = last.at_monotonic_ns.checked_sub(FIVE_MINUTES_NS)?;
    let before = moments.iter().rev().find(|point| point.at_monotonic_ns <= start)?;
    Some(change(before, last) / base(before))
}

fn share_per_minute(before: &Point, after: &Point) -> f64 {
    change(before, after) / base(before) / minutes(before, after)
}

#[expect(clippy::cast_precision_loss, reason = "counts of goroutines and hours of nanoseconds fit 53 bits")]
fn change(before: &Point, after: &Point) -> f64 {
    after.count as f64 - before.count as f64
}

/// What a rise is a share of; from nothing, each one is all.
#[expect(clippy::cast_precision_loss, reason = "counts of goroutines fit 53 bits")]
fn base(before: &Point) -> f64 {
    before.count.max(1) as f64
}

#[expect(clippy::cast_precision_loss, reason = "hours of nanoseconds fit 53 bits")]
fn minutes(before: &Point, after: &Point) -> f64 {
    (after.at_monotonic_ns - before.at_monotonic_ns) as f64 / NS_PER_MINUTE
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn series(step_s: u64, counts: &[u64], blocked: u64) -> Vec<Point> {
        let at = |n: usize| 7_000_000_000 + n as u64 * step_s * 1_000_000_000;
        counts
            .iter()
            .enumerate()
            .map(|(n, count)| Point { at_monotonic_ns: at(n), count: *count, blocked })
            .collect()
    }

    #[test]
    fn three_windows_of_a_fast_rise_are_a_growth() {
        // 20 % a minute, in windows of 30 seconds.
        let found = growth(&series(30, &[1000, 1100, 1210, 1331], 0));
        assert_eq!((found.rising_windows, found.urgency), (3, Urgency::Growing));
        assert!((found.per_minute.unwrap() - 331.0 / 1.5).abs() < 1e-9);
        assert_eq!(found.evidence, ["rose in 3 windows in a row by more than 15 % per minute, to 1331"]);
        assert_eq!(growth(&series(30, &[1000, 1100, 1210, 1331], 101)).urgency, Urgency::P0);
        assert_eq!(growth(&series(30, &[1000, 1100, 1210, 1331], 100)).urgency, Urgency::Growing);
        // 14 % a minute, only two windows, or one in between that fell: none.
        for counts in [&[1000, 1070, 1144, 1224][..], &[1000, 1100, 1210], &[1000, 1200, 1100, 1300, 1600]] {
            assert_eq!(growth(&series(30, counts, 500)).urgency, Urgency::None, "{counts:?}");
        }
    }

    #[test]
    fn many_that_grow_slowly_for_five_minutes_are_a_growth() {
        let slow = [4000, 4300, 4600, 4900, 5100, 5201];
        let found = growth(&series(60, &slow, 0));
        assert_eq!(found.urgency, Urgency::Growing);
        assert!((found.five_minutes.unwrap() - 0.30025).abs() < 1e-9);
        assert_eq!(found.evidence, ["5201 goroutines, 30 % more than five minutes ago"]);
        assert_eq!(growth(&series(60, &[4000, 4300, 4600, 4900, 5100, 5200], 0)).urgency, Urgency::None);
        assert_eq!(growth(&series(60, &[3000, 3300, 3600, 3900, 4400, 5000], 0)).urgency, Urgency::None);
        assert_eq!(growth(&series(59, &slow, 0)).five_minutes, None, "not five minutes yet");
    }

    #[test]
    fn nothing_can_be_said_of_little() {
        for points in [&[][..], &series(1, &[5], 500), &[series(1, &[5], 0)[0]; 4]] {
            let found = growth(points);
            assert_eq!((found.per_minute, found.urgency), (None, Urgency::None));
        }
        // From nothing to something is a rise.
        assert_eq!(growth(&series(10, &[0, 1, 2, 3], 0)).urgency, Urgency::Growing);
    }

    proptest! {
        #[test]
        fn what_never_rises_does_not_grow_and_nothing_panics(
            mut counts in prop::collection::vec(any::<u64>(), 0..20), step in 0u64..1000, blocked: u64,
        ) {
            growth(&series(step, &counts, blocked));
            counts.sort_unstable_by(|a, b| b.cmp(a));
            let falling = growth(&series(step, &counts, blocked));
            prop_assert_eq!(falling.urgency, Urgency::None);
            prop_assert_eq!(falling.rising_windows, 0);
        }
    }
}
