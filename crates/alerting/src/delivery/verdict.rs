//! Whether an answer means that the message arrived. Status 200 alone does not: several chats say what went wrong in the
//! body.

use std::time::Duration;

use serde::Deserialize;

use crate::delivery::post::Answer;
use crate::payload::SinkType;
use crate::text::clean;

/// Characters of an answer that are shown.
const SHOWN_CHARS_MAX: usize = 200;
/// Codes in bodies that mean: too many messages. WeCom, DingTalk (two), Feishu (two).
const TOO_MANY: [i64; 5] = [45_009, 130_101, 660_026, 11_232, 9_499];

/// What came of one try.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Outcome {
    /// It arrived.
    Delivered,
    /// The receiver takes nothing at the moment: all messages wait.
    Wait {
        /// How long it wants to be left alone.
        at_least: Option<Duration>,
        /// Why.
        error: String,
    },
    /// It did not take this message: others may go first.
    Again {
        /// Why.
        error: String,
    },
    /// It will never take this message.
    Refused {
        /// Why.
        error: String,
    },
}

/// The code in the body of an answer: `errcode` (WeCom, DingTalk), `code` or `StatusCode` (Feishu).
#[derive(Deserialize)]
struct Coded {
    #[serde(alias = "errcode", alias = "StatusCode")]
    code: Option<i64>,
}

/// What PagerDuty answers.
#[derive(Deserialize)]
struct Status {
    status: String,
}

pub(super) fn verdict(sink: SinkType, answer: &Answer) -> Outcome {
    let error = format!("status {}: {}", answer.status, clean(answer.body.trim(), SHOWN_CHARS_MAX));
    match answer.status {
        200..=299 => in_body(sink, answer, error),
        300..=399 => {
            Outcome::Wait { at_least: None, error: format!("it sends elsewhere (status {})", answer.status) }
        }
        // This very message is wrong for it. Everything else of 4xx is about address and keys, which users mend.
        400 | 413 | 415 | 422 => Outcome::Refused { error },
        _ => Outcome::Wait { at_least: answer.retry_after, error },
    }
}

fn in_body(sink: SinkType, answer: &Answer, error: String) -> Outcome {
    let body = answer.body.trim();
    let arrived = match sink {
        SinkType::Alertmanager | SinkType::Webhook => true,
        SinkType::Slack => body == "ok",
        SinkType::Pagerduty => {
            serde_json::from_str::<Status>(body).is_ok_and(|said| said.status == "success")
        }
        SinkType::Wecom | SinkType::Dingtalk | SinkType::Feishu => match code(body) {
            Some(code) if TOO_MANY.contains(&code) => {
                return Outcome::Wait {
                    at_least: answer.retry_after.or(Some(Duration::from_secs(60))),
                    error,
                };
            }
            code => code == Some(0),
        },
    };
    if arrived { Outcome::Delivered } else { Outcome::Again { error } }
}

/// Feishu may answer with both of its fields; then the second is found as well, and both have to agree.
fn code(body: &str) -> Option<i64> {
    if let Ok(coded) = serde_json::from_str::<Coded>(body) {
        return coded.code;
    }
    let fields: serde_json::Map<String, serde_json::Value> = serde_json::from_str(body).ok()?;
    let codes = ["errcode", "code", "StatusCode"].into_iter().filter_map(|name| fields.get(name)?.as_i64());
    codes.max_by_key(|code| (*code != 0, *code))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(sink: SinkType, status: u16, body: &str) -> Outcome {
        verdict(sink, &Answer { status, body: body.to_owned(), retry_after: None })
    }

    fn arrived(sink: SinkType, body: &str) -> bool {
        said(sink, 200, body) == Outcome::Delivered
    }

    #[test]
    fn a_body_may_say_that_200_is_a_lie() {
        assert!(arrived(SinkType::Slack, "ok\n") && !arrived(SinkType::Slack, "no_service"));
        for chat in [SinkType::Wecom, SinkType::Dingtalk] {
            assert!(arrived(chat, r#"{"errcode":0,"errmsg":"ok"}"#));
            for lie in [r#"{"errcode":93000,"errmsg":"invalid webhook url"}"#, "", "ok", "{}", "<html>", "[]"]
            {
                assert!(!arrived(chat, lie), "{lie}");
            }
        }
        assert!(arrived(SinkType::Feishu, r#"{"code":0,"data":{},"msg":"success"}"#));
        assert!(arrived(SinkType::Feishu, r#"{"Extra":null,"StatusCode":0,"StatusMessage":"success"}"#));
        assert!(arrived(SinkType::Feishu, r#"{"StatusCode":0,"code":0,"msg":"success"}"#));
        assert!(!arrived(SinkType::Feishu, r#"{"StatusCode":0,"code":19021,"msg":"sign match fail"}"#));
        assert!(!arrived(SinkType::Feishu, r#"{"code":19021,"msg":"sign match fail"}"#));
        assert!(
            said(SinkType::Pagerduty, 202, r#"{"status":"success","dedup_key":"x"}"#) == Outcome::Delivered
        );
        assert!(!arrived(SinkType::Pagerduty, "<html>welcome</html>"));
    }

    #[test]
    fn a_receiver_that_has_enough_is_left_alone() {
        let busy = said(SinkType::Wecom, 200, r#"{"errcode":45009,"errmsg":"api freq out of limit"}"#);
        assert!(matches!(busy, Outcome::Wait { at_least: Some(_), .. }), "{busy:?}");
        for status in [301, 401, 403, 404, 408, 429, 500, 503] {
            assert!(matches!(said(SinkType::Webhook, status, ""), Outcome::Wait { .. }), "{status}");
        }
        let asked = Answer { status: 503, body: String::new(), retry_after: Some(Duration::from_secs(7)) };
        let Outcome::Wait { at_least, .. } = verdict(SinkType::Webhook, &asked) else {
            panic!("it asked to wait")
        };
        assert_eq!(at_least, asked.retry_after);
        for status in [400, 413, 422] {
            assert!(matches!(said(SinkType::Webhook, status, ""), Outcome::Refused { .. }), "{status}");
        }
    }

    #[test]
    fn what_is_shown_of_an_answer_is_short_and_harmless() {
        let Outcome::Wait { error, .. } = said(SinkType::Webhook, 500, &"\u{1b}[2J".repeat(10_000)) else {
            panic!("not a failure of the receiver")
        };
        assert!(error.len() < 300 && !error.contains('\u{1b}'), "{error}");
    }
}
