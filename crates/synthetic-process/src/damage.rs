//! Reads fuzzer bytes as damage: which word of something is overwritten, and with what.
//!
//! A record is [`Damages::RECORD`] bytes: kind, place, offset, value. Values may be chosen from words that hurt, so
//! that the fuzzer need not guess 64 bits.

use process_memory::ProcessMemory;
use snapshot::Address;

use crate::image::Image;

/// Words that break bounds: zero, one, all ones, sign changes, and just off a page.
const HURTFUL: [u64; 12] = [
    0,
    1,
    7,
    0xff,
    0xffff,
    0x7fff_ffff,
    0xffff_ffff,
    0x7fff_ffff_ffff_ffff,
    0x8000_0000_0000_0000,
    0xffff_ffff_ffff_fff8,
    0xffff_ffff_ffff_ffff,
    0x0000_00c0_0000_0fff,
];

/// One thing to break.
#[derive(Debug, Clone, Copy)]
pub struct Damage {
    /// What to do; its meaning is the user's, modulo the number of kinds that it has.
    pub kind: u8,
    /// Which of the user's places it is done to.
    pub place: u8,
    /// How far into it.
    pub offset: u32,
    /// What to write there.
    pub value: u64,
    /// How many bytes of it.
    pub width: usize,
}

impl Damage {
    /// Overwrites bytes of a file; the offset is taken modulo its length.
    pub fn apply_to(&self, file: &mut [u8]) {
        let Some(at) = (self.offset as usize).checked_rem(file.len()) else { return };
        for (byte, new) in file.iter_mut().skip(at).zip(self.bytes_of(self.value)) {
            *byte = new;
        }
    }

    /// The bytes of a value that are written.
    pub fn bytes_of(&self, value: u64) -> impl Iterator<Item = u8> {
        value.to_le_bytes().into_iter().take(self.width)
    }

    /// Overwrites memory, if it is mapped in one piece.
    pub fn write_to(&self, memory: &mut Image, at: Address, value: u64) {
        let bytes: Vec<u8> = self.bytes_of(value).collect();
        if memory.read(at, &mut vec![0; bytes.len()]).is_ok() {
            memory.put(at, &bytes);
        }
    }
}

/// The records in fuzzer bytes.
#[derive(Debug)]
pub struct Damages<'a> {
    rest: &'a [u8],
}

impl<'a> Damages<'a> {
    /// Bytes of one record.
    pub const RECORD: usize = 14;

    /// Reads records from the start of `bytes`.
    pub fn new(bytes: &'a [u8]) -> Self {
        Damages { rest: bytes }
    }

    /// The next one; an incomplete record ends them.
    pub fn next_damage(&mut self) -> Option<Damage> {
        let (record, rest) = self.rest.split_first_chunk::<{ Damages::RECORD }>()?;
        self.rest = rest;
        let [kind, place, o0, o1, o2, o3, value @ ..] = *record;
        let raw = u64::from_le_bytes(value);
        // The upper half of `kind` says how the value is meant, and how wide it is.
        let hurtful = HURTFUL.get(usize::from(value[0]) % HURTFUL.len());
        let value = hurtful.copied().filter(|_| kind & 0x80 != 0).unwrap_or(raw);
        let width = 8 >> (kind >> 5 & 3);
        Some(Damage { kind: kind & 0x1f, place, offset: u32::from_le_bytes([o0, o1, o2, o3]), value, width })
    }
}
