//! Real processes, recorded while a snapshot was taken of them, and read again when they are gone.
//!
//! What a recording holds is all that the decoders ever saw of the process, so that each of its reads can
//! fail or lie in turn, on memory that a real runtime wrote.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::BTreeMap;
use std::fs;

use go_binary::{Bias, Executable};
use go_runtime::{Limits, Moment, Options, Runtime};
use process_memory::{
    Fault, FaultInjecting, LiveMemory, ProcessMemory, ReadError, ReadFailure, RecordedMemory, Recording,
};
use snapshot::{Architecture, LayoutSource, Snapshot, StackState, Target, WaitObject};
use target_programs::{Build, Built, GoRelease, Program, Running, Variant};

/// The oldest release, one with label maps and a table of semaphores, and one without.
const RELEASES: [GoRelease; 3] = [GoRelease::new(19, 13), GoRelease::new(23, 12), GoRelease::new(27, 4)];

/// A process that was, and the snapshot that was taken of it.
struct Recorded {
    built: Built,
    memory: RecordedMemory,
    snapshot: Snapshot,
}

fn attach<M: ProcessMemory>(built: &Built, memory: &M) -> Runtime {
    let executable = Executable::parse(Box::new(fs::read(&built.executable).unwrap())).unwrap();
    assert!(!executable.position_independent());
    Runtime::attach(executable, Bias(0), memory, Limits::default(), None).unwrap()
}

fn take<M: ProcessMemory>(runtime: &mut Runtime, memory: &M) -> Result<Snapshot, ReadError> {
    let target = Target {
        pid: 1,
        name: "states".into(),
        executable: "/states".into(),
        architecture: Architecture::Amd64,
        go_version: String::new(),
        module: None,
        module_version: None,
        stripped: true,
        layout: LayoutSource::Table,
    };
    let moment = Moment { unix_ms: 0, monotonic_ns: i64::MAX };
    runtime.snapshot(memory, &target, &Options::default(), moment, None)
}

/// Runs the program that shows every state, and records one snapshot of it.
fn record(release: GoRelease) -> Option<Recorded> {
    let build = Build::amd64(Program::States, release, Variant::Stripped);
    let built = build.build_or_skip().unwrap()?;
    let running = Running::start(&built, &[]).unwrap();
    let recording = Recording::of(LiveMemory::of(running.pid()));
    let mut runtime = attach(&built, &recording);
    let snapshot = take(&mut runtime, &recording).unwrap();
    drop(running);
    let bytes = recording.finish().to_bytes();
    Some(Recorded { built, memory: RecordedMemory::from_bytes(&bytes).unwrap(), snapshot })
}

type Seen = (Option<String>, Vec<(String, u32)>, Vec<(String, String)>, Vec<WaitObject>);

/// The goroutines that lay still, by id.
fn still(snapshot: &Snapshot) -> BTreeMap<u64, Seen> {
    let text = |id| snapshot.tables.text(id).to_owned();
    let still = snapshot.goroutines.iter().filter(|goroutine| goroutine.stack_state == StackState::Saved);
    let seen = still.map(|goroutine| {
        let frames = snapshot.frames(goroutine).map(|frame| (text(frame.function), frame.line)).collect();
        let labels =
            snapshot.labels(goroutine).map(|(key, value)| (key.to_owned(), value.to_owned())).collect();
        let reason = snapshot.wait_reason(goroutine).map(str::to_owned);
        (goroutine.id.0, (reason, frames, labels, snapshot.waiting_on(goroutine).to_vec()))
    });
    seen.collect()
}

#[test]
fn a_process_that_is_gone_is_seen_as_it_was() {
    for release in RELEASES {
        let Some(recorded) = record(release) else { return };
        let mut runtime = attach(&recorded.built, &recorded.memory);
        let again = take(&mut runtime, &recorded.memory).unwrap();
        assert!(still(&again).len() > 15, "{release}: too few to prove anything");
        assert_eq!(still(&again), still(&recorded.snapshot), "{release}");
        assert_eq!(again.gaps.len(), recorded.snapshot.gaps.len(), "{release}: {:?}", again.gaps);
    }
}

#[test]
fn every_read_of_a_real_process_fails_once() {
    for release in RELEASES {
        let Some(recorded) = record(release) else { return };
        let truth = still(&recorded.snapshot);
        let mut runtime = attach(&recorded.built, &recorded.memory);
        let whole = FaultInjecting::new(&recorded.memory, |_, _, _| Fault::None);
        take(&mut runtime, &whole).unwrap();
        for victim in 0..whole.reads() {
            let failure = Fault::Fail(ReadFailure::NotMapped);
            let plan = |number, _, _| if number == victim { failure } else { Fault::None };
            let memory = FaultInjecting::new(&recorded.memory, plan);
            let Ok(snapshot) = take(&mut runtime, &memory) else {
                assert!(victim < 4, "{release}: read {victim} was not that of the list of goroutines");
                continue;
            };
            let seen = still(&snapshot);
            for (id, (reason, frames, labels, waits)) in &truth {
                let Some(seen) = seen.get(id) else {
                    assert_ne!(snapshot.gaps, [], "{release}: goroutine {id} is missing without a gap");
                    continue;
                };
                assert_eq!((&seen.0, &seen.1), (reason, frames), "{release}: goroutine {id}, read {victim}");
                let same = (&seen.2, &seen.3) == (labels, waits);
                assert!(
                    same || !snapshot.gaps.is_empty(),
                    "{release}: goroutine {id}, read {victim}: {seen:?}"
                );
            }
        }
    }
}

#[test]
fn every_read_of_a_real_process_lies_once() {
    for release in RELEASES {
        let Some(recorded) = record(release) else { return };
        let mut runtime = attach(&recorded.built, &recorded.memory);
        let whole = FaultInjecting::new(&recorded.memory, |_, _, _| Fault::None);
        take(&mut runtime, &whole).unwrap();
        for victim in 0..whole.reads() {
            for lie in [Fault::Fill(0), Fault::Fill(0xff), Fault::Flip(0), Fault::Flip(77), Fault::Flip(1000)]
            {
                let plan = |number, _, _| if number == victim { lie } else { Fault::None };
                let memory = FaultInjecting::new(&recorded.memory, plan);
                let _ = take(&mut runtime, &memory);
                assert!(memory.reads() < 500_000, "{release}: read {victim}: {} reads", memory.reads());
            }
        }
    }
}
