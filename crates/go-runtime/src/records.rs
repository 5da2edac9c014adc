//! From what was seen of goroutines to the records of a snapshot.

use process_memory::{ProcessMemory, ReadValues};
use rustc_hash::FxHashMap;
use snapshot::{Address, Goroutine, GoroutineId, Status, WaitObject, WaitingSince};

use crate::context::Context;
use crate::runtime::Moment;
use crate::scheduler::Machinery;
use crate::sweep::Seen;

/// Makes the records.
pub(crate) struct Builder<'b, 'a, M> {
    pub(crate) context: &'b Context<'a, M>,
    pub(crate) machinery: &'b Machinery,
    pub(crate) moment: Moment,
    /// What the goroutines so far wait on.
    pub(crate) wait_objects: Vec<WaitObject>,
    /// Ids of synctest bubbles by address.
    pub(crate) bubbles: FxHashMap<Address, Option<u64>>,
}

impl<M: ProcessMemory> Builder<'_, '_, M> {
    /// The record of one goroutine.
    pub(crate) fn goroutine(&mut self, seen: &Seen, objects: Vec<WaitObject>) -> Option<Goroutine> {
        let header = &seen.header;
        let cohort = *self.context.words.cohorts.get(seen.cohort)?;
        let machine = self.machinery.machine(header.m);
        let first_object = u32::try_from(self.wait_objects.len()).unwrap_or(u32::MAX);
        let objects_len = u32::try_from(objects.len()).unwrap_or_default();
        self.wait_objects.extend(objects);
        Some(Goroutine {
            id: header.id,
            address: header.at,
            status: cohort.status,
            scanning: header.scanning(),
            wait_reason: cohort.wait_reason,
            waiting_since: waiting_since(seen, self.moment),
            parent_id: header.parent_id.filter(|parent| *parent != GoroutineId(0)),
            created_by: cohort.created_by,
            entry: cohort.entry,
            m: machine.map(|m| m.id),
            p: machine.and_then(|m| m.p),
            tid: machine.map(|m| m.tid).filter(|tid| *tid != 0),
            locked_to_thread: cohort.locked_to_thread,
            is_runtime: cohort.is_runtime,
            labels: cohort.labels,
            waiting_on: (first_object, objects_len),
            stack: cohort.stack,
            stack_state: cohort.stack_state,
            bubble: self.bubble(header.bubble),
        })
    }

    fn bubble(&mut self, at: Address) -> Option<u64> {
        if at.is_null() {
            return None;
        }
        let (memory, field) = (self.context.memory, self.context.program.fields.bubble_id);
        *self.bubbles.entry(at).or_insert_with(|| memory.read_u64(at.offset(field? as u64)).ok())
    }
}

/// The longer of what two clocks say: ours, since it was first seen in this very wait, and the runtime's,
/// which notes when a GC first saw the goroutine blocked. It waits for at least as long.
pub(crate) fn waiting_since(seen: &Seen, moment: Moment) -> Option<WaitingSince> {
    let header = &seen.header;
    if !(header.is_parked() || header.status() == Some(Status::Syscall)) {
        return None;
    }
    let ms = |since: i64| {
        let waited = moment.monotonic_ns.checked_sub(since).filter(|_| since > 0);
        waited.and_then(|ns| u64::try_from(ns).ok()).map(|ns| ns / 1_000_000)
    };
    let noted = ms(header.wait_since_ns).map(WaitingSince::AtLeastMs);
    // The first look does not know what was before.
    let observed = ms(seen.since_ns).filter(|ms| *ms > 0).map(WaitingSince::ObservedMs);
    noted.into_iter().chain(observed).max_by_key(|since| since.ms())
}
