//! Slack incoming webhooks: <https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks>.
//!
//! Limits of blocks: a header has 150 characters, a section 3,000
//! (<https://docs.slack.dev/reference/block-kit/blocks/section-block>).

use serde_json::json;

use crate::alert::Notice;
use crate::payload::Payload;
use crate::payload::markup::{MRKDWN, escape_mrkdwn};
use crate::payload::message::{headline, lines};
use crate::text::{cut_chars, fit_lines};

const HEADER_CHARS_MAX: usize = 150;
/// Bytes are never fewer than characters.
const SECTION_BYTES_MAX: usize = 3_000;
/// The text of the notification on a phone.
const TEXT_CHARS_MAX: usize = 300;

pub(super) fn payload(notice: &Notice) -> Payload {
    let headline = headline(notice);
    Payload::json(&json!({
        // Shown where blocks are not. It is mrkdwn, too.
        "text": escape_mrkdwn(&cut_chars(&headline, TEXT_CHARS_MAX)),
        "blocks": [
            {
                "type": "header",
                "text": { "type": "plain_text", "text": cut_chars(&headline, HEADER_CHARS_MAX), "emoji": false },
            },
            {
                "type": "section",
                // Names in it are never links or previews.
                "text": { "type": "mrkdwn", "text": fit_lines(&lines(notice, &MRKDWN), SECTION_BYTES_MAX), "verbatim": true },
            },
        ],
        "unfurl_links": false,
        "unfurl_media": false,
    }))
}
