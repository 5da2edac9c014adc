//! A process that changes while it is read.

use std::sync::atomic::{AtomicU64, Ordering};

use process_memory::{ProcessMemory, ReadError};
use snapshot::Address;

use crate::image::Image;

/// Several states of one process; which of them a read sees is up to `plan`.
///
/// `plan` is given the number of the read (from 0, one for each range) and answers with the index of a
/// state. No read sees a mixture: what is torn is torn between reads, as on a machine on which a goroutine
/// runs in between.
pub struct Changing<'i, P> {
    states: &'i [Image],
    plan: P,
    reads: AtomicU64,
}

impl<'i, P: Fn(u64) -> usize> Changing<'i, P> {
    /// The states, and which of them each read sees.
    pub fn new(states: &'i [Image], plan: P) -> Self {
        Changing { states, plan, reads: AtomicU64::new(0) }
    }

    /// How many ranges have been asked for.
    pub fn reads(&self) -> u64 {
        self.reads.load(Ordering::Relaxed)
    }
}

impl<P: Fn(u64) -> usize> ProcessMemory for Changing<'_, P> {
    fn read(&self, at: Address, buf: &mut [u8]) -> Result<(), ReadError> {
        let number = self.reads.fetch_add(1, Ordering::Relaxed);
        let state = self.states.get((self.plan)(number)).expect("a state of that number");
        state.read(at, buf)
    }
}
