//! What each goroutine that may never run again waits for, out of a copy: who could wake it must reach that.

use rustc_hash::FxHashMap;
use snapshot::{Address, Status};

use super::circles::Circle;
use super::copy::HeapCopy;
use crate::awaited::{Awaited, SemaphoreUse};
use crate::limits::Limits;
use crate::program::Program;
use crate::wait_reasons::WaitReasons;

/// What would wake a goroutine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Awaits {
    /// Something that cannot be reasoned about, or that comes by itself: it is alive.
    Anything,
    /// Nothing: a nil channel, a `select` without cases.
    Nothing,
    /// Somebody who has one of these channels, or the object with this semaphore.
    Objects(Vec<u64>),
    /// A condition, up to Go 1.25: its address is only on the goroutine's own stack.
    OnOwnStack,
}

/// A place in the table of semaphores.
#[derive(Debug, Clone, Copy)]
struct InTable {
    semaphore: u64,
    sudog: u64,
}

/// Says what goroutines of one copy wait for.
pub(super) struct Awaiting<'c> {
    program: &'c Program,
    limits: &'c Limits,
    copy: &'c HeapCopy,
    reasons: &'c WaitReasons,
    /// By address of the goroutine, where only the table of semaphores says it.
    semaphores: FxHashMap<Address, InTable>,
    /// All sudogs that are in use.
    pub(super) sudogs: Vec<u64>,
    /// Whether the runtime has a word for wait groups. If not, they and others share one.
    wait_groups_named: bool,
}

impl<'c> Awaiting<'c> {
    pub(super) fn of(
        program: &'c Program,
        limits: &'c Limits,
        copy: &'c HeapCopy,
        reasons: &'c WaitReasons,
    ) -> Self {
        let wait_groups_named = reasons.words.iter().any(|word| &**word == "sync.WaitGroup.Wait");
        let (semaphores, sudogs) = (FxHashMap::default(), Vec::new());
        let mut awaiting = Awaiting { program, limits, copy, reasons, semaphores, sudogs, wait_groups_named };
        awaiting.read_table();
        awaiting
    }

    /// What the goroutine at `index` of the copy waits for.
    pub(super) fn awaits(&mut self, index: usize) -> Awaits {
        let Some(goroutine) = self.copy.goroutines.list.get(index) else { return Awaits::Anything };
        let header = &goroutine.header;
        let parked = matches!(header.status(), Some(Status::Waiting | Status::Leaked));
        // A goroutine that has an M is not parked yet: the collector's helpers look like that as well, with the reason of
        // an earlier wait. The main goroutine's end is the program's: it is never called leaked.
        if !parked || goroutine.moved || !header.m.is_null() || header.id.0 == 1 {
            return Awaits::Anything;
        }
        let reason = self.reasons.words.get(usize::from(header.wait_reason));
        match reason.and_then(|reason| exact(reason)) {
            Some(Awaited::NilChannel(_) | Awaited::EmptySelect) => Awaits::Nothing,
            Some(Awaited::Channel(_)) => self.channels(header.at, header.waiting.0, false),
            Some(Awaited::Select) => self.channels(header.at, header.waiting.0, true),
            Some(Awaited::Semaphore(SemaphoreUse::Unnamed)) if self.wait_groups_named => Awaits::Anything,
            Some(Awaited::Semaphore(_)) => {
                let semaphore = match header.waiting.is_null() {
                    true => self.semaphores.get(&header.at).map(|place| place.semaphore),
                    false => self.sudog_word(header.waiting.0, self.program.fields.sudog.elem),
                };
                self.sudogs.extend((!header.waiting.is_null()).then_some(header.waiting.0));
                semaphore.filter(|at| *at != 0).map_or(Awaits::Anything, |at| Awaits::Objects(vec![at]))
            }
            Some(Awaited::Cond) if header.waiting.is_null() => Awaits::OnOwnStack,
            Some(Awaited::Cond) => {
                self.sudogs.push(header.waiting.0);
                let condition = self.sudog_word(header.waiting.0, self.program.fields.sudog.elem);
                condition.filter(|at| *at != 0).map_or(Awaits::Anything, |at| Awaits::Objects(vec![at]))
            }
            _ => Awaits::Anything,
        }
    }

    /// The first place in a queue of the goroutine at `index`, and whether that queue and those of the further places
    /// are of channels.
    pub(super) fn place(&self, index: usize) -> (Address, bool) {
        let Some(goroutine) = self.copy.goroutines.list.get(index) else { return (Address::NULL, false) };
        let header = &goroutine.header;
        let reason = self.reasons.words.get(usize::from(header.wait_reason));
        let by_channels =
            matches!(reason.and_then(|reason| exact(reason)), Some(Awaited::Channel(_) | Awaited::Select));
        let in_table = || Address(self.semaphores.get(&header.at).map_or(0, |place| place.sudog));
        let first = if by_channels || !header.waiting.is_null() { header.waiting } else { in_table() };
        (first, by_channels)
    }

    /// Whether the goroutine at `index` waits for a condition.
    pub(super) fn is_condition(&self, index: usize) -> bool {
        let reason = self.copy.goroutines.list.get(index).map(|goroutine| goroutine.header.wait_reason);
        let word = reason.and_then(|reason| self.reasons.words.get(usize::from(reason)));
        matches!(word.and_then(|word| exact(word)), Some(Awaited::Cond))
    }

    /// The channels of a list of sudogs of a goroutine. Without any it waits for nothing, if that `may_be`.
    fn channels(&mut self, goroutine: Address, first: u64, may_be: bool) -> Awaits {
        let (mut at, mut channels, mut circle) = (first, Vec::new(), Circle::default());
        while at != 0 {
            let fields = &self.program.fields.sudog;
            let (channel, next) =
                (self.sudog_word(at, fields.channel), self.sudog_word(at, fields.wait_link));
            let (Some(channel), Some(next)) = (channel.filter(|at| *at != 0), next) else {
                return Awaits::Anything;
            };
            // Nobody waits in another one's place. So many damaged lists have no end in common, which would be read and
            // kept for each of them.
            let is_own = self.sudog_word(at, fields.g) == Some(goroutine.0);
            if !is_own || circle.closes(at) || channels.len() >= self.limits.select_cases_max {
                return Awaits::Anything;
            }
            self.sudogs.push(at);
            channels.push(channel);
            at = next;
        }
        match channels.is_empty() {
            true if may_be => Awaits::Nothing,
            true => Awaits::Anything,
            false => Awaits::Objects(channels),
        }
    }

    fn sudog_word(&self, sudog: u64, offset: usize) -> Option<u64> {
        self.copy.word(sudog.checked_add(offset as u64)?)
    }

    /// The table of semaphores, as far as it can be followed. Whoever is not found there counts as alive.
    fn read_table(&mut self) {
        let Some(shape) = self.program.fields.semtable else { return };
        let root = |number| {
            let offset = (number * shape.stride + shape.treap) as u64;
            self.copy.word(self.program.globals.semtable.0.checked_add(offset)?)
        };
        let mut open: Vec<u64> = (0..shape.roots).filter_map(root).filter(|at| *at != 0).collect();
        let mut seen = rustc_hash::FxHashSet::default();
        while let Some(sudog) = open.pop() {
            if !seen.insert(sudog) || seen.len() > self.limits.semaphore_waiters_max {
                continue;
            }
            let fields = &self.program.fields.sudog;
            let word = |offset| self.sudog_word(sudog, offset);
            let links = [fields.prev, fields.next, fields.wait_link].map(word);
            if let (Some(goroutine), Some(semaphore)) = (word(fields.g), word(fields.elem)) {
                self.semaphores.insert(Address(goroutine), InTable { semaphore, sudog });
            }
            open.extend(links.into_iter().flatten().filter(|link| *link != 0));
        }
        self.sudogs.extend(seen);
    }
}

/// As [`Awaited::by`], but nothing that belongs to a synctest bubble: there the runtime itself finds who is stuck.
fn exact(reason: &str) -> Option<Awaited> {
    if reason.ends_with(')') && !reason.ends_with("(nil chan)") && !reason.ends_with("(no cases)") {
        return None;
    }
    Awaited::by(reason)
}
