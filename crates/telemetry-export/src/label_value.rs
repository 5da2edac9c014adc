//! Text that somebody else chose, made fit for a label: printable, cut visibly, escaped.

use snapshot::Printable;

use crate::limits::LABEL_CHARACTERS_MAX;

/// A text as it may stand in a label: controls are shown as escapes, and what is too long ends in `…`.
pub(crate) fn tame(text: &str) -> String {
    // Before anything is copied: a hostile name may be megabytes long.
    let limit = text.char_indices().nth(LABEL_CHARACTERS_MAX).map(|(at, _)| at);
    let begin = limit.map_or(text, |at| text.get(..at).unwrap_or_default());
    let mut tamed = Printable(begin).to_string();
    let cut = tamed.char_indices().nth(LABEL_CHARACTERS_MAX - 1).map(|(at, _)| at);
    if let Some(at) = cut.filter(|_| limit.is_some() || tamed.chars().count() > LABEL_CHARACTERS_MAX) {
        tamed.truncate(at);
        tamed.push('…');
    }
    tamed
}

/// Appends `name="value",` unless the value is empty: a label without a value is no label to Prometheus.
pub(crate) fn append(out: &mut String, name: &str, value: &str) {
    if value.is_empty() {
        return;
    }
    out.push_str(name);
    out.push_str("=\"");
    for character in tame(value).chars() {
        match character {
            '\\' => out.push_str("\\\\"),
            '"' => out.push_str("\\\""),
            // Cannot be: it is printable by now. But if it were, a line of its own would be.
            '\n' => out.push_str("\\n"),
            other => out.push(other),
        }
    }
    out.push_str("\",");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_long_is_cut_visibly_and_what_fits_is_kept() {
        let fits = "ä".repeat(LABEL_CHARACTERS_MAX);
        assert_eq!(tame(&fits), fits);
        let cut = tame(&"ä".repeat(LABEL_CHARACTERS_MAX + 1));
        assert_eq!(cut.chars().count(), LABEL_CHARACTERS_MAX);
        assert!(cut.ends_with("ä…"));
        let escaped = tame(&"\u{1b}".repeat(LABEL_CHARACTERS_MAX));
        assert_eq!(escaped.chars().count(), LABEL_CHARACTERS_MAX);
        assert!(escaped.starts_with(r"\x1b\x1b") && escaped.ends_with('…'));
    }

    #[test]
    fn quotes_and_backslashes_cannot_end_a_label() {
        let mut out = String::new();
        append(&mut out, "a", "x\"} 1\n# \\");
        append(&mut out, "empty", "");
        assert_eq!(out, r#"a="x\"} 1\\n# \\","#);
    }
}
