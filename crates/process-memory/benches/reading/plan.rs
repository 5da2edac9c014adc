//! What is read together: ranges of memory, merged into runs and dealt out to system calls.

use std::collections::BTreeSet;

/// The kernel's UIO_MAXIOV.
pub(crate) const RANGES_MAX: usize = 1024;
/// The least that a page can be.
pub(crate) const PAGE: u64 = 4096;

/// Bytes of the target that lie together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Range {
    pub(crate) at: u64,
    pub(crate) len: usize,
}

impl Range {
    pub(crate) fn end(self) -> u64 {
        self.at + self.len as u64
    }

    /// The same, widened to whole blocks of so many bytes.
    pub(crate) fn aligned(self, block: u64) -> Range {
        let at = self.at / block * block;
        Range { at, len: length(at, self.end().next_multiple_of(block)) }
    }

    fn pages(self) -> impl Iterator<Item = u64> {
        self.at / PAGE..self.end().div_ceil(PAGE)
    }
}

/// `len` bytes at each address.
pub(crate) fn each(addresses: &[u64], len: usize) -> Vec<Range> {
    addresses.iter().map(|at| Range { at: *at, len }).collect()
}

/// Ascending ranges, of which those no further apart than `gap` have become one.
pub(crate) fn runs(ranges: impl IntoIterator<Item = Range>, gap: u64) -> Vec<Range> {
    let mut runs: Vec<Range> = Vec::new();
    for range in ranges {
        match runs.last_mut() {
            Some(last) if range.at <= last.end() + gap => {
                last.len = length(last.at, last.end().max(range.end()));
            }
            _ => runs.push(range),
        }
    }
    runs
}

/// One byte of every page of the ranges.
pub(crate) fn byte_per_page(ranges: &[Range]) -> Vec<Range> {
    let pages: BTreeSet<u64> = ranges.iter().flat_map(|range| range.pages()).collect();
    pages.into_iter().map(|page| Range { at: page * PAGE, len: 1 }).collect()
}

/// Two bytes around every border between two pages that both are in the ranges: two pages for one range.
pub(crate) fn pair_per_two_pages(ranges: &[Range]) -> Vec<Range> {
    let pages: Vec<u64> = ranges.iter().flat_map(|range| range.pages()).collect();
    let (mut pairs, mut rest) = (Vec::new(), pages.as_slice());
    while let [first, second, tail @ ..] = rest {
        rest = if second == &(first + 1) {
            pairs.push(Range { at: second * PAGE - 1, len: 2 });
            tail
        } else {
            rest.get(1..).unwrap_or_default()
        };
    }
    pairs
}

/// Pages that the ranges touch: one that two ranges touch is pinned twice, and counted twice.
pub(crate) fn pages_pinned(ranges: &[Range]) -> usize {
    ranges.iter().map(|range| range.pages().count()).sum()
}

/// Deals ranges out to calls, each of at most so many ranges and, unless one alone is longer, bytes.
pub(crate) fn calls(ranges: &[Range], ranges_max: usize, bytes_max: usize) -> Vec<Vec<Range>> {
    let mut calls: Vec<Vec<Range>> = Vec::new();
    let mut bytes = 0;
    for range in ranges {
        bytes += range.len;
        match calls.last_mut() {
            Some(call) if call.len() < ranges_max.min(RANGES_MAX) && bytes <= bytes_max => call.push(*range),
            _ => {
                bytes = range.len;
                calls.push(vec![*range]);
            }
        }
    }
    calls
}

fn length(from: u64, to: u64) -> usize {
    usize::try_from(to.saturating_sub(from)).unwrap_or_default()
}
