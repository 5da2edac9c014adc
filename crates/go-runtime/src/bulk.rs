//! Many small reads as one batch into one buffer.
//!
//! Descriptors of goroutines fill whole spans: 100,000 of them are some 47 MB in a few thousand runs. A
//! run costs one range of one system call, however many structures are in it.

use process_memory::{BatchedRead, ProcessMemory, ReadError, ReadFailure};
use snapshot::Address;

/// Structures further apart than this are in different runs. A range costs as much as copying some 2 KiB
/// (`docs/reading-costs.md`). It is less than a page, so that every page that is read has a structure on it:
/// reading a page that the target has never touched makes the kernel map one there.
const GAP_MAX: u64 = 1024;

/// Where in a [`Batch`] something will be.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Slot {
    range: usize,
    /// Offset in the range.
    offset: usize,
    len: usize,
}

#[derive(Debug)]
struct Range {
    at: u64,
    len: usize,
    /// Offset in the buffer.
    offset: usize,
    outcome: Result<(), ReadError>,
}

/// Ranges to be read in the order in which they were added. Reused, it allocates only to grow.
#[derive(Debug, Default)]
pub(crate) struct Batch {
    buffer: Vec<u8>,
    ranges: Vec<Range>,
}

impl Batch {
    pub(crate) fn clear(&mut self) {
        self.ranges.clear();
    }

    /// Adds a range.
    pub(crate) fn push(&mut self, at: Address, len: usize) -> Slot {
        let outcome = Err(ReadError { at, wanted: len, obtained: 0, cause: ReadFailure::NotAttempted });
        self.ranges.push(Range { at: at.0, len, offset: 0, outcome });
        Slot { range: self.ranges.len() - 1, offset: 0, len }
    }

    /// Adds structures of `size` bytes at *ascending* addresses, as few ranges as possible.
    pub(crate) fn push_each(
        &mut self,
        addresses: impl IntoIterator<Item = Address>,
        size: usize,
    ) -> Vec<Slot> {
        let first_range = self.ranges.len();
        let mut slots = Vec::new();
        for at in addresses {
            let open = self.ranges.get_mut(first_range..).and_then(<[Range]>::last_mut);
            let near = open.filter(|range| {
                let end = range.at.saturating_add(range.len as u64);
                range.at <= at.0
                    && at.0 <= end.saturating_add(GAP_MAX)
                    && at.0.checked_add(size as u64).is_some()
            });
            slots.push(match near {
                Some(range) => {
                    let offset = usize::try_from(at.0 - range.at).unwrap_or_default();
                    range.len = range.len.max(offset + size);
                    Slot { range: self.ranges.len() - 1, offset, len: size }
                }
                None => self.push(at, size),
            });
        }
        slots
    }

    /// Reads everything.
    pub(crate) fn read<M: ProcessMemory>(&mut self, memory: &M) {
        let mut total = 0;
        for range in &mut self.ranges {
            range.offset = total;
            total += range.len;
        }
        if self.buffer.len() < total {
            self.buffer.resize(total, 0);
        }
        let mut rest = self.buffer.as_mut_slice();
        let mut reads = Vec::with_capacity(self.ranges.len());
        for range in &self.ranges {
            let (buf, tail) = std::mem::take(&mut rest).split_at_mut(range.len);
            rest = tail;
            reads.push(BatchedRead::new(Address(range.at), buf));
        }
        memory.read_batch(&mut reads);
        for (range, read) in self.ranges.iter_mut().zip(reads) {
            range.outcome = read.outcome;
        }
    }

    /// The bytes of a slot, after [`Batch::read`].
    pub(crate) fn get(&self, slot: Slot) -> Result<&[u8], ReadError> {
        let failed = |cause| ReadError { at: Address::NULL, wanted: slot.len, obtained: 0, cause };
        let range = self.ranges.get(slot.range).ok_or(failed(ReadFailure::NotAttempted))?;
        range.outcome?;
        let start = range.offset + slot.offset;
        self.buffer.get(start..start + slot.len).ok_or(failed(ReadFailure::NotAttempted))
    }

    /// As [`Batch::get`], but one bad page does not take the other structures of its run along: they are
    /// read again, alone, into `alone`.
    pub(crate) fn get_or_reread<'a, M: ProcessMemory>(
        &'a self,
        slot: Slot,
        memory: &M,
        alone: &'a mut Vec<u8>,
    ) -> Result<&'a [u8], ReadError> {
        match (self.get(slot), self.ranges.get(slot.range)) {
            (Err(_), Some(range)) if range.len > slot.len => {
                alone.resize(slot.len, 0);
                memory.read(Address(range.at + slot.offset as u64), alone)?;
                Ok(alone)
            }
            (bytes, _) => bytes,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use process_memory::RecordedMemory;

    fn collect(memory: &RecordedMemory, addresses: &[u64], size: usize) -> Vec<Result<Vec<u8>, ReadFailure>> {
        let mut batch = Batch::default();
        // Something before, so that slots are not at the start of everything.
        batch.push(Address(1), 3);
        let slots = batch.push_each(addresses.iter().copied().map(Address), size);
        batch.read(memory);
        let mut alone = Vec::new();
        let mut get = |slot| batch.get_or_reread(slot, memory, &mut alone).map(<[u8]>::to_vec);
        slots.into_iter().map(|slot| get(slot).map_err(|error| error.cause)).collect()
    }

    #[test]
    fn each_structure_gets_its_own_bytes() {
        let mut memory = RecordedMemory::default();
        memory.put(Address(1000), &(0..=255).collect::<Vec<u8>>());
        memory.put(Address(90_000), &[7; 8]);
        let got = collect(&memory, &[1000, 1004, 1008, 1100, 90_000], 4);
        let expected =
            [vec![0, 1, 2, 3], vec![4, 5, 6, 7], vec![8, 9, 10, 11], vec![100, 101, 102, 103], vec![7; 4]];
        assert_eq!(got, expected.map(Ok));
    }

    #[test]
    fn one_bad_structure_does_not_take_its_neighbours_along() {
        let mut memory = RecordedMemory::default();
        memory.put(Address(1000), &[1; 4]);
        memory.put(Address(1016), &[2; 4]);
        let got = collect(&memory, &[1000, 1008, 1016], 4);
        assert_eq!(got, [Ok(vec![1; 4]), Err(ReadFailure::NotRecorded), Ok(vec![2; 4])]);
    }

    #[test]
    fn absurd_addresses_are_errors() {
        let memory = RecordedMemory::default();
        let got = collect(&memory, &[0, u64::MAX - 2, u64::MAX], 8);
        assert!(got.iter().all(Result::is_err));
    }
}
