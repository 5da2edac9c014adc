//! An address in the observed process, kept apart from every other number.

use serde::{Deserialize, Serialize};
use std::fmt;

/// An address in the target's address space, as the target itself would see it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Address(pub u64);

impl Address {
    /// The null pointer.
    pub const NULL: Address = Address(0);

    /// `self + offset`, or `None` past the end of the address space.
    pub fn checked_add(self, offset: u64) -> Option<Address> {
        self.0.checked_add(offset).map(Address)
    }

    /// `self + offset`, wrapping: for offsets into a structure whose reading will fail anyway when absurd.
    #[must_use]
    pub fn offset(self, offset: u64) -> Address {
        Address(self.0.wrapping_add(offset))
    }

    /// Whether this is the null pointer.
    pub fn is_null(self) -> bool {
        self.0 == 0
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:#x}", self.0)
    }
}

impl fmt::LowerHex for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::LowerHex::fmt(&self.0, f)
    }
}
