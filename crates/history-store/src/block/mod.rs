//! Blocks: figures of one process over some time, as columns. One tick is a block, an hour is one, and so are the
//! minutes of an hour.
//!
//! ```text
//! 24 ticks ──concat──> run ─┐
//! 24 ticks ──concat──> run ─┼─concat─> hour ──rollup──> its minutes, itself as one point
//!                 …    run ─┘
//! ```
//!
//! Rolled up, a series has several columns: what it was at the last tick, its sum, least and most. What many series add
//! up to (a status, a stack with several labels) has columns of its own there, since the most of a sum cannot be told
//! from the most of its parts.

mod varint;
mod codec;
mod rollup;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

pub use codec::DecodeError;
pub(crate) use codec::{decode, decode_numbers, decode_wanted, encode, encode_numbers};
pub(crate) use rollup::rollup;

/// Where goroutines stood, as an id: one of the constants, or that of a stack.
pub(crate) mod place {
    /// The stack was not taken, or could not be had.
    pub(crate) const NOT_TAKEN: u64 = 0;
    /// Beyond the limit of different counts.
    pub(crate) const BEYOND_LIMIT: u64 = 1;
    /// The tick looked at statuses only.
    pub(crate) const COUNTS_ONLY: u64 = 2;
    /// Ids of stacks are larger than this.
    pub(crate) const RESERVED: u64 = 15;
}

/// What a column is about. Numbers are ids of the catalogue; of texts and label sets, 0 is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Key {
    /// Goroutines that do the same.
    Count { place: u64, status: u8, reason: u64, labels: u64 },
    /// A counter.
    Counter { name: u64 },
    /// A gauge.
    Gauge { name: u64 },
    /// What counts add up to, in blocks that are rolled up.
    Sum(SumKey),
}

/// What counts are added up by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum SumKey {
    Total,
    Status(u8),
    Reason(u64),
    Place(u64),
    Label { key: u64, value: u64 },
}

/// Which figure of a series a column has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Facet {
    /// At the last tick of each point: the only one that ticks have.
    Last,
    /// Added up over the ticks of each point.
    Sum,
    /// The least of them.
    Min,
    /// The most of them.
    Max,
    /// How many ticks had it. Only gauges, of which a missing one is not 0.
    Seen,
}

impl Facet {
    const ALL: [Facet; 5] = [Facet::Last, Facet::Sum, Facet::Min, Facet::Max, Facet::Seen];
}

/// One tick, or several that were rolled up.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Point {
    /// The time of its last tick, milliseconds since the Unix epoch.
    pub(crate) at_ms: u64,
    /// How many ticks it stands for.
    pub(crate) ticks: u64,
    /// How many of them looked at stacks.
    pub(crate) full: u64,
    /// Whether the last of them did.
    pub(crate) last_full: bool,
    /// The most goroutines that one of them could not read.
    pub(crate) unread: u64,
}

/// Values by the index of their point, in order of these. Where there is none, nobody did it, or it is not known.
pub(crate) type Values = Vec<(u32, i64)>;

/// Figures of one process over some time.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Block {
    /// In the order in which they were written.
    pub(crate) points: Vec<Point>,
    /// All series, each with its columns.
    pub(crate) columns: BTreeMap<(Key, Facet), Values>,
}

impl Block {
    /// How many values there are.
    pub(crate) fn len(&self) -> usize {
        self.columns.values().map(Vec::len).sum()
    }

    /// Appends a later block.
    pub(crate) fn push(&mut self, later: Block) {
        let offset = index(self.points.len());
        self.points.extend(later.points);
        for (key, values) in later.columns {
            let moved = values.into_iter().map(|(index, value)| (index.saturating_add(offset), value));
            self.columns.entry(key).or_default().extend(moved);
        }
    }

    /// The columns of one figure.
    pub(crate) fn facet(&self, wanted: Facet) -> impl Iterator<Item = (Key, &Values)> {
        self.columns
            .iter()
            .filter(move |((_, facet), _)| *facet == wanted)
            .map(|((key, _), values)| (*key, values))
    }

    /// What there is of a series at one point.
    pub(crate) fn get(&self, key: Key, facet: Facet, point: u32) -> Option<i64> {
        let values = self.columns.get(&(key, facet))?;
        let found = values.binary_search_by_key(&point, |(index, _)| *index).ok()?;
        values.get(found).map(|(_, value)| *value)
    }
}

/// The index of a point. Blocks have far fewer points than this can count.
pub(crate) fn index(position: usize) -> u32 {
    u32::try_from(position).unwrap_or(u32::MAX)
}

/// Values of several columns added up point by point.
pub(crate) fn added_up<'v>(columns: impl IntoIterator<Item = &'v Values>) -> Values {
    let columns: Vec<&Values> = columns.into_iter().collect();
    let points = columns.iter().filter_map(|values| values.last()).map(|(last, _)| *last as usize + 1).max();
    let mut sums: Vec<Option<i64>> = vec![None; points.unwrap_or(0)];
    for &(index, value) in columns.into_iter().flatten() {
        if let Some(sum) = sums.get_mut(index as usize) {
            *sum = Some(sum.map_or(value, |sum| sum.saturating_add(value)));
        }
    }
    (0..).zip(sums).filter_map(|(index, sum)| Some((index, sum?))).collect()
}
