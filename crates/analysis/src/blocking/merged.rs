//! The graph with equal nodes merged, so that a hundred thousand goroutines can be looked at.

use std::collections::hash_map::Entry;

use rustc_hash::{FxHashMap, FxHashSet};
use snapshot::{GoroutineId, StackId, Status, WaitObjectKind};

use super::{BlockingGraph, Deadlock, Hold};

/// Ids that a node lists.
const IDS_LISTED: usize = 10;
/// Members of smaller deadlocks stay apart.
const APART_MAX: usize = 16;
/// Nodes are told apart by what they are connected to, so many steps away.
const ROUNDS_MAX: usize = 8;

/// Goroutines that wait or could end waits, and objects, equal ones merged.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct MergedGraph {
    /// Goroutines first, then objects; larger nodes first.
    pub nodes: Vec<MergedNode>,
    /// Edges between them.
    pub edges: Vec<MergedEdge>,
}

/// Equal goroutines, or equal objects.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MergedNode {
    /// Which of both, with the lowest index of its members.
    pub kind: MergedNodeKind,
    /// How many there are.
    pub count: u64,
    /// Of goroutines, the lowest ids.
    pub ids: Vec<GoroutineId>,
    /// Whether they are members of deadlocks.
    pub deadlocked: bool,
}

/// What a node is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum MergedNodeKind {
    /// Goroutines with the same stack and the same connections.
    Goroutines(usize),
    /// Objects of the same kind with the same connections.
    Objects(usize),
}

/// An edge, for all edges between members of two nodes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MergedEdge {
    /// Index of a node.
    pub from: usize,
    /// Index of a node.
    pub to: usize,
    /// How the goroutines at `to` have the objects at `from`; `None` if goroutines at `from` wait for objects at `to`.
    pub hold: Option<Hold>,
    /// How many edges it stands for.
    pub count: u64,
}

/// What tells nodes apart before their connections do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Nature {
    Goroutine(StackId, Status),
    Object(u8, u64),
    Apart(usize),
    /// Neither waits nor could end a wait.
    None,
}

impl BlockingGraph<'_> {
    /// Merges equal nodes. Members of small `deadlocks` stay apart.
    pub fn merged(&self, deadlocks: &[Deadlock]) -> MergedGraph {
        let goroutines = self.waits.len();
        let mut edges = Vec::new();
        for (from, waits) in self.waits.iter().enumerate() {
            edges.extend(waits.iter().map(|object| (from, object + goroutines, None)));
        }
        for (from, object) in self.objects.iter().enumerate() {
            let wakers = object.wakers.iter();
            edges.extend(wakers.map(|waker| (from + goroutines, waker.goroutine, Some(waker.hold))));
        }
        let deadlocked: FxHashSet<usize> = deadlocks.iter().flat_map(|d| members(d, goroutines)).collect();
        let classes = self.classes(&edges, deadlocks);

        let mut graph = MergedGraph::default();
        let mut place_of: FxHashMap<usize, usize> = FxHashMap::default();
        for (node, class) in classes.iter().enumerate() {
            let Some(class) = *class else { continue };
            let place = *place_of.entry(class).or_insert(graph.nodes.len());
            if place == graph.nodes.len() {
                let object = node.checked_sub(goroutines).map(MergedNodeKind::Objects);
                let kind = object.unwrap_or(MergedNodeKind::Goroutines(node));
                graph.nodes.push(MergedNode { kind, count: 0, ids: Vec::new(), deadlocked: false });
            }
            let Some(merged) = graph.nodes.get_mut(place) else { continue };
            merged.count += 1;
            merged.deadlocked |= deadlocked.contains(&node);
            merged.ids.extend(self.goroutine(node).map(|goroutine| goroutine.id));
        }
        for node in &mut graph.nodes {
            node.ids.sort_unstable();
            node.ids.truncate(IDS_LISTED);
        }
        let place =
            |node: usize| classes.get(node).copied().flatten().and_then(|c| place_of.get(&c).copied());
        let mut counts: FxHashMap<(usize, usize, Option<Hold>), u64> = FxHashMap::default();
        for &(from, to, hold) in &edges {
            if let (Some(from), Some(to)) = (place(from), place(to)) {
                *counts.entry((from, to, hold)).or_default() += 1;
            }
        }
        let merged = counts.into_iter().map(|((from, to, hold), count)| MergedEdge { from, to, hold, count });
        graph.edges = merged.collect();
        graph.in_order()
    }

    /// The class of each node; `None` for those that have no edges.
    fn classes(&self, edges: &[(usize, usize, Option<Hold>)], deadlocks: &[Deadlock]) -> Vec<Option<usize>> {
        let goroutines = self.waits.len();
        let mut natures = vec![Nature::None; goroutines + self.objects.len()];
        let mut put = |node: usize, nature| {
            if let Some(slot) = natures.get_mut(node) {
                *slot = nature;
            }
        };
        for &(from, to, _) in edges {
            put(from, self.nature(from));
            put(to, self.nature(to));
        }
        for deadlock in deadlocks.iter().filter(|deadlock| deadlock.goroutines.len() <= APART_MAX) {
            members(deadlock, goroutines).for_each(|node| put(node, Nature::Apart(node)));
        }
        let mut classes: Vec<usize> = numbered(natures.iter().copied());
        let mut number = count(&classes);
        for _ in 0..ROUNDS_MAX {
            let mut around: Vec<Vec<(bool, Option<Hold>, usize)>> = vec![Vec::new(); classes.len()];
            let class = |node: usize| classes.get(node).copied().unwrap_or_default();
            for &(from, to, hold) in edges {
                if let Some(list) = around.get_mut(from) {
                    list.push((true, hold, class(to)));
                }
                if let Some(list) = around.get_mut(to) {
                    list.push((false, hold, class(from)));
                }
            }
            for list in &mut around {
                list.sort_unstable();
                list.dedup();
            }
            let finer = numbered(classes.iter().copied().zip(around));
            let finer_number = count(&finer);
            classes = finer;
            if finer_number == number {
                break;
            }
            number = finer_number;
        }
        let has_edges = natures.iter().map(|nature| *nature != Nature::None);
        classes.into_iter().zip(has_edges).map(|(class, has)| has.then_some(class)).collect()
    }

    fn nature(&self, node: usize) -> Nature {
        if let Some(goroutine) = self.goroutine(node) {
            return Nature::Goroutine(goroutine.stack, goroutine.status);
        }
        let Some(object) = self.objects.get(node - self.waits.len()) else { return Nature::None };
        let (kind, more) = match object.object.kind {
            WaitObjectKind::Channel(_, channel) => (0, channel.cap),
            WaitObjectKind::UnreadableChannel(_) => (1, 0),
            WaitObjectKind::NilChannel(_) => (2, 0),
            WaitObjectKind::EmptySelect => (3, 0),
            WaitObjectKind::Semaphore => (4, 0),
            WaitObjectKind::Mutex { .. } => (5, 0),
            WaitObjectKind::RwMutex { writing, .. } => (6, writing.into()),
            WaitObjectKind::WaitGroup { .. } => (7, 0),
            WaitObjectKind::Cond => (8, 0),
            WaitObjectKind::Timer { .. } => (9, 0),
            WaitObjectKind::Network => (10, 0),
        };
        Nature::Object(kind, more)
    }
}

impl MergedGraph {
    /// Goroutines before objects, large nodes before small ones, and edges as their nodes.
    fn in_order(self) -> Self {
        let mut order: Vec<usize> = (0..self.nodes.len()).collect();
        let key = |index: &usize| {
            let node = self.nodes.get(*index);
            node.map(|node| {
                let is_object = matches!(node.kind, MergedNodeKind::Objects(_));
                (is_object, std::cmp::Reverse(node.count), node.kind)
            })
        };
        order.sort_by_key(key);
        let mut place = vec![0; order.len()];
        for (to, from) in order.iter().enumerate() {
            if let Some(slot) = place.get_mut(*from) {
                *slot = to;
            }
        }
        let moved = |index: usize| place.get(index).copied().unwrap_or_default();
        let edges = self.edges.iter();
        let mut edges: Vec<MergedEdge> =
            edges.map(|edge| MergedEdge { from: moved(edge.from), to: moved(edge.to), ..*edge }).collect();
        edges.sort_by_key(|edge| (edge.from, edge.to, edge.hold));
        let nodes = order.iter().filter_map(|index| self.nodes.get(*index).cloned()).collect();
        MergedGraph { nodes, edges }
    }
}

/// Nodes of a deadlock.
fn members(deadlock: &Deadlock, goroutines: usize) -> impl Iterator<Item = usize> {
    let objects = deadlock.objects.iter().map(move |object| object + goroutines);
    deadlock.goroutines.iter().copied().chain(objects)
}

/// Equal values get equal numbers, from 0 on.
fn numbered<T: Eq + std::hash::Hash>(values: impl Iterator<Item = T>) -> Vec<usize> {
    let mut known: FxHashMap<T, usize> = FxHashMap::default();
    values
        .map(|value| {
            let next = known.len();
            match known.entry(value) {
                Entry::Occupied(entry) => *entry.get(),
                Entry::Vacant(entry) => *entry.insert(next),
            }
        })
        .collect()
}

fn count(classes: &[usize]) -> usize {
    classes.iter().max().map_or(0, |last| last + 1)
}
