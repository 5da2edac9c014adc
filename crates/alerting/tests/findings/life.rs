//! Pending, firing, resolved, and back.

use alerting::{Event, FindingSettings, Kind, Severity, State, Tick};

use crate::agent::{Agent, leak, target};

#[test]
fn it_fires_when_it_has_held_and_is_resolved_when_it_has_been_gone() {
    let mut agent =
        Agent::new(FindingSettings { hold_s: 30, resolve_after_s: 60, ..FindingSettings::default() });
    let seen = [leak(1, 88, 100)];
    let (ticks, fired) = agent.until_told(10, &[1], &seen).unwrap();
    assert_eq!((ticks, fired.event), (4, Event::Fired), "first seen at 10 s, 30 s later is the fourth tick");
    let begun_ms = agent.now_ms;
    assert_eq!(agent.until_told(50, &[1], &seen), None, "it is told once");
    let (ticks, resolved) = agent.until_told(20, &[1], &[]).unwrap();
    assert_eq!(
        (ticks, resolved.event),
        (7, Event::Resolved),
        "absent at 10 s, 60 s later is the seventh tick"
    );
    assert_eq!(resolved.alert.firing_since_unix_ms, begun_ms);
    assert_eq!(resolved.alert.resolved_at_unix_ms, Some(agent.now_ms));
    assert_eq!(resolved.alert.title(), fired.alert.title(), "what is gone is still named");
    assert_eq!(agent.until_told(50, &[1], &[]), None);
}

#[test]
fn what_does_not_hold_is_not_told() {
    let mut agent = Agent::new(FindingSettings::default());
    for _ in 0..20 {
        assert_eq!(agent.tick(&[1], &[leak(1, 88, 100)]), []);
        assert_eq!(agent.findings.all().next().unwrap().state, State::Pending);
        assert_eq!(agent.tick(&[1], &[]), []);
        assert_eq!(agent.findings.all().count(), 0);
    }
}

#[test]
fn a_single_absence_changes_nothing() {
    let mut agent = Agent::firing(FindingSettings::default());
    for _ in 0..20 {
        assert_eq!(agent.tick(&[1], &[]), []);
        assert_eq!(agent.tick(&[1], &[leak(1, 88, 100)]), []);
    }
}

#[test]
fn one_tick_alone_is_not_believed_whatever_the_clock_does() {
    let mut agent = Agent::firing(FindingSettings::default());
    agent.now_ms += 3_600_000;
    assert_eq!(agent.tick(&[1], &[]), [], "the clock jumped an hour");
    agent.now_ms -= 7_200_000;
    assert_eq!(agent.tick(&[1], &[leak(1, 88, 100)]), [], "and back two");
    assert_eq!(agent.findings.all().next().unwrap().state, State::Firing);
    let mut fresh = Agent::new(FindingSettings { hold_s: 0, ..FindingSettings::default() });
    assert_eq!(fresh.tick(&[1], &[leak(1, 88, 100)]), []);
    assert_eq!(fresh.tick(&[1], &[leak(1, 88, 100)]).len(), 1);
}

#[test]
fn what_nobody_looked_at_is_not_absent() {
    let mut agent = Agent::firing(FindingSettings { forget_unjudged_s: 900, ..FindingSettings::default() });
    // The breaker is open: nothing was looked at. After fifteen minutes, it counts as gone.
    let (ticks, notice) = agent.until_told(200, &[], &[]).unwrap();
    assert_eq!(notice.event, Event::Resolved);
    assert_eq!(ticks, 96, "90 ticks until it is forgotten, 6 more until it is resolved");
    // Another detector that sees nothing says nothing of this one.
    let mut agent = Agent::firing(FindingSettings::default());
    let judged = [alerting::Judged { target: target(1).key(), detector: "growth" }];
    for _ in 0..20 {
        agent.now_ms += 10_000;
        let tick = Tick { at_unix_ms: agent.now_ms, judged: &judged, ..Tick::default() };
        assert_eq!(agent.findings.tick(&tick), []);
    }
}

#[test]
fn it_escalates_once_and_does_not_get_better_before_it_is_over() {
    let mut agent = Agent::firing(FindingSettings::default());
    let mut worse = leak(1, 88, 5_000);
    (worse.kind, worse.severity) = (Kind::LeakProven, Severity::Critical);
    let (_, notice) = agent.until_told(1, &[1], &[worse]).unwrap();
    assert_eq!(notice.event, Event::Escalated { from: Severity::Warning });
    assert_eq!((notice.alert.severity, &notice.alert.kind), (Severity::Critical, &Kind::LeakProven));
    assert_eq!(agent.until_told(20, &[1], &[leak(1, 88, 100)]), None);
    let finding = agent.findings.all().next().unwrap();
    assert_eq!((finding.severity, finding.count_max, finding.face.count), (Severity::Critical, 5_000, 100));
    let (_, notice) = agent.until_told(20, &[1], &[]).unwrap();
    assert_eq!((notice.event, notice.alert.severity), (Event::Resolved, Severity::Critical));
    // The next episode begins with what it is then.
    let (_, notice) = agent.until_told(20, &[1], &[leak(1, 88, 100)]).unwrap();
    assert_eq!((notice.event, notice.alert.severity), (Event::Fired, Severity::Warning));
}

#[test]
fn what_is_critical_is_told_sooner() {
    let mut agent = Agent::new(FindingSettings::default());
    let mut seen = leak(1, 88, 100);
    seen.severity = Severity::Critical;
    assert_eq!(agent.until_told(10, &[1], &[seen]).unwrap().0, 2);
}

#[test]
fn flapping_is_told_three_times_and_then_held() {
    let settings = FindingSettings { flap_count: 3, ..FindingSettings::default() };
    let mut agent = Agent::new(settings);
    let mut told = Vec::new();
    for _ in 0..10 {
        for _ in 0..6 {
            told.extend(agent.tick(&[1], &[leak(1, 88, 100)]));
        }
        for _ in 0..8 {
            told.extend(agent.tick(&[1], &[]));
        }
    }
    let events: Vec<Event> = told.iter().map(|notice| notice.event).collect();
    use Event::{Fired, Resolved};
    assert_eq!(events, [Fired, Resolved, Fired, Resolved, Fired], "1,400 s of flapping");
    // Once it has been quiet for half an hour, it is resolved after all.
    let (ticks, notice) = agent.until_told(300, &[1], &[]).unwrap();
    assert_eq!(notice.event, Resolved);
    assert!(ticks > 160, "{ticks}");
}

#[test]
fn resolved_ones_are_shown_for_a_day() {
    let mut agent = Agent::firing(FindingSettings { keep_resolved_s: 600, ..FindingSettings::default() });
    agent.until_told(20, &[1], &[]).unwrap();
    assert_eq!(agent.findings.all().next().unwrap().state, State::Resolved);
    for _ in 0..59 {
        agent.tick(&[1], &[]);
    }
    assert_eq!(agent.findings.all().count(), 1);
    agent.tick(&[1], &[]);
    assert_eq!(agent.findings.all().count(), 0);
}
