//! Heaps whose bytes are damaged, and whose reads fail: the copy, the marking, and all that reads the copy afterwards.
//!
//! Nothing can be said of what is found in such a heap, but for what holds of any: nothing panics, everything ends, and
//! nothing in the target's memory decides how much of ours is used. The fuzz target `heap_damage` is made of this, too.

use std::cell::RefCell;

use go_binary::{Bias, Executable};
use go_runtime::heap::{CopiedHeap, CopyError, StandingThread, Stillness};
use go_runtime::{AttachError, Limits, Moment, Options, Runtime};
use process_memory::{Fault, FaultInjecting, ProcessMemory, ReadFailure};
use snapshot::{Address, Architecture, GoroutineId, LayoutSource, Snapshot, Target};
use synthetic_process::layout::{GO_1_23, GO_1_27};
use synthetic_process::{
    Damage, Damages, HeapSketch, Image, ObjectKind, Reference, SketchedHeap, SketchedObject, Sleeper,
};

/// Reads that one search may need at most; beyond, it would go on for ever.
const READS_MAX: u64 = 1_000_000;
/// What the builder's own heap and its stacks fill.
const BUILT: (Address, u32) = (Address(0xc0_0000_0000), 64 * 8192);

/// Low enough that a walk which ignores them shows.
fn limits() -> Limits {
    Limits {
        goroutines_max: 1000,
        stack_bytes_max: 1 << 16,
        stacks_bytes_max: 1 << 20,
        frames_max: 200,
        threads_max: 64,
        select_cases_max: 64,
        semaphore_waiters_max: 256,
        labels_max: 32,
        text_max: 256,
        heap_bytes_max: 4 << 20,
        heap_spans_max: 1 << 12,
        retries_max: 3,
        ..Limits::default()
    }
}

/// Damages a heap that has something of everything. The first byte says which release it is of, and in which order what
/// is done ([`search`]).
pub(crate) fn check(bytes: &[u8]) {
    let Some((how, bytes)) = bytes.split_first() else { return };
    thread_local! {
        static HEAPS: RefCell<Option<[SketchedHeap; 2]>> = const { RefCell::new(None) };
    }
    // Building one costs more than copying it.
    let heap = HEAPS.with_borrow_mut(|kept| {
        let both =
            kept.get_or_insert_with(|| [&GO_1_23, &GO_1_27].map(|layout| everything().process(layout)));
        both[usize::from(how % 2)].clone()
    });
    search(heap, how >> 1, bytes);
}

/// Some of each, referring to each other.
fn everything() -> HeapSketch {
    let kinds = [ObjectKind::Typed, ObjectKind::Large, ObjectKind::NoPointers, ObjectKind::Small];
    let object = |number: usize| SketchedObject {
        kind: kinds[number % kinds.len()],
        allocated: !number.is_multiple_of(5),
        pointers: [number + 1, number + 2, number * 3, number].map(Reference::Object),
        others: [Reference::Channel(number); 4],
    };
    let sleeper = |number: usize| Sleeper {
        channels: (0..number % 3).map(|channel| number + channel).collect(),
        stack: [Reference::Object(number), Reference::Channel(number), Reference::Nothing],
    };
    HeapSketch {
        objects: (0..8).map(object).collect(),
        channels: 5,
        sleepers: (0..7).map(sleeper).collect(),
        variables: vec![(Reference::Object(3), true), (Reference::Channel(2), true)],
        furnished: true,
    }
}

/// Does to a heap what the bytes say, and searches it. `how` says whether it stands still meanwhile (bit 0), whether it
/// is damaged before somebody attaches (1), whether it is before the copy is planned (2), and if it does not stand still,
/// whether it rests (3).
pub(crate) fn search(heap: SketchedHeap, how: u8, bytes: &[u8]) {
    let whole = &heap.process.memory;
    let (mut damaged, mut faults) = (whole.clone(), Vec::new());
    let mut damages = Damages::new(bytes);
    while let Some(damage) = damages.next_damage() {
        break_something(&heap, &mut damaged, &mut faults, &damage);
    }
    let attached =
        attach(&heap.process.executable, if how >> 1 & 1 == 0 { whole } else { &damaged }, limits());
    let Ok(mut runtime) = attached else { return };
    let failing = FaultInjecting::new(&damaged, |number, _, len| fault(&faults, number, len));
    let planned = if how >> 2 & 1 == 0 { runtime.plan_copy(&failing) } else { runtime.plan_copy(whole) };
    if let Ok(plan) = planned {
        let thread = |tid| {
            let registers = heap.places.iter().map(|at| at.0).take(64).collect();
            (tid == SketchedHeap::TID).then_some(StandingThread { sp: heap.running_sp, registers })
        };
        let at_rest = || how >> 3 & 1 == 0;
        let stillness = if how & 1 == 0 { Stillness::Stopped(&thread) } else { Stillness::AtRest(&at_rest) };
        if let Ok(copy) = runtime.copy_heap(&failing, &plan, stillness) {
            look_into(&mut runtime, &failing, &copy).expect("the layouts know the heap");
        }
    }
    assert!(failing.reads() < READS_MAX, "{} reads", failing.reads());
}

fn break_something(heap: &SketchedHeap, memory: &mut Image, faults: &mut Vec<Damage>, damage: &Damage) {
    let place = heap.places[usize::from(damage.place) % heap.places.len()];
    let word = u64::from(damage.offset % 64) * 8;
    match damage.kind % 8 {
        0 => damage.write_to(memory, place.offset(word), damage.value),
        1 => damage.write_to(memory, place.offset(u64::from(damage.offset % 4096)), damage.value),
        // A pointer to another thing, or into one: cycles and confusions of types.
        kind @ (2 | 3) => {
            let other = heap.places[usize::from(damage.value.to_le_bytes()[0]) % heap.places.len()];
            let into = if kind == 2 { 0 } else { damage.value >> 32 & 0xff8 };
            Damage { width: 8, ..*damage }.write_to(memory, place.offset(word), other.0 + into);
        }
        4 => damage.write_to(memory, BUILT.0.offset((damage.offset % BUILT.1).into()), damage.value),
        5 => {
            let module = heap.process.variables.module_data;
            damage.write_to(memory, module.offset(u64::from(damage.offset % 72) * 8), damage.value);
        }
        _ => faults.push(*damage),
    }
}

fn fault(faults: &[Damage], number: u64, len: usize) -> Fault {
    for fault in faults {
        // One read, or all from one on: a process that goes away.
        let (at, all) = (u64::from(fault.offset % 1024), fault.kind % 8 == 7);
        if number != at && !(all && number > at) {
            continue;
        }
        return match fault.place % 6 {
            0 | 1 => Fault::Fail(ReadFailure::NotMapped),
            2 => Fault::Fail(ReadFailure::ProcessExited),
            3 => Fault::Fill(fault.value.to_le_bytes()[0]),
            _ => Fault::Flip(usize::try_from(fault.value % 4096).unwrap_or(0) % len.max(1)),
        };
    }
    Fault::None
}

/// Everything that reads a copy: who is asleep and what that keeps, and who refers to what they wait for.
fn look_into<M: ProcessMemory>(
    runtime: &mut Runtime,
    memory: &M,
    copy: &CopiedHeap,
) -> Result<(), CopyError> {
    // What lists that may be damaged say is not more than they may say.
    assert!(copy.size() < 32 << 20, "{} bytes", copy.size());
    let snapshot = snapshot_of(runtime, memory);
    let mut found = runtime.unreachable(memory, copy)?;
    assert!(found.sleepers.len() as u64 <= found.candidates, "who is asleep could have been woken");
    let ids: Vec<GoroutineId> = found.sleepers.iter().map(|sleeper| sleeper.id).collect();
    let (all, again) = (found.retained(&ids), found.retained(&ids));
    assert!(again <= all, "what is retained was counted twice");
    let objects = snapshot.iter().flat_map(|snapshot| &snapshot.wait_objects);
    _ = found.made_at(objects.map(|object| object.address));
    if let Ok(asleep) = runtime.still_asleep(memory, &found.sleepers) {
        assert_eq!(asleep.len(), ids.len());
    }
    let everyone = copy.sleepers(|_| true);
    _ = runtime.still_asleep(memory, &everyone);
    if let Some(snapshot) = snapshot {
        let references = runtime.references(memory, copy, &snapshot.wait_objects)?;
        assert!(references.objects.len() <= snapshot.wait_objects.len());
    }
    Ok(())
}

fn snapshot_of<M: ProcessMemory>(runtime: &mut Runtime, memory: &M) -> Option<Snapshot> {
    let target = Target {
        pid: 1,
        name: "damaged".into(),
        executable: "/damaged".into(),
        architecture: Architecture::Amd64,
        go_version: "go1.27.0".into(),
        module: None,
        module_version: None,
        stripped: false,
        layout: LayoutSource::Dwarf,
    };
    let moment = Moment { unix_ms: 1_700_000_000_000, monotonic_ns: 9_000_000_000 };
    runtime.snapshot(memory, &target, &Options::default(), moment, None).ok()
}

fn attach<M: ProcessMemory>(file: &[u8], memory: &M, limits: Limits) -> Result<Runtime, AttachError> {
    Runtime::attach(Executable::parse(Box::new(file.to_vec()))?, Bias(0), memory, limits, None)
}
