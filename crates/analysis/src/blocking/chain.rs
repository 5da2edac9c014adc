//! Why one goroutine is blocked: the graph from there on, as a tree of bounded size.

use rustc_hash::{FxHashMap, FxHashSet};
use snapshot::GoroutineId;

use super::{BlockingGraph, Hold, Waker};

/// Steps from goroutine to goroutine.
const DEPTH_MAX: usize = 16;
/// Goroutines of a tree.
const GOROUTINES_MAX: usize = 200;
/// Different goroutines that could end one wait, which are shown.
const WAKERS_MAX: usize = 6;
/// Ids listed of goroutines that are like one that is shown.
const IDS_LISTED: usize = 10;

/// A goroutine, and what it waits for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chain {
    /// Its index.
    pub goroutine: usize,
    /// Whether it was there before, so that nothing follows here.
    pub seen: Option<Seen>,
    /// What it waits for; empty also where the tree has become too large.
    pub waits: Vec<ChainWait>,
    /// Whether something was left out for the size of the tree.
    pub cut: bool,
}

/// Where a goroutine was shown before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Seen {
    /// Between the beginning and here: a circle.
    OnPath,
    /// Elsewhere.
    Elsewhere,
}

/// Something that a goroutine waits for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChainWait {
    /// Index of the object.
    pub object: usize,
    /// Who could end the wait.
    pub wakers: Vec<ChainWaker>,
    /// Goroutines that could, too, and are not shown.
    pub left_out: u64,
}

/// Somebody who could end a wait.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChainWaker {
    /// How it is known.
    pub waker: Waker,
    /// How many others have the same stack, wait for the same, and could end it in the same way.
    pub alike: u64,
    /// Their lowest ids.
    pub alike_ids: Vec<GoroutineId>,
    /// The goroutine.
    pub chain: Chain,
}

/// Makes one tree.
struct Builder<'g, 's> {
    graph: &'g BlockingGraph<'s>,
    shown: FxHashSet<usize>,
    path: Vec<usize>,
}

impl BlockingGraph<'_> {
    /// The tree that begins at a goroutine.
    pub fn chain(&self, goroutine: usize) -> Chain {
        Builder { graph: self, shown: FxHashSet::default(), path: Vec::new() }.goroutine(goroutine)
    }
}

impl Builder<'_, '_> {
    fn goroutine(&mut self, goroutine: usize) -> Chain {
        let mut chain = Chain { goroutine, seen: None, waits: Vec::new(), cut: false };
        if !self.shown.insert(goroutine) {
            let on_path = self.path.contains(&goroutine);
            chain.seen = Some(if on_path { Seen::OnPath } else { Seen::Elsewhere });
            return chain;
        }
        let objects = self.graph.waits.get(goroutine).cloned().unwrap_or_default();
        if self.path.len() >= DEPTH_MAX || self.shown.len() > GOROUTINES_MAX {
            chain.cut = !objects.is_empty();
            return chain;
        }
        self.path.push(goroutine);
        chain.waits = objects.into_iter().map(|object| self.wait(object)).collect();
        self.path.pop();
        chain
    }

    fn wait(&mut self, object: usize) -> ChainWait {
        let groups = self.alike(object);
        let (shown, rest) = groups.split_at(groups.len().min(WAKERS_MAX));
        let left_out = rest.iter().map(|group| group.len() as u64).sum();
        let wakers = shown.iter().filter_map(|group| {
            let (waker, others) = group.split_first()?;
            let ids = others.iter().filter_map(|w| Some(self.graph.goroutine(w.goroutine)?.id));
            let mut alike_ids: Vec<GoroutineId> = ids.collect();
            alike_ids.sort_unstable();
            alike_ids.truncate(IDS_LISTED);
            let chain = self.goroutine(waker.goroutine);
            Some(ChainWaker { waker: *waker, alike: others.len() as u64, alike_ids, chain })
        });
        ChainWait { object, wakers: wakers.collect(), left_out }
    }

    /// Who could end a wait, those together that do the same. One that is on the path already comes first in its group,
    /// so that circles show.
    fn alike(&self, object: usize) -> Vec<Vec<Waker>> {
        let mut places: FxHashMap<_, usize> = FxHashMap::default();
        let mut groups: Vec<Vec<Waker>> = Vec::new();
        let wakers = self.graph.objects.get(object).map(|object| object.wakers.as_slice());
        for waker in wakers.unwrap_or_default() {
            let Some(goroutine) = self.graph.goroutine(waker.goroutine) else { continue };
            let waits = self.graph.waits.get(waker.goroutine);
            let next = groups.len();
            let key = (goroutine.stack, goroutine.status, waits, waker.hold, waker.frame);
            let place = *places.entry(key).or_insert(next);
            if place == next {
                groups.push(Vec::new());
            }
            if let Some(group) = groups.get_mut(place) {
                group.push(*waker);
            }
        }
        let on_path = |waker: &Waker| self.path.contains(&waker.goroutine);
        for group in &mut groups {
            group.sort_by_key(|waker| (!on_path(waker), waker.goroutine));
        }
        // A circle tells more than who else could end it; the nearest more than the others.
        groups.sort_by_key(|group| {
            let first = group.first();
            (first.map(|waker| (!on_path(waker), waker.hold, waker.depth)), group.len())
        });
        groups
    }
}

impl Hold {
    /// What it says in words, behind "goroutine 7 …".
    pub fn sentence(self) -> &'static str {
        match self {
            Hold::BetweenLockAndUnlock => "stands between Lock and Unlock",
            Hold::Deferred => "has it in a deferred call",
            Hold::OnlyReference => "refers to it without waiting for it",
            Hold::PendingWriter => "waits to write, and goes first",
            Hold::Stack => "has it on its stack",
            Hold::Heap => "can come to it",
        }
    }
}
