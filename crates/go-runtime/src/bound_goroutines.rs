//! Goroutines that Ms name: those that they run, and those locked to them.

use process_memory::ProcessMemory;
use snapshot::{Address, GapSubject};

use crate::bulk::Batch;
use crate::gaps::Gaps;
use crate::header::Header;
use crate::machines::ReadMachine;
use crate::program::Program;
use crate::sweep::is_live;

/// Headers of the live goroutines that Ms name, by address.
pub(crate) fn read<M: ProcessMemory>(
    program: &Program,
    memory: &M,
    machines: &[ReadMachine],
    gaps: &mut Gaps,
) -> Vec<Header> {
    let named = machines.iter().flat_map(|machine| [machine.goroutine, machine.locked_goroutine]);
    let mut wanted: Vec<Address> = named.filter(|at| !at.is_null()).collect();
    wanted.sort_unstable();
    wanted.dedup();
    let fields = &program.fields.g;
    let mut batch = Batch::default();
    let slots: Vec<_> = wanted.iter().map(|at| batch.push(*at, fields.size)).collect();
    batch.read(memory);
    let mut headers = Vec::new();
    for (at, slot) in wanted.into_iter().zip(slots) {
        match batch.get(slot) {
            // One that is gone by now, or is being set up, is no goroutine: as in the list of all.
            Ok(bytes) => {
                headers.extend(Header::decode(bytes, at, fields).filter(is_live));
            }
            Err(error) => gaps.add(GapSubject::Machines, error.cause.into(), None, Some(at)),
        }
    }
    headers
}
