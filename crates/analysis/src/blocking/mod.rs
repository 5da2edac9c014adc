//! Who waits for what, and who could end it: goroutines, objects, and the edges between them.
//!
//! ```text
//! goroutine ──waits for──> object ──could be ended by──> goroutine ──waits for──> …
//! ```
//!
//! That a goroutine waits for an object is a fact. Who could end it is known as well as [`Hold`] says: whoever refers to
//! a channel can use it; the holder of a lock is nowhere recorded, so it is a guess with evidence.

mod wakers;
mod deadlocks;
mod merged;
mod chain;

use rustc_hash::FxHashMap;
use snapshot::{
    Address, FrameId, GapSubject, Goroutine, GoroutineId, ObjectReferences, References, Snapshot, Status,
    WaitObject, WaitObjectKind,
};

pub use chain::{Chain, ChainWait, ChainWaker, Seen};
pub use deadlocks::Deadlock;
pub use merged::{MergedEdge, MergedGraph, MergedNode, MergedNodeKind};

/// The graph of one snapshot. Goroutines are named by their index in it.
pub struct BlockingGraph<'s> {
    /// What it is of.
    pub snapshot: &'s Snapshot,
    /// Who refers to what, as it was found.
    pub references: &'s References,
    /// What goroutines wait for.
    pub objects: Vec<BlockingObject>,
    /// By goroutine: indexes of the objects that it waits for.
    pub waits: Vec<Vec<usize>>,
    /// By goroutine: whether nothing but these objects can end its wait.
    closed: Vec<bool>,
    by_id: FxHashMap<GoroutineId, usize>,
}

/// Something that goroutines wait for.
#[derive(Debug, Clone)]
pub struct BlockingObject {
    /// What it is, and where. Of an `RWMutex`, those who wait to read and those who wait to write make an object each:
    /// they wait for different goroutines.
    pub object: WaitObject,
    /// Who waits for it: indexes of goroutines, in the order in which they will be served as far as that is known.
    pub waiters: Vec<usize>,
    /// Who could end that.
    pub wakers: Vec<Waker>,
    /// Of a lock of which nobody is known to hold it: who did when the heap was copied, and waits for it again.
    pub had_it: Option<usize>,
    /// Whether nobody else could.
    pub complete: bool,
    /// Variables by which anybody can come to it.
    pub variables: Vec<Address>,
    /// When a timer will end the wait, nanoseconds of the runtime's monotonic clock.
    pub deadline_ns: Option<i64>,
}

/// A goroutine that could end a wait.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Waker {
    /// Its index.
    pub goroutine: usize,
    /// How it is known that it could.
    pub hold: Hold,
    /// The frame that says so.
    pub frame: Option<FrameId>,
    /// Objects between its stack and what is waited for.
    pub depth: u32,
}

/// How a goroutine has what others wait for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Hold {
    /// It probably holds the lock: its frame refers to it, and stands between taking and releasing a lock.
    BetweenLockAndUnlock,
    /// It probably holds the lock: a deferred call has it.
    Deferred,
    /// It probably holds the lock: its frame refers to it, and nobody else's who does not wait for it.
    OnlyReference,
    /// It waits to write, and who wants to read has to wait for that.
    PendingWriter,
    /// Its stack points to it.
    Stack,
    /// Its stack leads to it by way of other objects.
    Heap,
}

impl Hold {
    /// A name for outputs.
    pub fn name(self) -> &'static str {
        match self {
            Hold::BetweenLockAndUnlock => "between_lock_and_unlock",
            Hold::Deferred => "deferred",
            Hold::OnlyReference => "only_reference",
            Hold::PendingWriter => "pending_writer",
            Hold::Stack => "stack",
            Hold::Heap => "heap",
        }
    }

    /// Whether it is a guess who holds a lock.
    pub fn is_probable(self) -> bool {
        matches!(self, Hold::BetweenLockAndUnlock | Hold::Deferred | Hold::OnlyReference)
    }
}

impl BlockingObject {
    /// Whether exactly one goroutine, or several readers, have it, so that somebody has to give it back.
    pub fn is_lock(&self) -> bool {
        matches!(self.object.kind, WaitObjectKind::Mutex { .. } | WaitObjectKind::RwMutex { .. })
    }

    /// Whether something outside the program ends the wait: time, the network.
    pub fn is_outside(&self) -> bool {
        matches!(self.object.kind, WaitObjectKind::Timer { .. } | WaitObjectKind::Network)
            || self.deadline_ns.is_some()
    }
}

/// What makes two waits the same object.
type Key = (Address, bool, Option<usize>);

impl<'s> BlockingGraph<'s> {
    /// Builds the graph.
    pub fn new(snapshot: &'s Snapshot, references: &'s References) -> Self {
        let goroutines = &snapshot.goroutines;
        let mut graph = BlockingGraph {
            snapshot,
            references,
            objects: Vec::new(),
            waits: vec![Vec::new(); goroutines.len()],
            closed: vec![false; goroutines.len()],
            by_id: goroutines.iter().enumerate().map(|(index, goroutine)| (goroutine.id, index)).collect(),
        };
        graph.add_waits();
        for index in 0..graph.objects.len() {
            graph.add_wakers(index);
        }
        graph
    }

    /// A goroutine by its id.
    pub fn index_of(&self, id: GoroutineId) -> Option<usize> {
        self.by_id.get(&id).copied()
    }

    /// A goroutine by its index.
    pub fn goroutine(&self, index: usize) -> Option<&'s Goroutine> {
        self.snapshot.goroutines.get(index)
    }

    /// Whether what a goroutine waits for may be among what could not be read.
    pub fn is_unread(&self, goroutine: usize) -> bool {
        let parked = |g: &Goroutine| matches!(g.status, Status::Waiting | Status::Leaked);
        let nothing = self.waits.get(goroutine).is_some_and(Vec::is_empty);
        let mut gaps = self.snapshot.gaps.iter();
        nothing
            && self.goroutine(goroutine).is_some_and(parked)
            && gaps.any(|gap| gap.subject == GapSubject::WaitObject)
    }

    /// Whether a look at a goroutine is worth repeating: what it waits for could not be read, or is a lock that has changed
    /// hands since the copy.
    pub fn is_unsettled(&self, goroutine: usize) -> bool {
        self.is_unread(goroutine) || self.waits_of(goroutine).any(|(_, object)| object.had_it.is_some())
    }

    /// What a goroutine waits for.
    pub fn waits_of(&self, goroutine: usize) -> impl Iterator<Item = (usize, &BlockingObject)> {
        let objects = self.waits.get(goroutine).into_iter().flatten();
        objects.filter_map(|index| Some((*index, self.objects.get(*index)?)))
    }

    fn add_waits(&mut self) {
        let mut known: FxHashMap<Key, usize> = FxHashMap::default();
        // The first mutex of an RWMutex is for those who want to write.
        let of_rwmutex: rustc_hash::FxHashSet<Address> = self
            .snapshot
            .wait_objects
            .iter()
            .filter(|object| matches!(object.kind, WaitObjectKind::RwMutex { .. }))
            .map(|object| object.address)
            .collect();
        for (index, goroutine) in self.snapshot.goroutines.iter().enumerate() {
            let found = self.snapshot.waiting_on(goroutine);
            for object in found {
                let mut object = *object;
                if let WaitObjectKind::Mutex { .. } = object.kind
                    && of_rwmutex.contains(&object.address)
                {
                    object.kind = WaitObjectKind::RwMutex { writing: true, reader_count: 0, reader_wait: 0 };
                }
                let reading = matches!(object.kind, WaitObjectKind::RwMutex { writing: false, .. });
                let key = (object.address, reading, object.address.is_null().then_some(index));
                let number = *known.entry(key).or_insert_with(|| {
                    self.objects.push(BlockingObject::of(object));
                    self.objects.len() - 1
                });
                if let (Some(known), Some(waits)) = (self.objects.get_mut(number), self.waits.get_mut(index))
                    && !waits.contains(&number)
                {
                    known.waiters.push(index);
                    known.keep_state_of(object);
                    waits.push(number);
                }
            }
            let parked = matches!(goroutine.status, Status::Waiting | Status::Leaked);
            if let Some(closed) = self.closed.get_mut(index) {
                *closed = parked && !found.is_empty();
            }
        }
    }

    fn referring_to(&self, object: &BlockingObject) -> Option<&'s ObjectReferences> {
        self.references.of(object.object.address)
    }
}

impl BlockingObject {
    fn of(object: WaitObject) -> Self {
        BlockingObject {
            object,
            waiters: Vec::new(),
            wakers: Vec::new(),
            had_it: None,
            complete: false,
            variables: Vec::new(),
            deadline_ns: None,
        }
    }

    /// A writer that only waits for other writers says nothing of readers; whoever does says it for all.
    fn keep_state_of(&mut self, object: WaitObject) {
        if let WaitObjectKind::RwMutex { reader_count: 0, reader_wait: 0, .. } = self.object.kind {
            self.object.kind = object.kind;
        }
    }
}
