//! Who could end a wait: from references to edges.

use rustc_hash::{FxHashMap, FxHashSet};
use snapshot::{FrameId, GoroutineId, Holder, LockPosition, ReferredBy, WaitObjectKind};

use super::{BlockingGraph, BlockingObject, Hold, Waker};

impl BlockingGraph<'_> {
    pub(super) fn add_wakers(&mut self, index: usize) {
        let Some(object) = self.objects.get(index) else { return };
        let (mut complete, mut variables, mut deadline_ns) = (false, Vec::new(), None);
        let (mut wakers, mut had_it, mut order) = (Vec::new(), None, FxHashMap::default());
        if let Some(known) = self.referring_to(object) {
            complete = known.complete;
            variables.clone_from(&known.variables);
            deadline_ns = known.deadline_ns;
            if object.is_lock() {
                let queue = known.queue.iter().copied().collect();
                wakers = self.holders_of_lock(object, &known.holders, &queue);
                had_it = if wakers.is_empty() { self.had_lock(object, &known.holders, &queue) } else { None };
            } else {
                wakers = self.users_of(index, &known.holders);
            }
            let queue: Vec<GoroutineId> = known.queue.iter().chain(&known.senders).copied().collect();
            order = queue.into_iter().enumerate().map(|(place, id)| (id, place)).collect();
        }
        if let WaitObjectKind::RwMutex { writing: false, reader_count, .. } = object.object.kind
            && reader_count < 0
        {
            wakers.extend(self.pending_writer(object));
        }
        wakers.sort_by_key(|waker| (waker.hold, waker.depth, waker.goroutine));
        let place = |waiter: &usize| {
            let id = self.goroutine(*waiter).map(|goroutine| goroutine.id).unwrap_or_default();
            (order.get(&id).copied().unwrap_or(usize::MAX), id)
        };
        let mut waiters = object.waiters.clone();
        waiters.sort_by_key(place);
        if let Some(object) = self.objects.get_mut(index) {
            *object = BlockingObject {
                wakers,
                had_it,
                complete,
                variables,
                deadline_ns,
                waiters,
                ..object.clone()
            };
        }
    }

    fn waker(&self, holder: &Holder, hold: Hold) -> Option<Waker> {
        let goroutine = self.index_of(holder.goroutine)?;
        let frame = holder.pc.and_then(|pc| self.frame_at(goroutine, pc, hold));
        Some(Waker { goroutine, hold, frame, depth: holder.depth })
    }

    /// The call at a pc of a goroutine's stack that has something: the function itself, if it holds a lock; else the
    /// innermost one that was inlined there and is not of the runtime or about locks.
    fn frame_at(&self, goroutine: usize, pc: u64, hold: Hold) -> Option<FrameId> {
        let tables = &self.snapshot.tables;
        let stack = tables.stacks.get(self.goroutine(goroutine)?.stack)?;
        let at = |id: &&FrameId| tables.frames.get(**id).is_some_and(|frame| frame.pc == pc);
        let own = |id: &&FrameId| {
            let name = tables.frames.get(**id).map_or("", |frame| tables.text(frame.function));
            !["runtime.", "sync.", "internal/sync."].iter().any(|package| name.starts_with(package))
        };
        let mut there = stack.frames.iter().filter(at);
        let found = if hold == Hold::BetweenLockAndUnlock { None } else { there.clone().find(own) };
        found.or_else(|| there.next_back()).copied()
    }

    /// Probable holders of a lock: those whose frames stand between taking and releasing one; else those with a deferred
    /// call; else whoever has it and does not wait for it. A goroutine that waited for the lock itself comes last: it may
    /// have locked twice. Readers may well hold what they wait for.
    ///
    /// References are of the copy, which is a little older than the snapshot: who waits now but did not then had the lock
    /// and is back in the queue; who waited then holds nothing, whatever it does now.
    fn holders_of_lock(
        &self,
        object: &BlockingObject,
        holders: &[Holder],
        queue: &FxHashSet<GoroutineId>,
    ) -> Vec<Waker> {
        let free = matches!(object.object.kind, WaitObjectKind::Mutex { state } if state & 1 == 0);
        if free {
            return Vec::new();
        }
        let waited = |holder: &Holder| queue.contains(&holder.goroutine);
        let waits = |holder: &Holder| self.waits_for(object, holder);
        let sure = |holder: &&Holder| holder.by != ReferredBy::Word;
        let between = |holder: &&Holder| stands_between(holder);
        let readers_too = matches!(object.object.kind, WaitObjectKind::RwMutex { .. });
        let others = || holders.iter().filter(|holder| !waits(holder) && !waited(holder));
        let probable = |found: Vec<&Holder>, hold| -> Vec<Waker> {
            // What is nearest to the lock says most.
            let nearest = found.iter().map(|holder| holder.depth).min();
            let nearest = found.into_iter().filter(|holder| Some(holder.depth) == nearest);
            nearest.filter_map(|holder| self.waker(holder, hold)).collect()
        };
        let in_between = if readers_too {
            holders.iter().filter(between).collect()
        } else {
            others().filter(between).collect()
        };
        let deferred = || others().filter(|holder| holder.by == ReferredBy::Deferred).collect();
        let unknown = || others().filter(|h| h.lock == LockPosition::Unknown && sure(h)).collect();
        let twice =
            || holders.iter().filter(|holder| waits(holder) && waited(holder)).filter(between).collect();
        let mut found = probable(in_between, Hold::BetweenLockAndUnlock);
        if found.is_empty() {
            found = probable(deferred(), Hold::Deferred);
        }
        if found.is_empty() {
            found = probable(twice(), Hold::BetweenLockAndUnlock);
        }
        if found.is_empty() {
            found = probable(unknown(), Hold::OnlyReference);
        }
        found
    }

    /// Who stood between taking and releasing the lock in the copy, and has come into its queue since.
    fn had_lock(
        &self,
        object: &BlockingObject,
        holders: &[Holder],
        queue: &FxHashSet<GoroutineId>,
    ) -> Option<usize> {
        let back = |holder: &&Holder| {
            stands_between(holder) && self.waits_for(object, holder) && !queue.contains(&holder.goroutine)
        };
        self.index_of(holders.iter().find(back)?.goroutine)
    }

    fn waits_for(&self, object: &BlockingObject, holder: &Holder) -> bool {
        let index = self.index_of(holder.goroutine);
        let address = object.object.address;
        index.is_some_and(|index| self.waits_of(index).any(|(_, other)| other.object.address == address))
    }

    /// Everybody who has it, but for those who wait for it and nothing else: they have to be woken first.
    fn users_of(&self, index: usize, holders: &[Holder]) -> Vec<Waker> {
        let wakers = holders.iter().filter_map(|holder| {
            let hold = if holder.depth == 0 { Hold::Stack } else { Hold::Heap };
            self.waker(holder, hold)
        });
        let only_waits = |goroutine: usize| {
            self.waits
                .get(goroutine)
                .is_some_and(|waits| matches!(waits.as_slice(), [only] if *only == index))
        };
        wakers.filter(|waker| !only_waits(waker.goroutine)).collect()
    }

    /// The writer that those who want to read wait for.
    fn pending_writer(&self, object: &BlockingObject) -> Option<Waker> {
        let writes = |other: &&BlockingObject| {
            other.object.address == object.object.address
                && matches!(other.object.kind, WaitObjectKind::RwMutex { writing: true, .. })
        };
        let known = self.referring_to(object)?;
        let waiters = &self.objects.iter().find(writes)?.waiters;
        let first =
            known.queue.iter().filter_map(|id| self.index_of(*id)).find(|index| waiters.contains(index));
        let goroutine = first.or_else(|| waiters.first().copied())?;
        Some(Waker { goroutine, hold: Hold::PendingWriter, frame: None, depth: 0 })
    }
}

fn stands_between(holder: &Holder) -> bool {
    holder.lock == LockPosition::Between && holder.by != ReferredBy::Word
}
