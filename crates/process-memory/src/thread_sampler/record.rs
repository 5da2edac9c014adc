//! One sample record's bytes -> a thread sample.
//!
//! The layout follows from what `event.rs` asks for (perf_event_open(2), `PERF_RECORD_SAMPLE`):
//!
//! ```text
//! u32 pid  u32 tid | u64 abi  u64 register[n] | u64 size  u8 stack[size]  u64 size_copied
//! ```
//!
//! The last field is left out when `size` is 0, and only `size_copied` of the stack bytes mean anything.

use snapshot::Address;

use super::registers::RegisterSet;
use super::{RecordError, ThreadSample};

/// `PERF_SAMPLE_REGS_ABI_64`
const ABI_64: u64 = 2;

/// Bytes of a record without its stack bytes: header, ids, abi, registers and two sizes.
pub(super) fn fixed_len(registers: &RegisterSet) -> usize {
    (1 + 1 + 1 + registers.count() as usize + 2) * 8
}

/// Reads a record (without its 8-byte header) of thread `tid`.
///
/// # Errors
/// [`RecordError`] when it is too short for what it claims, or of something else than asked for.
pub(super) fn parse(body: &[u8], tid: u32, registers: &RegisterSet) -> Result<ThreadSample, RecordError> {
    let mut rest = Rest { bytes: body, len: body.len() };
    rest.take(4)?; // the process
    let found = u32::from_ne_bytes(*rest.take_array()?);
    if found != tid {
        return Err(RecordError::OtherThread { found });
    }
    let abi = rest.u64()?;
    if abi != ABI_64 {
        return Err(RecordError::NoRegisters { abi });
    }
    let (values, _) = rest.take(registers.count() as usize * 8)?.as_chunks::<8>();
    let register = |number: u32| {
        let value = values.get(registers.position(number) as usize);
        value.map(|value| u64::from_ne_bytes(*value)).ok_or(RecordError::Short { len: body.len() })
    };
    let (pc, sp) = (Address(register(registers.pc)?), Address(register(registers.sp)?));
    let (bp, g) = (register(registers.bp)?, register(registers.g)?);
    let lr = registers.lr.map(register).transpose()?;
    let size = usize::try_from(rest.u64()?).map_err(|_| rest.short())?;
    let stack = rest.take(size)?;
    let copied = if size == 0 { 0 } else { usize::try_from(rest.u64()?).map_err(|_| rest.short())? };
    let stack = stack.get(..copied).ok_or(rest.short())?.to_vec();
    Ok(ThreadSample { tid, pc, sp, bp, lr, g, stack_at: sp, stack })
}

/// What of a record is still to be read.
struct Rest<'a> {
    bytes: &'a [u8],
    len: usize,
}

impl<'a> Rest<'a> {
    fn short(&self) -> RecordError {
        RecordError::Short { len: self.len }
    }

    fn take(&mut self, len: usize) -> Result<&'a [u8], RecordError> {
        let (taken, rest) = self.bytes.split_at_checked(len).ok_or(self.short())?;
        self.bytes = rest;
        Ok(taken)
    }

    fn take_array<const LEN: usize>(&mut self) -> Result<&'a [u8; LEN], RecordError> {
        let (taken, rest) = self.bytes.split_first_chunk().ok_or(self.short())?;
        self.bytes = rest;
        Ok(taken)
    }

    fn u64(&mut self) -> Result<u64, RecordError> {
        self.take_array().map(|bytes| u64::from_ne_bytes(*bytes))
    }
}

#[cfg(test)]
mod tests {
    use snapshot::Address;

    use super::super::registers::{AMD64, ARM64};
    use super::{RecordError, fixed_len, parse};

    fn record(tid: u32, abi: u64, registers: &[u64], stack: &[u8], copied: Option<u64>) -> Vec<u8> {
        let mut bytes = [7u32.to_ne_bytes(), tid.to_ne_bytes()].concat();
        let words = [&[abi], registers, &[stack.len() as u64]].concat();
        bytes.extend(words.iter().flat_map(|word| word.to_ne_bytes()));
        bytes.extend(stack);
        bytes.extend(copied.into_iter().flat_map(u64::to_ne_bytes));
        bytes
    }

    #[test]
    fn registers_and_the_copied_part_of_the_stack_are_taken() {
        let bytes = record(9, 2, &[0xb, 0x5000, 0xc, 0x14], &[1, 2, 3, 4, 0, 0, 0, 0], Some(4));
        let sample = parse(&bytes, 9, &AMD64).unwrap();
        assert_eq!((sample.pc, sample.sp, sample.stack_at), (Address(0xc), Address(0x5000), Address(0x5000)));
        assert_eq!((sample.bp, sample.g, sample.lr, sample.tid), (0xb, 0x14, None, 9));
        assert_eq!(sample.stack, [1, 2, 3, 4]);
        assert_eq!(8 + bytes.len(), fixed_len(&AMD64) + 8, "header, record and 8 bytes of stack");

        let bytes = record(9, 2, &[0x28, 0x29, 0x30, 0x31, 0x32], &[], None);
        let sample = parse(&bytes, 9, &ARM64).unwrap();
        assert_eq!((sample.g, sample.bp, sample.lr), (0x28, 0x29, Some(0x30)));
        assert_eq!((sample.sp, sample.pc, sample.stack.len()), (Address(0x31), Address(0x32), 0));
    }

    #[test]
    fn a_record_of_something_else_is_refused() {
        let of = |tid, abi| parse(&record(tid, abi, &[0; 4], &[], None), 9, &AMD64).unwrap_err();
        assert_eq!(of(8, 2), RecordError::OtherThread { found: 8 });
        assert_eq!(of(9, 0), RecordError::NoRegisters { abi: 0 });
        assert_eq!(of(9, 1), RecordError::NoRegisters { abi: 1 });
    }

    #[test]
    fn every_truncation_and_absurd_size_is_an_error() {
        let whole = record(9, 2, &[1, 2, 3, 4], &[5; 16], Some(16));
        assert!(parse(&whole, 9, &AMD64).is_ok());
        for len in 0..whole.len() {
            assert_eq!(parse(&whole[..len], 9, &AMD64), Err(RecordError::Short { len }));
        }
        let stack_size_at = 8 + 8 + 4 * 8;
        for (at, value) in [(stack_size_at, u64::MAX), (stack_size_at, 17), (whole.len() - 8, 17)] {
            let mut bytes = whole.clone();
            bytes[at..at + 8].copy_from_slice(&value.to_ne_bytes());
            assert_eq!(parse(&bytes, 9, &AMD64), Err(RecordError::Short { len: whole.len() }));
        }
    }
}
