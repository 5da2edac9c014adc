//! Distributions as they are exported: how many values are no larger than each of some bounds.

use snapshot::TimeHistogram;

/// A distribution at one moment.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Histogram {
    /// Bounds in ascending order, and how many values are no larger.
    pub(crate) cumulative: Vec<(f64, u64)>,
    /// How many there are.
    pub(crate) count: u64,
    /// Their sum, if it is known: the runtime does not keep any.
    pub(crate) sum: Option<f64>,
}

/// Powers of two at which the runtime's buckets end, in every release: from 256 ns to 17 s, each four times the one
/// before.
const RUNTIME_BITS: std::ops::RangeInclusive<u32> = 8..=34;

impl Histogram {
    /// A distribution that the runtime keeps, in fewer and larger buckets, whose counts are exact.
    pub(crate) fn of_runtime(times: &TimeHistogram) -> Histogram {
        let bounds = RUNTIME_BITS.step_by(2).map(|bits| 1u64 << bits);
        let cumulative = bounds.map(|ns| (crate::target_metrics::seconds(ns), times.below(ns)));
        Histogram { cumulative: cumulative.collect(), count: times.count(), sum: None }
    }

    /// One without any values, with these bounds.
    pub(crate) fn empty(bounds: &[f64]) -> Histogram {
        Histogram { cumulative: bounds.iter().map(|bound| (*bound, 0)).collect(), count: 0, sum: Some(0.0) }
    }

    /// Takes in another value.
    pub(crate) fn add(&mut self, value: f64) {
        let larger = self.cumulative.iter_mut().filter(|(bound, _)| value <= *bound);
        larger.for_each(|(_, count)| *count += 1);
        self.count += 1;
        self.sum = self.sum.map(|sum| sum + value);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use snapshot::TimeBucket;

    #[test]
    fn values_are_counted_at_every_bound_that_is_no_smaller() {
        let mut histogram = Histogram::empty(&[1.0, 5.0]);
        [0.0, 1.0, 1.5, 7.0].into_iter().for_each(|value| histogram.add(value));
        let expected = Histogram { cumulative: vec![(1.0, 2), (5.0, 3)], count: 4, sum: Some(9.5) };
        assert_eq!(histogram, expected);
    }

    #[test]
    fn the_runtimes_buckets_are_added_up_and_its_sum_is_unknown() {
        let bucket = |from_ns, below_ns, count| TimeBucket { from_ns, below_ns, count };
        let buckets = vec![bucket(192, Some(256), 3), bucket(256, Some(320), 4), bucket(1 << 47, None, 1)];
        let histogram = Histogram::of_runtime(&TimeHistogram { buckets });
        assert_eq!((histogram.count, histogram.sum, histogram.cumulative.len()), (8, None, 14));
        assert_eq!(histogram.cumulative[..2], [(256e-9, 3), (1024e-9, 7)]);
        assert_eq!(histogram.cumulative[13], (17.179869184, 7));
    }
}
