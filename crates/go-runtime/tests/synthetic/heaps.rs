//! Random heaps: who can never run again is who the generator says, whatever stale words lie about.

use std::collections::BTreeSet;

use go_runtime::heap::{StandingThread, Stillness};
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use synthetic_process::layout::{GO_1_23, GO_1_27};
use synthetic_process::{Damages, HeapSketch, ObjectKind, Process, Reference, SketchedObject, Sleeper};

use crate::heap_damage;
use crate::reading::attached;

/// Bytes of ours that a search in a damaged heap of a few megabytes may take at a time.
const MEMORY_MAX: u64 = 256 << 20;

fn reference() -> impl Strategy<Value = Reference> {
    prop_oneof![
        2 => Just(Reference::Nothing),
        4 => any::<usize>().prop_map(Reference::Object),
        2 => any::<usize>().prop_map(Reference::Channel),
    ]
}

fn heap(furnished: bool) -> impl Strategy<Value = HeapSketch> {
    let kind = prop_oneof![
        Just(ObjectKind::Small),
        Just(ObjectKind::Typed),
        Just(ObjectKind::Large),
        Just(ObjectKind::NoPointers)
    ];
    let references = || [reference(), reference(), reference(), reference()];
    let object = (kind, prop::bool::weighted(0.8), references(), references())
        .prop_map(|(kind, allocated, pointers, others)| SketchedObject { kind, allocated, pointers, others });
    let channels = prop::collection::vec(any::<usize>(), 0..3);
    let sleeper = (channels, [reference(), reference(), reference()])
        .prop_map(|(channels, stack)| Sleeper { channels, stack });
    (
        prop::collection::vec(object, 1..16),
        1_usize..8,
        prop::collection::vec(sleeper, 1..10),
        prop::collection::vec((reference(), any::<bool>()), 0..6),
    )
        .prop_map(move |(objects, channels, sleepers, variables)| HeapSketch {
            objects,
            channels,
            sleepers,
            variables,
            furnished,
        })
}

/// Ids of goroutines that can never run again, by the plainest of all ways: until nothing changes any more.
fn leaked(heap: &HeapSketch) -> BTreeSet<u64> {
    let (mut objects, mut channels, mut live) = (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
    loop {
        let before = (objects.len(), channels.len(), live.len());
        let mut held: Vec<Reference> =
            heap.variables.iter().filter(|(_, is_pointer)| *is_pointer).map(|(target, _)| *target).collect();
        for (number, object) in heap.objects.iter().enumerate() {
            if objects.contains(&number) {
                held.extend(object.pointers.iter().take(object.kind.pointer_words().len()).copied());
            }
        }
        for (id, sleeper) in (2_u64..).zip(&heap.sleepers) {
            let wakes = |channel: &usize| channels.contains(&(channel % heap.channels));
            if sleeper.channels.is_empty() || sleeper.channels.iter().any(wakes) {
                live.insert(id);
                held.extend(sleeper.stack);
            }
        }
        for target in held {
            match target {
                Reference::Nothing => {}
                Reference::Object(number) => {
                    let number = number % heap.objects.len();
                    // Nobody can have a free one: what refers to it is stale. A large one is never free here.
                    let object = &heap.objects[number];
                    if object.allocated || object.kind == ObjectKind::Large {
                        objects.insert(number);
                    }
                }
                Reference::Channel(number) => _ = channels.insert(number % heap.channels),
            }
        }
        if before == (objects.len(), channels.len(), live.len()) {
            return (2..2 + heap.sleepers.len() as u64).filter(|id| !live.contains(id)).collect();
        }
    }
}

fn found(process: &Process) -> BTreeSet<u64> {
    let runtime = attached(process);
    let plan = runtime.plan_copy(&process.memory).unwrap();
    let nobody = |_| None::<StandingThread>;
    let copy = runtime.copy_heap(&process.memory, &plan, Stillness::Stopped(&nobody)).unwrap();
    let unreachable = runtime.unreachable(&process.memory, &copy).unwrap();
    assert_eq!(unreachable.missing, 0);
    unreachable.sleepers.iter().map(|sleeper| sleeper.id.0).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 128, ..ProptestConfig::default() })]

    #[test]
    fn who_never_runs_again_is_who_nothing_reaches(heap in heap(false)) {
        for layout in [&GO_1_23, &GO_1_27] {
            prop_assert_eq!(found(&heap.process(layout).process), leaked(&heap), "{}", layout.version);
        }
    }

    /// As the fuzz target of that name does for longer, of one heap.
    #[test]
    fn damaged_heaps_are_searched_within_bounds(
        heap in heap(true),
        how in any::<u8>(),
        damage in prop::collection::vec(any::<u8>(), 0..12 * Damages::RECORD),
    ) {
        for layout in [&GO_1_23, &GO_1_27] {
            let used = allocation_counter::measure(|| heap_damage::search(heap.process(layout), how, &damage));
            prop_assert!(used.bytes_max < MEMORY_MAX, "{used:?}");
        }
    }
}

/// The generator makes both, and often: a test of nothing but one of them would prove little.
#[test]
fn random_heaps_have_goroutines_of_both_kinds() {
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let (mut asleep, mut woken) = (0, 0);
    for _ in 0..200 {
        let heap = heap(false).new_tree(&mut runner).unwrap().current();
        let leaked = leaked(&heap).len();
        let waiting = heap.sleepers.iter().filter(|sleeper| !sleeper.channels.is_empty()).count();
        (asleep, woken) = (asleep + leaked, woken + waiting - leaked);
    }
    assert!(asleep > 100 && woken > 100, "{asleep} {woken}");
}

/// Inputs of the fuzz target, among them all that ever broke something.
#[test]
fn seeds_of_the_fuzz_target_are_searched_within_bounds() {
    let seeds = concat!(env!("CARGO_MANIFEST_DIR"), "/../../fuzz/corpus/heap_damage");
    let seeds = std::fs::read_dir(seeds).unwrap().map(|seed| std::fs::read(seed.unwrap().path()).unwrap());
    let seeds: Vec<Vec<u8>> = seeds.collect();
    assert!(!seeds.is_empty());
    for seed in seeds {
        let used = allocation_counter::measure(|| heap_damage::check(&seed));
        assert!(used.bytes_max < MEMORY_MAX, "{used:?}: {seed:?}");
    }
}
