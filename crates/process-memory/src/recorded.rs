//! An earlier process's bytes, kept while it was read and replayed without it.
//!
//! A recording turns any problem seen in the field into a test: what was read then is all that the
//! decoders ever see of a process.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use snapshot::Address;

use crate::{BatchedRead, ProcessMemory, ReadError, ReadFailure, Traffic};

/// First bytes of a saved recording.
const MAGIC: &[u8; 8] = b"gostatm1";

/// Memory contents held by ourselves: ranges of bytes by address. A later range wins where two overlap.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RecordedMemory {
    /// Start → bytes; ranges neither overlap nor touch.
    ranges: BTreeMap<u64, Vec<u8>>,
}

impl RecordedMemory {
    /// Puts `bytes` at `at`, over whatever was there.
    pub fn put(&mut self, at: Address, bytes: &[u8]) {
        let start = at.0;
        let Some(end) = start.checked_add(bytes.len() as u64).filter(|&end| end > start) else { return };
        let touching: Vec<u64> = self
            .ranges
            .range(..=end)
            .rev()
            .take_while(|(at, bytes)| **at + bytes.len() as u64 >= start)
            .map(|(at, _)| *at)
            .collect();
        let mut merged = (start, bytes.to_vec());
        for at in touching {
            let Some(old) = self.ranges.remove(&at) else { continue };
            let old_end = at + old.len() as u64;
            if let Some(head) = start.checked_sub(at).and_then(|n| old.get(..usize::try_from(n).ok()?)) {
                merged.1.splice(..0, head.iter().copied());
                merged.0 = at;
            }
            if let Some(tail) =
                old_end.checked_sub(end).and_then(|n| old.get(old.len() - usize::try_from(n).ok()?..))
            {
                merged.1.extend_from_slice(tail);
            }
        }
        self.ranges.insert(merged.0, merged.1);
    }

    /// Bytes held in all.
    pub fn len(&self) -> usize {
        self.ranges.values().map(Vec::len).sum()
    }

    /// Whether nothing is held.
    pub fn is_empty(&self) -> bool {
        self.ranges.is_empty()
    }

    /// The recording as bytes: magic, then (address, length, bytes) for each range, little-endian.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut out = MAGIC.to_vec();
        for (at, bytes) in &self.ranges {
            out.extend_from_slice(&at.to_le_bytes());
            out.extend_from_slice(&(bytes.len() as u64).to_le_bytes());
            out.extend_from_slice(bytes);
        }
        out
    }

    /// The inverse of [`RecordedMemory::to_bytes`]; `None` if the bytes are not a whole recording.
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let mut rest = bytes.strip_prefix(MAGIC)?;
        let mut memory = RecordedMemory::default();
        while !rest.is_empty() {
            let (at, tail) = rest.split_first_chunk()?;
            let (len, tail) = tail.split_first_chunk()?;
            let (bytes, tail) = tail.split_at_checked(usize::try_from(u64::from_le_bytes(*len)).ok()?)?;
            memory.put(Address(u64::from_le_bytes(*at)), bytes);
            rest = tail;
        }
        Some(memory)
    }
}

impl ProcessMemory for RecordedMemory {
    fn read(&self, at: Address, buf: &mut [u8]) -> Result<(), ReadError> {
        let held = self.ranges.range(..=at.0).next_back().and_then(|(start, bytes)| {
            let offset = usize::try_from(at.0 - start).ok()?;
            bytes.get(offset..).filter(|held| !held.is_empty())
        });
        let wanted = buf.len();
        let held = held.unwrap_or_default();
        match held.get(..wanted) {
            Some(bytes) => {
                buf.copy_from_slice(bytes);
                Ok(())
            }
            None => Err(ReadError { at, wanted, obtained: held.len(), cause: ReadFailure::NotRecorded }),
        }
    }
}

/// Passes reads on and keeps what they gave.
#[derive(Debug)]
pub struct Recording<M> {
    inner: M,
    kept: Mutex<RecordedMemory>,
}

impl<M> Recording<M> {
    /// Records reads of `inner`.
    pub fn of(inner: M) -> Self {
        Recording { inner, kept: Mutex::default() }
    }

    /// Everything that was read.
    pub fn finish(self) -> RecordedMemory {
        self.kept.into_inner().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<M: ProcessMemory> ProcessMemory for Recording<M> {
    fn read(&self, at: Address, buf: &mut [u8]) -> Result<(), ReadError> {
        self.inner.read(at, buf)?;
        self.kept.lock().unwrap_or_else(PoisonError::into_inner).put(at, buf);
        Ok(())
    }

    fn read_batch(&self, reads: &mut [BatchedRead<'_>]) {
        self.inner.read_batch(reads);
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        for read in reads.iter().filter(|read| read.outcome.is_ok()) {
            kept.put(read.at, read.buf);
        }
    }

    fn traffic(&self) -> Traffic {
        self.inner.traffic()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ReadValues;

    fn memory(ranges: &[(u64, &[u8])]) -> RecordedMemory {
        let mut memory = RecordedMemory::default();
        for (at, bytes) in ranges {
            memory.put(Address(*at), bytes);
        }
        memory
    }

    #[test]
    fn ranges_merge_and_the_last_wins() {
        let memory = memory(&[(100, b"aaaa"), (104, b"bbbb"), (102, b"xxxx"), (98, b"yyy")]);
        assert_eq!(memory.read_vec(Address(98), 10).unwrap(), b"yyyaxxxxbb");
        assert_eq!(memory.ranges.len(), 1);
    }

    #[test]
    fn a_range_inside_another() {
        let memory = memory(&[(100, b"aaaaaaaa"), (102, b"xx")]);
        assert_eq!(memory.read_vec(Address(100), 8).unwrap(), b"aaxxaaaa");
    }

    #[test]
    fn absent_bytes_are_an_error_and_not_zeros() {
        let memory = memory(&[(100, b"abcd"), (200, b"efgh")]);
        let error = memory.read_vec(Address(102), 4).unwrap_err();
        assert_eq!((error.obtained, error.cause), (2, ReadFailure::NotRecorded));
        assert!(memory.read_vec(Address(104), 1).is_err());
        assert!(memory.read_vec(Address(99), 1).is_err());
    }

    #[test]
    fn saved_and_loaded_is_the_same() {
        let saved = memory(&[(100, b"abcd"), (200, b"efgh")]);
        let bytes = saved.to_bytes();
        assert_eq!(RecordedMemory::from_bytes(&bytes), Some(saved));
        assert_eq!(RecordedMemory::from_bytes(&bytes[..bytes.len() - 1]), None);
        assert_eq!(RecordedMemory::from_bytes(b"something"), None);
    }

    #[test]
    fn a_recording_replays_what_was_read() {
        let recording = Recording::of(memory(&[(100, b"abcdefgh")]));
        recording.read_vec(Address(102), 2).unwrap();
        assert!(recording.read_vec(Address(300), 2).is_err());
        let kept = recording.finish();
        assert_eq!(kept.read_vec(Address(102), 2).unwrap(), b"cd");
        assert_eq!(kept.len(), 2);
    }
}
