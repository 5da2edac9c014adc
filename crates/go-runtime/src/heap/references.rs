//! Who refers to what goroutines wait for, as one copy tells: by stacks, variables, and objects in between.

use go_binary::Bytes;
use process_memory::ProcessMemory;
use rustc_hash::{FxHashMap, FxHashSet};
use snapshot::{
    Address, Holder, LockPosition, ObjectReferences, References, ReferredBy, WaitObject, WaitObjectKind,
};

use super::awaits::Awaiting;
use super::bits::Bits;
use super::copy::HeapCopy;
use super::holders::{Hit, Hits, Wanted};
use super::lock_calls::LockKind;
use super::objects::Objects;
use super::referrers::{ABOVE_ALL_MAX, Referrers, object_at};
use super::unreachable::CopiedHeap;
use super::wait_queues::Queues;
use super::{CopyError, files};
use crate::runtime::Runtime;

/// Variables that are listed for one object.
const VARIABLES_MAX: usize = 16;
/// Goroutines that are listed for all objects together that they refer to by way of others only.
const INDIRECT_ALL_MAX: usize = 1 << 22;
/// Once these are used up, so many are listed for one object.
const INDIRECT_MAX: usize = 64;

/// What is looked for.
struct Search<'c, M> {
    runtime: &'c Runtime,
    memory: &'c M,
    copy: &'c HeapCopy,
    referrers: Referrers,
    hits: Hits,
    /// By object: variables that point to it.
    variables: FxHashMap<u64, Vec<Address>>,
    /// What threads that were running had in their registers.
    in_registers: FxHashSet<u64>,
    /// How many goroutines may still be listed of [`INDIRECT_ALL_MAX`].
    indirect_left: usize,
    /// How many objects may still be searched through of [`ABOVE_ALL_MAX`].
    above_left: usize,
    /// Where each goroutine's stack is, ascending.
    stacks: Vec<(u64, u64, usize)>,
}

impl Runtime {
    /// Finds out who refers to the objects that goroutines wait for, and what else the copy says of them.
    ///
    /// # Errors
    /// [`CopyError::NoHeap`] if there is no knowledge of the heap's structures.
    pub fn references<M: ProcessMemory>(
        &self,
        memory: &M,
        copy: &CopiedHeap,
        wait_objects: &[WaitObject],
    ) -> Result<References, CopyError> {
        let copy = copy.copy();
        let fields = self.program.fields.heap.as_ref().ok_or(CopyError::NoHeap)?;
        let mut wanted: Vec<WaitObject> =
            wait_objects.iter().copied().filter(|object| !object.address.is_null()).collect();
        // A mutex is also the beginning of the RWMutex that it is part of, which says more.
        let is_part = |object: &WaitObject| !matches!(object.kind, WaitObjectKind::RwMutex { .. });
        wanted.sort_by_key(|object| (object.address, is_part(object)));
        wanted.dedup_by_key(|object| object.address);

        let targets = wanted.iter().filter_map(|object| object_at(copy, object.address.0));
        let ignored = descriptors(self, copy);
        let mut objects = Objects::of(copy, memory, fields, self.program.release);
        let referrers = Referrers::search(&mut objects, targets, &ignored);
        let outside: Vec<&WaitObject> =
            wanted.iter().filter(|object| object_at(copy, object.address.0).is_none()).collect();
        let (ranges, names) = self.ranges(&outside);
        let hits = Hits::find(&self.program, memory, &self.limits, fields, copy, &referrers.all, &ranges);
        let list = copy.goroutines.list.iter().enumerate();
        let stacks = list.map(|(index, g)| (g.header.stack_lo, g.header.stack_hi, index));
        let mut search = Search {
            runtime: self,
            memory,
            copy,
            variables: variables_with(copy, &referrers),
            in_registers: copy.words.iter().filter_map(|word| object_at(copy, *word)).collect(),
            referrers,
            hits,
            indirect_left: INDIRECT_ALL_MAX,
            above_left: ABOVE_ALL_MAX,
            stacks: stacks.collect(),
        };
        search.stacks.sort_unstable();
        let queues = Queues::of(&self.program, memory, &self.limits, copy);
        let of = |object: &WaitObject| {
            let mut found = search.of(object, &ranges);
            self.add_queues(&queues, object, &mut found);
            found
        };
        Ok(References {
            objects: wanted.iter().map(of).collect(),
            files: files::of_waiting(&self.program, memory, copy, &self.words.reasons),
            names,
            missing: copy.missing,
        })
    }

    /// What to look for of objects outside the heap: the variables that they are part of, where the executable has
    /// symbols, else only they themselves. Ascending and without overlaps; and the names of the variables.
    #[allow(clippy::type_complexity, reason = "two lists that come from the same look into the file")]
    fn ranges(&self, outside: &[&WaitObject]) -> (Vec<(u64, u64)>, Vec<(Address, String)>) {
        let Some(module) = self.program.modules.first() else { return Default::default() };
        let fixed: Vec<_> = outside.iter().map(|object| module.bias.fixed(object.address)).collect();
        let variables =
            if fixed.is_empty() { Vec::new() } else { self.program.executable.variables_at(&fixed) };
        let mut names = Vec::new();
        let ranges = outside.iter().zip(variables).map(|(object, variable)| {
            let Some((name, start, len)) = variable else {
                return (object.address.0, object.address.0.saturating_add(8));
            };
            names.push((object.address, name));
            let start = module.bias.live(start).0;
            (start, start.saturating_add(len.max(1)))
        });
        let mut ranges: Vec<(u64, u64)> = ranges.collect();
        ranges.sort_unstable();
        ranges.dedup_by(|later, earlier| {
            let same = later.0 < earlier.1;
            earlier.1 = if same { earlier.1.max(later.1) } else { earlier.1 };
            same
        });
        names.sort_unstable();
        names.dedup_by_key(|(at, _)| *at);
        (ranges, names)
    }

    fn add_queues<M: ProcessMemory>(
        &self,
        queues: &Queues<'_, M>,
        object: &WaitObject,
        found: &mut ObjectReferences,
    ) {
        let (at, sync) = (object.address.0, &self.program.fields.sync);
        match object.kind {
            WaitObjectKind::Channel(..) | WaitObjectKind::UnreadableChannel(_) => {
                [found.queue, found.senders] = queues.of_channel(at);
                found.deadline_ns = queues.deadline_of(at);
            }
            WaitObjectKind::Semaphore => found.queue = queues.of_semaphore(at),
            WaitObjectKind::Mutex { .. } => {
                found.queue = queues.of_semaphore(at.wrapping_add(sync.mutex_sema))
            }
            WaitObjectKind::WaitGroup { .. } => {
                found.queue = queues.of_semaphore(at.wrapping_add(sync.wait_group_sema));
            }
            WaitObjectKind::RwMutex { .. } => {
                // First the writer that waits for readers, then those behind it.
                for semaphore in [sync.rw_writer_sema, sync.mutex_sema, sync.rw_reader_sema] {
                    found.queue.extend(queues.of_semaphore(at.wrapping_add(semaphore)));
                }
            }
            WaitObjectKind::Cond => found.queue = queues.of_condition(at),
            _ => {}
        }
    }
}

/// Goroutines' descriptors and their places in queues: these refer to what they wait for, but nobody has it by them.
fn descriptors(runtime: &Runtime, copy: &HeapCopy) -> Bits {
    let mut awaiting = Awaiting::of(&runtime.program, &runtime.limits, copy, &runtime.words.reasons);
    for index in 0..copy.goroutines.list.len() {
        awaiting.awaits(index);
    }
    let mut ignored = Bits::new(copy.spans.objects);
    let goroutines = copy.goroutines.list.iter().map(|goroutine| goroutine.header.at.0);
    for at in goroutines.chain(awaiting.sudogs) {
        if let Some(object) = object_at(copy, at) {
            ignored.insert(object);
        }
    }
    ignored
}

/// The variables that point to one of the objects that came up.
fn variables_with(copy: &HeapCopy, referrers: &Referrers) -> FxHashMap<u64, Vec<Address>> {
    let mut found: FxHashMap<u64, Vec<Address>> = FxHashMap::default();
    for (variables, begin) in &copy.variables {
        let bytes = copy.bytes_of(variables, *begin);
        for index in variables.mask.pointers() {
            let value = usize::try_from(index * 8).ok().and_then(|at| bytes.u64_at(at));
            let object = value.and_then(|value| object_at(copy, value));
            if let Some(object) = object.filter(|object| referrers.all.contains(object)) {
                let list = found.entry(object).or_default();
                if list.len() < VARIABLES_MAX {
                    list.push(Address(variables.start.wrapping_add(index * 8)));
                }
            }
        }
    }
    found
}

impl<M: ProcessMemory> Search<'_, M> {
    fn of(&mut self, object: &WaitObject, ranges: &[(u64, u64)]) -> ObjectReferences {
        let at = object.address;
        let mut found =
            ObjectReferences { address: at, complete: !self.hits.cut, ..ObjectReferences::default() };
        let kind = match object.kind {
            WaitObjectKind::Mutex { .. } => Some(LockKind::Mutex),
            WaitObjectKind::RwMutex { .. } => Some(LockKind::RwMutex),
            _ => None,
        };
        let mut best: FxHashMap<usize, Holder> = FxHashMap::default();
        let mut above = Vec::new();
        match object_at(self.copy, at.0) {
            Some(number) => {
                found.complete &= self
                    .referrers
                    .above(number, &mut self.above_left, |object, depth| above.push((object, depth)));
            }
            None => {
                if let Some(owner) = self.stack_with(at.0) {
                    let hit = Hit { goroutine: owner, frame: None, by: ReferredBy::Map };
                    self.note(&mut best, &hit, 0, None);
                } else {
                    found.variables.push(at);
                }
                let index = ranges.partition_point(|(start, _)| *start <= at.0).checked_sub(1);
                let hits = index.and_then(|index| self.hits.of.get(&Wanted::Range(index))).cloned();
                hits.into_iter().flatten().for_each(|hit| self.note(&mut best, &hit, 0, kind));
            }
        }
        for (number, depth) in above {
            found.complete &= !self.in_registers.contains(&number);
            let room = VARIABLES_MAX.saturating_sub(found.variables.len());
            found.variables.extend(self.variables.get(&number).into_iter().flatten().take(room));
            // Taken out for the moment: noting them needs all of `self`.
            let hits = self.hits.of.remove(&Wanted::Object(number)).unwrap_or_default();
            // Many goroutines have what many things hang on.
            let affords = depth == 0 || hits.len() <= self.indirect_left;
            let shown = if affords { hits.len() } else { INDIRECT_MAX.saturating_sub(best.len()) };
            if depth > 0 {
                self.indirect_left = self.indirect_left.saturating_sub(shown);
            }
            found.complete &= hits.len() <= shown;
            hits.iter().take(shown).for_each(|hit| self.note(&mut best, hit, depth, kind));
            self.hits.of.insert(Wanted::Object(number), hits);
        }
        found.complete &= self.copy.missing == 0;
        found.holders = best.into_values().collect();
        found.holders.sort_unstable_by_key(|holder| holder.goroutine);
        found
    }

    /// Keeps the best that is known of each goroutine.
    fn note(&mut self, best: &mut FxHashMap<usize, Holder>, hit: &Hit, depth: u32, kind: Option<LockKind>) {
        let Some(goroutine) = self.copy.goroutines.list.get(hit.goroutine) else { return };
        let lock = self.hits.lock_position(&self.runtime.program, self.memory, hit, kind);
        let holder = Holder {
            goroutine: goroutine.header.id,
            pc: hit.frame.map(|frame| frame.pc),
            depth,
            by: hit.by,
            lock,
        };
        let rank = |holder: &Holder| (holder.lock != LockPosition::Between, holder.depth, holder.by);
        let known = best.entry(hit.goroutine).or_insert(holder);
        if rank(&holder) < rank(known) {
            *known = holder;
        }
    }

    /// The goroutine on whose stack an address is.
    fn stack_with(&self, at: u64) -> Option<usize> {
        let behind = self.stacks.partition_point(|(low, ..)| *low <= at);
        let &(_, high, index) = self.stacks.get(behind.checked_sub(1)?)?;
        (at < high).then_some(index)
    }
}
