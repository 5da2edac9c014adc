//! Offsets in the histograms of durations that the runtime keeps, and what their buckets stand for.

use go_binary::layout::{ArrayLayout, Layouts};

/// A `runtime.timeHistogram`.
#[derive(Debug, Clone)]
pub(crate) struct TimeHistogramFields {
    /// Where it begins in the structure that it is in.
    pub(crate) start: usize,
    pub(crate) size: usize,
    /// From its beginning, as are the others.
    pub(crate) counts: (usize, ArrayLayout),
    pub(crate) underflow: usize,
    /// Before Go 1.20 the last bucket has no limit instead.
    pub(crate) overflow: Option<usize>,
    pub(crate) shape: Shape,
}

/// How buckets grow: those of one power of two are divided into equal parts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Shape {
    buckets: u32,
    /// Durations with fewer bits than this are divided as if they had as many.
    bits_min: u32,
    /// As many buckets for each power of two as these bits count.
    bits_of_part: u32,
}

/// By the number of buckets: constants of runtime/histogram.go of Go 1.19, and of Go 1.20 to 1.27.
const SHAPES: [Shape; 2] = [
    Shape { buckets: 720, bits_min: 5, bits_of_part: 4 },
    Shape { buckets: 160, bits_min: 9, bits_of_part: 2 },
];

impl TimeHistogramFields {
    /// That which is a field of a structure; `None` where the release lacks it, or counts in another way.
    pub(super) fn bind(layouts: &Layouts, structure: &str, field: &str) -> Option<Self> {
        let offset = |part: &str| Some(layouts.offset(structure, &format!("{field}{part}"))? as usize);
        let start = offset("")?;
        let counts = layouts.field(structure, &format!("{field}.counts"))?;
        let array = counts.array?;
        let from_start = |at: usize| at.checked_sub(start);
        let underflow = from_start(offset(".underflow")?)?;
        let overflow = offset(".overflow").and_then(from_start);
        let first = from_start(counts.offset as usize)?;
        let end = first + array.len as usize * array.stride as usize;
        Some(TimeHistogramFields {
            start,
            size: end.max(underflow + 8).max(overflow.map_or(0, |at| at + 8)),
            counts: (first, array),
            underflow,
            overflow,
            shape: SHAPES.into_iter().find(|shape| shape.buckets == array.len)?,
        })
    }
}

impl Shape {
    /// The shortest duration of a bucket, nanoseconds; for the number of buckets, that which is too long for all.
    pub(crate) fn start_ns(self, bucket: u32) -> u64 {
        let part = u64::from(bucket & ((1 << self.bits_of_part) - 1));
        let power = bucket >> self.bits_of_part;
        let width = self.bits_min + power.saturating_sub(1) - 1 - self.bits_of_part;
        let first = if power == 0 { 0 } else { 1 << (self.bits_min + power - 2) };
        first | part << width
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What `timeHistogramMetricsBuckets` of each release makes of them, nanoseconds.
    #[test]
    fn buckets_begin_where_the_runtime_says() {
        let [of_go_1_19, later] = SHAPES;
        let first = |shape: Shape, buckets: [u32; 9]| buckets.map(|bucket| shape.start_ns(bucket));
        assert_eq!(
            first(of_go_1_19, [0, 1, 15, 16, 17, 31, 32, 33, 720]),
            [0, 1, 15, 16, 17, 31, 32, 34, 1 << 48]
        );
        assert_eq!(
            first(later, [0, 1, 3, 4, 5, 7, 8, 9, 160]),
            [0, 64, 192, 256, 320, 448, 512, 640, 1 << 47]
        );
    }
}
