//! A set of small numbers.

/// One bit for each number.
#[derive(Debug, Default)]
pub(super) struct Bits(Vec<u64>);

impl Bits {
    /// An empty set of numbers below `len`.
    pub(super) fn new(len: u64) -> Self {
        Bits(vec![0; usize::try_from(len.div_ceil(64)).unwrap_or_default()])
    }

    /// Adds a number; `true` if it was not there. Numbers that are too large are never there.
    pub(super) fn insert(&mut self, number: u64) -> bool {
        let Some(word) = usize::try_from(number / 64).ok().and_then(|at| self.0.get_mut(at)) else {
            return false;
        };
        let bit = 1 << (number % 64);
        let new = *word & bit == 0;
        *word |= bit;
        new
    }

    pub(super) fn contains(&self, number: u64) -> bool {
        let word = usize::try_from(number / 64).ok().and_then(|at| self.0.get(at));
        word.is_some_and(|word| word >> (number % 64) & 1 != 0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_new_once() {
        let mut bits = Bits::new(65);
        assert!(bits.insert(64) && !bits.insert(64) && bits.insert(0));
        assert!(bits.contains(64) && !bits.contains(63) && !bits.contains(1 << 40));
        assert!(!bits.insert(1 << 40));
    }
}
