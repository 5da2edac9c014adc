//! Jitter is left out, what lasts is not, and nothing is forgotten too early or kept for ever.

use std::collections::BTreeMap;

use analysis::{Confirmed, Steady, TICKS_KEPT};
use proptest::prelude::*;

/// Counts of keys 0 to 5 in some ticks.
fn ticks() -> impl Strategy<Value = Vec<BTreeMap<u8, u64>>> {
    prop::collection::vec(prop::collection::btree_map(0_u8..6, 0_u64..1000, 0..6), 0..40)
}

#[test]
fn nothing_is_said_before_three_ticks() {
    let mut steady = Steady::new();
    assert_eq!((steady.push([("a", 1)]).is_none(), steady.push([("a", 1)]).is_none()), (true, true));
    assert_eq!(steady.push([("a", 1)]), Some(&BTreeMap::from([("a", 1)])));
}

#[test]
fn a_key_that_comes_twice_in_a_tick_is_added_up() {
    let mut steady = Steady::new();
    for _ in 0..3 {
        steady.push([("a", 1), ("b", u64::MAX), ("a", 2), ("b", 1)]);
    }
    assert_eq!(steady.counts(), Some(&BTreeMap::from([("a", 3), ("b", u64::MAX)])));
}

#[test]
fn a_change_needs_the_same_new_state_twice_in_a_row() {
    let mut state = Confirmed::new();
    let changes = ["a", "a", "b", "c", "b", "c", "c"].map(|seen| state.observe(seen));
    assert_eq!(changes.iter().flatten().count(), 2);
    assert!(changes[1].is_some() && changes[6].is_some());
    state.observe("a");
    state.missed();
    assert_eq!(state.observe("a"), None, "the two were not consecutive");
    assert!(state.observe("a").is_some());
}

proptest! {
    #[test]
    fn each_count_is_the_median_of_its_last_three(ticks in ticks()) {
        let mut steady = Steady::new();
        for (index, tick) in ticks.iter().enumerate() {
            let counts = steady.push(tick.clone()).cloned();
            prop_assert_eq!(counts.is_some(), index >= 2);
            let Some(counts) = counts else { continue };
            for key in 0..6 {
                let mut three = [0, 1, 2].map(|back| ticks[index - back].get(&key).copied().unwrap_or(0));
                three.sort_unstable();
                prop_assert_eq!(counts.get(&key).copied().unwrap_or(0), three[1]);
            }
            prop_assert!(counts.values().all(|count| *count > 0));
        }
    }

    #[test]
    fn a_spike_of_one_tick_never_shows(level in 0_u64..1000, spike in 0_u64..1000, at in 0_usize..20) {
        let mut steady = Steady::new();
        for tick in 0..20 {
            let count = if tick == at { spike } else { level };
            if let Some(counts) = steady.push([("x", count)]) {
                prop_assert_eq!(counts.get("x").copied().unwrap_or(0), level, "tick {}", tick);
            }
        }
    }

    #[test]
    fn a_lasting_step_shows_at_its_second_tick(low in 0_u64..1000, high in 0_u64..1000, at in 2_usize..17) {
        let mut steady = Steady::new();
        for tick in 0..20 {
            let count = if tick < at { low } else { high };
            if let Some(counts) = steady.push([("x", count)]) {
                let expected = if tick <= at { low } else { high };
                prop_assert_eq!(counts.get("x").copied().unwrap_or(0), expected, "tick {}", tick);
            }
        }
    }

    #[test]
    fn raw_counts_of_the_last_five_ticks_are_kept_as_they_were_and_no_others(ticks in ticks()) {
        let mut steady = Steady::new();
        for (index, tick) in ticks.iter().enumerate() {
            steady.push(tick.clone());
            let first = (index + 1).saturating_sub(TICKS_KEPT);
            prop_assert!(steady.raw().eq(&ticks[first..=index]));
            let kept = steady.raw().flat_map(|tick| tick.keys()).collect::<Vec<_>>();
            if let Some(counts) = steady.counts() {
                prop_assert!(counts.keys().all(|key| kept.contains(&key)));
            }
        }
    }

    #[test]
    fn changes_are_reported_after_exactly_two_equal_ticks(seen in prop::collection::vec(0_u8..3, 0..60)) {
        let mut state = Confirmed::new();
        let mut confirmed = None;
        for (index, now) in seen.iter().enumerate() {
            let change = state.observe(*now);
            let twice = index > 0 && seen[index - 1] == *now;
            prop_assert_eq!(change.is_some(), twice && confirmed != Some(*now));
            if let Some(change) = change {
                prop_assert_eq!((change.from, change.to), (confirmed, *now));
                confirmed = Some(*now);
            }
            prop_assert_eq!(state.state().copied(), confirmed);
        }
    }
}
