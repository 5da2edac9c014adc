//! Read another process's memory, read-only: live, recorded, or with faults.
//!
//! ```text
//! go-runtime ──> trait ProcessMemory ──┬── LiveMemory       process_vm_readv on a running process
//!                                      ├── RecordedMemory   an earlier process's bytes, replayed
//!                                      ├── Recording<M>     passes reads on and keeps what they gave
//!                                      └── FaultInjecting<M> passes reads on, or fails them (tests)
//! ```
//!
//! There is no write method, on purpose. A read either fills the whole buffer or is an error that says where, how
//! much and why: missing memory is never zeros. Nothing stops the target but [`freeze`], which is for users who ask
//! for that: it has every thread stand still, and lets it go again by a deadline.

mod error;
mod faults;
mod freeze;
mod live;
mod own_allocator;
mod recorded;
mod thread_sampler;

pub use error::{ReadError, ReadFailure};
pub use faults::{Fault, FaultInjecting};
pub use freeze::{FreezeError, FreezeLimits, Frozen, FrozenFor, FrozenThread, Registers, freeze};
pub use live::LiveMemory;
pub use own_allocator::give_back_freed;
pub use recorded::{RecordedMemory, Recording};
use snapshot::Address;
pub use thread_sampler::{
    RecordError, SamplerError, SamplingLimits, ThreadSample, perf_available, sample_threads,
};

/// Read-only view of a process's address space, from which several threads may read side by side.
pub trait ProcessMemory: Sync {
    /// Fills `buf` completely from `at`, or says how far it got and why it stopped.
    ///
    /// # Errors
    /// [`ReadError`] with the cause; the contents of `buf` are then unspecified.
    fn read(&self, at: Address, buf: &mut [u8]) -> Result<(), ReadError>;

    /// Many reads at once, each with its own outcome.
    ///
    /// The reads happen strictly in the order given. Callers rely on it: a header that is read before and
    /// after a stack brackets it only if nothing is reordered.
    fn read_batch(&self, reads: &mut [BatchedRead<'_>]) {
        for read in reads {
            read.outcome = self.read(read.at, read.buf);
        }
    }

    /// What has been read through this object so far.
    fn traffic(&self) -> Traffic {
        Traffic::default()
    }
}

/// One read of a batch.
#[derive(Debug)]
pub struct BatchedRead<'b> {
    /// Where to read.
    pub at: Address,
    /// Filled completely if `outcome` is `Ok`.
    pub buf: &'b mut [u8],
    /// How it went. Set by [`ProcessMemory::read_batch`].
    pub outcome: Result<(), ReadError>,
}

impl<'b> BatchedRead<'b> {
    /// A read that has not happened yet.
    pub fn new(at: Address, buf: &'b mut [u8]) -> Self {
        let outcome = Err(ReadError { at, wanted: buf.len(), obtained: 0, cause: ReadFailure::NotAttempted });
        BatchedRead { at, buf, outcome }
    }
}

/// How much was read.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Traffic {
    /// Bytes obtained.
    pub bytes: u64,
    /// System calls made for them.
    pub calls: u64,
}

impl<M: ProcessMemory + ?Sized> ProcessMemory for &M {
    fn read(&self, at: Address, buf: &mut [u8]) -> Result<(), ReadError> {
        (**self).read(at, buf)
    }
    fn read_batch(&self, reads: &mut [BatchedRead<'_>]) {
        (**self).read_batch(reads);
    }
    fn traffic(&self) -> Traffic {
        (**self).traffic()
    }
}

/// Small typed reads over any memory.
pub trait ReadValues: ProcessMemory {
    /// A little-endian 64-bit word.
    ///
    /// # Errors
    /// As [`ProcessMemory::read`].
    fn read_u64(&self, at: Address) -> Result<u64, ReadError> {
        let mut buf = [0; 8];
        self.read(at, &mut buf)?;
        Ok(u64::from_le_bytes(buf))
    }

    /// A pointer-sized word as an address.
    ///
    /// # Errors
    /// As [`ProcessMemory::read`].
    fn read_address(&self, at: Address) -> Result<Address, ReadError> {
        self.read_u64(at).map(Address)
    }

    /// A little-endian 32-bit word.
    ///
    /// # Errors
    /// As [`ProcessMemory::read`].
    fn read_u32(&self, at: Address) -> Result<u32, ReadError> {
        let mut buf = [0; 4];
        self.read(at, &mut buf)?;
        Ok(u32::from_le_bytes(buf))
    }

    /// `len` bytes. The caller has bounded `len`: it is allocated before reading.
    ///
    /// # Errors
    /// As [`ProcessMemory::read`].
    fn read_vec(&self, at: Address, len: usize) -> Result<Vec<u8>, ReadError> {
        let mut buf = vec![0; len];
        self.read(at, &mut buf)?;
        Ok(buf)
    }
}

impl<M: ProcessMemory + ?Sized> ReadValues for M {}
