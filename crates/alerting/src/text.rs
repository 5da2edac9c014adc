//! Text of targets made harmless and short: no control characters, cut at a character, and the cut is seen.

use snapshot::Printable;

/// What stands where text was cut.
const CUT: &str = "…";

/// A text with escapes for all that could act on whoever shows it, of at most `chars_max` characters.
pub(crate) fn clean(text: &str, chars_max: usize) -> String {
    // What is far too long is cut before it is looked at: names come from targets, and may be megabytes.
    let enough = cut_bytes(text, chars_max.saturating_mul(4).saturating_add(4));
    let shown = cut_chars(&Printable(enough).to_string(), chars_max);
    if enough.len() < text.len() && !shown.ends_with(CUT) {
        cut_chars(&(shown + CUT), chars_max)
    } else {
        shown
    }
}

/// At most `chars_max` characters of a text; a cut ends in `…`.
pub(crate) fn cut_chars(text: &str, chars_max: usize) -> String {
    match text.char_indices().nth(chars_max) {
        None => text.to_owned(),
        Some(_) => {
            let kept: String = text.chars().take(chars_max.saturating_sub(1)).collect();
            kept + CUT
        }
    }
}

/// At most `bytes_max` bytes of a text, whole characters only, without a mark.
pub(crate) fn cut_bytes(text: &str, bytes_max: usize) -> &str {
    text.get(..text.floor_char_boundary(bytes_max)).unwrap_or(text)
}

/// The lines of a message, as many as fit into `bytes_max` bytes; the last one says if some were left out.
pub(crate) fn fit_lines(lines: &[String], bytes_max: usize) -> String {
    const LEFT_OUT: &str = "… (shortened: the rest is on the agent's page)";
    let whole = lines.join("\n");
    if whole.len() <= bytes_max {
        return whole;
    }
    let mut text = String::new();
    for line in lines {
        if text.len() + line.len() + 1 + LEFT_OUT.len() > bytes_max {
            break;
        }
        text.push_str(line);
        text.push('\n');
    }
    text + cut_bytes(LEFT_OUT, bytes_max)
}

/// The last part of a path, for places that people read.
pub(crate) fn file_name(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_cut_is_seen_and_keeps_characters_whole() {
        assert_eq!(clean("main.\u{1b}[2J\n读", 100), r"main.\x1b[2J\n读");
        assert_eq!(cut_chars("größe", 4), "grö…");
        assert_eq!(cut_chars("größe", 5), "größe");
        assert_eq!(cut_bytes("a读", 3), "a");
        let lines = vec!["x".repeat(30); 10];
        let fitted = fit_lines(&lines, 120);
        assert!(fitted.len() <= 120 && fitted.contains("shortened"), "{fitted}");
        assert_eq!(fit_lines(&lines, 1000), lines.join("\n"));
    }

    proptest! {
        #[test]
        fn nothing_is_longer_than_it_may_be(text in any::<String>(), max in 1usize..50) {
            let cleaned = clean(&text.repeat(20), max);
            prop_assert!(cleaned.chars().count() <= max);
            prop_assert!(!cleaned.chars().any(Printable::must_escape));
            prop_assert!(cut_bytes(&text, max).len() <= max);
        }
    }
}
