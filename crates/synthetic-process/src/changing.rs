//! A process that changes while it is read.

use std::sync::atomic::{AtomicU64, Ordering};

use process_memory::{ProcessMemory, ReadError};
use snapshot::Address;

use crate::image::Image;

/// Bytes that are seen at one instant: a cache line. Longer reads can see several states.
const LINE: usize = 64;

/// Several states of one process; which of them a read sees is up to `plan`.
///
/// `plan` is given the number of the line that is read (from 0, in the order of reading) and answers with the
/// index of a state.
pub struct Changing<'i, P> {
    states: &'i [Image],
    plan: P,
    lines: AtomicU64,
}

impl<'i, P: Fn(u64) -> usize> Changing<'i, P> {
    /// The states, and which of them each line of a read sees.
    pub fn new(states: &'i [Image], plan: P) -> Self {
        Changing { states, plan, lines: AtomicU64::new(0) }
    }

    /// How many lines have been read.
    pub fn lines(&self) -> u64 {
        self.lines.load(Ordering::Relaxed)
    }
}

impl<P: Fn(u64) -> usize + Sync> ProcessMemory for Changing<'_, P> {
    fn read(&self, at: Address, buf: &mut [u8]) -> Result<(), ReadError> {
        let (wanted, mut obtained) = (buf.len(), 0);
        while let Some(rest) = buf.get_mut(obtained..).filter(|rest| !rest.is_empty()) {
            let number = self.lines.fetch_add(1, Ordering::Relaxed);
            let state = self.states.get((self.plan)(number)).expect("a state of that number");
            let line_at = at.offset(obtained as u64);
            let within = usize::try_from(line_at.0 % LINE as u64).expect("less than a line");
            let len = (LINE - within).min(rest.len());
            let line = rest.get_mut(..len).expect("not more than there is");
            state.read(line_at, line).map_err(|error| {
                let obtained = obtained + error.obtained;
                ReadError { at, wanted, obtained, cause: error.cause }
            })?;
            obtained += len;
        }
        Ok(())
    }
}
