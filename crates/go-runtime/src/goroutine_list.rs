//! The runtime's list of all goroutine descriptors.
//!
//! `allgs` only grows, and descriptors are never freed: an address taken from the list stays readable. The
//! runtime publishes the new array before the new length, so the length is read first (as its own
//! `atomicAllG` does); the array pointer is read again afterwards, because an old array may be reused.

use go_binary::Bytes;
use go_binary::globals::Globals;
use process_memory::{ProcessMemory, ReadError, ReadValues};
use snapshot::{Address, GapCause, GapSubject};

use crate::gaps::Gaps;
use crate::limits::Limits;

/// Tries before giving up on an array that keeps moving: it moves only when it doubles.
const TRIES: u32 = 4;

/// Addresses of all descriptors, dead ones included, in the runtime's order. Null where it has none yet.
pub(crate) fn read<M: ProcessMemory>(
    memory: &M,
    globals: &Globals,
    limits: &Limits,
    gaps: &mut Gaps,
) -> Result<Vec<Address>, ReadError> {
    for _ in 0..TRIES {
        let len = memory.read_u64(globals.allglen)?;
        let array = memory.read_address(globals.allgptr)?;
        let bounded = len.min(limits.goroutines_max);
        let bytes = memory.read_vec(array, usize::try_from(bounded * 8).unwrap_or_default())?;
        if memory.read_address(globals.allgptr)? != array {
            continue;
        }
        if bounded < len {
            gaps.of(GapSubject::GoroutineList, GapCause::BudgetSpent);
        }
        return Ok(bytes.chunks_exact(8).filter_map(|word| word.address_at(0)).collect());
    }
    gaps.of(GapSubject::GoroutineList, GapCause::Torn);
    Ok(Vec::new())
}
