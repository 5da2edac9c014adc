//! Memory that fails on demand, to prove that readers survive it.

use std::sync::atomic::{AtomicU64, Ordering};

use snapshot::Address;

use crate::{ProcessMemory, ReadError, ReadFailure, Traffic};

/// What happens to one read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// Nothing: it is passed on.
    None,
    /// It fails with this cause.
    Fail(ReadFailure),
    /// It succeeds, but every byte is this one.
    Fill(u8),
    /// It succeeds, with one byte (at this index, modulo the length) inverted.
    Flip(usize),
}

/// Passes reads on, or fails them, as `plan` says.
///
/// `plan` is asked for each range with its number (from 0, in order of reading), address and length.
pub struct FaultInjecting<M, P> {
    inner: M,
    plan: P,
    reads: AtomicU64,
}

impl<M, P> FaultInjecting<M, P>
where
    M: ProcessMemory,
    P: Fn(u64, Address, usize) -> Fault + Sync,
{
    /// `inner` with faults by `plan`.
    pub fn new(inner: M, plan: P) -> Self {
        FaultInjecting { inner, plan, reads: AtomicU64::new(0) }
    }

    /// How many ranges have been asked for.
    pub fn reads(&self) -> u64 {
        self.reads.load(Ordering::Relaxed)
    }
}

impl<M, P> ProcessMemory for FaultInjecting<M, P>
where
    M: ProcessMemory,
    P: Fn(u64, Address, usize) -> Fault + Sync,
{
    fn read(&self, at: Address, buf: &mut [u8]) -> Result<(), ReadError> {
        let number = self.reads.fetch_add(1, Ordering::Relaxed);
        match (self.plan)(number, at, buf.len()) {
            Fault::None => self.inner.read(at, buf),
            Fault::Fail(cause) => Err(ReadError { at, wanted: buf.len(), obtained: 0, cause }),
            Fault::Fill(byte) => {
                buf.fill(byte);
                Ok(())
            }
            Fault::Flip(index) => {
                self.inner.read(at, buf)?;
                let len = buf.len().max(1);
                if let Some(byte) = buf.get_mut(index % len) {
                    *byte = !*byte;
                }
                Ok(())
            }
        }
    }

    fn traffic(&self) -> Traffic {
        self.inner.traffic()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{ReadValues, RecordedMemory};

    #[test]
    fn faults_hit_the_read_that_they_are_meant_for() {
        let mut memory = RecordedMemory::default();
        memory.put(Address(16), &7_u64.to_le_bytes());
        let faulty = FaultInjecting::new(memory, |number, _, _| match number {
            1 => Fault::Fail(ReadFailure::NotMapped),
            2 => Fault::Fill(0xff),
            3 => Fault::Flip(0),
            _ => Fault::None,
        });
        assert_eq!(faulty.read_u64(Address(16)).unwrap(), 7);
        assert!(faulty.read_u64(Address(16)).is_err());
        assert_eq!(faulty.read_u64(Address(16)).unwrap(), u64::MAX);
        assert_eq!(faulty.read_u64(Address(16)).unwrap(), 7 ^ 0xff);
        assert_eq!(faulty.reads(), 4);
    }
}
