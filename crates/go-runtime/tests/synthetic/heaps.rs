//! Random heaps: who can never run again is who the generator says, whatever stale words lie about.

use std::collections::BTreeSet;

use go_runtime::heap::{Moment, StandingThread};
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use snapshot::Address;
use synthetic_process::layout::{GO_1_23, GO_1_27, Layout};
use synthetic_process::{Channel, Goroutine, Machine, Process, ProcessBuilder, Processor, Waits};

use crate::busy_process::MAIN;
use crate::heap_image::{HeapImage, Kind};
use crate::reading::attached;

/// Bytes of the builder's own heap, more than it uses.
const BUILT_BYTES: u64 = 64 * 8192;
/// Of the frame of `main.handler`, above that of `runtime.gopark` and its return address.
const LOCALS: u64 = 24 + 8;
const LOCAL_WORDS: usize = 100;

/// What words refer to: objects by number, or channels.
#[derive(Debug, Clone, Copy)]
enum Target {
    Nothing,
    Object(prop::sample::Index),
    Channel(prop::sample::Index),
}

#[derive(Debug, Clone)]
struct Object {
    kind: Kind,
    allocated: bool,
    pointers: [Target; 4],
    others: [Target; 4],
}

#[derive(Debug, Clone)]
struct Sleeper {
    /// Channels that it waits on; none: it sleeps, and will go on.
    channels: Vec<prop::sample::Index>,
    stack: [Target; 3],
}

#[derive(Debug, Clone)]
struct Heap {
    objects: Vec<Object>,
    channels: usize,
    goroutines: Vec<Sleeper>,
    /// Words of variables, and whether they are pointers.
    variables: Vec<(Target, bool)>,
}

fn target() -> impl Strategy<Value = Target> {
    prop_oneof![
        2 => Just(Target::Nothing),
        4 => any::<prop::sample::Index>().prop_map(Target::Object),
        2 => any::<prop::sample::Index>().prop_map(Target::Channel),
    ]
}

fn heap() -> impl Strategy<Value = Heap> {
    let kind = prop_oneof![Just(Kind::Small), Just(Kind::Typed), Just(Kind::Large), Just(Kind::NoPointers)];
    let targets = || [target(), target(), target(), target()];
    let object = (kind, prop::bool::weighted(0.8), targets(), targets())
        .prop_map(|(kind, allocated, pointers, others)| Object { kind, allocated, pointers, others });
    let channels = prop::collection::vec(any::<prop::sample::Index>(), 0..3);
    let goroutine =
        (channels, [target(), target(), target()]).prop_map(|(channels, stack)| Sleeper { channels, stack });
    (
        prop::collection::vec(object, 1..16),
        1_usize..8,
        prop::collection::vec(goroutine, 1..10),
        prop::collection::vec((target(), any::<bool>()), 0..6),
    )
        .prop_map(|(objects, channels, goroutines, variables)| Heap {
            objects,
            channels,
            goroutines,
            variables,
        })
}

/// The process that has this heap.
fn process(layout: &'static Layout, heap: &Heap) -> Process {
    let mut builder = ProcessBuilder::new(layout);
    let channels: Vec<Address> = (0..heap.channels).map(|_| builder.channel(Channel::default())).collect();
    builder.goroutine(Goroutine { entry: "runtime.main", ..Goroutine::waiting(1, "sleep", &MAIN) });
    let mut descriptors = Vec::new();
    for (id, sleeper) in (2..).zip(&heap.goroutines) {
        let mut cases: Vec<(Address, bool)> =
            sleeper.channels.iter().map(|channel| (*channel.get(&channels), false)).collect();
        cases.sort_unstable();
        cases.dedup();
        let (reason, waits) = match cases.as_slice() {
            [] => ("sleep", Waits::Nothing),
            [(only, _)] => ("chan receive", Waits::Receive(*only)),
            _ => ("select", Waits::Select(cases)),
        };
        let stack = ["runtime.gopark", "main.handler", "main.worker"];
        descriptors.push(builder.goroutine(Goroutine::waiting(id, reason, &stack).on(waits)));
    }
    let machine = builder.machine(Machine { id: 0, tid: 100, ..Machine::default() });
    let processor = builder.processor(Processor { status: 1, ..Processor::default() });
    builder.bind(machine, processor);
    let mut process = builder.build();
    // The rest of the span of what was built, at the end of which is its bitmap: nothing there is a pointer.
    let used = process.memory.append(0).0 - 0xc0_0000_0000;
    process.memory.append(usize::try_from(BUILT_BYTES - used).unwrap());
    let mut image = HeapImage::new(&mut process, BUILT_BYTES);
    let objects: Vec<Address> =
        heap.objects.iter().map(|object| image.object(object.kind, object.allocated)).collect();
    let address = |target: &Target| match target {
        Target::Nothing => 0,
        // Into the middle, as pointers to fields are.
        Target::Object(index) => index.get(&objects).0 + 24,
        Target::Channel(index) => index.get(&channels).0,
    };
    let variables: Vec<(u64, bool)> =
        heap.variables.iter().map(|(target, is_pointer)| (address(target), *is_pointer)).collect();
    image.finish(&variables);
    for (object, at) in heap.objects.iter().zip(&objects) {
        let words = object.kind.pointer_words().iter().zip(&object.pointers);
        for (word, target) in words.chain(object.kind.other_words().iter().zip(&object.others)) {
            process.memory.put_u64(at.offset(word * 8), address(target));
        }
    }
    for (sleeper, at) in heap.goroutines.iter().zip(descriptors) {
        let sp = process_memory::ReadValues::read_u64(&process.memory, at.offset(layout.g.sched_sp)).unwrap();
        for word in 0..LOCAL_WORDS {
            let value = sleeper.stack.get(word).map_or(0, address);
            process.memory.put_u64(Address(sp).offset(LOCALS + word as u64 * 8), value);
        }
    }
    process
}

/// Ids of goroutines that can never run again, by the plainest of all ways: until nothing changes any more.
fn leaked(heap: &Heap) -> BTreeSet<u64> {
    let indexes: Vec<usize> = (0..heap.objects.len()).collect();
    let channel_numbers: Vec<usize> = (0..heap.channels).collect();
    let (mut objects, mut channels, mut live) = (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
    loop {
        let before = (objects.len(), channels.len(), live.len());
        let mut held: Vec<Target> =
            heap.variables.iter().filter(|(_, is_pointer)| *is_pointer).map(|(target, _)| *target).collect();
        for (number, object) in heap.objects.iter().enumerate() {
            if objects.contains(&number) {
                held.extend(object.pointers.iter().take(object.kind.pointer_words().len()).copied());
            }
        }
        for (id, sleeper) in (2_u64..).zip(&heap.goroutines) {
            let wakes = |channel: &prop::sample::Index| channels.contains(channel.get(&channel_numbers));
            if sleeper.channels.is_empty() || sleeper.channels.iter().any(wakes) {
                live.insert(id);
                held.extend(sleeper.stack);
            }
        }
        for target in held {
            match target {
                Target::Nothing => {}
                Target::Object(index) => {
                    let number = *index.get(&indexes);
                    // Nobody can have a free one: what refers to it is stale. A large one is never free here.
                    let object = &heap.objects[number];
                    if object.allocated || object.kind == Kind::Large {
                        objects.insert(number);
                    }
                }
                Target::Channel(index) => _ = channels.insert(*index.get(&channel_numbers)),
            }
        }
        if before == (objects.len(), channels.len(), live.len()) {
            return (2..2 + heap.goroutines.len() as u64).filter(|id| !live.contains(id)).collect();
        }
    }
}

fn found(process: &Process) -> BTreeSet<u64> {
    let runtime = attached(process);
    let plan = runtime.plan_copy(&process.memory).unwrap();
    let nobody = |_| None::<StandingThread>;
    let copy = runtime.copy_heap(&process.memory, &plan, Moment::Stopped(&nobody)).unwrap();
    let unreachable = runtime.unreachable(&process.memory, &copy).unwrap();
    unreachable.sleepers.iter().map(|sleeper| sleeper.id.0).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 128, ..ProptestConfig::default() })]

    #[test]
    fn who_never_runs_again_is_who_nothing_reaches(heap in heap()) {
        for layout in [&GO_1_23, &GO_1_27] {
            prop_assert_eq!(found(&process(layout, &heap)), leaked(&heap), "{}", layout.version);
        }
    }
}

/// The generator makes both, and often: a test of nothing but one of them would prove little.
#[test]
fn random_heaps_have_goroutines_of_both_kinds() {
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let (mut asleep, mut woken) = (0, 0);
    for _ in 0..200 {
        let heap = heap().new_tree(&mut runner).unwrap().current();
        let leaked = leaked(&heap).len();
        let waiting = heap.goroutines.iter().filter(|sleeper| !sleeper.channels.is_empty()).count();
        (asleep, woken) = (asleep + leaked, woken + waiting - leaked);
    }
    assert!(asleep > 100 && woken > 100, "{asleep} {woken}");
}
