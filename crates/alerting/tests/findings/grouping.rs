//! One alert, not 142: what belongs together is told together.

use alerting::{Event, FindingSettings, Kind, Severity};

use crate::agent::{Agent, leak, target};

#[test]
fn many_stacks_in_many_processes_are_one_alert_with_three_causes() {
    let mut agent = Agent::new(FindingSettings::default());
    // 142 stacks: 71 lines in each of two processes.
    let all: Vec<u32> = vec![1, 2];
    let seen: Vec<_> =
        all.iter().flat_map(|pid| (0..71).map(|line| leak(*pid, 100 + line, u64::from(line) + 1))).collect();
    let mut told = Vec::new();
    for _ in 0..10 {
        told.extend(agent.tick(&all, &seen));
    }
    assert_eq!(told.len(), 1);
    let alert = &told[0].alert;
    assert_eq!(alert.count, 2 * 71 * 72 / 2);
    assert_eq!(alert.targets_total, 2);
    let causes: Vec<(u32, u64)> = alert.causes.iter().map(|top| (top.cause.line, top.cause.count)).collect();
    assert_eq!(causes, [(170, 142), (169, 140), (168, 138)]);
    assert_eq!(alert.causes_more, 29, "32 are kept");
    assert!(alert.causes.iter().all(|top| top.share > 0.0 && top.share < 0.1));
    assert_eq!(alert.title(), "5112 goroutines may have leaked in report.collect (report.go:170)");
    assert!(alert.sentence.contains("report.go:170"), "{}", alert.sentence);
}

#[test]
fn other_packages_routes_pools_services_and_environments_are_others() {
    let mut agent = Agent::new(FindingSettings::default());
    let mut seen = vec![leak(1, 88, 10); 6];
    seen[1].key.package = Some("shop/cart".to_owned());
    seen[2].key.route = Some("/pay".to_owned());
    seen[3].key.pool = Some("orders".to_owned());
    seen[4].target.service = Some("search".to_owned());
    seen[5].target.environment = Some("staging".to_owned());
    agent.tick(&[1], &seen);
    assert_eq!(agent.findings.all().count(), 6);
    // A suspicion, growth and proof of the same are one; a pathology is another thing.
    let mut seen = vec![leak(1, 88, 10); 4];
    (seen[1].kind, seen[1].detector) = (Kind::Growth, "growth");
    (seen[2].kind, seen[2].severity) = (Kind::LeakProven, Severity::Critical);
    seen[3].kind = Kind::Pathology("mutex_pile_up".to_owned());
    let mut agent = Agent::new(FindingSettings::default());
    agent.tick(&[1], &seen);
    let kinds: Vec<_> =
        agent.findings.all().map(|finding| (finding.face.kind.clone(), finding.face.count)).collect();
    assert_eq!(kinds.len(), 2, "{kinds:?}");
    assert!(kinds.contains(&(Kind::LeakProven, 10)), "the same goroutines are counted once: {kinds:?}");
}

#[test]
fn a_restarted_process_continues_its_finding() {
    let mut agent = Agent::firing(FindingSettings::default());
    let id = agent.findings.all().next().unwrap().id.clone();
    assert_eq!(agent.tick_with(&[], &[], &[1]), []);
    assert_eq!(agent.tick(&[2], &[leak(2, 88, 5)]), []);
    let finding = agent.findings.all().next().unwrap();
    assert_eq!((&finding.id, agent.findings.all().count()), (&id, 1));
    assert_eq!(finding.targets.len(), 1);
    assert_eq!(finding.targets[0].tags, target(2));
    // One that has ended and does not come back is resolved.
    let mut agent = Agent::firing(FindingSettings::default());
    assert_eq!(agent.tick_with(&[], &[], &[1]), []);
    assert_eq!(agent.until_told(10, &[], &[]).unwrap().1.event, Event::Resolved);
}

#[test]
fn a_second_process_is_no_second_alert() {
    let mut agent = Agent::firing(FindingSettings::default());
    let both = [leak(1, 88, 100), leak(2, 90, 300)];
    assert_eq!(agent.until_told(10, &[1, 2], &both), None);
    let alert = &agent.findings.firing()[0];
    assert_eq!((alert.count, alert.targets_total), (400, 2));
    assert_eq!(alert.targets[0], target(2), "the one that has most of it comes first");
    // And when one is healthy again, the other one still has it.
    assert_eq!(agent.until_told(20, &[1, 2], &both[1..]), None);
    assert_eq!(agent.findings.firing()[0].targets_total, 1);
}
