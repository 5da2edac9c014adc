//! What is silenced is kept, shown, and not told.

use alerting::{AlertingError, Event, FindingSettings, Matcher, Severity, Silence, State};

use crate::agent::{Agent, leak};

fn silence(agent: &Agent, label: &str, pattern: &str, for_s: u64) -> Silence {
    Silence {
        id: 0,
        matchers: vec![Matcher { label: label.to_owned(), pattern: pattern.to_owned(), negated: false }],
        ends_unix_ms: agent.now_ms + for_s * 1_000,
        comment: "known, mended in 2.4".to_owned(),
        author: "kim".to_owned(),
    }
}

#[test]
fn what_is_silenced_is_told_when_the_silence_ends() {
    let mut agent = Agent::new(FindingSettings::default());
    let id = agent.findings.add_silence(silence(&agent, "service", "check*", 200)).unwrap();
    let seen = [leak(1, 88, 100)];
    assert_eq!(agent.until_told(19, &[1], &seen), None);
    let finding = agent.findings.all().next().unwrap();
    assert_eq!((finding.state, finding.silenced_by), (State::Firing, Some(id)));
    assert!(agent.findings.firing().is_empty());
    assert_eq!(agent.until_told(1, &[1], &seen).unwrap().1.event, Event::Fired);
    assert!(agent.findings.silences().is_empty(), "it has ended");
    assert_eq!(agent.findings.firing().len(), 1);
}

#[test]
fn what_comes_and_goes_while_it_is_silenced_is_never_told() {
    let mut agent = Agent::new(FindingSettings::default());
    agent.findings.add_silence(silence(&agent, "package", "shop/*", 10_000)).unwrap();
    assert_eq!(agent.until_told(10, &[1], &[leak(1, 88, 100)]), None);
    assert_eq!(agent.until_told(50, &[1], &[]), None);
}

/// Found by the test of sequences.
#[test]
fn what_is_just_going_when_the_silence_ends_is_not_told() {
    let mut agent = Agent::new(FindingSettings::default());
    agent.findings.add_silence(silence(&agent, "service", "*", 55)).unwrap();
    assert_eq!(agent.until_told(4, &[1], &[leak(1, 88, 100)]), None);
    assert_eq!(agent.findings.all().next().unwrap().state, State::Firing);
    assert_eq!(agent.until_told(50, &[1], &[]), None);
}

/// Found by the test of sequences.
#[test]
fn what_got_worse_in_silence_ends_as_what_was_told() {
    let mut agent = Agent::firing(FindingSettings::default());
    agent.findings.add_silence(silence(&agent, "service", "*", 25)).unwrap();
    let mut worse = leak(1, 88, 100);
    worse.severity = Severity::Critical;
    assert_eq!(agent.until_told(2, &[1], &[worse]), None);
    let (_, notice) = agent.until_told(20, &[1], &[]).unwrap();
    assert_eq!((notice.event, notice.alert.severity), (Event::Resolved, Severity::Warning));
    assert_eq!(notice.alert.labels["severity"], "warning");
}

#[test]
fn the_end_of_what_was_told_is_told_though_it_is_silenced_by_then() {
    let mut agent = Agent::firing(FindingSettings::default());
    let id = agent.findings.add_silence(silence(&agent, "severity", "warning", 10_000)).unwrap();
    assert_eq!(agent.until_told(10, &[1], &[leak(1, 88, 100)]), None);
    assert!(agent.findings.firing().is_empty());
    assert_eq!(agent.until_told(10, &[1], &[]).unwrap().1.event, Event::Resolved);
    assert!(agent.findings.end_silence(id) && !agent.findings.end_silence(id));
}

#[test]
fn a_silence_of_everything_is_refused() {
    let mut agent = Agent::new(FindingSettings::default());
    let everything = Silence { matchers: Vec::new(), ..silence(&agent, "service", "*", 10) };
    assert!(matches!(agent.findings.add_silence(everything), Err(AlertingError::SilenceOfEverything)));
    for _ in 0..1_000 {
        agent.findings.add_silence(silence(&agent, "service", "x", 10)).unwrap();
    }
    let one_more = silence(&agent, "service", "x", 10);
    assert!(matches!(agent.findings.add_silence(one_more), Err(AlertingError::TooManySilences { .. })));
}
