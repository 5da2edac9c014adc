//! WeCom group robots: <https://developer.work.weixin.qq.com/document/path/91770>. A Markdown message has at most 4,096
//! bytes of UTF-8.

use serde_json::json;

use crate::alert::Notice;
use crate::payload::Payload;
use crate::payload::markup::MARKDOWN;
use crate::payload::message::{Mood, headline, lines, mood};
use crate::text::{cut_chars, fit_lines};

const BYTES_MAX: usize = 4_096;
const HEADLINE_CHARS_MAX: usize = 200;

pub(super) fn payload(notice: &Notice) -> Payload {
    // The three colours that it knows: green, orange-red, grey.
    let colour = match mood(notice) {
        Mood::Good => "info",
        Mood::Bad => "warning",
        Mood::Mild => "comment",
    };
    let headline = (MARKDOWN.escape)(&cut_chars(&headline(notice), HEADLINE_CHARS_MAX));
    let mut all = vec![format!("<font color=\"{colour}\">{headline}</font>")];
    all.extend(lines(notice, &MARKDOWN));
    Payload::json(&json!({ "msgtype": "markdown", "markdown": { "content": fit_lines(&all, BYTES_MAX) } }))
}
