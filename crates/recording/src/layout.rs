//! The fixed parts of a file: its header, and the head of each record.

use crc32fast::hash;

/// First bytes of every recording. The first is no text, and a line end that is changed on the way shows.
pub const MAGIC: [u8; 8] = *b"\x89gostat\n";
/// Changes when older readers would get a recording wrong.
pub const VERSION: u32 = 1;
/// Bytes of a file's header.
pub const HEADER_BYTES: usize = 16;
/// Bytes of a record before what is stored.
pub(crate) const HEAD_BYTES: usize = 48;
/// The kind of records that hold moments.
pub(crate) const MOMENT: [u8; 4] = *b"MOMT";
/// Most bytes that a record may store.
pub(crate) const STORED_BYTES_MAX: u64 = 1 << 30;
/// Most bytes that they may unpack to: room for some eight million goroutines.
pub(crate) const UNPACKED_BYTES_MAX: u64 = 4 << 30;

/// The header that a recording begins with.
pub fn header() -> [u8; HEADER_BYTES] {
    header_of(VERSION)
}

pub(crate) fn header_of(version: u32) -> [u8; HEADER_BYTES] {
    let mut bytes = Bytes([0; HEADER_BYTES], 0);
    bytes.put(&MAGIC);
    bytes.put(&version.to_le_bytes());
    let crc = bytes.crc();
    bytes.put(&crc.to_le_bytes());
    bytes.0
}

/// What a record says of itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Head {
    pub(crate) kind: [u8; 4],
    /// For lists; a number beyond 32 bits is the largest.
    pub(crate) goroutines: u32,
    pub(crate) stored_bytes: u64,
    pub(crate) unpacked_bytes: u64,
    pub(crate) taken_at_unix_ms: u64,
    pub(crate) taken_at_monotonic_ns: u64,
    pub(crate) stored_crc: u32,
}

impl Head {
    pub(crate) fn to_bytes(self) -> [u8; HEAD_BYTES] {
        let mut bytes = Bytes([0; HEAD_BYTES], 0);
        bytes.put(&self.kind);
        bytes.put(&self.goroutines.to_le_bytes());
        for number in
            [self.stored_bytes, self.unpacked_bytes, self.taken_at_unix_ms, self.taken_at_monotonic_ns]
        {
            bytes.put(&number.to_le_bytes());
        }
        bytes.put(&self.stored_crc.to_le_bytes());
        let crc = bytes.crc();
        bytes.put(&crc.to_le_bytes());
        bytes.0
    }

    /// The head that these bytes are; `None` if they are damaged.
    pub(crate) fn from_bytes(bytes: &[u8; HEAD_BYTES]) -> Option<Head> {
        let (covered, crc) = bytes.split_last_chunk::<4>()?;
        if hash(covered) != u32::from_le_bytes(*crc) {
            return None;
        }
        let (kind, rest) = covered.split_first_chunk::<4>()?;
        let (goroutines, rest) = rest.split_first_chunk::<4>()?;
        let (numbers, stored_crc) = rest.split_last_chunk::<4>()?;
        let mut numbers =
            numbers.chunks_exact(8).filter_map(|bytes| bytes.first_chunk().copied().map(u64::from_le_bytes));
        Some(Head {
            kind: *kind,
            goroutines: u32::from_le_bytes(*goroutines),
            stored_bytes: numbers.next()?,
            unpacked_bytes: numbers.next()?,
            taken_at_unix_ms: numbers.next()?,
            taken_at_monotonic_ns: numbers.next()?,
            stored_crc: u32::from_le_bytes(*stored_crc),
        })
    }
}

/// Bytes that are filled from the front.
struct Bytes<const N: usize>([u8; N], usize);

impl<const N: usize> Bytes<N> {
    fn put(&mut self, part: &[u8]) {
        for (byte, value) in self.0.iter_mut().skip(self.1).zip(part) {
            *byte = *value;
        }
        self.1 += part.len();
    }

    /// The checksum of what has been put so far.
    fn crc(&self) -> u32 {
        hash(self.0.get(..self.1).unwrap_or(&self.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_head_is_what_it_was_and_no_bit_can_be_changed() {
        let head = Head {
            kind: MOMENT,
            goroutines: 1,
            stored_bytes: 2,
            unpacked_bytes: 3,
            taken_at_unix_ms: 4,
            taken_at_monotonic_ns: 5,
            stored_crc: 6,
        };
        let bytes = head.to_bytes();
        assert_eq!(Head::from_bytes(&bytes), Some(head));
        for bit in 0..HEAD_BYTES * 8 {
            let mut bytes = bytes;
            bytes[bit / 8] ^= 1 << (bit % 8);
            assert_eq!(Head::from_bytes(&bytes), None);
        }
    }

    #[test]
    fn the_format_is_the_same_for_ever() {
        assert_eq!(header_of(1), *b"\x89gostat\n\x01\0\0\0\x60\x58\xf2\x71");
    }
}
