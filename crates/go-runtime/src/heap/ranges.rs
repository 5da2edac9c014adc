//! Many ranges of memory copied one behind the other, by several threads of ours.

use std::thread;

use process_memory::{BatchedRead, ProcessMemory};
use snapshot::Address;

/// Longer ranges are read in pieces, so that threads share them.
const PIECE: usize = 1 << 20;

/// What was copied: ranges in the order in which they were asked for, each where the one before ends.
#[derive(Debug, Default)]
pub(super) struct Ranges {
    bytes: Vec<u8>,
    used: usize,
}

impl Ranges {
    /// Makes room for so many bytes, and has the system give it to us now: not while somebody waits for us.
    pub(super) fn with_room_for(bytes: usize) -> Self {
        // What is zero would be given only when it is written to.
        Ranges { bytes: vec![1; bytes], used: 0 }
    }

    /// Copies `ranges` (address, bytes) behind what there is, with up to `workers` threads. Returns where each one
    /// begins; `None` where it could not be read.
    pub(super) fn append<M: ProcessMemory>(
        &mut self,
        memory: &M,
        ranges: &[(u64, usize)],
        workers: usize,
    ) -> Vec<Option<usize>> {
        let total: usize = ranges.iter().map(|(_, len)| len).sum();
        let first = self.used;
        self.used += total;
        if self.bytes.len() < self.used {
            self.bytes.resize(self.used, 0);
        }
        let mut rest = self.bytes.get_mut(first..self.used).unwrap_or_default();
        let mut reads = Vec::with_capacity(ranges.len() + total / PIECE);
        let mut owners = Vec::with_capacity(reads.capacity());
        for (owner, &(at, len)) in ranges.iter().enumerate() {
            let mut done = 0;
            while done < len {
                let piece = (len - done).min(PIECE);
                let (buf, tail) = std::mem::take(&mut rest).split_at_mut(piece);
                rest = tail;
                reads.push(BatchedRead::new(Address(at.wrapping_add(done as u64)), buf));
                owners.push(owner);
                done += piece;
            }
        }
        read_side_by_side(memory, &mut reads, total / workers.max(1));
        let mut begins = Vec::with_capacity(ranges.len());
        let mut offset = first;
        for (_, len) in ranges {
            begins.push(Some(offset));
            offset += len;
        }
        for (owner, read) in owners.into_iter().zip(&reads) {
            if let (Err(_), Some(begin)) = (read.outcome, begins.get_mut(owner)) {
                *begin = None;
            }
        }
        begins
    }

    /// Bytes that have been copied.
    pub(super) fn len(&self) -> usize {
        self.used
    }

    /// `len` bytes from `begin` on.
    pub(super) fn get(&self, begin: usize, len: usize) -> Option<&[u8]> {
        self.bytes.get(begin..begin.checked_add(len)?)
    }
}

/// Gives each thread about `share` bytes.
fn read_side_by_side<M: ProcessMemory>(memory: &M, reads: &mut [BatchedRead<'_>], share: usize) {
    thread::scope(|scope| {
        let mut rest = reads;
        loop {
            let mut bytes = 0;
            let within = rest.iter().take_while(|read| {
                let room = bytes < share.max(PIECE);
                bytes += read.buf.len();
                room
            });
            let (part, tail) = rest.split_at_mut(within.count());
            rest = tail;
            if rest.is_empty() {
                memory.read_batch(part);
                break;
            }
            scope.spawn(|| memory.read_batch(part));
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use process_memory::RecordedMemory;

    #[test]
    fn ranges_lie_one_behind_the_other_and_fail_alone() {
        let mut memory = RecordedMemory::default();
        let long: Vec<u8> = (0..3 * PIECE + 5).map(|at| u8::try_from(at % 251).unwrap()).collect();
        memory.put(Address(1 << 20), &long);
        memory.put(Address(64), &[9; 8]);
        let mut ranges = Ranges::with_room_for(10);
        assert_eq!(ranges.append(&memory, &[(64, 8)], 2), [Some(0)]);
        let begins = ranges.append(&memory, &[(1 << 20, long.len()), (8, 16), (64, 4)], 2);
        assert_eq!(begins, [Some(8), None, Some(8 + long.len() + 16)]);
        assert_eq!(ranges.get(8, long.len()), Some(long.as_slice()));
        assert_eq!(ranges.get(8 + long.len() + 16, 4), Some([9; 4].as_slice()));
        assert_eq!(ranges.len(), 8 + long.len() + 20);
        assert_eq!(ranges.get(ranges.bytes.len(), 1), None);
    }

    #[test]
    fn nothing_is_nothing() {
        let mut ranges = Ranges::default();
        assert!(ranges.append(&RecordedMemory::default(), &[], 0).is_empty());
    }
}
