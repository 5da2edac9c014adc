//! Memory of a running process, by `process_vm_readv`.
//!
//! Measured: about 1.1 us for a call of up to 4 KiB, 0.19 us for each further range of the same call, so
//! many ranges are put into one call. The target is not stopped; the kernel takes its mmap lock for
//! reading while it pins each handful of pages.

use std::io::IoSliceMut;
use std::sync::atomic::{AtomicU64, Ordering};

use nix::sys::uio::{RemoteIoVec, process_vm_readv};
use nix::unistd::Pid;
use snapshot::Address;

use crate::{BatchedRead, ProcessMemory, ReadError, ReadFailure, Traffic};

/// Ranges per system call: the kernel's UIO_MAXIOV.
const RANGES_PER_CALL: usize = 1024;

/// The one system call, replaceable in tests.
type ReadVector = fn(Pid, &mut [IoSliceMut<'_>], &[RemoteIoVec]) -> nix::Result<usize>;

/// The memory of a live process.
#[derive(Debug)]
pub struct LiveMemory {
    pid: Pid,
    read_vector: ReadVector,
    bytes: AtomicU64,
    calls: AtomicU64,
}

impl LiveMemory {
    /// The memory of process `pid`. Nothing is checked until the first read.
    pub fn of(pid: u32) -> Self {
        Self::with_system_call(pid, process_vm_readv)
    }

    fn with_system_call(pid: u32, read_vector: ReadVector) -> Self {
        // A pid over i32::MAX cannot exist: -1 makes the kernel answer ESRCH.
        let pid = Pid::from_raw(i32::try_from(pid).unwrap_or(-1));
        LiveMemory { pid, read_vector, bytes: AtomicU64::new(0), calls: AtomicU64::new(0) }
    }

    /// One call over as many ranges as it takes; returns bytes obtained.
    fn call(&self, local: &mut [IoSliceMut<'_>], remote: &[RemoteIoVec]) -> Result<usize, ReadFailure> {
        self.calls.fetch_add(1, Ordering::Relaxed);
        let obtained = (self.read_vector)(self.pid, local, remote)?;
        self.bytes.fetch_add(obtained as u64, Ordering::Relaxed);
        Ok(obtained)
    }

    /// Reads a prefix of `reads` with one call. Returns how many reads are settled (at least one).
    fn read_some(&self, reads: &mut [BatchedRead<'_>]) -> usize {
        let wanted = reads.len().min(RANGES_PER_CALL);
        let Some(reads) = reads.get_mut(..wanted) else { return wanted };
        let remote: Vec<RemoteIoVec> = reads
            .iter()
            .map(|read| RemoteIoVec {
                base: usize::try_from(read.at.0).unwrap_or(usize::MAX),
                len: read.buf.len(),
            })
            .collect();
        let mut local: Vec<IoSliceMut<'_>> = reads.iter_mut().map(|read| IoSliceMut::new(read.buf)).collect();
        let result = self.call(&mut local, &remote);
        drop(local);
        settle(reads, result)
    }
}

/// Sets the outcomes of a batch from the bytes that one call obtained; returns how many reads are settled.
///
/// The kernel fills ranges in order and stops inside the first that fails: those before are complete, that
/// one has failed, those after have not been tried.
fn settle(reads: &mut [BatchedRead<'_>], result: Result<usize, ReadFailure>) -> usize {
    let (mut left, failure) = match result {
        Ok(obtained) => (obtained, ReadFailure::NotMapped),
        Err(failure) => (0, failure),
    };
    // Nobody can read from it any more: every read of the batch has failed, not only the first.
    let fatal = matches!(failure, ReadFailure::ProcessExited | ReadFailure::PermissionDenied);
    for (index, read) in reads.iter_mut().enumerate() {
        let wanted = read.buf.len();
        if left >= wanted {
            left -= wanted;
            read.outcome = Ok(());
            continue;
        }
        read.outcome = Err(ReadError { at: read.at, wanted, obtained: left, cause: failure });
        if !fatal {
            return index + 1;
        }
    }
    reads.len()
}

impl ProcessMemory for LiveMemory {
    fn read(&self, at: Address, buf: &mut [u8]) -> Result<(), ReadError> {
        let mut filled = 0;
        while let Some(rest) = buf.get_mut(filled..).filter(|rest| !rest.is_empty()) {
            let base = at.0.checked_add(filled as u64).and_then(|base| usize::try_from(base).ok());
            let remote = [RemoteIoVec { base: base.unwrap_or(usize::MAX), len: rest.len() }];
            // One range can come back short without an error (the kernel's own limit): go on from there.
            match self.call(&mut [IoSliceMut::new(rest)], &remote) {
                Ok(0) => return Err(self.failed(at, buf.len(), filled, ReadFailure::NotMapped)),
                Ok(obtained) => filled += obtained,
                Err(cause) => return Err(self.failed(at, buf.len(), filled, cause)),
            }
        }
        Ok(())
    }

    fn read_batch(&self, reads: &mut [BatchedRead<'_>]) {
        let mut settled = 0;
        while let Some(rest) = reads.get_mut(settled..).filter(|rest| !rest.is_empty()) {
            settled += self.read_some(rest);
        }
    }

    fn traffic(&self) -> Traffic {
        Traffic { bytes: self.bytes.load(Ordering::Relaxed), calls: self.calls.load(Ordering::Relaxed) }
    }
}

impl LiveMemory {
    fn failed(&self, at: Address, wanted: usize, obtained: usize, cause: ReadFailure) -> ReadError {
        ReadError { at, wanted, obtained, cause }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use nix::errno::Errno;

    fn own_address<T>(value: &T) -> Address {
        Address(std::ptr::from_ref(value) as u64)
    }

    #[test]
    fn reads_our_own_memory() {
        let words = [0x1122_3344_5566_7788_u64, 42];
        let memory = LiveMemory::of(std::process::id());
        let mut buf = [0; 16];
        memory.read(own_address(&words), &mut buf).unwrap();
        assert_eq!(u64::from_le_bytes(buf[..8].try_into().unwrap()), words[0]);
        assert_eq!(memory.traffic(), Traffic { bytes: 16, calls: 1 });
    }

    #[test]
    fn a_bad_range_fails_alone_and_the_others_are_read() {
        let words = [1_u64, 2];
        let memory = LiveMemory::of(std::process::id());
        let (mut a, mut b, mut c) = ([0; 8], [0; 8], [0; 8]);
        let mut reads = [
            BatchedRead::new(own_address(&words[0]), &mut a),
            BatchedRead::new(Address(8), &mut b),
            BatchedRead::new(own_address(&words[1]), &mut c),
        ];
        memory.read_batch(&mut reads);
        assert_eq!(reads[0].outcome, Ok(()));
        assert_eq!(reads[1].outcome.unwrap_err().cause, ReadFailure::NotMapped);
        assert_eq!(reads[2].outcome, Ok(()));
        assert_eq!(u64::from_le_bytes(c), 2);
    }

    #[test]
    fn more_ranges_than_one_call_takes() {
        let words: Vec<u64> = (0..3000).collect();
        let memory = LiveMemory::of(std::process::id());
        let mut out = vec![[0u8; 8]; words.len()];
        let mut reads: Vec<_> =
            out.iter_mut().zip(&words).map(|(buf, word)| BatchedRead::new(own_address(word), buf)).collect();
        memory.read_batch(&mut reads);
        assert!(reads.iter().all(|read| read.outcome.is_ok()));
        assert!(out.iter().zip(&words).all(|(bytes, word)| u64::from_le_bytes(*bytes) == *word));
        assert_eq!(memory.traffic().calls, 3);
    }

    #[test]
    fn a_dead_process_fails_the_whole_batch_with_one_call() {
        let memory = LiveMemory::with_system_call(1, |_, _, _| Err(Errno::ESRCH));
        let (mut a, mut b) = ([0; 8], [0; 8]);
        let mut reads = [BatchedRead::new(Address(1), &mut a), BatchedRead::new(Address(2), &mut b)];
        memory.read_batch(&mut reads);
        assert!(reads.iter().all(|read| read.outcome.unwrap_err().cause == ReadFailure::ProcessExited));
        assert_eq!(memory.traffic().calls, 1);
    }

    #[test]
    fn a_short_range_is_continued() {
        fn three_bytes_at_most(
            _: Pid,
            local: &mut [IoSliceMut<'_>],
            remote: &[RemoteIoVec],
        ) -> nix::Result<usize> {
            let n = remote[0].len.min(3);
            for (i, byte) in local[0][..n].iter_mut().enumerate() {
                *byte = u8::try_from(remote[0].base + i).unwrap();
            }
            Ok(n)
        }
        let memory = LiveMemory::with_system_call(1, three_bytes_at_most);
        let mut buf = [0; 8];
        memory.read(Address(16), &mut buf).unwrap();
        assert_eq!(buf, [16, 17, 18, 19, 20, 21, 22, 23]);
    }

    #[test]
    fn permission_is_named() {
        let memory = LiveMemory::with_system_call(1, |_, _, _| Err(Errno::EPERM));
        assert_eq!(memory.read(Address(16), &mut [0; 8]).unwrap_err().cause, ReadFailure::PermissionDenied);
    }
}
