//! Collecting gaps: the first few of a kind are listed, a flood is counted.

use rustc_hash::FxHashMap;
use snapshot::{Address, Gap, GapCause, GapSubject, GoroutineId};

/// Gaps of one kind that are listed one by one.
const LISTED_MAX: u64 = 100;

/// Gaps of a snapshot in the making.
#[derive(Debug, Default)]
pub(crate) struct Gaps {
    listed: Vec<Gap>,
    counts: FxHashMap<(GapSubject, GapCause), u64>,
}

impl Gaps {
    pub(crate) fn add(
        &mut self,
        subject: GapSubject,
        cause: GapCause,
        goroutine: Option<GoroutineId>,
        address: Option<Address>,
    ) {
        let count = self.counts.entry((subject, cause)).or_default();
        *count += 1;
        if *count <= LISTED_MAX {
            self.listed.push(Gap { subject, goroutine, address, cause, count: 1 });
        }
    }

    /// A gap that belongs to the whole process.
    pub(crate) fn of(&mut self, subject: GapSubject, cause: GapCause) {
        self.add(subject, cause, None, None);
    }

    /// The list; the last of a kind stands for all that were not listed.
    pub(crate) fn finish(mut self) -> Vec<Gap> {
        for ((subject, cause), count) in self.counts {
            let last = self.listed.iter_mut().rfind(|gap| gap.subject == subject && gap.cause == cause);
            if let Some(last) = last {
                last.count += count.saturating_sub(LISTED_MAX);
            }
        }
        self.listed
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flood_is_counted_and_not_listed() {
        let mut gaps = Gaps::default();
        for _ in 0..1000 {
            gaps.of(GapSubject::Stack, GapCause::Torn);
        }
        gaps.of(GapSubject::Labels, GapCause::Torn);
        let gaps = gaps.finish();
        assert_eq!(gaps.len(), 101);
        assert_eq!(gaps.iter().map(|gap| gap.count).sum::<u64>(), 1001);
    }
}
