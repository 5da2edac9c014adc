//! What detectors of leaks find becomes observations that name the function, the line and the cause.

use alerting::{
    Event, FindingSettings, Findings, Kind, Severity, Tick, observe_growth, observe_leaks,
    observe_pathologies,
};
use analysis::{Meanings, Rules};
use leak_detection::{Growth, Pathology, PathologyKind, Point, Reachability, Suspicion, growth, leaks};
use snapshot::{Address, Channel, GoroutineId, WaitDirection, WaitObject, WaitObjectKind, WaitingSince};

use crate::agent::target;
use crate::process::{Process, server};

/// Goroutines that send where nobody receives, for 301 s.
fn senders(many: u64) -> Process {
    let mut process = Process::new();
    for id in 1..=many {
        let sender = process.waiting(id, "chan send", &[("runtime.gopark", 1), ("main.report", 88)]);
        sender.waiting_since = Some(WaitingSince::AtLeastMs(301_000));
        let channel = Channel { len: 0, cap: 0, element_size: 8, closed: false, timer: false };
        let kind = WaitObjectKind::Channel(WaitDirection::Send, channel);
        process.waits_on(&[WaitObject { kind, address: Address(0xc000_0000 + id * 128) }]);
    }
    process
}

fn growing(blocked: u64) -> Growth {
    let point = |n: u64| Point { at_monotonic_ns: n * 10_000_000_000, count: n * 15, blocked };
    growth(&(1..=4).map(point).collect::<Vec<_>>())
}

/// What is observed of so many senders, of whom so many are proven to have leaked.
fn observed(many: u64, proven: u64) -> Vec<alerting::Observation> {
    let process = senders(many);
    let reachability = Reachability {
        asleep: (1..=proven).map(GoroutineId).collect(),
        method: "nothing reached them".to_owned(),
        ..Reachability::default()
    };
    let meanings = Meanings::new(Rules::built_in(), &process.0);
    let everything = Suspicion { all: true, ..Suspicion::default() };
    observe_leaks(&meanings, &leaks(&meanings, &reachability, &Default::default(), everything), &target(1))
}

#[test]
fn a_leak_names_function_line_and_cause() {
    let found = observed(60, 60);
    let [leak] = found.as_slice() else { panic!("{found:?}") };
    assert_eq!((&leak.kind, leak.severity, leak.count), (&Kind::LeakProven, Severity::Critical, 60));
    assert_eq!(leak.key.package.as_deref(), Some("main"));
    let cause = &leak.causes[0];
    assert_eq!(
        (cause.function.as_str(), cause.file.as_str(), cause.line),
        ("main.report", "/src/main.go", 88)
    );
    assert!(leak.sentence.contains("can never run again") && leak.fix.is_some());
    let mut findings = Findings::new(FindingSettings::default());
    let tick = |at_unix_ms| Tick { at_unix_ms, observations: &found, ..Tick::default() };
    findings.tick(&tick(0));
    let told = findings.tick(&tick(10_000));
    assert_eq!(told[0].event, Event::Fired);
    assert_eq!(told[0].alert.title(), "60 goroutines leak in main.report (main.go:88)");
}

#[test]
fn what_is_healthy_is_not_observed() {
    let process = server();
    let meanings = Meanings::new(Rules::built_in(), &process.0);
    let found = leaks(&meanings, &Reachability::default(), &Default::default(), Suspicion::default());
    assert_eq!(observe_leaks(&meanings, &found, &target(1)), []);
}

#[test]
fn what_is_sure_and_what_is_many_decides() {
    let kinds = |many, proven| -> Vec<(Kind, Severity)> {
        observed(many, proven).into_iter().map(|seen| (seen.kind, seen.severity)).collect()
    };
    assert_eq!(kinds(50, 50), [(Kind::LeakProven, Severity::Warning)]);
    assert_eq!(kinds(51, 0), [(Kind::Cluster, Severity::Warning)]);
    assert_eq!(kinds(50, 0), [(Kind::LeakSuspected, Severity::Info)]);
}

#[test]
fn growth_is_observed_if_there_is_any() {
    let observe =
        |growth: &Growth| observe_growth(growth, 60, &target(1)).map(|seen| (seen.kind, seen.severity));
    assert_eq!(observe(&growing(100)), Some((Kind::Growth, Severity::Warning)));
    assert_eq!(observe(&growing(101)), Some((Kind::Growth, Severity::Critical)), "over 100 are blocked: P0");
    assert_eq!(observe(&growth(&[])), None);
}

#[test]
fn pathologies_are_known_by_their_names() {
    let pathology = |kind| Pathology { kind, evidence: vec!["3000 wait for the mutex at 0xc000".to_owned()] };
    let found = [pathology(PathologyKind::MutexPileUp), pathology(PathologyKind::TimerStorm)];
    let seen = observe_pathologies(&found, &target(1));
    let kinds: Vec<&str> = seen.iter().map(|seen| seen.kind.name()).collect();
    assert_eq!(kinds, ["mutex_pile_up", "timer_storm"]);
    assert_eq!(
        seen[0].sentence,
        "Very many goroutines wait for one lock: 3000 wait for the mutex at 0xc000."
    );
    let mut findings = Findings::new(FindingSettings::default());
    findings.tick(&Tick { at_unix_ms: 0, observations: &seen, ..Tick::default() });
    assert_eq!(findings.all().count(), 2);
}
