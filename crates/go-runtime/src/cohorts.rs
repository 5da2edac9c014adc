//! Goroutines that do the same, counted as they come and go.

use rustc_hash::FxHashMap;
use snapshot::Cohort;

/// Cohorts without members that are kept: they often come back.
const EMPTY_KEPT: usize = 4096;

/// A cohort in a session. The default is none: a descriptor of no goroutine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct CohortId(u32);

impl CohortId {
    pub(crate) const NONE: CohortId = CohortId(u32::MAX);
}

impl Default for CohortId {
    fn default() -> Self {
        CohortId::NONE
    }
}

/// All cohorts that there are, and some that were.
#[derive(Debug, Default)]
pub(crate) struct Cohorts {
    ids: FxHashMap<Cohort, CohortId>,
    counted: Vec<(Cohort, u64)>,
}

impl Cohorts {
    /// The id of a cohort.
    pub(crate) fn id(&mut self, cohort: Cohort) -> CohortId {
        *self.ids.entry(cohort).or_insert_with(|| {
            self.counted.push((cohort, 0));
            CohortId(u32::try_from(self.counted.len() - 1).unwrap_or(u32::MAX - 1))
        })
    }

    /// What its members have in common.
    pub(crate) fn get(&self, id: CohortId) -> Option<&Cohort> {
        self.counted.get(id.0 as usize).map(|(cohort, _)| cohort)
    }

    /// A goroutine has changed from one to another.
    pub(crate) fn moved(&mut self, from: CohortId, to: CohortId) {
        if from == to {
            return;
        }
        if let Some((_, count)) = self.counted.get_mut(from.0 as usize) {
            *count = count.saturating_sub(1);
        }
        if let Some((_, count)) = self.counted.get_mut(to.0 as usize) {
            *count += 1;
        }
    }

    /// Those that have members.
    pub(crate) fn counted(&self) -> impl Iterator<Item = &(Cohort, u64)> {
        self.counted.iter().filter(|(_, count)| *count > 0)
    }

    /// The index in [`Cohorts::counted`] of each, by [`Cohorts::index`] of its id; `None` without members.
    pub(crate) fn places(&self) -> Vec<Option<u32>> {
        let mut next = 0..;
        let place = |(_, count): &(Cohort, u64)| if *count > 0 { next.next() } else { None };
        self.counted.iter().map(place).collect()
    }

    /// Drops those without members when there are too many of them. Returns the new ids by the old ones.
    pub(crate) fn compact(&mut self) -> Option<Vec<CohortId>> {
        let members = self.counted().count();
        if self.counted.len() < 2 * members + EMPTY_KEPT {
            return None;
        }
        let old = std::mem::take(&mut self.counted);
        self.ids.clear();
        Some(
            old.into_iter()
                .map(|(cohort, count)| {
                    if count == 0 {
                        return CohortId::NONE;
                    }
                    let id = self.id(cohort);
                    if let Some(kept) = self.counted.last_mut() {
                        kept.1 = count;
                    }
                    id
                })
                .collect(),
        )
    }

    /// The place of an id in what [`Cohorts::compact`] returns.
    pub(crate) fn index(id: CohortId) -> usize {
        id.0 as usize
    }
}
