//! Tables that store each distinct value once and hand out small ids.

use std::hash::{Hash, Hasher};
use std::marker::PhantomData;

use indexmap::IndexSet;

/// Position of a value in an [`Interner`]. Only meaningful for the table that made it.
pub struct Id<T>(u32, PhantomData<fn() -> T>);

impl<T> Id<T> {
    /// The id as an index from 0.
    pub fn index(self) -> usize {
        self.0 as usize
    }

    /// Tables are bounded far below 2^32 values by the budgets of whoever fills them.
    pub(crate) fn at(index: usize) -> Self {
        Id(u32::try_from(index).unwrap_or(u32::MAX), PhantomData)
    }
}

// Derives would demand the same of `T`; an id is a number whatever it names.
impl<T> Clone for Id<T> {
    fn clone(&self) -> Self {
        *self
    }
}
impl<T> Copy for Id<T> {}
impl<T> PartialEq for Id<T> {
    fn eq(&self, other: &Self) -> bool {
        self.0 == other.0
    }
}
impl<T> Eq for Id<T> {}
impl<T> PartialOrd for Id<T> {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}
impl<T> Ord for Id<T> {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.0.cmp(&other.0)
    }
}
impl<T> Hash for Id<T> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.hash(state);
    }
}
/// The first id: by convention the empty value of its table.
impl<T> Default for Id<T> {
    fn default() -> Self {
        Id(0, PhantomData)
    }
}
impl<T> std::fmt::Debug for Id<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "#{}", self.0)
    }
}

/// An append-only set of values with dense ids in order of first appearance.
#[derive(Debug, Clone)]
pub struct Interner<T: Hash + Eq>(IndexSet<T>);

/// Interned text.
pub type Strings = Interner<Box<str>>;

impl<T: Hash + Eq> Default for Interner<T> {
    fn default() -> Self {
        Interner(IndexSet::new())
    }
}

impl<T: Hash + Eq> PartialEq for Interner<T> {
    fn eq(&self, other: &Self) -> bool {
        self.0.as_slice() == other.0.as_slice()
    }
}

impl<T: Hash + Eq> Interner<T> {
    /// A table whose id 0 (the default id) is `first`.
    pub fn starting_with(first: T) -> Self {
        let mut table = Self::default();
        table.0.insert(first);
        table
    }

    /// The id of `value`, adding it if it is new.
    pub fn intern(&mut self, value: T) -> Id<T> {
        Id::at(self.0.insert_full(value).0)
    }

    /// The value behind an id, or `None` for an id of another table.
    pub fn get(&self, id: Id<T>) -> Option<&T> {
        self.0.get_index(id.index())
    }

    /// All values with their ids, in id order.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (Id<T>, &T)> {
        self.0.iter().enumerate().map(|(index, value)| (Id::at(index), value))
    }

    /// How many values there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl Strings {
    /// The id of a text, adding it if it is new; allocates only then.
    pub fn intern_str(&mut self, text: &str) -> Id<Box<str>> {
        match self.0.get_index_of(text) {
            Some(index) => Id::at(index),
            None => self.intern(text.into()),
        }
    }
}
