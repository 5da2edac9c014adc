//! Which goroutines have pointers to what is wanted: one walk over all stacks of a copy.

use go_binary::code::{Step, steps};
use go_binary::{Bytes, StaticAddress};
use process_memory::ProcessMemory;
use rustc_hash::{FxHashMap, FxHashSet};
use snapshot::{Address, LockPosition, ReferredBy};

use super::circles::Circle;
use super::copy::HeapCopy;
use super::frames::{Frames, Origin, name_of};
use super::lock_calls::{LockCalls, LockKind, only_waits};
use super::referrers::object_at;
use crate::fields::HeapFields;
use crate::limits::Limits;
use crate::program::Program;
use crate::symbols::StackPc;
use crate::unwind::StackCopy;

/// Pointers on stacks that are kept.
const HITS_MAX: usize = 1 << 23;
/// Deferred calls of all goroutines that are looked at.
const DEFERRED_MAX: usize = 1 << 26;
/// Longer functions are not looked into for the variables that they name.
const CODE_MAX: u64 = 256 << 10;

/// What is wanted: an object by its number, or a range of memory outside the heap by its index.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Wanted {
    Object(u64),
    Range(usize),
}

/// A pointer on a stack.
#[derive(Debug, Clone, Copy)]
pub(super) struct Hit {
    /// Index of the goroutine in the copy.
    pub(super) goroutine: usize,
    pub(super) frame: Option<StackPc>,
    pub(super) by: ReferredBy,
}

/// All pointers on stacks to what is wanted.
pub(super) struct Hits {
    pub(super) of: FxHashMap<Wanted, Vec<Hit>>,
    /// Whether some were left out.
    pub(super) cut: bool,
    locks: LockCalls,
}

/// One walk.
struct Walk<'c, M> {
    program: &'c Program,
    memory: &'c M,
    copy: &'c HeapCopy,
    objects: &'c FxHashSet<u64>,
    /// Start and end of what is wanted outside the heap, ascending by start.
    ranges: &'c [(u64, u64)],
    /// Whether a frame's function only waits for what it has.
    waits: FxHashMap<StackPc, bool>,
    /// The ranges that a function's code names.
    named: FxHashMap<StaticAddress, Vec<usize>>,
    hits: FxHashMap<Wanted, Vec<Hit>>,
    left: usize,
    /// How many of [`DEFERRED_MAX`] are left.
    deferred_left: usize,
}

impl<M: ProcessMemory> Walk<'_, M> {
    fn wanted(&self, value: u64) -> Option<Wanted> {
        if let Some(object) = object_at(self.copy, value) {
            return self.objects.contains(&object).then_some(Wanted::Object(object));
        }
        let index = self.ranges.partition_point(|(start, _)| *start <= value).checked_sub(1)?;
        (value < self.ranges.get(index)?.1).then_some(Wanted::Range(index))
    }

    fn value(&mut self, goroutine: usize, frame: Option<StackPc>, by: ReferredBy, value: u64) {
        if let Some(wanted) = self.wanted(value) {
            self.hit(wanted, Hit { goroutine, frame, by });
        }
    }

    fn hit(&mut self, wanted: Wanted, hit: Hit) {
        if hit.frame.is_some_and(|at| self.only_waits(at)) {
            return;
        }
        let hits = self.hits.entry(wanted).or_default();
        let again = |last: &Hit| (last.goroutine, last.frame) == (hit.goroutine, hit.frame);
        if !hits.last().is_some_and(again) && self.left > 0 {
            self.left -= 1;
            hits.push(hit);
        }
    }

    fn only_waits(&mut self, at: StackPc) -> bool {
        let (program, memory) = (self.program, self.memory);
        let look_up = || name_of(program, memory, at).is_some_and(|name| only_waits(&name));
        *self.waits.entry(at).or_insert_with(look_up)
    }

    /// Variables have no pointers on stacks where the code names them.
    fn code_of(&mut self, goroutine: usize, at: StackPc) {
        let Some(located) = self.program.locate(self.memory, Address(at.pc)) else { return };
        let entry = located.function.entry;
        if !self.named.contains_key(&entry) {
            let len = located.function.end.0.saturating_sub(entry.0).min(CODE_MAX);
            let len = usize::try_from(len).unwrap_or_default();
            let read = |tables: &dyn go_binary::StaticMemory| tables.read_static_vec(entry, len);
            let code = self.program.with_tables(self.memory, located.module, read).unwrap_or_default();
            let steps = steps(self.program.architecture(), &code, entry);
            let named = steps.into_iter().filter_map(|step| match step {
                Step::Reference { target, .. } => match self.wanted(located.module.bias.live(target).0) {
                    Some(Wanted::Range(index)) => Some(index),
                    _ => None,
                },
                _ => None,
            });
            let mut named: Vec<usize> = named.collect();
            named.sort_unstable();
            named.dedup();
            self.named.insert(entry, named);
        }
        for index in self.named.get(&entry).cloned().unwrap_or_default() {
            let hit = Hit { goroutine, frame: Some(at), by: ReferredBy::Code };
            self.hit(Wanted::Range(index), hit);
        }
    }

    /// Words of the records of a goroutine's deferred calls, in the heap or on its stack, but for links.
    fn deferred(&mut self, index: usize, fields: &HeapFields) {
        let Some(goroutine) = self.copy.goroutines.list.get(index) else { return };
        let stack = goroutine
            .stack
            .map(|stack| StackCopy { at: stack.at, bytes: stack.bytes(&self.copy.goroutines.stacks) });
        let (mut at, mut circle) = (goroutine.deferred.0, Circle::default());
        while at != 0 && self.deferred_left > 0 && !circle.closes(at) {
            self.deferred_left -= 1;
            let word =
                |at: u64| stack.and_then(|stack| stack.word(at)).or_else(|| self.copy.word(at)).unwrap_or(0);
            let words = (0..fields.defer_size as u64).step_by(8);
            let words: Vec<u64> = words.map(|offset| word(at.wrapping_add(offset))).collect();
            at = word(at.wrapping_add(fields.defer_link as u64));
            for value in words {
                self.value(index, None, ReferredBy::Deferred, value);
            }
        }
    }
}

impl Hits {
    /// Finds them all.
    pub(super) fn find<M: ProcessMemory>(
        program: &Program,
        memory: &M,
        limits: &Limits,
        fields: &HeapFields,
        copy: &HeapCopy,
        objects: &FxHashSet<u64>,
        ranges: &[(u64, u64)],
    ) -> Self {
        let mut walk = Walk {
            program,
            memory,
            copy,
            objects,
            ranges,
            waits: FxHashMap::default(),
            named: FxHashMap::default(),
            hits: FxHashMap::default(),
            left: HITS_MAX,
            deferred_left: DEFERRED_MAX,
        };
        let mut frames = Frames::default();
        let (mut entered, mut found) = (Vec::new(), Vec::new());
        for (index, goroutine) in copy.goroutines.list.iter().enumerate() {
            walk.deferred(index, fields);
            for stack in goroutine.stack.iter().chain(&goroutine.later) {
                let copied = StackCopy { at: stack.at, bytes: stack.bytes(&copy.goroutines.stacks) };
                if goroutine.moved {
                    let words = copied.bytes.chunks_exact(8).filter_map(|word| word.u64_at(0));
                    words.for_each(|word| walk.value(index, None, ReferredBy::Word, word));
                    continue;
                }
                entered.clear();
                found.clear();
                let start = goroutine.header.start();
                let visit = |origin: Origin, value| {
                    if walk.wanted(value).is_some() {
                        found.push((origin, value));
                    }
                };
                let enter = |at| entered.push(at);
                frames.pointers_by_frame(program, memory, limits, start, copied, &[], enter, visit);
                for (Origin { frame, by_map }, value) in found.drain(..) {
                    let by = if by_map { ReferredBy::Map } else { ReferredBy::Word };
                    walk.value(index, frame, by, value);
                }
                if !ranges.is_empty() {
                    entered.iter().for_each(|at| walk.code_of(index, *at));
                }
            }
        }
        Hits { of: walk.hits, cut: walk.left == 0, locks: LockCalls::default() }
    }

    /// Where the frame of a hit stands among calls about locks.
    pub(super) fn lock_position<M: ProcessMemory>(
        &mut self,
        program: &Program,
        memory: &M,
        hit: &Hit,
        kind: Option<LockKind>,
    ) -> LockPosition {
        let at = hit.frame.zip(kind);
        at.map_or(LockPosition::Unknown, |(at, kind)| self.locks.position(program, memory, at, kind))
    }
}
