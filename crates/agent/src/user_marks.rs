//! Marks that users want to make: what is taken, and what is refused.

use history_store::{Mark, MarkKind, ProcessKey};
use web_server::{AskError, NewMark, NewMarkKind};

use crate::answers::past;
use crate::history::asked_moment;

/// Characters of a mark, and of the name of a service.
const TEXT_CHARS_MAX: usize = 500;
const SERVICE_CHARS_MAX: usize = 250;
/// Clocks of other machines differ by less.
const AHEAD_MS: u64 = 60_000;

/// The mark that is wanted, of a process if one was named. The history keeps what is not older than `kept_ms`.
///
/// # Errors
/// Which part of it makes no sense.
pub(crate) fn understood(
    wanted: NewMark,
    process: Option<ProcessKey>,
    now_ms: u64,
    kept_ms: u64,
) -> Result<Mark, AskError> {
    let text = wanted.text.trim();
    if text.is_empty() || text.chars().count() > TEXT_CHARS_MAX {
        return Err(refused(format!("text has 1 to {TEXT_CHARS_MAX} characters")));
    }
    let service = wanted.service.as_deref().map(str::trim);
    if service.is_some_and(|name| name.is_empty() || name.chars().count() > SERVICE_CHARS_MAX) {
        return Err(refused(format!("the name of a service has 1 to {SERVICE_CHARS_MAX} characters")));
    }
    if process.is_some() && service.is_some() {
        return Err(refused("target and service are given: leave one of them out".to_owned()));
    }
    let at_ms = asked_moment("at", wanted.at.as_deref(), now_ms).map_err(|error| past(&error))?;
    let at_ms = at_ms.unwrap_or(now_ms);
    if at_ms > now_ms.saturating_add(AHEAD_MS) {
        return Err(refused("at is in the future".to_owned()));
    }
    if at_ms < now_ms.saturating_sub(kept_ms) {
        return Err(refused("at is longer ago than the history keeps marks ([history] hours)".to_owned()));
    }
    Ok(Mark {
        process,
        service: service.map(str::to_owned),
        at_ms: at_ms.min(now_ms),
        kind: match wanted.kind {
            NewMarkKind::Note => MarkKind::Note,
            NewMarkKind::Deploy => MarkKind::Deploy,
        },
        text: text.to_owned(),
    })
}

fn refused(reason: String) -> AskError {
    AskError::Question { reason, hint: None }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW_MS: u64 = 1_800_000_000_000;
    const DAY_MS: u64 = 86_400_000;

    fn wanted(text: &str, at: Option<&str>) -> NewMark {
        let (kind, at) = (NewMarkKind::Deploy, at.map(str::to_owned));
        NewMark { text: text.to_owned(), kind, target: None, service: None, at }
    }

    fn of(wanted: NewMark) -> Result<Mark, AskError> {
        understood(wanted, None, NOW_MS, DAY_MS)
    }

    #[test]
    fn what_makes_sense_is_taken_as_it_is() {
        let text = "v2 \u{1b}[2J <b>\u{202e}\n\"";
        let mark = of(NewMark { service: Some(" shop ".to_owned()), ..wanted(text, None) }).unwrap();
        assert_eq!((mark.at_ms, mark.text.as_str(), mark.service.as_deref()), (NOW_MS, text, Some("shop")));
        assert_eq!(mark.kind, MarkKind::Deploy);
        assert_eq!(of(wanted("x", Some("15m"))).unwrap().at_ms, NOW_MS - 900_000);
        assert_eq!(of(wanted("x", Some("@1800000030"))).unwrap().at_ms, NOW_MS, "a clock that is ahead");
        assert!(of(wanted(&"\u{597d}".repeat(TEXT_CHARS_MAX), None)).is_ok());
    }

    #[test]
    fn what_does_not_is_refused_with_a_reason() {
        let key = ProcessKey::default();
        let both = NewMark { service: Some("shop".to_owned()), ..wanted("x", None) };
        let refusals = [
            (of(wanted(" \n", None)), "1 to 500"),
            (of(wanted(&"x".repeat(TEXT_CHARS_MAX + 1), None)), "1 to 500"),
            (of(NewMark { service: Some(" ".to_owned()), ..wanted("x", None) }), "name of a service"),
            (of(wanted("x", Some("soon"))), "at=soon: not a time"),
            (of(wanted("x", Some("@1800000061"))), "future"),
            (of(wanted("x", Some("2d"))), "longer ago"),
            (understood(both, Some(key), NOW_MS, DAY_MS), "leave one of them out"),
        ];
        for (refusal, said) in refusals {
            let error = refusal.unwrap_err();
            assert!(
                matches!(error, AskError::Question { .. }) && error.to_string().contains(said),
                "{error}"
            );
        }
    }
}
