//! Feishu (Lark) custom bots: <https://open.feishu.cn/document/client-docs/bot-v3/add-custom-bot>.
//!
//! Signed ones want `timestamp` (seconds) and `sign` in the body: the HMAC-SHA256 of nothing, keyed by the timestamp, a
//! line feed and the secret, in Base64. A request has at most 20 KiB.

use serde_json::{Value, json};

use crate::alert::Notice;
use crate::payload::markup::MARKDOWN;
use crate::payload::message::{Mood, headline, lines, mood};
use crate::payload::{Envelope, Payload, signature};
use crate::text::{cut_chars, fit_lines};

/// JSON may write a byte with two; the rest is for what is around it.
const BYTES_MAX: usize = 8_000;
const TITLE_CHARS_MAX: usize = 200;

pub(super) fn payload(notice: &Notice, envelope: &Envelope<'_>) -> Payload {
    let colour = match mood(notice) {
        Mood::Good => "green",
        Mood::Mild => "orange",
        Mood::Bad => "red",
    };
    let mut body = json!({
        "msg_type": "interactive",
        "card": {
            "config": { "wide_screen_mode": true },
            "header": {
                "template": colour,
                "title": { "tag": "plain_text", "content": cut_chars(&headline(notice), TITLE_CHARS_MAX) },
            },
            "elements": [
                { "tag": "div", "text": { "tag": "lark_md", "content": fit_lines(&lines(notice, &MARKDOWN), BYTES_MAX) } },
            ],
        },
    });
    if let (Some(secret), Some(body)) = (envelope.secret, body.as_object_mut()) {
        let timestamp = (envelope.sent_at_unix_ms / 1_000).to_string();
        body.insert("sign".to_owned(), signature::base64(&format!("{timestamp}\n{secret}"), "").into());
        body.insert("timestamp".to_owned(), Value::from(timestamp));
    }
    Payload::json(&body)
}
