//! Who waits on which semaphore, for releases in which a goroutine does not say so itself.
//!
//! `runtime.semtable` has a fixed number of roots; each is a treap of sudogs by address (`prev` and `next`
//! are its left and right), and each node heads a list (`waitlink`) of others that wait on the same address.

use go_binary::Bytes;
use process_memory::{ProcessMemory, ReadValues};
use rustc_hash::{FxHashMap, FxHashSet};
use snapshot::{Address, GapCause, GapSubject};

use crate::bulk::Batch;
use crate::gaps::Gaps;
use crate::limits::Limits;
use crate::program::Program;

/// The semaphore that each waiting goroutine (by address of its `g`) waits on.
///
/// The table changes while it is read; whoever uses an entry checks that its goroutine did not move.
pub(crate) fn read<M: ProcessMemory>(
    program: &Program,
    memory: &M,
    limits: &Limits,
    gaps: &mut Gaps,
) -> FxHashMap<Address, Address> {
    let mut waiters = FxHashMap::default();
    let Some(shape) = program.fields.semtable else {
        gaps.of(GapSubject::SemaphoreTable, GapCause::NotRecorded);
        return waiters;
    };
    let table = match memory.read_vec(program.globals.semtable, shape.stride * shape.roots) {
        Ok(table) => table,
        Err(error) => {
            gaps.of(GapSubject::SemaphoreTable, error.cause.into());
            return waiters;
        }
    };
    let roots = (0..shape.roots).filter_map(|root| table.address_at(root * shape.stride + shape.treap));
    let mut level: Vec<Address> = roots.filter(|root| !root.is_null()).collect();
    let fields = &program.fields.sudog;
    let mut seen = FxHashSet::default();
    let mut batch = Batch::default();
    // Level by level: all sudogs that the last level points to are one batch of reads.
    while !level.is_empty() {
        level.retain(|at| seen.insert(*at));
        if seen.len() > limits.semaphore_waiters_max {
            gaps.of(GapSubject::SemaphoreTable, GapCause::BudgetSpent);
            break;
        }
        batch.clear();
        let slots: Vec<_> = level.iter().map(|at| batch.push(*at, fields.size)).collect();
        batch.read(memory);
        let mut next = Vec::new();
        for slot in slots {
            match batch.get(slot) {
                Ok(sudog) => {
                    let field = |at| sudog.address_at(at).unwrap_or_default();
                    waiters.insert(field(fields.g), field(fields.elem));
                    let links = [fields.prev, fields.next, fields.wait_link].map(field);
                    next.extend(links.into_iter().filter(|link| !link.is_null()));
                }
                Err(error) => gaps.of(GapSubject::SemaphoreTable, error.cause.into()),
            }
        }
        level = next;
    }
    waiters
}
