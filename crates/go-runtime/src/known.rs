//! What is known of every goroutine between two looks at a process, as columns.
//!
//! A descriptor (`runtime.g`) is never freed, so it has a row for ever. Rows are in ascending order of
//! addresses, in which headers are read in the fewest runs, and workers can have disjoint parts of them.

use snapshot::Address;

use crate::cohorts::{CohortId, Cohorts};
use crate::header::{Header, Mark};

/// Looks in a row that must have found the same stack before it is believed without reading it again: a
/// goroutine that moves can look unmoved, since `trackingSeq` has eight bits, but not often in a row.
const LOOKS_TO_BELIEVE: u8 = 3;

/// The columns: some 45 bytes a goroutine.
#[derive(Debug, Default)]
pub(crate) struct Known {
    /// The runtime's list as it was last read.
    list: Vec<Address>,
    addresses: Vec<u64>,
    /// Index in `list`.
    places: Vec<u32>,
    marks: Vec<Mark>,
    looks: Vec<u8>,
    cohorts: Vec<CohortId>,
    /// When it was first seen in this wait, on the monotonic clock.
    since_ns: Vec<i64>,
}

/// What a look at a goroutine gave.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Quality {
    /// Its stack, and all else.
    Stack,
    /// All else: it has no stack that stays as it is, or none was asked for.
    NoStack,
    /// Something is missing.
    Flawed,
}

/// Some of the rows, next to each other.
#[derive(Debug)]
pub(crate) struct Rows<'k> {
    pub(crate) addresses: &'k [u64],
    pub(crate) places: &'k [u32],
    marks: &'k mut [Mark],
    looks: &'k mut [u8],
    cohorts: &'k mut [CohortId],
    since_ns: &'k mut [i64],
}

impl Known {
    /// Adds rows for what is new in the runtime's list. Returns whether all that was known is of no use, since
    /// the list is another one.
    pub(crate) fn update(&mut self, list: Vec<Address>) -> bool {
        let mut forgotten = false;
        let new = match list.split_at_checked(self.list.len()) {
            Some((old, new)) if old == self.list => new,
            // It only grows: another list is that of another process.
            _ => {
                forgotten = !self.list.is_empty();
                *self = Known::default();
                &list
            }
        };
        let first_place = list.len() - new.len();
        let mut added: Vec<(u64, u32)> =
            new.iter().zip(first_place..).map(|(at, i)| (at.0, narrow(i))).collect();
        added.retain(|(at, _)| *at != 0);
        added.sort_unstable();
        added.dedup_by_key(|(at, _)| *at);
        added.retain(|(at, _)| self.addresses.binary_search(at).is_err());
        if !added.is_empty() {
            self.merge(&added);
        }
        self.list = list;
        forgotten
    }

    /// Merges new rows, given by address and place in order of addresses.
    fn merge(&mut self, added: &[(u64, u32)]) {
        let len = self.addresses.len() + added.len();
        let mut sources: Vec<Option<u32>> = Vec::with_capacity(len);
        let mut new = added.iter().peekable();
        for (row, at) in self.addresses.iter().enumerate() {
            while new.next_if(|(new, _)| new < at).is_some() {
                sources.push(None);
            }
            sources.push(Some(narrow(row)));
        }
        sources.extend(new.map(|_| None));
        let mut rest = added.iter();
        let mut rest_again = added.iter();
        spread(&mut self.addresses, &sources, || rest.next().map_or(0, |(at, _)| *at));
        spread(&mut self.places, &sources, || rest_again.next().map_or(0, |(_, place)| *place));
        spread(&mut self.marks, &sources, Mark::default);
        spread(&mut self.looks, &sources, || 0);
        spread(&mut self.cohorts, &sources, CohortId::default);
        spread(&mut self.since_ns, &sources, || 0);
    }

    /// Forgets everything but the list.
    pub(crate) fn forget(&mut self) {
        self.looks.fill(0);
        self.marks.fill(Mark::default());
        self.cohorts.fill(CohortId::default());
    }

    /// How many goroutines of each of `cohorts` cohorts have not been seen in another state since a time of the
    /// monotonic clock.
    pub(crate) fn unchanged_since(&self, monotonic_ns: i64, cohorts: usize) -> Vec<u64> {
        let mut counts = vec![0; cohorts];
        for (cohort, since) in self.cohorts.iter().zip(&self.since_ns) {
            if *since <= monotonic_ns
                && let Some(count) = counts.get_mut(Cohorts::index(*cohort))
            {
                *count += 1;
            }
        }
        counts
    }

    /// The cohort of the goroutine whose descriptor is at an address.
    pub(crate) fn cohort_at(&self, at: Address) -> Option<CohortId> {
        let row = self.addresses.binary_search(&at.0).ok()?;
        self.cohorts.get(row).copied()
    }

    /// Gives cohorts their new ids.
    pub(crate) fn renumber(&mut self, new: impl Fn(CohortId) -> CohortId) {
        for cohort in &mut self.cohorts {
            *cohort = new(*cohort);
        }
    }

    /// All rows.
    pub(crate) fn rows(&mut self) -> Rows<'_> {
        Rows {
            addresses: &self.addresses,
            places: &self.places,
            marks: &mut self.marks,
            looks: &mut self.looks,
            cohorts: &mut self.cohorts,
            since_ns: &mut self.since_ns,
        }
    }
}

impl<'k> Rows<'k> {
    pub(crate) fn len(&self) -> usize {
        self.addresses.len()
    }

    /// The first `len` rows, and the others.
    pub(crate) fn split_at(self, len: usize) -> (Rows<'k>, Rows<'k>) {
        let len = len.min(self.addresses.len());
        let (addresses, addresses_after) = self.addresses.split_at(len);
        let (places, places_after) = self.places.split_at(len);
        let (marks, marks_after) = self.marks.split_at_mut(len);
        let (looks, looks_after) = self.looks.split_at_mut(len);
        let (cohorts, cohorts_after) = self.cohorts.split_at_mut(len);
        let (since_ns, since_ns_after) = self.since_ns.split_at_mut(len);
        (
            Rows { addresses, places, marks, looks, cohorts, since_ns },
            Rows {
                addresses: addresses_after,
                places: places_after,
                marks: marks_after,
                looks: looks_after,
                cohorts: cohorts_after,
                since_ns: since_ns_after,
            },
        )
    }

    /// The cohort of a row; the empty one for a descriptor of no goroutine.
    pub(crate) fn cohort(&self, row: usize) -> CohortId {
        self.cohorts.get(row).copied().unwrap_or_default()
    }

    /// When the goroutine of a row was first seen in its present wait.
    pub(crate) fn since_ns(&self, row: usize) -> i64 {
        self.since_ns.get(row).copied().unwrap_or_default()
    }

    /// Whether a goroutine has not moved since the last look, as far as its header tells.
    pub(crate) fn unmoved(&self, row: usize, mark: &Mark) -> bool {
        self.cohort(row) != CohortId::NONE && self.marks.get(row).is_some_and(|before| before.unmoved(mark))
    }

    /// Keeps what is new in the header of a goroutine that has not moved.
    pub(crate) fn keep(&mut self, row: usize, mark: Mark) {
        if let Some(before) = self.marks.get_mut(row) {
            *before = mark;
        }
    }

    /// Whether a goroutine that is as `header` says has the stack that is known.
    pub(crate) fn believed(&self, row: usize, header: &Header) -> bool {
        !header.can_move_unseen()
            && self.unmoved(row, &header.mark())
            && self.looks.get(row).is_some_and(|looks| *looks >= LOOKS_TO_BELIEVE)
    }

    /// Whether nothing was missing in the last look at it.
    pub(crate) fn flawless(&self, row: usize) -> bool {
        self.looks.get(row).is_some_and(|looks| *looks > 0)
    }

    /// Notes what a look at a goroutine gave. Returns the cohort that it was in before.
    pub(crate) fn note(
        &mut self,
        row: usize,
        header: &Header,
        cohort: CohortId,
        quality: Quality,
        now_ns: i64,
    ) -> CohortId {
        let (Some(mark), Some(looks)) = (self.marks.get_mut(row), self.looks.get_mut(row)) else {
            return CohortId::NONE;
        };
        let (Some(known), Some(since)) = (self.cohorts.get_mut(row), self.since_ns.get_mut(row)) else {
            return CohortId::NONE;
        };
        let now = header.mark();
        if !mark.same_wait(&now) || *known == CohortId::NONE {
            *since = now_ns;
        }
        *looks = match quality {
            Quality::Stack if mark.unmoved(&now) && *known == cohort => looks.saturating_add(1),
            Quality::Stack | Quality::NoStack => 1,
            Quality::Flawed => 0,
        };
        *mark = now;
        std::mem::replace(known, cohort)
    }

    /// Notes that a descriptor is of no goroutine at the moment, or could not be read. Returns the cohort that
    /// its goroutine was in before.
    pub(crate) fn ended(&mut self, row: usize) -> CohortId {
        self.cohorts.get_mut(row).map(std::mem::take).unwrap_or_default()
    }
}

/// Moves the values of a column to where they belong now; new ones come from `fresh`.
fn spread<T: Copy>(column: &mut Vec<T>, sources: &[Option<u32>], mut fresh: impl FnMut() -> T) {
    let moved = sources
        .iter()
        .map(|source| source.and_then(|row| column.get(row as usize).copied()).unwrap_or_else(&mut fresh));
    *column = moved.collect();
}

/// Lists are bounded far below 2^32 by `Limits::goroutines_max`.
fn narrow(index: usize) -> u32 {
    u32::try_from(index).unwrap_or(u32::MAX)
}
