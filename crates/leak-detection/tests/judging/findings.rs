//! Leaks of processes made by hand: what is proven, what is suspected, what is healthy.

use crate::process::Process;
use analysis::{Meanings, Rules};
use leak_detection::{
    BoundaryKind, Leaks, Point, Reachability, Suspicion, Verdict, group_key, growth, leaks, sentence,
};
use snapshot::*;

/// 60 goroutines that send where nobody receives, for `age_ms`, and one that waits for a lock.
fn senders(age_ms: u64) -> Process {
    let mut process = Process::new();
    for id in 1..=60 {
        let sender = process.waiting(id, "chan send", &[("runtime.gopark", 1), ("main.report", 88)]);
        sender.waiting_since = Some(WaitingSince::AtLeastMs(age_ms));
        let channel = Channel { len: 0, cap: 0, element_size: 8, closed: false, timer: false };
        let kind = WaitObjectKind::Channel(WaitDirection::Send, channel);
        process.waits_on(&[WaitObject { kind, address: Address(0xc000_0000 + id * 128) }]);
    }
    process.waiting(61, "sync.Mutex.Lock", &[("main.other", 5)]);
    process
}

fn asleep(ids: impl IntoIterator<Item = u64>) -> Reachability {
    Reachability {
        asleep: ids.into_iter().map(GoroutineId).collect(),
        method: "nothing reached them".to_owned(),
        ..Reachability::default()
    }
}

fn found(process: &Process, reachability: &Reachability, suspicion: Suspicion) -> Leaks {
    leaks(&Meanings::new(Rules::built_in(), &process.0), reachability, &Default::default(), suspicion)
}

#[test]
fn who_is_not_reached_has_leaked_for_sure_only_without_doubts() {
    let process = senders(1000);
    let mut reachability = asleep(1..=60);
    reachability.known_to_runtime.insert(GoroutineId(3));
    let all = found(&process, &reachability, Suspicion::default());
    let [leak] = all.leaks.as_slice() else { panic!("{all:?}") };
    assert_eq!((leak.verdict, leak.group.count, leak.known_to_runtime), (Verdict::Proven, 60, 1));
    assert_eq!(leak.boundary.as_ref().unwrap().kind, BoundaryKind::Communication);
    let said = sentence(&process.0, leak);
    assert!(
        said.starts_with("60 goroutines started by main.main (main.go:12) can never run again: they wait to send on channels that"),
        "{said}"
    );
    assert!(said.contains(", in main.report ("), "{said}");
    reachability.doubts.push("something could not be read".to_owned());
    let doubted = found(&process, &reachability, Suspicion::default());
    let [leak] = doubted.leaks.as_slice() else { panic!("{doubted:?}") };
    assert_eq!(leak.verdict, Verdict::Suspected);
    assert!(leak.evidence.iter().any(|evidence| evidence.contains("something could not be read")));
    assert!(sentence(&process.0, leak).contains("may have leaked"));
}

#[test]
fn what_was_proven_once_stays_proven_where_a_later_look_is_no_proof() {
    let mut process = senders(1000);
    // One has run after all, which nobody expects; then it is none of them.
    process.0.goroutines[8].status = Status::Runnable;
    let mut reachability = asleep(5..=60);
    reachability.proven_before = [1, 2, 5, 9, 70].map(GoroutineId).into_iter().collect();
    let verdicts = |reachability: &Reachability| -> Vec<(Verdict, u64, bool)> {
        let all = found(&process, reachability, Suspicion::default());
        let earlier =
            |leak: &leak_detection::Leak| leak.evidence[0].starts_with("an earlier search of this process");
        all.leaks.iter().map(|leak| (leak.verdict, leak.group.count, earlier(leak))).collect()
    };
    assert_eq!(verdicts(&reachability), [(Verdict::Proven, 56, false)], "a proof of now says it all");
    reachability.doubts.push("it ran on while it was copied".to_owned());
    // 1, 2 and 5: also those that were not found asleep now, as something hid them.
    assert_eq!(verdicts(&reachability), [(Verdict::Proven, 3, true), (Verdict::Suspected, 55, false)]);
}

#[test]
fn many_old_ones_are_suspected_and_few_or_young_ones_are_not() {
    let nobody = Reachability::default();
    for (age_ms, suspected) in [(300_001, 1), (299_999, 0)] {
        let all = found(&senders(age_ms), &nobody, Suspicion::default());
        assert_eq!(all.leaks.len(), suspected, "{age_ms}");
        assert!(all.leaks.iter().all(|leak| leak.verdict == Verdict::Suspected));
        assert_eq!(all.unsuspicious, 2 - suspected as u64);
    }
    let everything = Suspicion { all: true, ..Suspicion::default() };
    assert_eq!(found(&senders(299_999), &nobody, everything).leaks.len(), 2);
    let old = Suspicion { min_age_ms: 300_000, ..Suspicion::default() };
    assert_eq!(found(&senders(299_999), &asleep(1..=60), old).leaks.len(), 0);
}

#[test]
fn who_grows_is_suspected_however_young() {
    let process = senders(1000);
    let meanings = Meanings::new(Rules::built_in(), &process.0);
    let groups = analysis::group(&meanings, &process.0.goroutines);
    let key = group_key(&meanings, groups.first().unwrap()).unwrap();
    let series: Vec<Point> = (1..=4)
        .map(|n| Point { at_monotonic_ns: n * 10_000_000_000, count: n * 15, blocked: n * 15 })
        .collect();
    let growths = [(key, growth(&series))].into_iter().collect();
    let all = leaks(&meanings, &Reachability::default(), &growths, Suspicion::default());
    let [leak] = all.leaks.as_slice() else { panic!("{all:?}") };
    assert_eq!((leak.verdict, leak.group.count), (Verdict::Suspected, 60));
    assert!(leak.growth.as_ref().unwrap().per_minute.unwrap() > 80.0);
}

#[test]
fn known_healthy_ones_are_said_to_be_and_a_proof_is_stronger() {
    let mut process = Process::new();
    let stack = [("runtime.gopark", 1), ("database/sql.(*DB).connectionOpener", 1)];
    for id in 1..=60 {
        process.waiting(id, "select", &stack).waiting_since = Some(WaitingSince::AtLeastMs(3_600_000));
    }
    let all = found(&process, &Reachability::default(), Suspicion::default());
    assert_eq!((all.leaks.len(), all.healthy.len()), (0, 1), "{all:?}");
    assert_eq!(found(&process, &asleep(1..=60), Suspicion::default()).leaks.len(), 1);
}
