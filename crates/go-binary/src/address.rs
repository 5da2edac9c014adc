//! Addresses as written in a file, and the bias between them and a running process.

use std::fmt;

use snapshot::Address;

/// An address as the executable file states it (before relocation).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct StaticAddress(pub u64);

impl StaticAddress {
    /// `self + offset`, wrapping: an absurd address fails when it is read.
    #[must_use]
    pub fn offset(self, offset: u64) -> Self {
        StaticAddress(self.0.wrapping_add(offset))
    }
}

impl fmt::Display for StaticAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:#x} (static)", self.0)
    }
}

/// By how much a loaded executable lies above the addresses in its file; 0 unless it is
/// position-independent.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Bias(pub u64);

impl Bias {
    /// Where a static address is in the process.
    pub fn live(self, at: StaticAddress) -> Address {
        Address(at.0.wrapping_add(self.0))
    }

    /// Where an address of the process is in the file.
    pub fn fixed(self, at: Address) -> StaticAddress {
        StaticAddress(at.0.wrapping_sub(self.0))
    }
}
