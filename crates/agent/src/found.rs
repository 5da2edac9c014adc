//! Findings as answers have them: those of now, and with them those that only the history still has.

use std::collections::BTreeMap;

use alerting::{Alert, Finding, FindingId, State};
use web_server::FindingState;

/// One time that a finding was there: what it is known by, and when it began to fire.
type Episode = (FindingId, Option<u64>);

/// What is told of findings of now.
pub(crate) fn told(findings: &[(Finding, Alert)]) -> Vec<FindingState> {
    findings.iter().map(|(finding, alert)| state_of(finding, alert.clone())).collect()
}

/// Findings that were there in a span, the latest first, and the number of stored ones that cannot be understood. What
/// the agent remembers goes before what it has written.
///
/// A finding that was stored as pending or firing and that the agent does not remember is neither any more. It is over,
/// and nobody knows since when; it is left out if it never fired.
pub(crate) fn joined(
    now: &[(Finding, Alert)],
    stored: &[history_store::Finding],
    span: (u64, u64),
    alert: &dyn Fn(&Finding) -> Alert,
) -> (Vec<FindingState>, u64) {
    let mut unknown = 0;
    let mut past: BTreeMap<Episode, Finding> = BTreeMap::new();
    for stored in stored {
        let Ok(finding) = serde_json::from_str::<Finding>(&stored.body) else {
            unknown += 1;
            continue;
        };
        let known = past.get(&episode(&finding));
        if finding.firing_since_unix_ms.is_some() && known.is_none_or(|known| is_newer(&finding, known)) {
            past.insert(episode(&finding), finding);
        }
    }
    let mut all = Vec::new();
    for (finding, alert) in now {
        past.remove(&episode(finding));
        // It came back and went before it fired: that is no time of its own, and what was before is in the history.
        let came_to_nothing = finding.state == State::Resolved && finding.firing_since_unix_ms.is_none();
        let has_another = || past.keys().any(|(id, _)| *id == finding.id);
        if was_there(finding, span) && !(came_to_nothing && has_another()) {
            all.push(state_of(finding, alert.clone()));
        }
    }
    for mut finding in past.into_values() {
        if finding.state != State::Resolved {
            (finding.state, finding.resolved_at_unix_ms) = (State::Resolved, None);
            // The history has it for as long as it says that it fires.
            if !was_there(&finding, span) {
                continue;
            }
        }
        finding.silenced_by = None;
        let alert = alert(&finding);
        all.push(state_of(&finding, alert));
    }
    all.sort_by(|a, b| {
        let order = |one: &FindingState| (one.last_seen_unix_ms, one.began_unix_ms);
        order(b).cmp(&order(a)).then_with(|| a.alert.id.cmp(&b.alert.id))
    });
    (all, unknown)
}

fn episode(finding: &Finding) -> Episode {
    (finding.id.clone(), finding.firing_since_unix_ms)
}

fn is_newer(one: &Finding, other: &Finding) -> bool {
    let order = |finding: &Finding| (finding.last_seen_unix_ms, finding.state == State::Resolved);
    order(one) >= order(other)
}

/// As the history has it, which knows what is written only.
fn was_there(finding: &Finding, (from_ms, to_ms): (u64, u64)) -> bool {
    finding.pending_since_unix_ms < to_ms
        && (finding.last_seen_unix_ms >= from_ms || finding.state == State::Firing)
}

fn state_of(finding: &Finding, alert: Alert) -> FindingState {
    FindingState {
        state: finding.state,
        began_unix_ms: finding.pending_since_unix_ms,
        fired_unix_ms: finding.firing_since_unix_ms,
        last_seen_unix_ms: finding.last_seen_unix_ms,
        silenced_by: finding.silenced_by,
        alert,
    }
}

#[cfg(test)]
mod tests;
