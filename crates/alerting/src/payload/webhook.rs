//! The generic webhook: our own JSON, signed.
//!
//! `X-Gostat-Timestamp` has the seconds since 1970 and `X-Gostat-Signature` is `sha256=` and the HMAC-SHA256, in
//! hexadecimal digits, of the timestamp, a dot and the body. Receivers compare it, and refuse old timestamps.
//! `X-Gostat-Delivery` is the same for each try of one message: delivery is at least once, and receivers tell by it
//! what they have had already.

use serde::Serialize;

use crate::alert::{Alert, Event, Notice};
use crate::observation::Severity;
use crate::payload::{Envelope, Payload, signature};

/// The version of this form: fields are only ever added to one version.
const VERSION: u32 = 1;

#[derive(Serialize)]
struct Body<'a> {
    version: u32,
    event: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    escalated_from: Option<Severity>,
    at_unix_ms: u64,
    title: String,
    alert: &'a Alert,
}

pub(super) fn payload(notice: &Notice, envelope: &Envelope<'_>) -> Payload {
    let escalated_from = match notice.event {
        Event::Escalated { from } => Some(from),
        _ => None,
    };
    let body = Body {
        version: VERSION,
        event: notice.event.name(),
        escalated_from,
        at_unix_ms: notice.at_unix_ms,
        title: notice.alert.title(),
        alert: &notice.alert,
    };
    // Numbers, texts and lists: this cannot fail, and an empty message would be seen at once.
    let body = serde_json::to_string(&body).unwrap_or_default();
    let timestamp = (envelope.sent_at_unix_ms / 1_000).to_string();
    let delivery = format!("{}-{}-{}", notice.alert.id, notice.event.name(), notice.at_unix_ms);
    let mut headers = vec![("X-Gostat-Timestamp", timestamp.clone()), ("X-Gostat-Delivery", delivery)];
    if let Some(secret) = envelope.secret {
        let signed = signature::hex(secret, &format!("{timestamp}.{body}"));
        headers.push(("X-Gostat-Signature", format!("sha256={signed}")));
    }
    Payload { path: "", query: Vec::new(), headers, body }
}
