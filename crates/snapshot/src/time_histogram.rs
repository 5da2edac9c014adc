//! Durations, counted by how long they were.

use serde::{Deserialize, Serialize};

/// A histogram that the runtime keeps (`timeHistogram` of runtime/histogram.go), as far as anything is in it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TimeHistogram {
    /// Those that are not empty, in ascending order; they do not overlap.
    pub buckets: Vec<TimeBucket>,
}

/// So many durations between two limits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct TimeBucket {
    /// The shortest that it counts, nanoseconds. What a clock that went backwards made negative is counted as nothing.
    pub from_ns: u64,
    /// All that it counts are shorter than this, nanoseconds; `None` where there is no limit.
    pub below_ns: Option<u64>,
    /// How many.
    pub count: u64,
}

impl TimeHistogram {
    /// How many durations there are.
    pub fn count(&self) -> u64 {
        self.buckets.iter().map(|bucket| bucket.count).fold(0, u64::wrapping_add)
    }

    /// How many are certainly shorter than so many nanoseconds: exact where a bucket ends there.
    pub fn below(&self, ns: u64) -> u64 {
        let short = self.buckets.iter().filter(|bucket| bucket.below_ns.is_some_and(|below| below <= ns));
        short.map(|bucket| bucket.count).fold(0, u64::wrapping_add)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_may_be_longer_is_not_counted_as_shorter() {
        let bucket = |from_ns, below_ns, count| TimeBucket { from_ns, below_ns, count };
        let histogram = TimeHistogram {
            buckets: vec![bucket(0, Some(0), 1), bucket(64, Some(128), 5), bucket(1024, None, 2)],
        };
        assert_eq!(histogram.count(), 8);
        assert_eq!([0, 64, 127, 128, u64::MAX].map(|ns| histogram.below(ns)), [1, 1, 1, 6, 6]);
    }
}
