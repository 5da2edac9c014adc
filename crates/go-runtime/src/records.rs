//! Turning what was taken of goroutines into the records of a snapshot.

use process_memory::{ProcessMemory, ReadValues};
use rustc_hash::FxHashMap;
use snapshot::{
    Address, GapCause, GapSubject, Goroutine, GoroutineId, LabelSetId, StackState, Status, WaitObject,
    WaitingSince,
};

use crate::header::Header;
use crate::runtime::{Moment, Options};
use crate::scheduler::Machinery;
use crate::stacks::{Context, Taken};
use crate::symbols::OfRuntime;

/// The runtime starts `runtime.main` first.
const MAIN_GOROUTINE: GoroutineId = GoroutineId(1);

/// Turns what was taken into records of the snapshot.
pub(crate) struct Builder<'a, M> {
    pub(crate) context: Context<'a, M>,
    pub(crate) wait_reasons: &'a [String],
    pub(crate) machinery: &'a Machinery,
    pub(crate) moment: Moment,
    pub(crate) options: &'a Options,
    /// What the goroutines so far wait on.
    pub(crate) wait_objects: Vec<WaitObject>,
    /// Ids of synctest bubbles by address.
    pub(crate) bubbles: FxHashMap<Address, Option<u64>>,
}

impl<M: ProcessMemory> Builder<'_, M> {
    /// The record of one goroutine.
    pub(crate) fn goroutine(
        &mut self,
        taken: &Taken,
        objects: Vec<WaitObject>,
        labels: LabelSetId,
    ) -> Goroutine {
        let header = &taken.header;
        let machine = self.machinery.machine(header.m);
        let reason = self.wait_reasons.get(usize::from(header.wait_reason)).filter(|_| header.is_parked());
        if reason.is_none() && header.is_parked() {
            let (id, at) = (Some(header.id), Some(header.at));
            self.context.gaps.add(GapSubject::WaitReason, GapCause::Unreadable, id, at);
        }
        let reason = reason.filter(|reason| !reason.is_empty());
        let first_object = u32::try_from(self.wait_objects.len()).unwrap_or(u32::MAX);
        let objects_len = u32::try_from(objects.len()).unwrap_or_default();
        self.wait_objects.extend(objects);
        let Context { program, memory, symbols, filler, .. } = &mut self.context;
        let entry = symbols.entry(program, *memory, header.startpc).cloned();
        let is_runtime = match entry.as_ref().map(|entry| entry.of_runtime) {
            Some(OfRuntime::Yes) => true,
            Some(OfRuntime::UnlessCallingOut) => {
                let tables = &filler.tables;
                !tables
                    .frames_of(taken.stack)
                    .any(|frame| !tables.text(frame.function).starts_with("runtime."))
            }
            Some(OfRuntime::No) | None => false,
        };
        let entry = entry.map(|entry| filler.frame(&entry.frame, header.startpc.0, 0));
        // The main goroutine's `gopc` is in the assembly that starts the runtime: nobody wrote a `go` there.
        let created = !header.gopc.is_null() && header.id != MAIN_GOROUTINE;
        let creator = symbols.creator(program, *memory, header.gopc).filter(|_| created);
        let created_by = creator.map(|(entry, frame)| {
            let offset = header.gopc.0.wrapping_sub(*entry);
            filler.frame(frame, header.gopc.0, offset)
        });
        let wait_reason = reason.map(|reason| filler.tables.strings.intern_str(reason));
        Goroutine {
            id: header.id,
            address: header.at,
            status: header.status().unwrap_or(Status::Dead),
            scanning: header.scanning(),
            wait_reason,
            waiting_since: self.waiting_since(header),
            parent_id: header.parent_id.filter(|parent| *parent != GoroutineId(0)),
            created_by,
            entry,
            m: machine.map(|m| m.id),
            p: machine.and_then(|m| m.p),
            tid: machine.map(|m| m.tid).filter(|tid| *tid != 0),
            locked_to_thread: !header.locked_m.is_null(),
            is_runtime,
            labels,
            waiting_on: (first_object, objects_len),
            stack: taken.stack,
            stack_state: if self.options.stacks || taken.state != StackState::Torn {
                taken.state
            } else {
                StackState::NotTaken
            },
            bubble: self.bubble(header.bubble),
        }
    }

    /// The runtime notes when a GC first saw the goroutine blocked; 0 until then.
    fn waiting_since(&self, header: &Header) -> Option<WaitingSince> {
        let blocked = header.is_parked() || header.status() == Some(Status::Syscall);
        if !blocked || header.wait_since_ns <= 0 {
            return None;
        }
        let waited = self.moment.monotonic_ns.checked_sub(header.wait_since_ns)?;
        Some(WaitingSince::AtLeastMs(u64::try_from(waited).ok()? / 1_000_000))
    }

    fn bubble(&mut self, at: Address) -> Option<u64> {
        if at.is_null() {
            return None;
        }
        let (memory, field) = (self.context.memory, self.context.program.fields.bubble_id);
        *self.bubbles.entry(at).or_insert_with(|| memory.read_u64(at.offset(field? as u64)).ok())
    }
}
