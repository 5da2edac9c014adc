//! What is about to run because an object is gone: finalizers and cleanups in their queues, which lie outside the heap.
//!
//! Both queues are blocks of records, all blocks in one list (`markroot`, `fixedRootFinalizers` and
//! `fixedRootCleanups`). Whoever waits for the object of a finalizer that has yet to run is not asleep for ever.

use go_binary::Bytes;
use go_binary::queue_globals::QueueGlobals;
use process_memory::{ProcessMemory, ReadValues};
use rustc_hash::FxHashSet;
use snapshot::Address;

/// A kind of blocks: where in one the address of the next is and how many records it has, where they begin, and bytes
/// of one; and bytes of the block.
struct Blocks {
    link: usize,
    number: usize,
    records: usize,
    record: usize,
    size: usize,
}

/// `runtime.finblock`, the same in all releases from Go 1.19 to 1.27 (`runtime/mfinal.go`).
const FINALIZERS: Blocks = Blocks { link: 0, number: 16, records: 24, record: 40, size: 4096 };
/// `runtime.cleanupBlock` since Go 1.25 (`runtime/mcleanup.go`). A record has been one word and is three.
const CLEANUPS: Blocks = Blocks { link: 16, number: 24, records: 32, record: 24, size: 512 };
/// A list with more blocks than this is taken for damage.
const BLOCKS_MAX: usize = 1 << 20;

/// All words of records that are in use. A list that cannot be followed to its end is `missing`.
pub(super) fn words<M: ProcessMemory>(memory: &M, queues: &QueueGlobals, missing: &mut u64) -> Vec<u64> {
    let mut words = Vec::new();
    *missing += u64::from(FINALIZERS.read(memory, queues.finalizers, &mut words).is_none());
    if let Some(cleanups) = queues.cleanups {
        *missing += u64::from(CLEANUPS.read(memory, cleanups, &mut words).is_none());
    }
    words
}

impl Blocks {
    fn read<M: ProcessMemory>(&self, memory: &M, first: Address, words: &mut Vec<u64>) -> Option<()> {
        let mut next = memory.read_address(first).ok()?;
        let mut seen = FxHashSet::default();
        while !next.is_null() {
            if !seen.insert(next) || seen.len() > BLOCKS_MAX {
                return None;
            }
            let block = memory.read_vec(next, self.size).ok()?;
            let number = usize::try_from(block.u32_at(self.number)?).ok()?;
            // A little more than what is in use can only keep something alive.
            let end = self.records.checked_add(number.checked_mul(self.record)?)?.min(self.size);
            let records = block.get(self.records..end.max(self.records))?;
            words.extend(records.chunks_exact(8).filter_map(|word| word.u64_at(0)));
            next = block.address_at(self.link)?;
        }
        Some(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use process_memory::RecordedMemory;

    /// A variable that refers to a block of two finalizers, which refers to an empty one, and that to `behind`.
    fn memory(behind: u64) -> RecordedMemory {
        let mut memory = RecordedMemory::default();
        let (mut full, mut empty) = (vec![0; 4096], vec![7; 4096]);
        for (at, word) in [(0, 0x3000_u64), (16, 2), (24, 0xc1), (32, 0xc2), (64, 0xc3), (104, 0xdead)] {
            full[at..at + 8].copy_from_slice(&word.to_le_bytes());
        }
        empty[..8].copy_from_slice(&behind.to_le_bytes());
        empty[16..20].copy_from_slice(&0_u32.to_le_bytes());
        memory.put(Address(0x1000), &0x2000_u64.to_le_bytes());
        memory.put(Address(0x2000), &full);
        memory.put(Address(0x3000), &empty);
        memory
    }

    fn read(memory: &RecordedMemory) -> (Vec<u64>, u64) {
        let mut missing = 0;
        let queues = QueueGlobals { finalizers: Address(0x1000), cleanups: None };
        let found = words(memory, &queues, &mut missing);
        (found.into_iter().filter(|word| *word != 0).collect(), missing)
    }

    #[test]
    fn what_is_queued_is_found_and_nothing_behind() {
        assert_eq!(read(&memory(0)), (vec![0xc1, 0xc2, 0xc3], 0));
    }

    #[test]
    fn a_list_without_an_end_is_missing() {
        assert_eq!(read(&memory(0x2000)).1, 1, "a circle");
        assert_eq!(read(&memory(0x9000)).1, 1, "nothing there");
    }
}
