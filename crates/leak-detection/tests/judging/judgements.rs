//! Boundaries and pathologies of processes made by hand.

use crate::process::{self, Process};
use analysis::{Meanings, Rules};
use leak_detection::{BoundaryKind, PathologyKind, Reach, boundary, pathologies, score_of};
use snapshot::*;

fn on(kind: WaitObjectKind, address: u64) -> WaitObject {
    WaitObject { kind, address: Address(address) }
}

fn channel(direction: WaitDirection, element_size: u16, cap: u64, timer: bool) -> WaitObjectKind {
    WaitObjectKind::Channel(direction, Channel { len: 0, cap, element_size, closed: false, timer })
}

/// The boundary of a goroutine that waits on some objects, and the function of the frame that shows it.
fn judged(reason: &str, objects: &[WaitObject], reach: Reach) -> Option<(BoundaryKind, bool, String)> {
    let mut process = Process::new();
    let stack = [("runtime.gopark", 1), ("io.ReadFull", 2), ("main.report", 7), ("main.main", 9)];
    process.waiting(7, reason, &stack);
    process.waits_on(objects);
    let meanings = Meanings::new(Rules::built_in(), &process.0);
    let found = boundary(&meanings, process.0.goroutines.first()?, reach)?;
    assert!(!found.evidence.is_empty());
    let frame = process.0.tables.frames.get(found.frame.unwrap()).unwrap();
    Some((found.kind, found.is_certain, process.0.tables.text(frame.function).to_owned()))
}

#[test]
fn each_wait_violates_its_boundary() {
    use BoundaryKind::{Communication, Reference, Timeout};
    use WaitDirection::{Receive, Send};
    let send = on(channel(Send, 8, 0, false), 0x10);
    let receive = on(channel(Receive, 8, 0, false), 0x20);
    let done = on(channel(Receive, 0, 0, false), 0x30);
    let timer = on(channel(Receive, 24, 1, true), 0x40);
    let old_timer = on(channel(Receive, 24, 1, false), 0x40);
    let nil = on(WaitObjectKind::NilChannel(Receive), 0);
    let network = on(WaitObjectKind::Network, 0);
    let mutex = on(WaitObjectKind::Mutex { state: 1 }, 0x50);
    let group = on(WaitObjectKind::WaitGroup { counter: 1, waiters: 1 }, 0x60);
    let unknown = Reach::Unknown;
    for (reason, objects, reach, expected) in [
        ("chan send", &[send][..], unknown, Some((Timeout, true))),
        ("select", &[send, receive], unknown, Some((Timeout, true))),
        ("select", &[send, done], unknown, Some((Reference, false))),
        ("select", &[send, timer], unknown, None),
        ("select", &[send, old_timer], unknown, None),
        ("chan receive (nil chan)", &[nil], unknown, Some((Communication, true))),
        ("select", &[send, done], Reach::Nobody, Some((Communication, true))),
        ("chan receive", &[receive], Reach::Alive, Some((Reference, true))),
        ("IO wait", &[network], unknown, Some((Timeout, false))),
        ("IO wait", &[], unknown, Some((Timeout, false))),
        ("sync.Mutex.Lock", &[mutex], unknown, Some((Reference, false))),
        ("sync.WaitGroup.Wait", &[group], unknown, Some((Communication, false))),
        // A timer that fires would be reached by the runtime: this one was stopped.
        ("select", &[send, timer], Reach::Nobody, Some((Communication, true))),
        ("sleep", &[], unknown, None),
        ("GC worker (idle)", &[], unknown, None),
    ] {
        let found = judged(reason, objects, reach);
        let expected = expected.map(|(kind, certain)| (kind, certain, "main.report".to_owned()));
        assert_eq!(found, expected, "{reason} {objects:?} {reach:?}");
    }
}

#[test]
fn who_runs_violates_nothing_and_who_go_calls_leaked_does() {
    let mut process = Process::new();
    process.waiting(1, "chan send", &[("main.f", 1)]).status = Status::Leaked;
    process.waiting(2, "", &[("main.f", 1)]).status = Status::Running;
    let meanings = Meanings::new(Rules::built_in(), &process.0);
    let of = |at: usize| boundary(&meanings, &process.0.goroutines[at], Reach::Unknown);
    assert_eq!(of(0).map(|found| found.kind), Some(BoundaryKind::Communication));
    assert_eq!(of(1), None);
}

#[test]
fn scores_are_of_the_goroutine() {
    let process = process::server();
    let score = score_of(&process.0, &process.0.goroutines[1]);
    // Three frames, blocked in a receive for 30 minutes.
    assert!((score.value - (0.4 * 3.0 / 64.0 + 0.35 + 0.25)).abs() < 1e-9, "{score:?}");
    assert_eq!(score.risk, leak_detection::Risk::High);
    let running = score_of(&process.0, &process.0.goroutines[5]);
    assert!((running.value - 0.07).abs() < 1e-9, "{running:?}");
}

fn scheduler(processors: usize) -> Scheduler {
    Scheduler { processors: vec![Processor::default(); processors], ..Scheduler::default() }
}

fn kinds(before: Option<&Snapshot>, now: &Snapshot) -> Vec<PathologyKind> {
    pathologies(before, now).iter().map(|found| found.kind).collect()
}

#[test]
fn a_thousand_waiters_for_one_lock_are_a_pile_up() {
    let mut process = Process::new();
    let lock = on(WaitObjectKind::Mutex { state: 8001 }, 0xc000_1000);
    for id in 1..=999 {
        process.waiting(id, "sync.Mutex.Lock", &[("main.f", 1)]).waiting_since =
            Some(WaitingSince::AtLeastMs(id * 1000));
        process.waits_on(&[lock]);
    }
    assert_eq!(kinds(None, &process.0), []);
    process.waiting(1000, "sync.Mutex.Lock", &[("main.f", 1)]);
    process.waits_on(&[lock]);
    let found = &pathologies(None, &process.0)[0];
    assert_eq!(found.kind, PathologyKind::MutexPileUp);
    assert_eq!(found.evidence[0], "1000 goroutines wait for the lock at 0xc0001000");
    assert_eq!(found.evidence[1], "the longest for 999 s");
    assert!(found.evidence[2].contains("golang/go#81957"), "{found:?}");
    process.0.target.go_version = "go1.25.14".into();
    assert_eq!(pathologies(None, &process.0)[0].evidence.len(), 2);
}

#[test]
fn timers_assists_and_threads() {
    let mut process = Process::new();
    process.0.scheduler = Some(scheduler(2));
    for id in 1..=8 {
        process.waiting(id, "GC assist wait", &[("main.f", 1)]);
    }
    assert_eq!(kinds(None, &process.0), [PathologyKind::GcAssistStall]);
    process.last().wait_reason = None;
    assert_eq!(kinds(None, &process.0), []);

    let mut process = Process::new();
    let mut timers = scheduler(2);
    timers.processors.iter_mut().for_each(|p| p.timers = Some(50_000));
    process.0.scheduler = Some(timers.clone());
    assert_eq!(kinds(None, &process.0), [PathologyKind::TimerStorm]);
    timers.processors[1].timers = None;
    process.0.scheduler = Some(timers);
    assert_eq!(kinds(None, &process.0), [], "what is not known is no evidence");

    let mut process = Process::new();
    process.0.scheduler = Some(Scheduler { machine_count: Some(120), ..scheduler(4) });
    for id in 1..=100 {
        process.waiting(id, "", &[("main.f", 1)]).status = Status::Syscall;
    }
    assert_eq!(kinds(None, &process.0), [PathologyKind::ThreadExplosion]);
    process.last().status = Status::Running;
    assert_eq!(kinds(None, &process.0), []);
}

#[test]
fn locked_threads_that_hold_the_ps_and_churn() {
    let mut process = Process::new();
    let machine = |id: i64| Machine {
        id,
        p: Some(0),
        goroutine: Some(GoroutineId(9)),
        locked_goroutine: Some(GoroutineId(9)),
        ..Machine::default()
    };
    let mut starving =
        Scheduler { machines: vec![machine(1), machine(2)], global_run_queue: 4, ..scheduler(4) };
    process.0.scheduler = Some(starving.clone());
    assert_eq!(kinds(None, &process.0), [PathologyKind::LockedThreadStarvation]);
    starving.machines[1].locked_goroutine = None;
    process.0.scheduler = Some(starving);
    assert_eq!(kinds(None, &process.0), []);

    let before = {
        let mut process = Process::new();
        process.0.scheduler = Some(Scheduler { goroutines_created: Some(1_000), ..scheduler(2) });
        process.0
    };
    let mut now = before.clone();
    now.taken_at_monotonic_ns += 2_000_000_000;
    now.scheduler = Some(Scheduler { goroutines_created: Some(101_000), ..scheduler(2) });
    let found = pathologies(Some(&before), &now);
    assert_eq!(found[0].evidence, ["50000 goroutines started per second, while 0 are alive"]);
    now.taken_at_monotonic_ns += 1_000_000;
    assert_eq!(kinds(Some(&before), &now), []);
}
