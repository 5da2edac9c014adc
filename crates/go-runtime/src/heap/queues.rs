//! Who waits in a queue, in the order in which it will be served.

use rustc_hash::{FxHashMap, FxHashSet};
use snapshot::{Address, GoroutineId};

use super::copy::HeapCopy;
use crate::limits::Limits;
use crate::program::Program;

/// Follows queues through a copy.
pub(super) struct Queues<'c> {
    program: &'c Program,
    limits: &'c Limits,
    copy: &'c HeapCopy,
    /// By semaphore: the first sudog that waits for it.
    semaphores: FxHashMap<u64, u64>,
    /// All sudogs of the table of semaphores.
    pub(super) sudogs: FxHashSet<u64>,
}

impl<'c> Queues<'c> {
    /// Reads the table of semaphores: each root is a treap of sudogs, of which each heads a list of those that wait for
    /// the same semaphore.
    pub(super) fn of(program: &'c Program, limits: &'c Limits, copy: &'c HeapCopy) -> Self {
        let (semaphores, sudogs) = (FxHashMap::default(), FxHashSet::default());
        let mut queues = Queues { program, limits, copy, semaphores, sudogs };
        let Some(shape) = program.fields.semtable else { return queues };
        let table = program.globals.semtable.0;
        let root = |number| copy.word(table.checked_add((number * shape.stride + shape.treap) as u64)?);
        let mut open: Vec<u64> = (0..shape.roots).filter_map(root).filter(|at| *at != 0).collect();
        let fields = &program.fields.sudog;
        while let Some(sudog) = open.pop() {
            if queues.sudogs.len() > limits.semaphore_waiters_max || !queues.sudogs.insert(sudog) {
                continue;
            }
            if let Some(semaphore) = queues.field(sudog, fields.elem) {
                queues.semaphores.insert(semaphore, sudog);
            }
            let links = [fields.prev, fields.next].map(|at| queues.field(sudog, at));
            open.extend(links.into_iter().flatten().filter(|link| *link != 0));
        }
        let heads: Vec<u64> = queues.semaphores.values().copied().collect();
        for head in heads {
            let list = queues.list(head, fields.wait_link);
            queues.sudogs.extend(list);
        }
        queues
    }

    fn field(&self, sudog: u64, offset: usize) -> Option<u64> {
        self.copy.word(sudog.checked_add(offset as u64)?)
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
            let first = self.field(channel, first).unwrap_or_default();
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
        let timer = self.field(channel, self.program.fields.channel.timer?).filter(|timer| *timer != 0)?;
        let when = self.field(timer, self.program.fields.blocking.timer_when?)?;
        Some(when.cast_signed()).filter(|when| *when > 0)
    }
}
