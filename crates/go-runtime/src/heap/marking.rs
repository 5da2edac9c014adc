//! Marking: from what certainly lives to everything that it can reach, and to the goroutines that this wakes.
//!
//! The method of Go's own leak profile (`runtime/mgc.go`, `findMaybeRunnableGoroutines`), on a copy: stacks of
//! goroutines that may be blocked for good are no roots. When an object is reached that such a goroutine waits for,
//! somebody could wake it: then its stack is one, too. Who is not reached in the end never runs again.

mod reached;
mod waiting;

use go_binary::LogicalFrame;
use process_memory::ProcessMemory;
use rustc_hash::FxHashMap;
use snapshot::Address;

use self::reached::Reached;
use super::allocations;
use super::awaits::{Awaiting, Awaits};
use super::circles::Circle;
use super::copy::HeapCopy;
use super::frames::Frames;
use super::objects::Objects;
use super::specials::SpecialKind;
use crate::fields::HeapFields;
use crate::limits::Limits;
use crate::program::Program;
use crate::unwind::StackCopy;

/// Deferred calls of all goroutines that are looked at: several damaged lists may have one end in common.
const DEFERRED_MAX: usize = 1 << 26;

/// A marking in progress, or done.
pub(super) struct Marking<'c, M> {
    program: &'c Program,
    memory: &'c M,
    limits: &'c Limits,
    fields: &'c HeapFields,
    objects: Objects<'c, M>,
    frames: Frames,
    reached: Reached<'c>,
    /// By goroutine.
    live: Vec<bool>,
    awaits: Vec<Awaits>,
    /// Where each one's stack begins, ascending.
    stacks: Vec<(u64, usize)>,
    /// Who waits for something on a goroutine's stack.
    waiting_on_stack: FxHashMap<usize, Vec<usize>>,
    /// Who waits for a condition, by descriptor.
    conditions: FxHashMap<u64, usize>,
    /// Stacks to be looked into word by word, as long as what is certain has not been marked.
    by_words_later: Option<Vec<usize>>,
    /// Goroutines that only such words keep alive, which may be pointers or left over.
    pub(super) kept_by_words: Vec<usize>,
    /// How many of [`DEFERRED_MAX`] are left.
    deferred_left: usize,
    /// Stacks that could not be walked to their ends by the tables.
    pub(super) by_words: u64,
    /// Lists of deferred calls that have no end.
    pub(super) missing: u64,
}

impl<'c, M: ProcessMemory> Marking<'c, M> {
    /// Marks everything that lives.
    pub(super) fn run(
        program: &'c Program,
        memory: &'c M,
        limits: &'c Limits,
        fields: &'c HeapFields,
        mut awaiting: Awaiting<'c>,
        copy: &'c HeapCopy,
    ) -> Self {
        let number = copy.goroutines.list.len();
        let awaits = (0..number).map(|index| awaiting.awaits(index)).collect();
        let list = copy.goroutines.list.iter().enumerate();
        let conditions = list.clone().filter(|(index, _)| awaiting.is_condition(*index));
        let conditions = conditions.map(|(index, goroutine)| (goroutine.header.at.0, index)).collect();
        let mut stacks: Vec<_> = list.map(|(index, goroutine)| (goroutine.header.stack_lo, index)).collect();
        stacks.sort_unstable();
        let mut marking = Marking {
            program,
            memory,
            limits,
            fields,
            objects: Objects::of(copy, memory, fields, program.release),
            frames: Frames::default(),
            reached: Reached::nothing_of(copy),
            live: vec![false; number],
            awaits,
            stacks,
            waiting_on_stack: FxHashMap::default(),
            conditions,
            by_words_later: Some(Vec::new()),
            kept_by_words: Vec::new(),
            deferred_left: DEFERRED_MAX,
            by_words: 0,
            missing: 0,
        };
        // Goroutines and their places in queues refer to what they wait for. They must not keep it alive.
        let descriptors = copy.goroutines.list.iter().map(|goroutine| goroutine.header.at.0);
        for at in descriptors.chain(awaiting.sudogs.iter().copied()) {
            if let Some((.., number)) = marking.reached.object(at) {
                marking.reached.marks.insert(number);
            }
        }
        marking.note_who_waits();
        marking.mark_variables();
        marking.mark_specials();
        marking.finish();
        marking.mark_words();
        marking
    }

    fn mark_variables(&mut self) {
        for (variables, begin) in &self.reached.copy.variables {
            let bytes = self.reached.copy.bytes_of(variables, *begin);
            for index in variables.mask.pointers() {
                let at = usize::try_from(index * 8).ok();
                let value = at.and_then(|at| go_binary::Bytes::u64_at(bytes, at));
                value.into_iter().for_each(|value| self.reached.reach(value));
            }
        }
    }

    fn mark_specials(&mut self) {
        for special in &self.reached.copy.specials {
            special.keeps().iter().for_each(|value| self.reached.reach(*value));
            if special.kind == SpecialKind::Finalizer
                && let Some((index, element, _)) = self.reached.object(special.object)
            {
                // All that the finalizer will find, but not the object itself: it may be found dead.
                self.objects.pointers(index, element, |value| self.reached.reach(value));
            }
        }
    }

    /// Reaches what may or may not be pointers: what running threads had, and on stacks of which there are no maps.
    fn mark_words(&mut self) {
        let certain = self.live.clone();
        let copy = self.reached.copy;
        copy.words.iter().for_each(|word| self.reached.reach(*word));
        self.reach_woken(&copy.words);
        for index in self.by_words_later.take().unwrap_or_default() {
            self.scan(index);
        }
        self.finish();
        let further = (0..certain.len()).filter(|index| self.live.get(*index) != certain.get(*index));
        self.kept_by_words = further.filter(|index| self.is_candidate(*index)).collect();
    }

    fn finish(&mut self) {
        loop {
            while let Some((index, element)) = self.reached.open.pop() {
                self.objects.pointers(index, element, |value| self.reached.reach(value));
            }
            match self.reached.woken.pop() {
                Some(index) => self.wake(index),
                None => break,
            }
        }
    }

    fn wake(&mut self, index: usize) {
        let Some(live) = self.live.get_mut(index) else { return };
        if !std::mem::replace(live, true) {
            let list = &self.reached.copy.goroutines.list;
            let by_words = list.get(index).is_some_and(|goroutine| !goroutine.lies_still());
            match self.by_words_later.as_mut().filter(|_| by_words) {
                Some(later) => later.push(index),
                None => self.scan(index),
            }
            self.reached.woken.extend(self.waiting_on_stack.remove(&index).unwrap_or_default());
        }
    }

    /// Reaches what a goroutine holds: by its descriptor, its deferred calls and its stack.
    fn scan(&mut self, index: usize) {
        let mut held = self.deferred(index);
        let Some(goroutine) = self.reached.copy.goroutines.list.get(index) else { return };
        let stacks = &self.reached.copy.goroutines.stacks;
        if let Some((span, element, _)) = self.reached.object(goroutine.header.at.0) {
            self.objects.pointers(span, element, |value| held.push(value));
        }
        for stack in goroutine.stack.iter().chain(&goroutine.later) {
            let copied = StackCopy { at: stack.at, bytes: stack.bytes(stacks) };
            if goroutine.lies_still() {
                let reach = |value| self.reached.reach(value);
                let start = goroutine.header.start();
                let (program, memory, limits) = (self.program, self.memory, self.limits);
                let walked = self.frames.pointers(program, memory, limits, start, copied, &held, reach);
                self.by_words += u64::from(!walked);
            } else {
                self.by_words += 1;
                let words = copied.bytes.chunks_exact(8);
                let words: Vec<u64> = words.filter_map(|word| go_binary::Bytes::u64_at(word, 0)).collect();
                words.iter().for_each(|word| self.reached.reach(*word));
                self.reach_woken(&words);
            }
        }
        held.into_iter().for_each(|value| self.reached.reach(value));
    }

    /// Whoever is about to wake a goroutine has its descriptor in hand, and perhaps nothing else of it any more. Where
    /// there are queues, it is seen there (`enqueued`); those of conditions have several forms.
    fn reach_woken(&mut self, words: &[u64]) {
        let known = words.iter().filter_map(|word| self.conditions.get(word).copied());
        self.reached.woken.extend(known);
    }

    /// Words of the records of a goroutine's deferred calls, on its stack or in the heap.
    fn deferred(&mut self, index: usize) -> Vec<u64> {
        let mut words = Vec::new();
        let Some(goroutine) = self.reached.copy.goroutines.list.get(index) else { return words };
        let stack = goroutine.stack.map(|stack| StackCopy {
            at: stack.at,
            bytes: stack.bytes(&self.reached.copy.goroutines.stacks),
        });
        let word = |at: u64| stack.and_then(|stack| stack.word(at)).or_else(|| self.reached.copy.word(at));
        let (mut at, mut circle) = (goroutine.deferred.0, Circle::default());
        while at != 0 {
            if circle.closes(at) || self.deferred_left == 0 {
                self.missing += 1;
                break;
            }
            self.deferred_left -= 1;
            words.push(at);
            let fields = (0..self.fields.defer_size as u64).step_by(8);
            words.extend(fields.filter_map(|offset| word(at.wrapping_add(offset))));
            at = word(at.wrapping_add(self.fields.defer_link as u64)).unwrap_or_default();
        }
        words
    }

    /// Whether a goroutine can never run again, as far as this copy tells.
    pub(super) fn is_leaked(&self, index: usize) -> bool {
        self.live.get(index) == Some(&false)
    }

    /// Whether it waits for something that others could have: the question had to be asked at all.
    pub(super) fn is_candidate(&self, index: usize) -> bool {
        matches!(self.awaits.get(index), Some(Awaits::Objects(_) | Awaits::Nothing))
    }

    /// Where one of these objects was made.
    pub(super) fn made_at(&self, objects: impl Iterator<Item = Address>) -> Option<LogicalFrame> {
        allocations::made_at(self.program, self.memory, self.reached.copy, objects)
    }

    /// Bytes that only these goroutines keep, and none for which this was asked before: their stacks, and what can
    /// be reached from there and through what they wait for.
    pub(super) fn retained(&mut self, goroutines: &[usize]) -> u64 {
        self.reached.bytes = 0;
        let mut stacks = 0;
        for &index in goroutines {
            if let Some(Awaits::Objects(objects)) = self.awaits.get(index) {
                objects.iter().for_each(|at| self.reached.reach(*at));
            }
            if let Some(goroutine) = self.reached.copy.goroutines.list.get(index) {
                let stack = goroutine.header.stack_hi.saturating_sub(goroutine.header.stack_lo);
                stacks = u64::saturating_add(stacks, stack);
            }
            self.scan(index);
        }
        // Whoever this wakes is dead all the same.
        while let Some((index, element)) = self.reached.open.pop() {
            self.objects.pointers(index, element, |value| self.reached.reach(value));
        }
        self.reached.woken.clear();
        self.reached.bytes.saturating_add(stacks)
    }
}
