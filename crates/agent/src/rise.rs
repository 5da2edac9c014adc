//! When a growth that was seen is over: not as soon as it is slower.

use std::time::Duration;

use leak_detection::{Growth, Urgency};

/// A growth goes on until counts have reached no new height for so long.
const WITHOUT_HEIGHT: Duration = Duration::from_secs(180);

/// One growth from when it was seen until it is over.
///
/// What leaks at an even pace grows by a smaller share every minute, until it is below what counts as a growth: to call
/// it over then would say that all is well while it leaks on. Counts that have come to rest reach new heights ever more
/// seldom, however much they sway.
#[derive(Debug, Default)]
pub(crate) struct Rise(Option<Height>);

/// The highest count so far.
#[derive(Debug, Clone, Copy)]
struct Height {
    count: u64,
    at_monotonic_ns: u64,
    /// How urgent the growth was at its most urgent.
    urgency: Urgency,
}

impl Rise {
    /// Takes in how a count has grown up to now; what is to be said of it then.
    pub(crate) fn push(&mut self, at_monotonic_ns: u64, count: u64, mut growth: Growth) -> Growth {
        if growth.urgency > Urgency::None {
            let urgency = self.0.map_or(growth.urgency, |height| height.urgency.max(growth.urgency));
            self.0 = Some(Height { count, at_monotonic_ns, urgency });
            return growth;
        }
        let Some(height) = &mut self.0 else { return growth };
        if count > height.count {
            (height.count, height.at_monotonic_ns) = (count, at_monotonic_ns);
        }
        let since = Duration::from_nanos(at_monotonic_ns.saturating_sub(height.at_monotonic_ns));
        if since < WITHOUT_HEIGHT {
            growth.urgency = height.urgency;
            growth.evidence =
                vec![format!("it grew fast; at its highest, {}, {} s ago", height.count, since.as_secs())];
        } else {
            self.0 = None;
        }
        growth
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use leak_detection::{Point, growth};

    const WINDOW_S: u64 = 10;

    /// For each window, whether the counts up to it are a growth: by themselves, and as a rise.
    fn judged(counts: impl IntoIterator<Item = u64>) -> Vec<(bool, bool)> {
        let (mut points, mut rise) = (Vec::new(), Rise::default());
        let judge = |(window, count): (usize, u64)| {
            let at_monotonic_ns = window as u64 * WINDOW_S * 1_000_000_000;
            points.push(Point { at_monotonic_ns, count, blocked: 0 });
            let alone = growth(&points);
            let told = rise.push(at_monotonic_ns, count, alone.clone());
            assert_eq!(told.urgency == Urgency::None, told.evidence.is_empty(), "{told:?}");
            (alone.urgency > Urgency::None, told.urgency > Urgency::None)
        };
        counts.into_iter().enumerate().map(judge).collect()
    }

    #[test]
    fn an_even_leak_grows_until_it_ends() {
        // 12 a minute, for half an hour; then no more.
        let leak = (0..180).map(|window| 30 + window * 2);
        let seen = judged(leak.chain([388; 30]));
        let alone = seen.iter().rposition(|(alone, _)| *alone).unwrap();
        assert!(alone < 30, "after {alone} windows it is below 15 % a minute");
        let first = seen.iter().position(|(_, told)| *told).unwrap();
        assert_eq!(first, 3, "it begins when growth does");
        let told: Vec<bool> = seen.iter().map(|(_, told)| *told).collect();
        // The last height is that of window 179; 18 windows are three minutes.
        assert!(told[first..179 + 18].iter().all(|told| *told));
        assert!(told[179 + 18..].iter().all(|told| !told), "{told:?}");
    }

    #[test]
    fn what_never_grew_fast_is_no_rise() {
        assert!(judged((0..100).map(|window| 1000 + window)).iter().all(|seen| *seen == (false, false)));
    }

    #[test]
    fn what_sways_at_a_new_level_comes_to_rest() {
        let sway = |window: u64| if window.is_multiple_of(2) { 500 } else { 480 };
        let seen = judged([100, 200, 300, 400, 500].into_iter().chain((0..40).map(sway)));
        assert!(seen[4].1 && seen[20].1 && !seen[23].1 && !seen[44].1, "{seen:?}");
    }

    #[test]
    fn the_most_urgent_stays() {
        let mut rise = Rise::default();
        let of = |urgency| Growth {
            per_minute: None,
            rising_windows: 0,
            five_minutes: None,
            urgency,
            evidence: Vec::new(),
        };
        rise.push(0, 100, of(Urgency::P0));
        rise.push(1, 110, of(Urgency::Growing));
        assert_eq!(rise.push(2, 120, of(Urgency::None)).urgency, Urgency::P0);
    }
}
