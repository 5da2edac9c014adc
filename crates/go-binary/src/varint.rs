//! The run-length tables that map a pc to a value: `runtime.pcvalue`.
//!
//! A table is a list of (value delta, pc delta) pairs of variable-length integers; the value starts at -1,
//! its deltas are zig-zag coded, and a zero value delta after the first pair ends the table.

use crate::address::StaticAddress;
use crate::source::{SourceError, StaticMemory};

/// Bytes fetched at a time.
const CHUNK: usize = 256;
/// A longer table is damage: a value for every instruction of a function of a million.
const TABLE_MAX: u64 = 4 << 20;

/// Bytes of a table, fetched as they are needed.
struct Stream<'m, M: ?Sized> {
    memory: &'m M,
    /// Where the next chunk begins.
    at: StaticAddress,
    /// Where the tables end: nothing beyond belongs to them.
    end: StaticAddress,
    chunk: [u8; CHUNK],
    filled: usize,
    used: usize,
}

impl<M: StaticMemory + ?Sized> Stream<'_, M> {
    fn byte(&mut self) -> Result<u8, SourceError> {
        if self.used == self.filled {
            let left = self.end.0.saturating_sub(self.at.0);
            let len = usize::try_from(left).unwrap_or(CHUNK).min(CHUNK);
            let outside = SourceError::OutOfRange { at: self.at.0, len: 1 };
            let chunk = self.chunk.get_mut(..len).filter(|chunk| !chunk.is_empty()).ok_or(outside)?;
            self.memory.read_static(self.at, chunk)?;
            self.at = self.at.offset(len as u64);
            (self.filled, self.used) = (len, 0);
        }
        let byte = self.chunk.get(self.used).copied().unwrap_or_default();
        self.used += 1;
        Ok(byte)
    }

    fn varint(&mut self) -> Result<u32, SourceError> {
        let (mut value, mut shift) = (0_u32, 0_u32);
        loop {
            let byte = self.byte()?;
            value |= u32::from(byte & 0x7f).checked_shl(shift).unwrap_or(0);
            if byte < 0x80 {
                return Ok(value);
            }
            shift = shift.saturating_add(7);
        }
    }
}

/// Value of the table at `table` for `pc` in a function that begins at `entry`; `None` if the table ends
/// before it.
///
/// # Errors
/// When the table leaves `end` or its bytes cannot be read.
pub(crate) fn value_at<M: StaticMemory + ?Sized>(
    memory: &M,
    table: StaticAddress,
    end: StaticAddress,
    quantum: u8,
    entry: StaticAddress,
    pc: StaticAddress,
) -> Result<Option<i32>, SourceError> {
    let mut found = None;
    runs(memory, table, end, quantum, entry, |_, to, value| {
        found = (pc < to).then_some(value);
        found.is_none()
    })?;
    Ok(found)
}

/// Shows `visit` the runs of the table at `table`: from, to, and the value in between. Ends where the table does, or
/// once `visit` says `false`.
///
/// # Errors
/// As [`value_at`].
pub(crate) fn runs<M: StaticMemory + ?Sized>(
    memory: &M,
    table: StaticAddress,
    end: StaticAddress,
    quantum: u8,
    entry: StaticAddress,
    mut visit: impl FnMut(StaticAddress, StaticAddress, i32) -> bool,
) -> Result<(), SourceError> {
    let end = end.min(table.offset(TABLE_MAX));
    let mut stream = Stream { memory, at: table, end, chunk: [0; CHUNK], filled: 0, used: 0 };
    let (mut value, mut reached, mut first) = (-1_i32, entry.0, true);
    loop {
        let delta = stream.varint()?;
        if delta == 0 && !first {
            return Ok(());
        }
        first = false;
        let magnitude = (delta >> 1).cast_signed();
        value = value.wrapping_add(if delta & 1 == 0 { magnitude } else { !magnitude });
        let from = reached;
        reached = reached.wrapping_add(u64::from(stream.varint()?) * u64::from(quantum));
        if !visit(StaticAddress(from), StaticAddress(reached), value) {
            return Ok(());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Plain(Vec<u8>);
    impl StaticMemory for Plain {
        fn read_static(&self, at: StaticAddress, buf: &mut [u8]) -> Result<(), SourceError> {
            crate::ByteSource::read_at(&self.0, at.0, buf)
        }
    }

    fn check(table: &[u8], pcs: &[(u64, Option<i32>)]) {
        let memory = Plain(table.to_vec());
        let end = StaticAddress(table.len() as u64);
        for &(pc, expected) in pcs {
            let got = value_at(&memory, StaticAddress(0), end, 1, StaticAddress(100), StaticAddress(pc));
            assert_eq!(got, Ok(expected), "pc {pc}");
        }
    }

    #[test]
    fn values_change_where_the_table_says() {
        // -1 +1 = 0 up to 104, +8 = 8 up to 110, -8 = 0 up to 112, end.
        check(
            &[2, 4, 16, 6, 15, 2, 0],
            &[(100, Some(0)), (103, Some(0)), (104, Some(8)), (109, Some(8)), (110, Some(0)), (112, None)],
        );
    }

    #[test]
    fn a_first_delta_of_zero_is_not_the_end() {
        check(&[0, 5, 2, 5, 0], &[(100, Some(-1)), (105, Some(0)), (110, None)]);
    }

    #[test]
    fn an_endless_varint_is_an_error() {
        let memory = Plain(vec![0xff; 1000]);
        let end = StaticAddress(1000);
        assert!(value_at(&memory, StaticAddress(0), end, 1, StaticAddress(0), StaticAddress(9)).is_err());
    }
}
