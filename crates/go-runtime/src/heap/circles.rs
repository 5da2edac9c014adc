//! Notices lists that bite their own tails, as only damaged ones do.

/// Follows one list. Keeps one element only, and compares it with those that follow, twice as many each time
/// (Brent's way): a circle is noticed within three times its length.
#[derive(Debug, Default)]
pub(super) struct Circle {
    kept: u64,
    left: u64,
    stretch: u64,
}

impl Circle {
    /// Takes the next element of the list, which is not null; `true` if it is known to have come before.
    pub(super) fn closes(&mut self, at: u64) -> bool {
        if at == self.kept {
            return true;
        }
        if self.left == 0 {
            self.stretch = self.stretch.saturating_mul(2).max(1);
            (self.kept, self.left) = (at, self.stretch);
        }
        self.left -= 1;
        false
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn circles_close_and_other_lists_do_not() {
        for (before, around) in [(0, 1), (0, 5), (3, 1), (100, 7), (7, 100)] {
            let mut circle = Circle::default();
            let elements = (1..=before).chain((before + 1..=before + around).cycle());
            let steps = elements.take_while(|at| !circle.closes(*at)).count() as u64;
            assert!(steps <= 3 * (before + around), "{before} {around}: {steps}");
        }
        let mut circle = Circle::default();
        assert!((1..10_000).all(|at| !circle.closes(at)));
    }
}
