//! Alertmanager API v2: <https://prometheus.io/docs/alerting/latest/clients/>.
//!
//! Alerts are known by their labels, so these stay the same while an alert has one severity; all else is annotations.
//! What fires has to be sent again and again, and carries until when to believe it: an agent that died leaves nothing
//! that fires for ever.

use serde_json::{Map, Value, json};

use crate::alert::{Alert, Event, Notice};
use crate::payload::message::{goroutines, place};
use crate::payload::timestamp::rfc3339;
use crate::payload::{Envelope, Payload};
use crate::text::cut_chars;

/// Characters of an annotation: they end up in mails and chats.
const ANNOTATION_CHARS_MAX: usize = 2_000;

pub(super) fn payload(notices: &[Notice], envelope: &Envelope<'_>) -> Payload {
    let mut alerts = Vec::new();
    for notice in notices {
        if let Event::Escalated { from } = notice.event {
            // Another severity is another alert to it: the one that it knows is over.
            let mut before = notice.clone();
            before.alert.labels.insert("severity".to_owned(), from.name().to_owned());
            alerts.push(alert(&before, notice.at_unix_ms, envelope));
        }
        let ends = match notice.event {
            Event::Resolved => notice.alert.resolved_at_unix_ms.unwrap_or(notice.at_unix_ms),
            _ => envelope.believed_until_unix_ms,
        };
        alerts.push(alert(notice, ends, envelope));
    }
    Payload { path: "/api/v2/alerts", ..Payload::json(&Value::Array(alerts)) }
}

fn alert(notice: &Notice, ends_unix_ms: u64, envelope: &Envelope<'_>) -> Value {
    let alert = &notice.alert;
    let mut labels = Map::new();
    labels.extend(envelope.labels.iter().map(|(name, value)| (name.clone(), value.as_str().into())));
    labels.extend(alert.labels.iter().map(|(name, value)| (name.clone(), value.as_str().into())));
    labels.insert("alertname".to_owned(), name(alert).into());
    if alert.is_test {
        labels.insert("test".to_owned(), "true".into());
    }
    let started = alert.firing_since_unix_ms;
    let mut body = json!({
        "labels": labels,
        "annotations": annotations(notice),
        "startsAt": rfc3339(started),
        // An end before the beginning is refused.
        "endsAt": rfc3339(ends_unix_ms.max(started)),
    });
    if let (Some(link), Some(body)) = (&alert.link, body.as_object_mut()) {
        body.insert("generatorURL".to_owned(), link.as_str().into());
    }
    body
}

/// `GostatLeak`, `GostatMutexPileUp`
fn name(alert: &Alert) -> String {
    let words = alert.family.name().split(|c: char| !c.is_ascii_alphanumeric());
    let capital = |word: &str| {
        let mut letters = word.chars();
        letters
            .next()
            .map_or_else(String::new, |first| first.to_ascii_uppercase().to_string() + letters.as_str())
    };
    format!("Gostat{}", words.map(capital).collect::<String>())
}

fn annotations(notice: &Notice) -> Map<String, Value> {
    let alert = &notice.alert;
    let causes: Vec<String> =
        alert.causes.iter().map(|top| format!("{}: {}", top.place(), top.cause.count)).collect();
    let test = if alert.is_test { "[TEST ALERT, nothing is wrong] " } else { "" };
    let all = [
        ("summary", format!("{test}{}: {}", alert.service, alert.title())),
        ("description", alert.explanation()),
        ("cause", alert.causes.first().map(crate::TopCause::place).unwrap_or_default()),
        ("causes", causes.join("\n")),
        ("goroutines", goroutines(notice)),
        ("where", place(notice)),
        ("evidence", alert.evidence.join("\n")),
        ("fix", alert.fix.clone().unwrap_or_default()),
    ];
    let filled = all.into_iter().filter(|(_, text)| !text.is_empty());
    filled.map(|(name, text)| (name.to_owned(), cut_chars(&text, ANNOTATION_CHARS_MAX).into())).collect()
}
