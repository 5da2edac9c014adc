//! An agent that is started again goes on where the last one left off.

use alerting::{AlertingError, Event, FindingSettings, Findings, Saved, State};

use crate::agent::{Agent, leak};

/// Through JSON, as the agent's history does it, and `away_s` later.
fn restarted(agent: &Agent, away_s: u64) -> Agent {
    let json = serde_json::to_string(&agent.findings.save()).unwrap();
    let saved: Saved = serde_json::from_str(&json).unwrap();
    assert_eq!(saved, agent.findings.save());
    let now_ms = agent.now_ms + away_s * 1_000;
    Agent { findings: Findings::restore(FindingSettings::default(), saved, now_ms).unwrap(), now_ms }
}

#[test]
fn what_fires_is_not_told_again() {
    let mut agent = restarted(&Agent::firing(FindingSettings::default()), 3_600);
    assert_eq!(agent.until_told(20, &[1], &[leak(1, 88, 100)]), None);
    assert_eq!(agent.findings.firing().len(), 1);
}

#[test]
fn the_time_without_an_agent_is_no_absence() {
    let mut agent = Agent::firing(FindingSettings::default());
    agent.tick(&[1], &[]);
    let mut agent = restarted(&agent, 7_200);
    let (ticks, notice) = agent.until_told(20, &[1], &[]).unwrap();
    assert_eq!((ticks, notice.event), (6, Event::Resolved), "one tick of absence before, six after");
    // And nobody has looked for two hours because there was nobody: that is not forgotten either.
    let mut agent = restarted(&Agent::firing(FindingSettings::default()), 7_200);
    assert_eq!(agent.until_told(20, &[], &[]), None);
}

#[test]
fn pending_goes_on_where_it_was() {
    let mut agent = Agent::new(FindingSettings::default());
    agent.tick(&[1], &[leak(1, 88, 100)]);
    agent.tick(&[1], &[leak(1, 88, 100)]);
    let mut agent = restarted(&agent, 3_600);
    assert_eq!(agent.findings.all().next().unwrap().state, State::Pending);
    assert_eq!(agent.until_told(10, &[1], &[leak(1, 88, 100)]).unwrap().0, 2, "10 s before, 20 s after");
}

#[test]
fn another_form_is_refused() {
    let text = serde_json::to_string(&Agent::firing(FindingSettings::default()).findings.save()).unwrap();
    let later: Saved =
        serde_json::from_str(&text.replace("\"version\":1,\"at", "\"version\":2,\"at")).unwrap();
    let refused = Findings::restore(FindingSettings::default(), later, 0);
    assert!(matches!(refused, Err(AlertingError::SavedByAnother { version: 2, .. })));
}
