//! Which stacks have a series of their own: the most frequent ones, without flapping.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use analysis::Fingerprint;

use crate::look::{StackCount, Stacks};

/// Looks in a row at which nobody may have a stack before it gives up its place.
const EMPTY_LOOKS_MAX: u32 = 5;

/// A newcomer takes the place of another stack when it is more frequent by this share (a quarter), in numerator and
/// denominator: two that are about equally frequent would take turns otherwise, each leaving a series behind.
const LEAD: (u64, u64) = (5, 4);

/// The stacks that are shown, and how many goroutines had them at the last look.
#[derive(Debug, Clone, Default)]
pub(crate) struct TopStacks {
    places: usize,
    kept: BTreeMap<Fingerprint, Kept>,
    /// Goroutines with any other stack.
    pub(crate) other: u64,
    /// Goroutines whose stack could not be had.
    pub(crate) unknown: u64,
}

#[derive(Debug, Clone)]
struct Kept {
    count: u64,
    function: String,
    empty_looks: u32,
}

impl TopStacks {
    /// None yet, and never more than this many.
    pub(crate) fn new(places: usize) -> TopStacks {
        TopStacks { places, ..TopStacks::default() }
    }

    /// Takes the counts of a look.
    pub(crate) fn update(&mut self, stacks: &Stacks) {
        for (fingerprint, kept) in &mut self.kept {
            kept.count = stacks.by_fingerprint.get(fingerprint).map_or(0, |stack| stack.count);
            kept.empty_looks = if kept.count == 0 { kept.empty_looks + 1 } else { 0 };
        }
        self.kept.retain(|_, kept| kept.empty_looks < EMPTY_LOOKS_MAX);
        self.admit(stacks);
        let total = stacks.by_fingerprint.values().fold(0_u64, |sum, stack| sum.saturating_add(stack.count));
        let shown = self.kept.values().fold(0_u64, |sum, kept| sum.saturating_add(kept.count));
        self.other = total.saturating_sub(shown);
        self.unknown = stacks.unknown;
    }

    /// The stacks that are shown: fingerprint, innermost function of the program, goroutines.
    pub(crate) fn shown(&self) -> impl Iterator<Item = (Fingerprint, &str, u64)> {
        self.kept.iter().map(|(fingerprint, kept)| (*fingerprint, kept.function.as_str(), kept.count))
    }

    /// Lets the most frequent newcomers in, as far as there is place or they are far ahead of who has one.
    fn admit(&mut self, stacks: &Stacks) {
        let mut newcomers: Vec<(&Fingerprint, &StackCount)> = stacks
            .by_fingerprint
            .iter()
            .filter(|(fingerprint, _)| !self.kept.contains_key(fingerprint))
            .collect();
        // Only the first of these can get in, at most one for each place.
        newcomers.sort_unstable_by_key(|(fingerprint, stack)| (Reverse(stack.count), **fingerprint));
        for (fingerprint, stack) in newcomers.into_iter().take(self.places) {
            if self.kept.len() >= self.places && !self.make_place_for(stack.count) {
                break;
            }
            let kept = Kept { count: stack.count, function: stack.function.clone(), empty_looks: 0 };
            self.kept.insert(*fingerprint, kept);
        }
    }

    fn make_place_for(&mut self, count: u64) -> bool {
        let least = self.kept.iter().min_by_key(|(fingerprint, kept)| (kept.count, Reverse(**fingerprint)));
        let Some((&fingerprint, kept)) = least else { return false };
        let behind = u128::from(count) * u128::from(LEAD.1) > u128::from(kept.count) * u128::from(LEAD.0);
        if behind {
            self.kept.remove(&fingerprint);
        }
        behind
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn look(counts: &[(u64, u64)]) -> Stacks {
        let by_fingerprint = counts
            .iter()
            .map(|&(hash, count)| {
                (Fingerprint(hash), StackCount { count, function: format!("main.f{hash}") })
            })
            .collect();
        Stacks { by_fingerprint, unknown: 0 }
    }

    fn shown(top: &TopStacks) -> Vec<(u64, u64)> {
        top.shown().map(|(fingerprint, _, count)| (fingerprint.0, count)).collect()
    }

    #[test]
    fn equally_frequent_stacks_do_not_take_turns() {
        let mut top = TopStacks::new(2);
        top.update(&look(&[(1, 100), (2, 50), (3, 49)]));
        assert_eq!((shown(&top), top.other), (vec![(1, 100), (2, 50)], 49));
        for _ in 0..10 {
            top.update(&look(&[(1, 100), (2, 50), (3, 62)]));
            assert_eq!(
                (shown(&top), top.other),
                (vec![(1, 100), (2, 50)], 62),
                "ahead by less than a quarter"
            );
        }
        top.update(&look(&[(1, 100), (2, 50), (3, 63)]));
        assert_eq!((shown(&top), top.other), (vec![(1, 100), (3, 63)], 50));
    }

    #[test]
    fn a_stack_that_nobody_has_keeps_its_place_for_some_looks_only() {
        let mut top = TopStacks::new(3);
        top.update(&look(&[(1, 5), (2, 5)]));
        for _ in 1..EMPTY_LOOKS_MAX {
            top.update(&look(&[(1, 5)]));
            assert_eq!(shown(&top), [(1, 5), (2, 0)]);
        }
        top.update(&look(&[(1, 5)]));
        assert_eq!(shown(&top), [(1, 5)]);
        top.update(&look(&[(1, 5), (2, 1)]));
        assert_eq!(shown(&top), [(1, 5), (2, 1)]);
    }

    proptest! {
        #[test]
        fn nobody_is_lost_and_there_are_never_more_than_places(
            looks in prop::collection::vec(prop::collection::btree_map(0..40_u64, 0..1000_u64, 0..40), 1..12),
            places in 0..10_usize,
        ) {
            let mut top = TopStacks::new(places);
            for counts in looks {
                let counts: Vec<_> = counts.into_iter().collect();
                top.update(&look(&counts));
                let sum: u64 = top.shown().map(|(_, _, count)| count).sum();
                prop_assert_eq!(sum + top.other, counts.iter().map(|(_, count)| count).sum::<u64>());
                prop_assert!(top.shown().count() <= places);
                for (fingerprint, _, count) in top.shown() {
                    let now = counts.iter().find(|(hash, _)| *hash == fingerprint.0);
                    prop_assert_eq!(count, now.map_or(0, |(_, count)| *count));
                }
            }
        }
    }
}
