//! Who can never run again, as one copy tells.

use go_binary::LogicalFrame;
use process_memory::{ProcessMemory, ReadError};
use rustc_hash::FxHashMap;
use snapshot::{Address, GoroutineId, Status};

use super::awaits::Awaiting;
use super::enqueued::enqueued;
use super::goroutines::headers;
use super::marking::Marking;
use super::{CopyError, HeapCopy, Plan, Stillness};
use crate::header::Header;
use crate::runtime::Runtime;

/// What the next copy will need: found, and made room for, while the target runs.
pub struct CopyPlan(Plan);

/// A copy of all that marking looks at.
pub struct CopiedHeap(HeapCopy);

/// A goroutine in a wait that nothing seems to end.
#[derive(Debug, Clone)]
pub struct Sleeper {
    /// Its id.
    pub id: GoroutineId,
    /// Whether the target's own collector has come to the same verdict (`_Gleaked`).
    pub known_to_runtime: bool,
    header: Header,
    /// Its place in a queue, and that of what it is.
    pub(super) sudog: Address,
    pub(super) by_channels: bool,
}

/// What one copy tells.
pub struct Unreachable<'c, M> {
    /// Goroutines that nothing alive can wake.
    pub sleepers: Vec<Sleeper>,
    /// Goroutines in waits that only others can end.
    pub candidates: u64,
    /// Goroutines in such waits that only words keep alive of which it is not known whether they are pointers: in
    /// registers and on stacks of whoever was running. Some of them may be asleep as well; what is left over there is
    /// something else each time.
    pub kept_by_words: Vec<GoroutineId>,
    /// Pieces that could not be copied. With any, a goroutine may be among the sleepers because what reaches it was
    /// not seen.
    pub missing: u64,
    /// Goroutines that were running from the beginning of the copy to its end without a rest, each with the number of
    /// its runs so far (modulo 256), if the target was: what they had in registers was not seen.
    pub running: Vec<(GoroutineId, u8)>,
    /// A garbage collection ended while the target was being copied: what was alive may have been freed since, and its
    /// place used for something else, before it was copied.
    pub collected: bool,
    marking: Marking<'c, M>,
    by_id: FxHashMap<GoroutineId, usize>,
}

impl CopiedHeap {
    /// Bytes of our memory that it takes.
    pub fn size(&self) -> u64 {
        self.0.size()
    }

    /// Whether all of it is of one moment: the target stood still, or did not run.
    pub fn is_of_one_moment(&self) -> bool {
        self.0.of_one_moment
    }

    /// Goroutines of the copy as they were then, for [`Runtime::still_asleep`] to compare them with what they are.
    pub fn sleepers(&self, wanted: impl Fn(GoroutineId) -> bool) -> Vec<Sleeper> {
        let list = self.0.goroutines.list.iter().filter(|goroutine| !goroutine.moved);
        let parked = list.filter(|goroutine| goroutine.header.is_parked());
        let sleepers = parked.map(|goroutine| Sleeper::of(goroutine.header, (Address::NULL, false)));
        sleepers.filter(|sleeper| wanted(sleeper.id)).collect()
    }

    pub(super) fn copy(&self) -> &HeapCopy {
        &self.0
    }
}

impl Runtime {
    /// Prepares a copy of the heap.
    ///
    /// # Errors
    /// [`CopyError`] says why there cannot be one.
    pub fn plan_copy<M: ProcessMemory>(&self, memory: &M) -> Result<CopyPlan, CopyError> {
        Plan::of(&self.program, memory, &self.limits).map(CopyPlan)
    }

    /// Copies the heap.
    ///
    /// # Errors
    /// As [`Runtime::plan_copy`].
    pub fn copy_heap<M: ProcessMemory>(
        &self,
        memory: &M,
        plan: &CopyPlan,
        stillness: Stillness<'_>,
    ) -> Result<CopiedHeap, CopyError> {
        HeapCopy::take(&self.program, memory, &self.limits, &plan.0, stillness).map(CopiedHeap)
    }

    /// Finds who can never run again, in a copy. Of the target itself only what does not change is still read.
    ///
    /// # Errors
    /// [`CopyError::NoHeap`] if there is no knowledge of the heap's structures.
    pub fn unreachable<'c, M: ProcessMemory>(
        &'c self,
        memory: &'c M,
        copy: &'c CopiedHeap,
    ) -> Result<Unreachable<'c, M>, CopyError> {
        let copy = &copy.0;
        let fields = self.program.fields.heap.as_ref().ok_or(CopyError::NoHeap)?;
        let awaiting = Awaiting::of(&self.program, &self.limits, copy, &self.words.reasons);
        let places: Vec<_> = (0..copy.goroutines.list.len()).map(|index| awaiting.place(index)).collect();
        let marking = Marking::run(&self.program, memory, &self.limits, fields, awaiting, copy);
        let list = &copy.goroutines.list;
        let leaked = (0..list.len()).filter(|index| marking.is_leaked(*index));
        let sleepers = leaked.filter_map(|index| {
            let place = places.get(index).copied()?;
            Some(Sleeper::of(list.get(index)?.header, place))
        });
        let kept = marking.kept_by_words.iter();
        let kept_by_words = kept.filter_map(|index| Some(list.get(*index)?.header.id));
        Ok(Unreachable {
            sleepers: sleepers.collect(),
            candidates: (0..list.len()).filter(|index| marking.is_candidate(*index)).count() as u64,
            kept_by_words: kept_by_words.collect(),
            missing: copy.missing + marking.missing,
            running: copy.goroutines.running.clone(),
            collected: copy.collected,
            by_id: list.iter().enumerate().map(|(index, goroutine)| (goroutine.header.id, index)).collect(),
            marking,
        })
    }

    /// Which of `sleepers` have not moved since they were copied, and are not being woken either.
    ///
    /// # Errors
    /// When nothing can be read: the process is gone.
    pub fn still_asleep<M: ProcessMemory>(
        &self,
        memory: &M,
        sleepers: &[Sleeper],
    ) -> Result<Vec<bool>, ReadError> {
        // Whoever is in its queue now and has not moved then was in it all the time.
        let enqueued = enqueued(&self.program, memory, &self.limits, sleepers);
        let addresses = sleepers.iter().map(|sleeper| sleeper.header.at).collect();
        let now: FxHashMap<_, _> = headers(&self.program, memory, addresses)
            .into_iter()
            .map(|(header, _)| (header.at, header))
            .collect();
        if let (true, Some(first)) = (now.is_empty(), sleepers.first()) {
            memory.read(first.header.at, &mut [0])?;
        }
        let same = |sleeper: &Sleeper| {
            now.get(&sleeper.header.at).is_some_and(|now| sleeper.header.mark().same_wait(&now.mark()))
        };
        Ok(sleepers.iter().zip(enqueued).map(|(sleeper, enqueued)| enqueued && same(sleeper)).collect())
    }
}

impl Sleeper {
    /// A goroutine with the first of its places in queues, and whether these are of channels; a null address if its
    /// queues do not matter.
    fn of(header: Header, (sudog, by_channels): (Address, bool)) -> Self {
        let known_to_runtime = header.status() == Some(Status::Leaked);
        Sleeper { id: header.id, known_to_runtime, header, sudog, by_channels }
    }

    /// Address of its descriptor.
    pub(super) fn at(&self) -> Address {
        self.header.at
    }

    /// Whether another copy shows the same goroutine in the same wait.
    pub fn same_wait(&self, other: &Sleeper) -> bool {
        self.header.at == other.header.at
            && self.header.waiting == other.header.waiting
            && self.header.mark().same_wait(&other.header.mark())
    }
}

impl<M: ProcessMemory> Unreachable<'_, M> {
    /// Bytes that would be free if these goroutines were not: their stacks, and objects that only they reach. What
    /// several groups reach is counted for the one that is asked for first.
    pub fn retained(&mut self, goroutines: &[GoroutineId]) -> u64 {
        let indexes: Vec<_> = goroutines.iter().filter_map(|id| self.by_id.get(id).copied()).collect();
        self.marking.retained(&indexes)
    }

    /// The innermost call outside the runtime that made one of the objects at these addresses, if the target's memory
    /// profiler has sampled one of them.
    pub fn made_at(&self, objects: impl Iterator<Item = Address>) -> Option<LogicalFrame> {
        self.marking.made_at(objects)
    }

    /// Stacks of which every word was taken for a pointer, since there was no map of all their frames.
    pub fn stacks_by_words(&self) -> u64 {
        self.marking.by_words
    }
}
