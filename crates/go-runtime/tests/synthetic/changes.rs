//! The process changes between two reads, at every place where it could: what is shown is one state or the
//! other, never some of both.

use std::collections::BTreeMap;

use snapshot::{GapSubject, Snapshot, StackState};
use synthetic_process::layout::{GO_1_23, GO_1_27, Layout};
use synthetic_process::{
    Changing, Channel, Goroutine, Image, Machine, Process, ProcessBuilder, Processor, Waits,
};

use crate::busy_process::{MAIN, SENDING};
use crate::reading::{Seen, all_seen, attached, has_gap_of, snapshot_of, take};

const SLEEPING: [&str; 4] = ["runtime.gopark", "time.Sleep", "main.handler", "main.worker"];
const ELSEWHERE: [&str; 4] = ["runtime.gopark", "time.Sleep", "main.worker.func1", "main.worker"];

/// States of one process whose goroutine 2 (if it is not another by then) is as given, one after the other.
struct Story {
    process: Process,
    states: Vec<Image>,
    /// What a snapshot of each state says.
    truths: Vec<BTreeMap<u64, Seen>>,
}

fn story(layout: &'static Layout, make: impl Fn(&mut ProcessBuilder) -> Vec<Goroutine>) -> Story {
    let processes = |state: usize| {
        let mut builder = ProcessBuilder::new(layout);
        let main = Goroutine { entry: "runtime.main", ..Goroutine::waiting(1, "sleep", &MAIN) };
        builder.goroutine(main);
        let g = builder.goroutine(Goroutine::dead(2));
        let spare = builder.goroutine(Goroutine::dead(3));
        // Each state is written in the heap behind the one before, so that addresses are the same in all.
        let goroutines = make(&mut builder);
        for (index, goroutine) in goroutines.iter().enumerate() {
            if index <= state {
                builder.write_goroutine(g, goroutine);
            } else {
                builder.write_goroutine(spare, &Goroutine { status: 6, ..goroutine.clone() });
            }
        }
        let machine = builder.machine(Machine { id: 0, tid: 100, ..Machine::default() });
        let processor = builder.processor(Processor { status: 1, ..Processor::default() });
        builder.bind(machine, processor);
        (builder.build(), goroutines.len())
    };
    let (process, count) = processes(0);
    let states: Vec<Image> = (0..count).map(|state| processes(state).0.memory).collect();
    let truths = states.iter().map(|state| all_seen(&snapshot_of(&process, state).unwrap())).collect();
    Story { process, states, truths }
}

/// The goroutines of `snapshot` are each as in one of the states, or say what is missing.
fn of_one_state(story: &Story, snapshot: &Snapshot, case: &str) {
    for (id, seen) in all_seen(snapshot) {
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

/// The process goes from state to state at every read in turn, once or to and fro. Says how often a stack
/// was tried again.
fn at_every_read(story: &Story) -> u64 {
    let mut runtime = attached(&story.process);
    let still = Changing::new(&story.states, |_| 0);
    take(&mut runtime, &story.process, &still).unwrap();
    let (reads, last) = (still.reads(), story.states.len() - 1);
    let (mut retried, mut seen) = (0, [0; 2]);
    for first in 0..=reads {
        for then in (first..=reads.min(first + 12)).chain([reads + 1]) {
            let number_of = |read: u64| usize::from(read >= first) + usize::from(read >= then);
            let forth = Changing::new(&story.states, |read| number_of(read).min(last));
            let snapshot = take(&mut runtime, &story.process, &forth).unwrap();
            of_one_state(story, &snapshot, &format!("forth at reads {first} and {then}"));
            retried += snapshot.cost.retried;
            let there = Changing::new(&story.states, |read| usize::from((first..then).contains(&read)));
            let snapshot = take(&mut runtime, &story.process, &there).unwrap();
            of_one_state(story, &snapshot, &format!("there and back at reads {first} and {then}"));
            for (seen, truth) in seen.iter_mut().zip(&story.truths) {
                *seen += u32::from(*truth == all_seen(&snapshot));
            }
        }
    }
    assert!(seen.iter().all(|seen| *seen > 0), "both states have been seen whole: {seen:?}");
    retried
}

/// Every read sees another state than the one before: it never lies still.
fn at_all_reads(story: &Story) {
    let mut runtime = attached(&story.process);
    for rhythm in 1..6 {
        let states = story.states.len();
        let plan = |read: u64| usize::try_from(read / rhythm).unwrap() % states;
        let restless = Changing::new(&story.states, plan);
        let snapshot = take(&mut runtime, &story.process, &restless).unwrap();
        of_one_state(story, &snapshot, &format!("every {rhythm} reads"));
    }
}

fn both_ways(layout: &'static Layout, make: impl Fn(&mut ProcessBuilder) -> Vec<Goroutine>) -> u64 {
    let story = story(layout, make);
    assert_ne!(story.truths.first(), story.truths.get(1), "the states can be told apart");
    at_all_reads(&story);
    at_every_read(&story)
}

/// It ran, and sleeps in another function. `trackingSeq` tells, even where nothing else would.
#[test]
fn it_parks_elsewhere() {
    for layout in [&GO_1_23, &GO_1_27] {
        let retried = both_ways(layout, |_| {
            let at = |tracking_seq, stack: &[&'static str]| Goroutine {
                tracking_seq,
                ..Goroutine::waiting(2, "sleep", stack)
            };
            vec![at(7, &SLEEPING), at(8, &ELSEWHERE), at(9, &SLEEPING)]
        });
        assert!(retried > 0, "some of the changes came between two headers");
    }
}

/// The goroutine ends, and its descriptor is another goroutine's.
#[test]
fn it_ends_and_its_descriptor_is_reused() {
    for layout in [&GO_1_23, &GO_1_27] {
        let retried = both_ways(layout, |_| {
            vec![
                Goroutine::waiting(2, "sleep", &SLEEPING).labelled(&[("of", "the first")]),
                Goroutine { tracking_seq: 200, ..Goroutine::dead(2) },
                Goroutine {
                    tracking_seq: 90,
                    ..Goroutine::waiting(30, "sleep", &ELSEWHERE).labelled(&[("of", "the second")])
                },
            ]
        });
        assert!(retried > 0, "some of the changes came between two headers");
    }
}

/// It got what it waited for, and waits for something else.
#[test]
fn it_waits_on_something_else() {
    for layout in [&GO_1_23, &GO_1_27] {
        let retried = both_ways(layout, |builder| {
            let first = builder.channel(Channel { element_bytes: 8, ..Channel::default() });
            let second = builder.channel(Channel { len: 4, cap: 4, element_bytes: 16, closed: false });
            let on = |tracking_seq, channel| {
                let goroutine = Goroutine::waiting(2, "chan send", &SENDING).on(Waits::Send(channel));
                Goroutine { tracking_seq, ..goroutine }
            };
            let select =
                Goroutine::waiting(2, "select", &["runtime.gopark", "runtime.selectgo", "main.worker"]);
            let select = select.on(Waits::Select(vec![(first, true), (second, false)]));
            vec![on(5, first), on(6, second), Goroutine { tracking_seq: 7, ..select }]
        });
        assert!(retried > 0, "some of the changes came between two headers");
    }
}

/// It is woken, runs, and is gone.
#[test]
fn it_runs_and_ends() {
    for layout in [&GO_1_23, &GO_1_27] {
        both_ways(layout, |_| {
            vec![
                Goroutine::waiting(2, "sleep", &SLEEPING),
                Goroutine { tracking_seq: 4, ..Goroutine::running(2) },
                Goroutine { tracking_seq: 5, ..Goroutine::dead(2) },
            ]
        });
    }
}
