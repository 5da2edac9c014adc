//! Looks of earlier, as many as a bound on memory allows.

use std::collections::VecDeque;
use std::sync::Arc;

use rustc_hash::FxHashMap;

use crate::cluster::ClusterKey;
use crate::look::Look;

/// Looks that are kept at most.
const LOOKS_MAX: usize = 600;
/// Looks that are kept with nothing but their counts and clusters.
const THIN_LOOKS_MAX: usize = 120;

/// What was seen of a target, the newest last.
#[derive(Debug)]
pub struct History {
    looks: VecDeque<Arc<Look>>,
    /// Goroutines at each look, also of those that have been given up.
    totals: VecDeque<u64>,
    bytes_max: usize,
    first: Arc<FxHashMap<ClusterKey, u64>>,
}

impl History {
    /// An empty one, whose looks take at most so many bytes. The newest is kept whatever it takes.
    pub fn new(bytes_max: usize) -> History {
        History { looks: VecDeque::new(), totals: VecDeque::new(), bytes_max, first: Arc::default() }
    }

    /// Adds a look. Older ones lose their single goroutines, and then are given up.
    pub fn push(&mut self, look: Arc<Look>) {
        if self.looks.is_empty() {
            self.first = Arc::new(look.clusters.iter().map(|cluster| (cluster.key, cluster.count)).collect());
        }
        self.totals.push_back(look.total);
        if self.totals.len() > LOOKS_MAX {
            self.totals.pop_front();
        }
        self.looks.push_back(look);
        let (mut bytes, mut thin) = (0, 0);
        // From the newest to the oldest: what does not fit any more is thinned.
        for look in self.looks.iter_mut().rev() {
            let is_newest = bytes == 0 && thin == 0;
            bytes += look.bytes().max(1);
            if look.snapshot.is_some() && bytes > self.bytes_max && !is_newest {
                *look = Arc::new(look.thinned());
            }
            thin += usize::from(look.snapshot.is_none());
        }
        while self.looks.len() > LOOKS_MAX || thin > THIN_LOOKS_MAX {
            let gone = self.looks.pop_front();
            thin -= usize::from(gone.is_some_and(|look| look.snapshot.is_none()));
        }
    }

    /// The newest.
    pub fn newest(&self) -> Option<&Arc<Look>> {
        self.looks.back()
    }

    /// The oldest.
    pub fn oldest(&self) -> Option<&Arc<Look>> {
        self.looks.front()
    }

    /// The look with this number, and the one before it.
    pub fn at(&self, number: u64) -> Option<(&Arc<Look>, Option<&Arc<Look>>)> {
        let index = self.looks.partition_point(|look| look.number < number);
        let look = self.looks.get(index).filter(|look| look.number == number)?;
        Some((look, index.checked_sub(1).and_then(|before| self.looks.get(before))))
    }

    /// The number of the look that is so many steps from another, as far as there are any.
    pub fn step(&self, from: u64, forward: bool) -> Option<u64> {
        let index = self.looks.partition_point(|look| look.number < from);
        let next = if forward { index + 1 } else { index.checked_sub(1)? };
        self.looks.get(next).map(|look| look.number)
    }

    /// How many looks there are.
    pub fn len(&self) -> usize {
        self.looks.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.looks.is_empty()
    }

    /// Looks that are newer than another.
    pub fn newer_than(&self, number: u64) -> usize {
        self.looks.len() - self.looks.partition_point(|look| look.number <= number)
    }

    /// Goroutines at each look, the newest last.
    pub fn totals(&self) -> impl DoubleEndedIterator<Item = u64> {
        self.totals.iter().copied()
    }

    /// How many goroutines each cluster had at the first look.
    pub fn first(&self) -> &Arc<FxHashMap<ClusterKey, u64>> {
        &self.first
    }
}
