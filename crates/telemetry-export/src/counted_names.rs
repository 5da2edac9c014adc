//! Sums by a name that somebody else chose, of a bounded number of names.

use std::collections::BTreeMap;

use crate::label_value::tame;

/// What the names beyond the limit are summed up under.
pub(crate) const OTHER: &str = "other";

/// A value for each name, never for more than a number of names; those that come later share `other`.
#[derive(Debug, Clone, Default)]
pub(crate) struct CountedNames<V> {
    names_max: usize,
    values: BTreeMap<String, V>,
}

impl<V: Default> CountedNames<V> {
    /// No name yet.
    pub(crate) fn new(names_max: usize) -> CountedNames<V> {
        CountedNames { names_max, values: BTreeMap::new() }
    }

    /// The value of a name, `other`'s if there are too many names. Names that look alike in a label are one.
    pub(crate) fn of(&mut self, name: &str) -> &mut V {
        let mut name = tame(name);
        let others = usize::from(self.values.contains_key(OTHER));
        if !self.values.contains_key(&name) && self.values.len() - others >= self.names_max {
            name = OTHER.to_owned();
        }
        self.values.entry(name).or_default()
    }

    /// Every name and its value, by name.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&str, &V)> {
        self.values.iter().map(|(name, value)| (name.as_str(), value))
    }

    /// Every value.
    pub(crate) fn values_mut(&mut self) -> impl Iterator<Item = &mut V> {
        self.values.values_mut()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_beyond_the_limit_are_summed_up() {
        let mut counted = CountedNames::<u64>::new(2);
        for name in ["select", "sleep", "a", "b", "select", "other"] {
            *counted.of(name) += 1;
        }
        assert_eq!(counted.iter().collect::<Vec<_>>(), [("other", &3), ("select", &2), ("sleep", &1)]);
    }
}
