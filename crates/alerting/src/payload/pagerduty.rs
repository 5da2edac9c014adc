//! PagerDuty Events API v2: <https://developer.pagerduty.com/docs/send-alert-event>.
//!
//! A summary has at most 1,024 characters, a `dedup_key` 255, an event 512 KB. What has one `dedup_key` is one incident
//! until it is resolved, so reminders and escalations are triggers of the same.

use serde_json::json;

use crate::alert::{Event, Notice};
use crate::payload::message::{goroutines, headline, place};
use crate::payload::timestamp::rfc3339;
use crate::payload::{Envelope, Payload};
use crate::text::cut_chars;

const SUMMARY_CHARS_MAX: usize = 1_024;

pub(super) fn payload(notice: &Notice, envelope: &Envelope<'_>) -> Payload {
    let alert = &notice.alert;
    let routing_key = envelope.secret.unwrap_or_default();
    let dedup_key = format!("gostat-{}", alert.id);
    if notice.event == Event::Resolved {
        return Payload::json(&json!({
            "routing_key": routing_key,
            "event_action": "resolve",
            "dedup_key": dedup_key,
        }));
    }
    let causes: Vec<String> =
        alert.causes.iter().map(|top| format!("{}: {}", top.place(), top.cause.count)).collect();
    let links = alert.link.iter().map(|link| json!({ "href": link, "text": "Show in gostat" }));
    Payload::json(&json!({
        "routing_key": routing_key,
        "event_action": "trigger",
        "dedup_key": dedup_key,
        "client": "gostat",
        "client_url": alert.link,
        "links": links.collect::<Vec<_>>(),
        "payload": {
            "summary": cut_chars(&headline(notice), SUMMARY_CHARS_MAX),
            "source": alert.service,
            "severity": alert.severity.name(),
            "timestamp": rfc3339(alert.firing_since_unix_ms),
            "component": alert.key.package,
            "group": alert.environment,
            "class": alert.kind.name(),
            "custom_details": {
                "what": alert.explanation(),
                "causes": causes,
                "goroutines": goroutines(notice),
                "where": place(notice),
                "evidence": alert.evidence,
                "to_mend": alert.fix,
            },
        },
    }))
}
