//! From pending to firing to resolved: one step of one finding, and what is to be told of it.

use crate::alert::{Alert, Event, Notice};
use crate::finding::{Finding, State};
use crate::findings::FindingSettings;
use crate::observation::Severity;

/// One tick alone changes nothing: clocks jump, and single looks are wrong now and then (F05).
const TICKS_MIN: u32 = 2;

/// Takes a finding one tick on; `false` if it is to be forgotten.
pub(super) fn step(finding: &mut Finding, settings: &FindingSettings, now: u64) -> bool {
    let is_present = finding.is_present();
    let was_present = finding.absent_since_unix_ms.is_none();
    finding.ticks = if is_present == was_present { finding.ticks.saturating_add(1) } else { 1 };
    match is_present {
        true => finding.absent_since_unix_ms = None,
        false => {
            finding.absent_since_unix_ms.get_or_insert(now);
        }
    }
    match (finding.state, is_present) {
        // It fired in an earlier episode: it is again what it was after that. Else it was nothing.
        (State::Pending, false) if finding.resolved_at_unix_ms.is_some() => finding.state = State::Resolved,
        (State::Pending, false) => return false,
        (State::Pending, true) if has_held(finding, settings, now) => fire(finding, settings, now),
        (State::Firing, false) if is_over(finding, settings, now) => {
            finding.state = State::Resolved;
            finding.resolved_at_unix_ms = Some(now);
        }
        (State::Resolved, true) => begin_again(finding, now),
        (State::Resolved, false) => return keeps(settings, finding.resolved_at_unix_ms.unwrap_or(now), now),
        (State::Pending | State::Firing, _) => {}
    }
    true
}

/// What is to be told of a finding after its step. What is absent when a silence ends is not told any more: it is about
/// to be over.
pub(super) fn notice(finding: &mut Finding, pages: Option<&str>, now: u64) -> Option<Notice> {
    let may_tell = finding.silenced_by.is_none() && finding.is_present();
    let (event, severity) = match (finding.state, finding.announced) {
        (State::Firing, None) if may_tell => (Event::Fired, finding.severity),
        (State::Firing, Some(from)) if may_tell && finding.severity > from => {
            (Event::Escalated { from }, finding.severity)
        }
        // What ends is what they were told of, though it may have got worse while it was silenced.
        (State::Resolved, Some(told)) => (Event::Resolved, told),
        _ => return None,
    };
    finding.announced = (event != Event::Resolved).then_some(severity);
    Some(Notice { event, at_unix_ms: now, alert: Alert::of(finding, severity, pages) })
}

fn fire(finding: &mut Finding, settings: &FindingSettings, now: u64) {
    finding.state = State::Firing;
    finding.firing_since_unix_ms = Some(now);
    finding.resolved_at_unix_ms = None;
    finding.fired_at_unix_ms.push(now);
    let surplus = finding.fired_at_unix_ms.len().saturating_sub(settings.flap_count.max(1) as usize);
    finding.fired_at_unix_ms.drain(..surplus);
}

/// It came back after it was resolved: another episode, that has to hold as the first one had.
fn begin_again(finding: &mut Finding, now: u64) {
    finding.state = State::Pending;
    finding.pending_since_unix_ms = now;
    (finding.firing_since_unix_ms, finding.resolved_at_unix_ms) = (None, None);
    finding.count_max = finding.face.count;
    let severities = finding.targets.iter().flat_map(|target| &target.seen).map(|seen| seen.severity);
    finding.severity = severities.max().unwrap_or(finding.severity);
}

fn has_held(finding: &Finding, settings: &FindingSettings, now: u64) -> bool {
    let hold_s = match finding.severity {
        Severity::Critical => settings.hold_critical_s.min(settings.hold_s),
        _ => settings.hold_s,
    };
    finding.ticks >= TICKS_MIN
        && now.saturating_sub(finding.pending_since_unix_ms) >= hold_s.saturating_mul(1_000)
}

fn is_over(finding: &Finding, settings: &FindingSettings, now: u64) -> bool {
    let after_s = match flaps(finding, settings, now) {
        true => settings.flap_resolve_after_s.max(settings.resolve_after_s),
        false => settings.resolve_after_s,
    };
    let absent_ms = finding.absent_since_unix_ms.map_or(0, |since| now.saturating_sub(since));
    finding.ticks >= TICKS_MIN && absent_ms >= after_s.saturating_mul(1_000)
}

fn flaps(finding: &Finding, settings: &FindingSettings, now: u64) -> bool {
    let window_ms = settings.flap_window_s.saturating_mul(1_000);
    let lately = finding.fired_at_unix_ms.iter().filter(|at| now.saturating_sub(**at) < window_ms).count();
    settings.flap_count > 0 && lately >= settings.flap_count as usize
}

fn keeps(settings: &FindingSettings, since: u64, now: u64) -> bool {
    now.saturating_sub(since) < settings.keep_resolved_s.saturating_mul(1_000)
}
