//! Findings of now and of the past as one list.

use alerting::{BLOCKED, FindingSettings, Findings, Kind, Observation, Severity, TargetTags, Tick};

use super::*;

const START_MS: u64 = 1_000_000;
const ALL: (u64, u64) = (0, u64::MAX);

fn observed(service: &str) -> Observation {
    Observation {
        detector: BLOCKED,
        kind: Kind::Blocked,
        severity: Severity::Critical,
        key: Default::default(),
        target: TargetTags { service: Some(service.to_owned()), ..TargetTags::default() },
        sentence: format!("{service} \u{1b}[2J <b>"),
        evidence: Vec::new(),
        causes: Vec::new(),
        count: 9,
        per_minute: None,
        fix: None,
    }
}

/// Findings in which a service's trouble came and went at these seconds, each time as it was written.
fn lived(service: &str, episodes: &[(u64, u64)]) -> (Findings, Vec<history_store::Finding>) {
    let settings = FindingSettings { hold_critical_s: 0, resolve_after_s: 1, ..FindingSettings::default() };
    let (mut findings, mut written) = (Findings::new(settings), Vec::new());
    for second in 0..=episodes.last().unwrap().1 {
        let is_there = episodes.iter().any(|(from, to)| (*from..*to).contains(&second));
        let target = observed(service).target.key();
        let observations = if is_there { vec![observed(service)] } else { Vec::new() };
        let judged = [alerting::Judged { target, detector: BLOCKED }];
        let at_unix_ms = START_MS + second * 1_000;
        findings.tick(&Tick { at_unix_ms, observations: &observations, judged: &judged, gone: &[] });
        for finding in findings.all().filter_map(crate::service::kept) {
            written.retain(|known: &history_store::Finding| known.key != finding.key);
            written.push(finding);
        }
    }
    (findings, written)
}

fn of_now(findings: &Findings) -> Vec<(Finding, Alert)> {
    findings.all().map(|finding| (finding.clone(), findings.alert(finding))).collect()
}

fn told_in(
    findings: &Findings,
    written: &[history_store::Finding],
    span: (u64, u64),
) -> Vec<(State, u64, Option<u64>)> {
    let nothing = Findings::new(FindingSettings::default());
    let (all, unknown) = joined(&of_now(findings), written, span, &|finding| nothing.alert(finding));
    assert_eq!(unknown, 0);
    let seconds = |ms: u64| (ms - START_MS) / 1_000;
    all.iter()
        .map(|one| (one.state, seconds(one.began_unix_ms), one.alert.resolved_at_unix_ms.map(seconds)))
        .collect()
}

#[test]
fn each_time_that_a_finding_fired_is_an_entry_and_what_is_remembered_goes_first() {
    let (now, written) = lived("shop", &[(0, 3), (10, 13), (20, 23)]);
    assert_eq!(written.len(), 3, "{written:#?}");
    let expected =
        [(State::Firing, 20, None), (State::Resolved, 10, Some(14)), (State::Resolved, 0, Some(4))];
    assert_eq!(told_in(&now, &written, ALL), expected);
    // Without an agent that remembers it, it is over, and nobody knows since when.
    let forgotten = Findings::new(FindingSettings::default());
    let over = told_in(&forgotten, &written, ALL);
    assert_eq!(over[0], (State::Resolved, 20, None));
    assert_eq!(over[1..], expected[1..]);
    // The history says for ever that it fires: it is of no time after it was seen last.
    let later = (START_MS + 60_000, u64::MAX);
    assert_eq!(told_in(&forgotten, &written[2..], later), []);
    assert_eq!(told_in(&now, &written[2..], later), expected[..1]);
}

#[test]
fn a_span_has_what_was_there_in_it() {
    let (now, _) = lived("shop", &[(0, 3)]);
    let in_seconds = |from: u64, to: u64| {
        let span = (START_MS + from * 1_000, START_MS + to * 1_000);
        told_in(&now, &[], span).len()
    };
    assert_eq!((in_seconds(0, 1), in_seconds(2, 9)), (1, 1));
    let (over, written) = lived("shop", &[(0, 3), (10, 10)]);
    let span = (START_MS + 5_000, START_MS + 9_000);
    assert_eq!(told_in(&over, &[], span), [], "it was over: {written:#?}");
}

#[test]
fn what_came_back_and_went_before_it_fired_is_no_time_of_its_own() {
    let (now, written) = lived("shop", &[(0, 3), (10, 11), (20, 20)]);
    assert_eq!(told_in(&now, &written, ALL), [(State::Resolved, 0, Some(4))]);
}

#[test]
fn what_is_not_understood_is_counted() {
    let (_, written) = lived("shop", &[(0, 3)]);
    let nothing = Findings::new(FindingSettings::default());
    let broken = history_store::Finding { body: "{\"id\":1}".to_owned(), ..written[0].clone() };
    let (all, unknown) = joined(&[], &[broken, written[0].clone()], ALL, &|one| nothing.alert(one));
    assert_eq!((all.len(), unknown), (1, 1));
}
