//! Hostile names and very many findings: bounded, harmless, and said.

use alerting::{Event, FindingSettings, State};
use proptest::prelude::*;

use crate::agent::{Agent, leak, target};

#[test]
fn resolved_findings_make_room_and_the_rest_is_counted() {
    let mut agent = Agent::new(FindingSettings { findings_max: 10, ..FindingSettings::default() });
    let package = |n: u32| {
        let mut seen = leak(1, 88, 10);
        seen.key.package = Some(format!("shop/{n}"));
        seen
    };
    let first: Vec<_> = (0..10).map(package).collect();
    for _ in 0..10 {
        agent.tick(&[1], &first);
    }
    let more: Vec<_> = (0..15).map(package).collect();
    agent.tick(&[1], &more);
    assert_eq!(agent.findings.all().count(), 10);
    assert_eq!(agent.findings.counters().observations_dropped, 5);
    for _ in 0..10 {
        agent.tick(&[1], &more[..5]);
    }
    assert_eq!(agent.findings.all().filter(|finding| finding.state == State::Resolved).count(), 5);
    agent.tick(&[1], &more);
    assert_eq!(agent.findings.all().count(), 10);
    assert!(agent.findings.counters().forgotten > 0);
}

#[test]
fn very_many_targets_are_counted_not_listed() {
    let mut agent = Agent::new(FindingSettings { targets_max: 3, ..FindingSettings::default() });
    let pids: Vec<u32> = (1..=20).collect();
    let seen: Vec<_> = pids.iter().map(|pid| leak(*pid, 88, 10)).collect();
    let (_, notice) = agent.until_told(10, &pids, &seen).unwrap();
    assert_eq!((notice.alert.targets_total, notice.alert.targets.len()), (20, 3));
    let finding = agent.findings.all().next().unwrap();
    assert_eq!((finding.targets.len(), finding.more_targets.len()), (3, 17));
    // Those that were listed end; the others are still there, and are listed in their turn.
    let listed: Vec<u32> = finding.targets.iter().map(|target| target.tags.pid).collect();
    let left: Vec<_> = seen.iter().filter(|seen| !listed.contains(&seen.target.pid)).cloned().collect();
    assert_eq!(agent.tick_with(&pids, &left, &listed), []);
    assert_eq!(agent.findings.firing()[0].targets_total, 17);
    assert_eq!(agent.findings.all().next().unwrap().targets.len(), 3);
}

proptest! {
    #[test]
    fn whatever_targets_are_called_it_is_harmless_and_short(
        name in any::<String>(), times in 1usize..2_000, line: u32, count: u64, rate: f64,
    ) {
        let name = format!("{name}\u{1b}[2J\u{202e}\n").repeat(times);
        let mut seen = leak(1, line, count);
        seen.causes[0].function.clone_from(&name);
        seen.causes[0].file.clone_from(&name);
        seen.sentence.clone_from(&name);
        seen.evidence = vec![name.clone(); 100];
        seen.key.route = Some(name.clone());
        seen.target.pod = Some(name.clone());
        seen.target.service = Some(name);
        seen.per_minute = Some(rate);
        let mut agent = Agent::new(FindingSettings::default());
        let key = seen.target.key();
        let seen = vec![seen; 3];
        let notice = agent.until_told(10, &[], &seen);
        let (_, notice) = notice.expect("it fires");
        prop_assert_eq!(notice.event, Event::Fired);
        let json = serde_json::to_string(&notice).unwrap();
        prop_assert!(json.len() < 40_000, "{}", json.len());
        let acts_on_a_terminal = json.contains("\\u001b") || json.contains('\u{202e}');
        prop_assert!(!acts_on_a_terminal);
        prop_assert!(key != target(1).key());
    }
}
