//! The slots of a range: how wide they are, and where data for them come from.

use crate::error::HistoryError;
use crate::query::{Slot, Span, Step};
use crate::retention::Level;

/// Widths that are chosen from when none is given, milliseconds.
const STEPS_MS: [u64; 11] =
    [1_000, 5_000, 15_000, 30_000, 60_000, 300_000, 900_000, 1_800_000, 3_600_000, 21_600_000, 86_400_000];

/// Slots of equal width that cover a span.
#[derive(Debug, Clone)]
pub(crate) struct Grid {
    pub(crate) level: Level,
    pub(crate) step_ms: u64,
    pub(crate) slots: Vec<Slot>,
}

impl Grid {
    /// `oldest_ms` is the oldest time that there is of each level, finest first.
    pub(crate) fn new(
        span: Span,
        step: Step,
        oldest_ms: [Option<u64>; 3],
        slots_max: usize,
    ) -> Result<Grid, HistoryError> {
        let question = |reason: String| HistoryError::Question { reason };
        if span.from_ms >= span.to_ms {
            return Err(question("the span ends before it begins".to_owned()));
        }
        let length_ms = span.to_ms - span.from_ms;
        let step_ms = match step {
            Step::Ms(0) | Step::Auto { slots_max: 0 } => {
                return Err(question("slots have no width".to_owned()));
            }
            Step::Ms(step_ms) => step_ms,
            Step::Auto { slots_max } => automatic(span, slots_max, oldest_ms),
        };
        let first = span.from_ms / step_ms;
        let count = usize::try_from((span.to_ms - 1) / step_ms - first + 1).unwrap_or(usize::MAX);
        if count > slots_max {
            return Err(question(format!(
                "{length_ms} ms in steps of {step_ms} ms are {count} slots, and an answer has {slots_max} at most"
            )));
        }
        let slot = |number| Slot { start_ms: (first + number as u64) * step_ms, ..Slot::default() };
        Ok(Grid { level: level_of(step_ms), step_ms, slots: (0..count).map(slot).collect() })
    }

    /// The slots' span, which is that of the question, widened to whole slots.
    pub(crate) fn span(&self) -> Span {
        let from_ms = self.slots.first().map_or(0, |slot| slot.start_ms);
        let last_ms = self.slots.last().map_or(0, |slot| slot.start_ms);
        Span { from_ms, to_ms: last_ms.saturating_add(self.step_ms) }
    }

    /// The slot of a moment.
    pub(crate) fn slot_at(&self, at_ms: u64) -> Option<usize> {
        let since_ms = at_ms.checked_sub(self.slots.first()?.start_ms)?;
        let slot = usize::try_from(since_ms / self.step_ms).ok()?;
        (slot < self.slots.len()).then_some(slot)
    }
}

/// The coarsest level of which slots are whole steps.
fn level_of(step_ms: u64) -> Level {
    let fits = |level: &Level| level.step_ms() != 0 && step_ms.is_multiple_of(level.step_ms());
    Level::ALL.into_iter().rev().find(fits).unwrap_or(Level::Raw)
}

/// The narrowest step that gives few enough slots, of a level that still has what was at the beginning if any has.
fn automatic(span: Span, slots_max: u64, oldest_ms: [Option<u64>; 3]) -> u64 {
    let length_ms = span.to_ms - span.from_ms;
    let oldest = |level: Level| oldest_ms.get(level as usize).copied().flatten();
    let oldest_of_all = oldest_ms.into_iter().flatten().min().unwrap_or(0).max(span.from_ms);
    // A level lags behind the finer one by what is not sealed yet: only what is older than that was removed.
    let reaches = |level| {
        Level::ALL
            .into_iter()
            .filter(|&other| other <= level)
            .filter_map(oldest)
            .min()
            .is_some_and(|oldest| oldest <= oldest_of_all.saturating_add(level.step_ms().max(1_000)))
    };
    let few = |step_ms: u64| length_ms.div_ceil(step_ms) < slots_max.max(2);
    let steps = || STEPS_MS.into_iter().filter(|&step_ms| few(step_ms));
    let has_all = |&step_ms: &u64| {
        let level = level_of(step_ms);
        match level {
            Level::Raw => oldest(Level::Raw).is_some_and(|oldest| oldest <= oldest_of_all),
            level => reaches(level),
        }
    };
    let widest = length_ms.div_ceil(slots_max).next_multiple_of(Level::Hour.step_ms());
    steps().find(has_all).or_else(|| steps().next()).unwrap_or(widest)
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR_MS: u64 = 3_600_000;

    fn grid(span: Span, step: Step, oldest_ms: [Option<u64>; 3]) -> Grid {
        Grid::new(span, step, oldest_ms, 20_000).unwrap()
    }

    #[test]
    fn the_step_says_which_level() {
        let span = Span { from_ms: 10_000, to_ms: HOUR_MS };
        for (step_ms, level, slots) in [
            (5_000, Level::Raw, 718),
            (60_000, Level::Minute, 60),
            (90_000, Level::Raw, 40),
            (HOUR_MS, Level::Hour, 1),
        ] {
            let grid = grid(span, Step::Ms(step_ms), [Some(0); 3]);
            assert_eq!((grid.level, grid.slots.len()), (level, slots), "{step_ms}");
        }
    }

    #[test]
    fn without_a_step_it_is_what_gives_few_slots_and_still_exists() {
        let day = Span { from_ms: 0, to_ms: 24 * HOUR_MS };
        let step_ms = |slots_max, oldest| grid(day, Step::Auto { slots_max }, oldest).step_ms;
        assert_eq!(step_ms(20_000, [Some(0); 3]), 5_000);
        assert_eq!(step_ms(1_500, [Some(0); 3]), 60_000);
        assert_eq!(step_ms(20_000, [Some(20 * HOUR_MS), Some(0), Some(0)]), 60_000, "ticks were removed");
        assert_eq!(step_ms(20_000, [Some(20 * HOUR_MS), Some(9 * HOUR_MS), Some(0)]), HOUR_MS);
        assert_eq!(step_ms(20_000, [Some(20 * HOUR_MS), None, None]), 5_000, "nothing is rolled up yet");
        assert_eq!(step_ms(20_000, [None; 3]), 5_000);
        assert_eq!(step_ms(1, [Some(0); 3]), 24 * HOUR_MS);
    }

    #[test]
    fn too_much_is_refused() {
        let question = |span, step| Grid::new(span, step, [None; 3], 20_000).unwrap_err().to_string();
        assert!(question(Span::ALL, Step::Ms(5_000)).contains("slots"));
        assert!(question(Span { from_ms: 5, to_ms: 5 }, Step::Ms(1)).contains("ends before"));
        assert!(question(Span { from_ms: 5, to_ms: 6 }, Step::Ms(0)).contains("no width"));
    }
}
