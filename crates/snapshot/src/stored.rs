//! Ids and tables as they are stored: an id is its number, a table the list of its values in order of their ids.
//!
//! Ids are taken as they come: whether a table has them is checked by whoever reads a whole snapshot.

use std::fmt;
use std::hash::Hash;
use std::marker::PhantomData;

use serde::de::{Error, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::intern::{Id, Interner};

impl<T> Serialize for Id<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        u32::try_from(self.index()).unwrap_or(u32::MAX).serialize(serializer)
    }
}

impl<'de, T> Deserialize<'de> for Id<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Id::at(u32::deserialize(deserializer)? as usize))
    }
}

impl<T: Hash + Eq + Serialize> Serialize for Interner<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.iter().map(|(_, value)| value))
    }
}

impl<'de, T: Hash + Eq + Deserialize<'de>> Deserialize<'de> for Interner<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_seq(Values(PhantomData))
    }
}

struct Values<T>(PhantomData<T>);

impl<'de, T: Hash + Eq + Deserialize<'de>> Visitor<'de> for Values<T> {
    type Value = Interner<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of distinct values")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut values: A) -> Result<Interner<T>, A::Error> {
        // The list's own word for its length is not believed: memory grows with what is really there.
        let mut table = Interner::default();
        while let Some(value) = values.next_element()? {
            let place = table.len();
            // A value that comes twice would shift the ids of all that follow.
            if table.intern(value).index() != place {
                return Err(A::Error::custom("a table has a value twice"));
            }
        }
        Ok(table)
    }
}
