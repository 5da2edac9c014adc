//! A session looks again: a goroutine stands elsewhere by then, and saved registers do not tell.

use synthetic_process::layout::{GO_1_23, GO_1_27, Layout};
use synthetic_process::{Goroutine, Machine, Process, ProcessBuilder, Processor};

use crate::busy_process::MAIN;
use crate::reading::{attached, look};

/// Looks after which a stack is believed without being read again.
const BELIEVED: usize = 4;
/// Looks after which it has been read again all the same.
const ROTATION: usize = 64;
const HERE: [&str; 4] = ["runtime.gopark", "time.Sleep", "main.handler", "main.worker"];
/// As deep as the other, and innermost the same.
const THERE: [&str; 4] = ["runtime.gopark", "time.Sleep", "main.worker", "main.handler"];

/// A process whose goroutine 2 is as given.
fn process(layout: &'static Layout, goroutine: &Goroutine) -> Process {
    let mut builder = ProcessBuilder::new(layout);
    builder.goroutine(Goroutine { entry: "runtime.main", ..Goroutine::waiting(1, "sleep", &MAIN) });
    builder.goroutine(Goroutine { entry: "main.worker", ..goroutine.clone() });
    let machine = builder.machine(Machine { id: 0, tid: 100, ..Machine::default() });
    let processor = builder.processor(Processor { status: 1, ..Processor::default() });
    builder.bind(machine, processor);
    builder.build()
}

/// Looks until stacks are believed at each of the first states in turn. Then looks at the last one until goroutine 2
/// is shown where it is. Returns how many looks that took, and how many stacks the first of them did not read.
fn looks_until_found(states: &[Goroutine]) -> (usize, u64) {
    let mut found = (0, 0);
    for layout in [&GO_1_23, &GO_1_27] {
        let (last, before) = states.split_last().unwrap();
        let mut runtime = attached(&process(layout, &states[0]));
        for state in before {
            let process = process(layout, state);
            for _ in 0..BELIEVED {
                look(&mut runtime, &process, &process.memory).unwrap();
            }
        }
        let process = process(layout, last);
        let mut known = None;
        for looks in 1..=ROTATION {
            let snapshot = look(&mut runtime, &process, &process.memory).unwrap();
            let known = *known.get_or_insert(snapshot.cost.known);
            let shown = snapshot.goroutines.iter().find(|goroutine| goroutine.id.0 == 2).unwrap();
            let functions: Vec<&str> =
                snapshot.frames(shown).map(|frame| snapshot.tables.text(frame.function)).collect();
            if functions == last.stack {
                assert_eq!(snapshot.cost.stale, u64::from(looks > 1));
                found = (looks, known);
                break;
            }
            assert!(looks < ROTATION, "{}: {functions:?}", layout.version);
        }
    }
    found
}

fn parked(stack: &[&'static str], wait_since_ns: i64) -> Goroutine {
    Goroutine { wait_since_ns, ..Goroutine::waiting(2, "sleep", stack) }
}

#[test]
fn a_tracking_seq_that_has_come_round_is_found_in_its_turn() {
    let (looks, known) = looks_until_found(&[parked(&HERE, 0), parked(&THERE, 0)]);
    assert!(looks > 1, "nothing tells: it has to be believed first");
    assert_eq!(known, 2);
}

#[test]
fn who_has_run_since_a_gc_saw_it_wait_is_read_again() {
    let (looks, known) = looks_until_found(&[parked(&HERE, 1_000), parked(&THERE, 0)]);
    assert_eq!((looks, known), (1, 1));
    // A GC has seen it wait there as well.
    assert_eq!(looks_until_found(&[parked(&HERE, 1_000), parked(&THERE, 2_000)]).0, 1);
    // It was known already when the GC came.
    assert_eq!(looks_until_found(&[parked(&HERE, 0), parked(&HERE, 1_000), parked(&THERE, 0)]).0, 1);
}

#[test]
fn a_gc_that_sees_a_goroutine_wait_is_no_reason_to_read_it_again() {
    let (looks, known) = looks_until_found(&[parked(&HERE, 0), parked(&HERE, 1_000)]);
    assert_eq!((looks, known), (1, 2));
}

#[test]
fn goroutines_in_system_calls_are_read_at_every_look() {
    let at = |stack: &[&'static str]| Goroutine::in_syscall(2, stack);
    let (looks, known) = looks_until_found(&[at(&HERE), at(&THERE)]);
    assert_eq!((looks, known), (1, 1));
}
