//! Deadlocks and merged nodes of graphs made at random, against what can be said without any cleverness.

#![expect(clippy::indexing_slicing, reason = "a test fails by panicking")]

#[expect(dead_code, reason = "processes are made here as they are needed")]
mod process;

use std::collections::BTreeSet;

use analysis::blocking::{BlockingGraph, MergedNodeKind};
use proptest::prelude::*;
use snapshot::*;

/// Who waits for what: for each goroutine, the mutexes or channels, by number; none if it runs.
type Waits = Vec<Vec<usize>>;
/// For each object, the goroutines that hold it, and whether that is everybody.
type Holders = Vec<(Vec<usize>, bool)>;

/// The first half of the objects are mutexes.
fn is_mutex(object: usize, all: usize) -> bool {
    object < all / 2
}

fn address(object: usize) -> Address {
    Address(0x1000 + object as u64 * 0x40)
}

fn id(goroutine: usize) -> GoroutineId {
    GoroutineId(goroutine as u64 + 10)
}

fn made(waits: &Waits, holders: &Holders) -> (Snapshot, References) {
    let mut process = process::Process::new();
    for (goroutine, objects) in waits.iter().enumerate() {
        let stack = [("main.wait", u32::try_from(goroutine % 2).unwrap_or(0))];
        process.waiting(id(goroutine).0, "select", &stack);
        if objects.is_empty() {
            process.0.goroutines.last_mut().into_iter().for_each(|g| g.status = Status::Runnable);
        }
        let channel = Channel { len: 0, cap: 0, element_size: 8, closed: false, timer: false };
        let object = |object: &usize| WaitObject {
            kind: match is_mutex(*object, holders.len()) {
                true => WaitObjectKind::Mutex { state: 1 },
                false => WaitObjectKind::Channel(WaitDirection::Receive, channel),
            },
            address: address(*object),
        };
        process.waits_on(&objects.iter().map(object).collect::<Vec<_>>());
    }
    let holder = |goroutine: &usize| Holder {
        goroutine: id(*goroutine),
        pc: None,
        depth: 0,
        by: ReferredBy::Map,
        lock: LockPosition::Between,
    };
    let objects = holders.iter().enumerate().map(|(object, (by, complete))| {
        let holders = by.iter().map(holder).collect();
        let waiting = waits.iter().enumerate().filter(|(_, objects)| objects.contains(&object));
        let queue = waiting.map(|(goroutine, _)| id(goroutine)).collect();
        ObjectReferences {
            address: address(object),
            holders,
            complete: *complete,
            queue,
            ..Default::default()
        }
    });
    (process.0, References { objects: objects.collect(), ..References::default() })
}

/// Who can end a wait for an object, by the words of the rules.
fn wakers(object: usize, waits: &Waits, holders: &Holders) -> BTreeSet<usize> {
    let by = || holders[object].0.iter().copied();
    if is_mutex(object, holders.len()) {
        let others: BTreeSet<usize> = by().filter(|g| !waits[*g].contains(&object)).collect();
        return if others.is_empty() { by().collect() } else { others };
    }
    by().filter(|g| waits[*g] != [object]).collect()
}

/// Those for whom there is no order of wakings that ends their waits.
fn never_woken(waits: &Waits, holders: &Holders) -> Vec<bool> {
    let mut stuck: Vec<bool> = waits.iter().map(|objects| !objects.is_empty()).collect();
    loop {
        let before = stuck.clone();
        for (goroutine, objects) in waits.iter().enumerate() {
            stuck[goroutine] &= objects.iter().all(|object| {
                let wakers = wakers(*object, waits, holders);
                let known =
                    if is_mutex(*object, holders.len()) { !wakers.is_empty() } else { holders[*object].1 };
                known && wakers.iter().all(|waker| stuck[*waker])
            });
        }
        if stuck == before {
            return stuck;
        }
    }
}

/// Whom each goroutine waits for, directly or not.
fn waits_for(waits: &Waits, holders: &Holders) -> Vec<BTreeSet<usize>> {
    let direct = |objects: &Vec<usize>| objects.iter().flat_map(|o| wakers(*o, waits, holders)).collect();
    let mut reach: Vec<BTreeSet<usize>> = waits.iter().map(direct).collect();
    loop {
        let before = reach.clone();
        for further in &mut reach {
            let more: BTreeSet<usize> = further.iter().flat_map(|g| before[*g].iter().copied()).collect();
            further.extend(more);
        }
        if reach == before {
            return reach;
        }
    }
}

fn graphs() -> impl Strategy<Value = (Waits, Holders)> {
    let objects = prop::collection::btree_set(0..6_usize, 0..3).prop_map(Vec::from_iter);
    let by = prop::collection::btree_set(0..8_usize, 0..3).prop_map(Vec::from_iter);
    let waits = prop::collection::vec(objects, 8);
    (waits, prop::collection::vec((by, prop::bool::weighted(0.8)), 6))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn deadlocks_are_circles_that_nobody_can_end((waits, holders) in graphs()) {
        let (snapshot, references) = made(&waits, &holders);
        let graph = BlockingGraph::new(&snapshot, &references);
        let found: BTreeSet<Vec<usize>> = graph.deadlocks().into_iter().map(|d| d.goroutines).collect();
        let (stuck, reach) = (never_woken(&waits, &holders), waits_for(&waits, &holders));
        let circle = |g: usize| -> Vec<usize> {
            (0..waits.len()).filter(|other| reach[g].contains(other) && reach[*other].contains(&g)).collect()
        };
        let on_circle = (0..waits.len()).filter(|g| stuck[*g] && reach[*g].contains(g));
        let expected: BTreeSet<Vec<usize>> = on_circle.map(circle).collect();
        prop_assert_eq!(found, expected);
    }

    #[test]
    fn merged_nodes_and_edges_stand_for_all((waits, holders) in graphs()) {
        let (snapshot, references) = made(&waits, &holders);
        let graph = BlockingGraph::new(&snapshot, &references);
        let merged = graph.merged(&graph.deadlocks());
        let count = |objects: bool| -> u64 {
            let of = merged.nodes.iter().filter(|n| matches!(n.kind, MergedNodeKind::Objects(_)) == objects);
            of.map(|node| node.count).sum()
        };
        let wakers = || graph.objects.iter().flat_map(|object| &object.wakers);
        let connected: BTreeSet<usize> = (0..waits.len())
            .filter(|g| !waits[*g].is_empty() || wakers().any(|waker| waker.goroutine == *g))
            .collect();
        prop_assert_eq!(count(false), connected.len() as u64);
        prop_assert_eq!(count(true), graph.objects.len() as u64);
        let edges = waits.iter().map(Vec::len).sum::<usize>() + wakers().count();
        prop_assert_eq!(merged.edges.iter().map(|edge| edge.count).sum::<u64>(), edges as u64);
    }

    #[test]
    fn trees_end_and_show_nobody_twice((waits, holders) in graphs()) {
        let (snapshot, references) = made(&waits, &holders);
        let graph = BlockingGraph::new(&snapshot, &references);
        for goroutine in 0..waits.len() {
            let mut shown = Vec::new();
            let mut open = vec![graph.chain(goroutine)];
            while let Some(chain) = open.pop() {
                if chain.seen.is_none() {
                    shown.push(chain.goroutine);
                }
                open.extend(chain.waits.into_iter().flat_map(|wait| wait.wakers).map(|waker| waker.chain));
            }
            let distinct: BTreeSet<usize> = shown.iter().copied().collect();
            prop_assert_eq!(distinct.len(), shown.len());
        }
    }
}

#[test]
fn many_alike_are_one_node() {
    // All wait for the same lock, whose holder runs.
    let waits: Waits = std::iter::once(Vec::new()).chain((0..100_000).map(|_| vec![0])).collect();
    let (snapshot, references) = made(&waits, &vec![(vec![0], true), (Vec::new(), true)]);
    let graph = BlockingGraph::new(&snapshot, &references);
    let merged = graph.merged(&[]);
    let counts: Vec<u64> = merged.nodes.iter().map(|node| node.count).collect();
    // By stack there are two kinds of waiters.
    assert_eq!(counts, [50_000, 50_000, 1, 1]);
}

#[test]
fn who_has_come_into_the_queue_since_the_copy_or_waited_in_it_holds_no_lock() {
    let (mutex, running) = (0, 2);
    // 0 and 1 wait for the mutex, and all three have it on their stacks.
    let (snapshot, mut references) =
        made(&vec![vec![0], vec![0], vec![]], &vec![(vec![0, 1, 2], true), (vec![], true)]);
    let holders = |references: &References| -> (Vec<usize>, Option<usize>) {
        let graph = BlockingGraph::new(&snapshot, references);
        let object = graph.objects.iter().find(|known| known.object.address == address(mutex)).unwrap();
        (object.wakers.iter().map(|waker| waker.goroutine).collect(), object.had_it)
    };
    assert_eq!(holders(&references), (vec![running], None));
    // In the copy the third waited, too: of whatever it does now nothing is known.
    references.objects[mutex].queue.push(id(running));
    assert_eq!(holders(&references), (vec![0, 1], None), "these may have locked twice");
    // 0 had the lock then, and is back.
    references.objects[mutex].queue.retain(|waiting| *waiting != id(0));
    assert_eq!(holders(&references), (vec![1], None));
    references.objects[mutex].queue.retain(|waiting| *waiting == id(running));
    assert_eq!(holders(&references), (vec![], Some(0)));
}
