//! Little-endian fields out of a block of bytes that was read from somewhere untrusted.

use snapshot::Address;

/// Field access that is bounded by construction: outside the block there is `None`, never a panic.
pub trait Bytes {
    /// `N` bytes at `offset`.
    fn array<const N: usize>(&self, offset: usize) -> Option<[u8; N]>;

    /// One byte.
    fn u8_at(&self, offset: usize) -> Option<u8> {
        self.array::<1>(offset).map(|[byte]| byte)
    }
    /// A 16-bit word.
    fn u16_at(&self, offset: usize) -> Option<u16> {
        self.array(offset).map(u16::from_le_bytes)
    }
    /// A 32-bit word.
    fn u32_at(&self, offset: usize) -> Option<u32> {
        self.array(offset).map(u32::from_le_bytes)
    }
    /// A signed 32-bit word.
    fn i32_at(&self, offset: usize) -> Option<i32> {
        self.array(offset).map(i32::from_le_bytes)
    }
    /// A 64-bit word.
    fn u64_at(&self, offset: usize) -> Option<u64> {
        self.array(offset).map(u64::from_le_bytes)
    }
    /// A signed 64-bit word.
    fn i64_at(&self, offset: usize) -> Option<i64> {
        self.array(offset).map(i64::from_le_bytes)
    }
    /// A pointer.
    fn address_at(&self, offset: usize) -> Option<Address> {
        self.u64_at(offset).map(Address)
    }
}

impl Bytes for [u8] {
    fn array<const N: usize>(&self, offset: usize) -> Option<[u8; N]> {
        self.get(offset..offset.checked_add(N)?)?.try_into().ok()
    }
}
