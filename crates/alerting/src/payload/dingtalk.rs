//! DingTalk custom robots: <https://open.dingtalk.com/document/robots/custom-robot-access>.
//!
//! Signed ones want `timestamp` (milliseconds) and `sign` in the address: the HMAC-SHA256, keyed by the secret, of the
//! timestamp, a line feed and the secret, in Base64 and percent-encoded. A message has at most 20,000 bytes.

use serde_json::json;

use crate::alert::Notice;
use crate::payload::markup::MARKDOWN;
use crate::payload::message::{headline, lines};
use crate::payload::{Envelope, Payload, signature};
use crate::text::{cut_chars, fit_lines};

/// JSON may write a byte with two; the rest is for what is around it.
const BYTES_MAX: usize = 9_000;
const TITLE_CHARS_MAX: usize = 100;

pub(super) fn payload(notice: &Notice, envelope: &Envelope<'_>) -> Payload {
    let headline = headline(notice);
    let mut all = vec![format!("### {}", (MARKDOWN.escape)(&cut_chars(&headline, 200)))];
    // A single line feed is a blank to it.
    all.extend(lines(notice, &MARKDOWN).into_iter().map(|line| format!("\n{line}")));
    let body = json!({
        "msgtype": "markdown",
        "markdown": { "title": cut_chars(&headline, TITLE_CHARS_MAX), "text": fit_lines(&all, BYTES_MAX) },
    });
    Payload {
        query: envelope.secret.map_or_else(Vec::new, |secret| query(secret, envelope)),
        ..Payload::json(&body)
    }
}

fn query(secret: &str, envelope: &Envelope<'_>) -> Vec<(&'static str, String)> {
    let timestamp = envelope.sent_at_unix_ms.to_string();
    let sign = signature::base64(secret, &format!("{timestamp}\n{secret}"));
    // Of Base64's characters, these three mean something else in an address.
    let sign = sign.replace('+', "%2B").replace('/', "%2F").replace('=', "%3D");
    vec![("timestamp", timestamp), ("sign", sign)]
}
