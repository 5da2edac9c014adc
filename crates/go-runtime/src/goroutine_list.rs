//! The runtime's list of all goroutine descriptors.
//!
//! `allgs` only grows, and descriptors are never freed: an address taken from the list stays readable. The
//! runtime publishes the new array before the new length, so the length is read first (as its own
//! `atomicAllG` does); the array pointer is read again afterwards, because an old array may be reused.

use go_binary::Bytes;
use go_binary::globals::Globals;
use process_memory::{ProcessMemory, ReadError, ReadValues};
use snapshot::{Address, GapCause, GapSubject, Status};

use crate::bulk::Batch;
use crate::gaps::Gaps;
use crate::header::Header;
use crate::limits::Limits;
use crate::program::Program;
use crate::stacks::Taken;

/// Headers of one batch: a few megabytes of buffer.
const HEADERS_PER_BATCH: usize = 8192;
/// Tries before giving up on an array that keeps moving: it moves only when it doubles.
const TRIES: u32 = 4;

/// Addresses of all descriptors, dead ones included, in the runtime's order.
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
        let addresses = bytes.chunks_exact(8).filter_map(|word| word.address_at(0));
        return Ok(addresses.filter(|at| !at.is_null()).collect());
    }
    gaps.of(GapSubject::GoroutineList, GapCause::Torn);
    Ok(Vec::new())
}

/// Whether a descriptor is of a goroutine at the moment.
pub(crate) fn is_live(header: &Header) -> bool {
    !matches!(header.status(), None | Some(Status::Dead | Status::Idle))
}

/// Headers of all live goroutines, sorted by address.
pub(crate) fn read_headers<M: ProcessMemory>(
    program: &Program,
    memory: &M,
    all: &[Address],
    gaps: &mut Gaps,
) -> Result<Vec<Taken>, ReadError> {
    let mut sorted = all.to_vec();
    sorted.sort_unstable();
    sorted.dedup();
    let fields = &program.fields.g;
    let (mut batch, mut alone) = (Batch::default(), Vec::new());
    let mut taken = Vec::new();
    for chunk in sorted.chunks(HEADERS_PER_BATCH) {
        batch.clear();
        let slots = batch.push_each(chunk.iter().copied(), fields.size);
        batch.read(memory);
        for (at, slot) in chunk.iter().zip(slots) {
            match batch.get_or_reread(slot, memory, &mut alone) {
                Ok(bytes) => match Header::decode(bytes, *at, fields) {
                    Some(header) if header.status().is_none() => {
                        gaps.add(GapSubject::Goroutine, GapCause::Corrupt, Some(header.id), Some(*at));
                    }
                    Some(header) if is_live(&header) => taken.push(Taken::wanted(header)),
                    Some(_) => {}
                    // A descriptor that is being set up has its self-pointer cleared for an instant; until
                    // then it is no goroutine.
                    None if bytes.u64_at(fields.sched_g) == Some(0) => {}
                    None => gaps.add(GapSubject::Goroutine, GapCause::Corrupt, None, Some(*at)),
                },
                Err(error) if error.cause == process_memory::ReadFailure::ProcessExited => return Err(error),
                Err(error) => gaps.add(GapSubject::Goroutine, error.cause.into(), None, Some(*at)),
            }
        }
    }
    Ok(taken)
}
