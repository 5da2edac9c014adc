//! Each single read of a snapshot, and of attaching, fails or lies: one after the other, then many at random.

use std::collections::BTreeMap;

use go_runtime::Limits;
use process_memory::{Fault, FaultInjecting, ReadFailure};
use snapshot::{Address, GapSubject, Snapshot, StackState, WaitObjectKind};
use synthetic_process::layout::{GO_1_23, GO_1_27, Layout};

use crate::busy_process::{Busy, busy};
use crate::reading::{Seen, all_seen, attach, attached, has_gap, has_gap_of, snapshot_of, take};

/// Reads that a snapshot of the process makes when nothing fails.
fn reads_of(busy: &Busy) -> u64 {
    let memory = FaultInjecting::new(&busy.process.memory, |_, _, _| Fault::None);
    snapshot_of(&busy.process, &memory).unwrap();
    assert!(memory.reads() > 50, "{} reads are too few to prove anything", memory.reads());
    memory.reads()
}

/// What is shown is the truth, and what is not shown is a gap.
fn true_or_missing(truth: &BTreeMap<u64, Seen>, snapshot: &Snapshot, case: &str) {
    let seen = all_seen(snapshot);
    for (id, truth) in truth {
        let Some(seen) = seen.get(id) else {
            let gap =
                has_gap(snapshot, GapSubject::Goroutine) || has_gap(snapshot, GapSubject::GoroutineList);
            assert!(gap, "{case}: goroutine {id} is missing without a gap");
            continue;
        };
        let known = (seen.status, &seen.wait_reason, &seen.entry, &seen.created_by, seen.parent);
        let true_ones = (truth.status, &truth.wait_reason, &truth.entry, &truth.created_by, truth.parent);
        assert_eq!(known, true_ones, "{case}: goroutine {id}");
        let shown = |all: bool, subject, what| {
            assert!(
                all || has_gap_of(snapshot, subject, *id),
                "{case}: {what} of goroutine {id} without a gap: {:?}",
                snapshot.gaps
            );
        };
        if seen.state == StackState::Saved {
            assert_eq!(
                (&seen.stack, seen.complete),
                (&truth.stack, truth.complete),
                "{case}: goroutine {id}"
            );
        } else {
            assert!(seen.stack.is_empty(), "{case}: goroutine {id} has a stack from nowhere");
            shown(seen.state == truth.state, GapSubject::Stack, "no stack");
        }
        assert!(seen.labels.is_empty() || seen.labels == truth.labels, "{case}: labels of goroutine {id}");
        shown(seen.labels == truth.labels, GapSubject::Labels, "no labels");
        for (seen, truth) in seen.waits.iter().zip(&truth.waits) {
            let poorer =
                matches!(seen.kind, WaitObjectKind::Semaphore | WaitObjectKind::UnreadableChannel(_));
            assert!(seen == truth || poorer, "{case}: goroutine {id} waits on {seen:?}");
        }
        // Where the reason does not say what kind of semaphore it is, the stack does.
        let by_stack = seen.waits.len() == truth.waits.len() && has_gap_of(snapshot, GapSubject::Stack, *id);
        let same = seen.waits == truth.waits || by_stack;
        shown(same, GapSubject::WaitObject, "not all that it waits on");
        let same = seen.tid == truth.tid || has_gap(snapshot, GapSubject::Scheduler);
        shown(same, GapSubject::Machines, "no thread");
    }
    assert!(seen.keys().all(|id| truth.contains_key(id)), "{case}: a goroutine from nowhere");
}

fn every_read_fails_once(layout: &'static Layout) {
    let busy = busy(layout, 3);
    let truth = all_seen(&snapshot_of(&busy.process, &busy.process.memory).unwrap());
    let mut runtime = attached(&busy.process);
    for victim in 0..reads_of(&busy) {
        for cause in [ReadFailure::NotMapped, ReadFailure::PermissionDenied, ReadFailure::ProcessExited] {
            let plan = |number, _, _| if number == victim { Fault::Fail(cause) } else { Fault::None };
            let memory = FaultInjecting::new(&busy.process.memory, plan);
            // Only the list of goroutines is needed for there to be a snapshot at all.
            if let Ok(snapshot) = take(&mut runtime, &busy.process, &memory) {
                true_or_missing(&truth, &snapshot, &format!("read {victim} fails with {cause}"));
            } else {
                assert!(
                    victim < 4 || cause == ReadFailure::ProcessExited,
                    "read {victim} was not the list's"
                );
            }
        }
    }
}

#[test]
fn every_read_fails_once_go_1_23() {
    every_read_fails_once(&GO_1_23);
}

#[test]
fn every_read_fails_once_go_1_27() {
    every_read_fails_once(&GO_1_27);
}

/// From some read on, all fail: the process has gone.
#[test]
fn the_process_exits_at_every_read() {
    for layout in [&GO_1_23, &GO_1_27] {
        let busy = busy(layout, 3);
        let truth = all_seen(&snapshot_of(&busy.process, &busy.process.memory).unwrap());
        let mut runtime = attached(&busy.process);
        for last in 0..reads_of(&busy) {
            let gone = Fault::Fail(ReadFailure::ProcessExited);
            let plan = |number, _, _| if number >= last { gone } else { Fault::None };
            let memory = FaultInjecting::new(&busy.process.memory, plan);
            if let Ok(snapshot) = take(&mut runtime, &busy.process, &memory) {
                true_or_missing(&truth, &snapshot, &format!("gone before read {last}"));
            }
        }
    }
}

/// Whole structures are unreadable for good: each goroutine, channel, label set, and so on in turn.
#[test]
fn every_structure_is_unreadable() {
    for layout in [&GO_1_23, &GO_1_27] {
        let busy = busy(layout, 3);
        let truth = all_seen(&snapshot_of(&busy.process, &busy.process.memory).unwrap());
        let sudogs = [1, 3].map(|id| busy.first_sudog(id));
        let things = busy.goroutines.iter().chain(&busy.machines).chain(&busy.processors).chain(&sudogs);
        for thing in things.chain([&busy.buffered, &busy.unbuffered, &busy.mutex, &busy.wait_group]) {
            let covers = |at: Address, len: usize| at <= *thing && thing.0 < at.0 + len as u64;
            let plan = |_, at, len| match covers(at, len) {
                true => Fault::Fail(ReadFailure::NotMapped),
                false => Fault::None,
            };
            let memory = FaultInjecting::new(&busy.process.memory, plan);
            let snapshot = snapshot_of(&busy.process, &memory).unwrap();
            true_or_missing(&truth, &snapshot, &format!("{thing} cannot be read"));
            assert_ne!(snapshot.gaps, [], "{thing} cannot be read, and nothing says so");
        }
    }
}

/// Reads that lie cannot always be told from the truth. They must not do worse than that.
#[test]
fn every_read_lies_once() {
    for layout in [&GO_1_23, &GO_1_27] {
        let busy = busy(layout, 3);
        let mut runtime = attached(&busy.process);
        for victim in 0..reads_of(&busy) {
            let lies = [Fault::Fill(0), Fault::Fill(0xff), Fault::Fill(0x55), Fault::Fill(1)];
            let flips = (0..64).map(|index| Fault::Flip(index * 7));
            for lie in lies.into_iter().chain(flips) {
                let plan = |number, _, _| if number == victim { lie } else { Fault::None };
                let memory = FaultInjecting::new(&busy.process.memory, plan);
                let _ = take(&mut runtime, &busy.process, &memory);
                assert!(memory.reads() < 300_000, "read {victim} with {lie:?}: {} reads", memory.reads());
            }
        }
    }
}

#[test]
fn many_reads_lie_and_fail() {
    for layout in [&GO_1_23, &GO_1_27] {
        let busy = busy(layout, 30);
        let mut runtime = attached(&busy.process);
        for seed in 0..2000_u64 {
            let plan = |number: u64, _: Address, _: usize| {
                // SplitMix64: each seed is another sequence, the same each time.
                let mut x = (seed << 32 ^ number).wrapping_mul(0x9e37_79b9_7f4a_7c15);
                x = (x ^ x >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
                x ^= x >> 27;
                match x % 64 {
                    0 => Fault::Fail(ReadFailure::NotMapped),
                    1 => Fault::Fill((x >> 32).to_le_bytes()[0]),
                    2..5 => Fault::Flip(usize::try_from(x >> 40).unwrap()),
                    _ => Fault::None,
                }
            };
            let memory = FaultInjecting::new(&busy.process.memory, plan);
            let _ = take(&mut runtime, &busy.process, &memory);
            assert!(memory.reads() < 1_000_000, "seed {seed}: {} reads", memory.reads());
        }
    }
}

/// Attaching asks more of a process: what fails or lies there makes an error, or does not matter.
#[test]
fn attaching_survives_every_read() {
    for layout in [&GO_1_23, &GO_1_27] {
        let busy = busy(layout, 3);
        let truth = all_seen(&snapshot_of(&busy.process, &busy.process.memory).unwrap());
        let whole = FaultInjecting::new(&busy.process.memory, |_, _, _| Fault::None);
        attach(&busy.process, &whole, Limits::default()).unwrap();
        let mut refused = 0;
        for victim in 0..whole.reads() {
            let faults =
                [Fault::Fail(ReadFailure::NotMapped), Fault::Fill(0), Fault::Fill(0xff), Fault::Flip(3)];
            for fault in faults {
                let plan = |number, _, _| if number == victim { fault } else { Fault::None };
                let memory = FaultInjecting::new(&busy.process.memory, plan);
                let Ok(mut runtime) = attach(&busy.process, &memory, Limits::default()) else {
                    refused += 1;
                    continue;
                };
                // A read that failed leaves no wrong words behind; a lie may.
                if matches!(fault, Fault::Fail(_)) {
                    let snapshot = take(&mut runtime, &busy.process, &busy.process.memory).unwrap();
                    true_or_missing(&truth, &snapshot, &format!("read {victim} of attaching fails"));
                }
            }
        }
        assert!(refused > 0, "some of the reads must matter");
    }
}
