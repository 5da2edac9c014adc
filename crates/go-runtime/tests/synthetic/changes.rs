//! The process changes between any two cache lines that are read: what is shown is one state or the other,
//! never some of both.

use std::collections::BTreeMap;

use process_memory::ReadValues;
use snapshot::{Address, GapSubject, Snapshot, StackState};
use synthetic_process::layout::{GO_1_23, GO_1_27, Layout};
use synthetic_process::{
    Changing, Channel, Goroutine, Image, Machine, Process, ProcessBuilder, Processor, Waits,
};

use crate::busy_process::{MAIN, SENDING, busy};
use crate::reading::{Seen, all_seen, attached, has_gap_of, snapshot_of, take};

/// How often all states are gone through.
const ROUNDS: u64 = 20;
const SLEEPING: [&str; 4] = ["runtime.gopark", "time.Sleep", "main.handler", "main.worker"];
/// As deep as the other, and innermost the same: saved registers do not tell them apart.
const ELSEWHERE: [&str; 4] = ["runtime.gopark", "time.Sleep", "main.worker", "main.handler"];

/// States of one process whose goroutine 2 (if it is not another by then) is as given, one after the other.
struct Story {
    process: Process,
    states: Vec<Image>,
    /// What a snapshot of each state says.
    truths: Vec<BTreeMap<u64, Seen>>,
}

/// `make` gives the states of one round; `trackingSeq` counts through all of them, as it does in the runtime.
fn story(layout: &'static Layout, make: impl Fn(&mut ProcessBuilder, u64) -> Vec<Goroutine>) -> Story {
    let processes = |state: usize| {
        let mut builder = ProcessBuilder::new(layout);
        let main = Goroutine { entry: "runtime.main", ..Goroutine::waiting(1, "sleep", &MAIN) };
        builder.goroutine(main);
        let g = builder.goroutine(Goroutine::dead(2));
        let all: Vec<Goroutine> = (0..ROUNDS).flat_map(|round| make(&mut builder, round)).collect();
        // Each state is written to the same place in the heap: all memory is reused, as sudogs and stacks are.
        let start = builder.allocate(0);
        let tracking_seq = u8::try_from(state).unwrap();
        builder.write_goroutine(g, &Goroutine { tracking_seq, ..all[state].clone() });
        let used = builder.allocate(0).0 - start.0;
        builder.allocate(0x4000 - usize::try_from(used).unwrap());
        let machine = builder.machine(Machine { id: 0, tid: 100, ..Machine::default() });
        let processor = builder.processor(Processor { status: 1, ..Processor::default() });
        builder.bind(machine, processor);
        (builder.build(), all.len())
    };
    let (process, count) = processes(0);
    let states: Vec<Image> = (0..count).map(|state| processes(state).0.memory).collect();
    let truths = states.iter().map(|state| all_seen(&snapshot_of(&process, state).unwrap())).collect();
    Story { process, states, truths }
}

/// The goroutines of `snapshot` are each as in one of the states, or say what is missing.
fn of_one_state(story: &Story, snapshot: &Snapshot, case: &str) {
    for (id, seen) in all_seen(snapshot) {
        if seen.state == StackState::Torn && has_gap_of(snapshot, GapSubject::Stack, id) {
            continue; // given up on, and said so
        }
        let truths: Vec<&Seen> = story.truths.iter().filter_map(|truth| truth.get(&id)).collect();
        let shows = |truth: &&&Seen| {
            let stack = match seen.state {
                StackState::Saved => (&seen.stack, seen.complete) == (&truth.stack, truth.complete),
                state => state == truth.state || has_gap_of(snapshot, GapSubject::Stack, id),
            };
            let waits = seen.waits == truth.waits
                || seen.waits.is_empty() && has_gap_of(snapshot, GapSubject::WaitObject, id);
            let labels = seen.labels == truth.labels
                || seen.labels.is_empty() && has_gap_of(snapshot, GapSubject::Labels, id);
            let status = (seen.status, &seen.wait_reason) == (truth.status, &truth.wait_reason);
            stack && waits && labels && status && seen.entry == truth.entry
        };
        assert!(truths.iter().any(|truth| shows(&truth)), "{case}: {id} is {seen:#?}\n{:?}", snapshot.gaps);
    }
}

/// The process goes to the next state and to the one after it, at every line and soon after. Says how often a
/// stack was tried again.
fn at_every_line(story: &Story) -> u64 {
    let mut runtime = attached(&story.process);
    let still = Changing::new(&story.states, |_| 0);
    take(&mut runtime, &story.process, &still).unwrap();
    let lines = still.lines();
    let (mut retried, mut seen) = (0, [0; 2]);
    for first in 0..=lines {
        for then in (first..=lines.min(first + 12)).chain([lines + 1]) {
            let number_of = |line: u64| usize::from(line >= first) + usize::from(line >= then);
            let changing = Changing::new(&story.states, number_of);
            let snapshot = take(&mut runtime, &story.process, &changing).unwrap();
            of_one_state(story, &snapshot, &format!("changes at lines {first} and {then}"));
            retried += snapshot.cost.retried;
            for (seen, truth) in seen.iter_mut().zip(&story.truths) {
                *seen += u32::from(*truth == all_seen(&snapshot));
            }
        }
    }
    assert!(seen.iter().all(|seen| *seen > 0), "both states have been seen whole: {seen:?}");
    retried
}

/// Every line or few lines see another state than those before: it never lies still.
fn at_all_lines(story: &Story) {
    let mut runtime = attached(&story.process);
    for rhythm in 1..60 {
        let last = story.states.len() - 1;
        let plan = |line: u64| usize::try_from(line / rhythm).unwrap().min(last);
        let restless = Changing::new(&story.states, plan);
        let snapshot = take(&mut runtime, &story.process, &restless).unwrap();
        of_one_state(story, &snapshot, &format!("every {rhythm} lines"));
    }
}

fn both_ways(layout: &'static Layout, make: impl Fn(&mut ProcessBuilder, u64) -> Vec<Goroutine>) -> u64 {
    let story = story(layout, make);
    assert_ne!(story.truths.first(), story.truths.get(1), "the states can be told apart");
    at_all_lines(&story);
    at_every_line(&story)
}

/// It ran, and sleeps in another function. `trackingSeq` tells, even where nothing else would.
#[test]
fn it_parks_elsewhere() {
    for layout in [&GO_1_23, &GO_1_27] {
        let retried = both_ways(layout, |_, _| {
            let at = |stack: &[&'static str]| Goroutine {
                entry: "main.worker",
                ..Goroutine::waiting(2, "sleep", stack)
            };
            vec![at(&SLEEPING), at(&ELSEWHERE)]
        });
        assert!(retried > 0, "some of the changes came between two headers");
    }
}

/// The goroutine ends, and its descriptor is another goroutine's.
#[test]
fn it_ends_and_its_descriptor_is_reused() {
    for layout in [&GO_1_23, &GO_1_27] {
        let retried = both_ways(layout, |_, round| {
            let id = 2 + 100 * round;
            vec![
                Goroutine::waiting(id, "sleep", &SLEEPING).labelled(&[("of", "the first")]),
                Goroutine::dead(id),
                Goroutine::waiting(id + 28, "sleep", &ELSEWHERE).labelled(&[("of", "the second")]),
            ]
        });
        assert!(retried > 0, "some of the changes came between two headers");
    }
}

/// It got what it waited for, and waits for something else, with the same sudogs.
#[test]
fn it_waits_on_something_else() {
    for layout in [&GO_1_23, &GO_1_27] {
        let retried = both_ways(layout, |builder, _| {
            let first = builder.channel(Channel { element_bytes: 8, ..Channel::default() });
            let second = builder.channel(Channel { len: 4, cap: 4, element_bytes: 16, closed: false });
            let on = |channel| Goroutine::waiting(2, "chan send", &SENDING).on(Waits::Send(channel));
            let select =
                Goroutine::waiting(2, "select", &["runtime.gopark", "runtime.selectgo", "main.worker"]);
            vec![on(first), on(second), select.on(Waits::Select(vec![(second, true), (first, true)]))]
        });
        assert!(retried > 0, "some of the changes came between two headers");
    }
}

/// It is woken, runs, and is gone.
#[test]
fn it_runs_and_ends() {
    for layout in [&GO_1_23, &GO_1_27] {
        both_ways(layout, |_, round| {
            let id = 2 + 100 * round;
            vec![Goroutine::waiting(id, "sleep", &SLEEPING), Goroutine::running(id), Goroutine::dead(id)]
        });
    }
}

/// `allgs` grows: a new array, then a new length; the old array is freed, and is something else's memory.
#[test]
fn the_list_of_goroutines_grows() {
    let busy = busy(&GO_1_27, 100);
    let variables = busy.process.variables;
    let old = busy.process.memory.read_address(variables.allgptr).unwrap();
    let mut moved = busy.process.memory.clone();
    let new = Address(0xd0_0000_0000);
    moved.map(new, 4096);
    for (index, g) in (0..).zip(&busy.goroutines) {
        moved.put_address(new.offset(index * 8), *g);
    }
    moved.put_address(variables.allgptr, new);
    let mut reused = moved.clone();
    for index in 0..busy.goroutines.len() as u64 {
        reused.put_u64(old.offset(index * 8), 0x4141_4141_4141_4141);
    }
    let states = [busy.process.memory.clone(), moved, reused];
    let truth = all_seen(&snapshot_of(&busy.process, &states[0]).unwrap());
    let mut runtime = attached(&busy.process);
    for first in 0..60 {
        for then in first..60 {
            let number_of = |line: u64| usize::from(line >= first) + usize::from(line >= then);
            let changing = Changing::new(&states, number_of);
            let snapshot = take(&mut runtime, &busy.process, &changing).unwrap();
            assert_eq!(snapshot.gaps, [], "changes at lines {first} and {then}");
            assert_eq!(all_seen(&snapshot), truth, "changes at lines {first} and {then}");
        }
    }
}
