//! Counts without their jitter: a look at the raw counts, beside them and never instead of them.
//!
//! A snapshot sees a moment. Goroutines that are busy for microseconds make any single count jump, though
//! nothing has changed. The median of three ticks does not follow a jump of one tick, and follows a change
//! that lasts at its second tick.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

/// Ticks whose raw counts are kept.
pub const TICKS_KEPT: usize = 5;

/// Ticks of which the median is taken.
const TICKS_OF_MEDIAN: usize = 3;

/// Counts by any key (a status, a wait reason, a stack), each the median of its last three.
///
/// A key that a tick does not have counts 0 there. Memory is bounded by the keys of the last five ticks.
///
/// ```
/// use analysis::Steady;
///
/// let mut steady = Steady::new();
/// assert_eq!(steady.push([("select", 7)]), None, "a median needs three ticks");
/// steady.push([("select", 7)]);
/// steady.push([("select", 7), ("IO wait", 2)]);
/// assert_eq!(steady.counts().unwrap().get("IO wait"), None, "seen once: perhaps no more");
/// let counts = steady.push([("select", 7), ("IO wait", 2)]).unwrap();
/// assert_eq!((counts["select"], counts["IO wait"]), (7, 2));
/// // What was seen is still there, oldest first.
/// assert_eq!(steady.raw().map(|tick| tick.len()).collect::<Vec<_>>(), [1, 1, 2, 2]);
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Steady<K> {
    /// Oldest first.
    raw: VecDeque<BTreeMap<K, u64>>,
    counts: BTreeMap<K, u64>,
}

impl<K> Default for Steady<K> {
    fn default() -> Self {
        Steady { raw: VecDeque::with_capacity(TICKS_KEPT), counts: BTreeMap::new() }
    }
}

impl<K: Ord + Clone> Steady<K> {
    /// Nothing has been seen yet.
    pub fn new() -> Steady<K> {
        Steady::default()
    }

    /// Takes the raw counts of the next tick, those of a key that comes twice added up, and returns what
    /// [`Steady::counts`] is then.
    pub fn push(&mut self, counts: impl IntoIterator<Item = (K, u64)>) -> Option<&BTreeMap<K, u64>> {
        let mut tick = BTreeMap::new();
        for (key, count) in counts {
            let sum: &mut u64 = tick.entry(key).or_default();
            *sum = sum.saturating_add(count);
        }
        if self.raw.len() == TICKS_KEPT {
            self.raw.pop_front();
        }
        self.raw.push_back(tick);
        self.counts = self.medians();
        self.counts()
    }

    /// The medians of the last three ticks, keys of which it is 0 left out; `None` before there were three.
    pub fn counts(&self) -> Option<&BTreeMap<K, u64>> {
        (self.raw.len() >= TICKS_OF_MEDIAN).then_some(&self.counts)
    }

    /// The raw counts of the last five ticks, oldest first.
    pub fn raw(&self) -> impl DoubleEndedIterator<Item = &BTreeMap<K, u64>> {
        self.raw.iter()
    }

    fn medians(&self) -> BTreeMap<K, u64> {
        let last = || self.raw.iter().rev().take(TICKS_OF_MEDIAN);
        let keys: BTreeSet<&K> = last().flat_map(BTreeMap::keys).collect();
        let counts = keys.into_iter().map(|key| {
            let mut of_ticks = last().map(|tick| tick.get(key).copied().unwrap_or_default());
            (key.clone(), median(std::array::from_fn(|_| of_ticks.next().unwrap_or_default())))
        });
        counts.filter(|(_, count)| *count > 0).collect()
    }
}

fn median([a, b, c]: [u64; TICKS_OF_MEDIAN]) -> u64 {
    a.min(b).max(a.max(b).min(c))
}
