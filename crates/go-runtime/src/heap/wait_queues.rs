//! Who waits in a queue, in the order in which it will be served.
//!
//! A channel of elements without pointers is an object without pointers for the collector, so it is not in the copy: it
//! is read once more.

use process_memory::{ProcessMemory, ReadValues};
use rustc_hash::{FxHashMap, FxHashSet};
use snapshot::{Address, GoroutineId};

use super::copy::HeapCopy;
use crate::limits::Limits;
use crate::program::Program;

/// Follows queues through a copy.
pub(super) struct Queues<'c, M> {
    program: &'c Program,
    memory: &'c M,
    limits: &'c Limits,
    copy: &'c HeapCopy,
    /// By semaphore: the first sudog that waits for it.
    semaphores: FxHashMap<u64, u64>,
}

impl<'c, M: ProcessMemory> Queues<'c, M> {
    /// Reads the table of semaphores: each root is a treap of sudogs, of which each heads a list of those that wait for
    /// the same semaphore.
    pub(super) fn of(program: &'c Program, memory: &'c M, limits: &'c Limits, copy: &'c HeapCopy) -> Self {
        let mut queues = Queues { program, memory, limits, copy, semaphores: FxHashMap::default() };
        let Some(shape) = program.fields.semtable else { return queues };
        let table = program.globals.semtable.0;
        let root = |number| copy.word(table.checked_add((number * shape.stride + shape.treap) as u64)?);
        let mut open: Vec<u64> = (0..shape.roots).filter_map(root).filter(|at| *at != 0).collect();
        let fields = &program.fields.sudog;
        let mut seen = FxHashSet::default();
        while let Some(sudog) = open.pop() {
            if seen.len() > limits.semaphore_waiters_max || !seen.insert(sudog) {
                continue;
            }
            if let Some(semaphore) = queues.field(sudog, fields.elem) {
                queues.semaphores.insert(semaphore, sudog);
            }
            let links = [fields.prev, fields.next].map(|at| queues.field(sudog, at));
            open.extend(links.into_iter().flatten().filter(|link| *link != 0));
        }
        queues
    }

    fn field(&self, sudog: u64, offset: usize) -> Option<u64> {
        self.copy.word(sudog.checked_add(offset as u64)?)
    }

    fn of_channel_itself(&self, channel: u64, offset: usize) -> Option<u64> {
        let again = || self.memory.read_u64(Address(channel).offset(offset as u64)).ok();
        self.field(channel, offset).or_else(again)
    }

    /// Sudogs from `first` on, linked by the field at `link`.
    fn list(&self, first: u64, link: usize) -> Vec<u64> {
        let (mut list, mut seen, mut at) = (Vec::new(), FxHashSet::default(), first);
        while at != 0 && list.len() < self.limits.semaphore_waiters_max && seen.insert(at) {
            list.push(at);
            at = self.field(at, link).unwrap_or_default();
        }
        list
    }

    fn goroutines(&self, first: u64, link: usize) -> Vec<GoroutineId> {
        let goroutine = |sudog: u64| {
            let at = Address(self.field(sudog, self.program.fields.sudog.g)?);
            let index = *self.copy.goroutines.by_address.get(&at)?;
            Some(self.copy.goroutines.list.get(index)?.header.id)
        };
        self.list(first, link).into_iter().filter_map(goroutine).collect()
    }

    /// Receivers and senders of a channel.
    pub(super) fn of_channel(&self, channel: u64) -> [Vec<GoroutineId>; 2] {
        let fields = &self.program.fields.channel;
        [fields.receivers, fields.senders].map(|first| {
            let first = self.of_channel_itself(channel, first).unwrap_or_default();
            self.goroutines(first, self.program.fields.sudog.next)
        })
    }

    /// Who waits for a semaphore.
    pub(super) fn of_semaphore(&self, semaphore: u64) -> Vec<GoroutineId> {
        let first = self.semaphores.get(&semaphore).copied().unwrap_or_default();
        self.goroutines(first, self.program.fields.sudog.wait_link)
    }

    /// Who waits for a condition.
    pub(super) fn of_condition(&self, condition: u64) -> Vec<GoroutineId> {
        let head = self.program.fields.blocking.cond_head;
        let first = head.and_then(|head| self.field(condition, head)).unwrap_or_default();
        self.goroutines(first, self.program.fields.sudog.next)
    }

    /// When the timer that feeds a channel fires.
    pub(super) fn deadline_of(&self, channel: u64) -> Option<i64> {
        let timer = self
            .of_channel_itself(channel, self.program.fields.channel.timer?)
            .filter(|timer| *timer != 0)?;
        let when = self.field(timer, self.program.fields.blocking.timer_when?)?;
        Some(when.cast_signed()).filter(|when| *when > 0)
    }
}
