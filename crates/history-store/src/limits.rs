//! How much of what a target says is kept: whatever it does, a tick has a bounded size.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::stack::Labels;
use crate::tick::{Count, Place};

/// Bounds of what one tick, text or finding may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Different counts of a tick; the smallest beyond are summed by status ([`Place::BeyondLimit`]).
    pub counts_per_tick: usize,
    /// Measures of a tick; later ones are dropped.
    pub measures_per_tick: usize,
    /// Bytes of a text; longer ones are cut.
    pub text_bytes: usize,
    /// Frames of a stack; outer ones are dropped, and the stack is then incomplete.
    pub frames_per_stack: usize,
    /// Labels of a goroutine, tags of a process; later ones are dropped.
    pub labels: usize,
    /// Bytes of the body of a finding; a batch with a longer one is refused.
    pub finding_bytes: usize,
    /// Slots of an answer times its series.
    pub answer_values: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Limits {
            counts_per_tick: 2_000,
            measures_per_tick: 512,
            text_bytes: 4_096,
            frames_per_stack: 512,
            labels: 64,
            finding_bytes: 256 << 10,
            answer_values: 4_000_000,
        }
    }
}

impl Limits {
    /// A text that is not longer than it may be, cut between characters.
    pub(crate) fn text<'a>(&self, text: &'a str) -> &'a str {
        text.get(..text.floor_char_boundary(self.text_bytes)).unwrap_or(text)
    }

    /// The counts that a tick may have, largest first where there were too many.
    pub(crate) fn counts(&self, counts: &[Count]) -> (Vec<usize>, Vec<Count>) {
        let mut kept: Vec<usize> = (0..counts.len()).collect();
        if counts.len() <= self.counts_per_tick {
            return (kept, Vec::new());
        }
        kept.sort_by_key(|&index| std::cmp::Reverse(counts.get(index).map_or(0, |count| count.count)));
        let mut beyond = BTreeMap::new();
        for count in kept.split_off(self.counts_per_tick).iter().filter_map(|&index| counts.get(index)) {
            let sum: &mut u64 = beyond.entry(count.status).or_default();
            *sum = sum.saturating_add(count.count);
        }
        let beyond = beyond.into_iter().map(|(status, count)| Count {
            place: Place::BeyondLimit,
            status,
            wait_reason: None,
            labels: Arc::new(Labels::default()),
            count,
        });
        (kept, beyond.collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use snapshot::Status;

    #[test]
    fn the_smallest_counts_beyond_the_limit_are_summed_by_status() {
        let limits = Limits { counts_per_tick: 2, ..Limits::default() };
        let count = |status, count| Count {
            place: Place::NotTaken,
            status,
            wait_reason: None,
            labels: Arc::default(),
            count,
        };
        let counts = [
            count(Status::Waiting, 1),
            count(Status::Waiting, 9),
            count(Status::Running, 4),
            count(Status::Waiting, 2),
            count(Status::Running, 3),
        ];
        let (kept, beyond) = limits.counts(&counts);
        assert_eq!(kept, [1, 2]);
        let beyond: Vec<_> = beyond.iter().map(|count| (count.status, count.count)).collect();
        assert_eq!(beyond, [(Status::Running, 3), (Status::Waiting, 3)]);
    }

    #[test]
    fn texts_are_cut_between_characters() {
        let limits = Limits { text_bytes: 4, ..Limits::default() };
        assert_eq!(limits.text("grün"), "grü");
        assert_eq!(limits.text("abc"), "abc");
    }
}
