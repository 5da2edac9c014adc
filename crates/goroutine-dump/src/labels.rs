//! pprof labels as tracebacks print them: two forms, by Go release.

use std::fmt::{self, Write};

/// How a release prints labels in a goroutine's header.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum LabelForm {
    /// Go 1.26: inside the brackets, always quoted: `[select labels:{"k": "v"}]:`.
    Inside,
    /// Go 1.27: behind the brackets, quoted where needed: `[select] {k: "a b"}:`.
    Behind,
}

impl LabelForm {
    /// The form of a release (`go1.27.3`). Releases before 1.26 print none; they get the form of 1.26.
    pub(crate) fn of_release(go_version: &str) -> LabelForm {
        let minor = go_version.strip_prefix("go1.").map(|rest| {
            let end = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
            rest.get(..end).and_then(|digits| digits.parse::<u32>().ok()).unwrap_or(0)
        });
        match minor {
            Some(minor) if minor < 27 => LabelForm::Inside,
            // Development versions (`devel …`) are newer than every release.
            _ => LabelForm::Behind,
        }
    }
}

/// Writes `{key: value, …}`.
pub(crate) fn write_labels<'a>(
    out: &mut String,
    form: LabelForm,
    labels: impl Iterator<Item = (&'a str, &'a str)>,
) -> fmt::Result {
    out.push('{');
    for (index, (key, value)) in labels.enumerate() {
        if index > 0 {
            out.push_str(", ");
        }
        write_text(out, form, key)?;
        out.push_str(": ");
        write_text(out, form, value)?;
    }
    out.push('}');
    Ok(())
}

fn write_text(out: &mut String, form: LabelForm, text: &str) -> fmt::Result {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '/' | '_');
    if form == LabelForm::Behind && text.chars().all(plain) {
        out.push_str(text);
        return Ok(());
    }
    // `printquoted` of the runtime's print.go: only printable ASCII stays as it is.
    out.push('"');
    for character in text.chars() {
        match character {
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\\' | '"' => out.extend(['\\', character]),
            ' '..='~' => out.push(character),
            c if u32::from(c) < 127 => write!(out, "\\x{:02x}", u32::from(c))?,
            c if u32::from(c) < 0x1_0000 => write!(out, "\\u{:04x}", u32::from(c))?,
            c => write!(out, "\\U{:08x}", u32::from(c))?,
        }
    }
    out.push('"');
    Ok(())
}

/// Reads `{key: value, …}` in either form; `None` if the text is not exactly that.
pub(crate) fn parse_labels(text: &str) -> Option<Vec<(String, String)>> {
    let mut rest = text.strip_prefix('{')?;
    let mut labels = Vec::new();
    if rest == "}" {
        return Some(labels);
    }
    loop {
        let (key, after_key) = parse_text(rest)?;
        let (value, after_value) = parse_text(after_key.strip_prefix(": ")?)?;
        labels.push((key, value));
        match after_value.strip_prefix(", ") {
            Some(more) => rest = more,
            None => return (after_value == "}").then_some(labels),
        }
    }
}

fn parse_text(text: &str) -> Option<(String, &str)> {
    let Some(quoted) = text.strip_prefix('"') else {
        let end = text.find([':', ',', '}'])?;
        let (plain, rest) = text.split_at_checked(end)?;
        return Some((plain.to_owned(), rest));
    };
    let mut value = String::new();
    let mut chars = quoted.chars();
    loop {
        match chars.next()? {
            '"' => return Some((value, chars.as_str())),
            '\\' => value.push(match chars.next()? {
                'n' => '\n',
                'r' => '\r',
                't' => '\t',
                // A byte that is no UTF-8 (Go 1.27) or a control character.
                'x' => hex(&mut chars, 2)?,
                'u' => hex(&mut chars, 4)?,
                'U' => hex(&mut chars, 8)?,
                other => other,
            }),
            other => value.push(other),
        }
    }
}

fn hex(chars: &mut std::str::Chars<'_>, digits: usize) -> Option<char> {
    let mut code = 0u32;
    for _ in 0..digits {
        code = code.checked_mul(16)?.checked_add(chars.next()?.to_digit(16)?)?;
    }
    Some(char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_forms_are_the_runtimes_and_read_back() {
        let labels = [("request", "a b\"c\n"), ("user", "plain/x.y"), ("größe", "\u{1}\u{1f600}")];
        for (form, expected) in [
            (
                LabelForm::Inside,
                r#"{"request": "a b\"c\n", "user": "plain/x.y", "gr\u00f6\u00dfe": "\x01\U0001f600"}"#,
            ),
            (
                LabelForm::Behind,
                r#"{request: "a b\"c\n", user: plain/x.y, "gr\u00f6\u00dfe": "\x01\U0001f600"}"#,
            ),
        ] {
            let mut out = String::new();
            write_labels(&mut out, form, labels.into_iter()).unwrap();
            assert_eq!(out, expected);
            let read = parse_labels(&out).unwrap();
            assert!(read.iter().map(|(k, v)| (k.as_str(), v.as_str())).eq(labels));
        }
        assert_eq!(parse_labels("{a: b} "), None);
        assert_eq!(parse_labels("{\"a"), None);
    }

    #[test]
    fn the_form_follows_the_release() {
        assert_eq!(LabelForm::of_release("go1.26.6-X:goroutineleakprofile"), LabelForm::Inside);
        assert_eq!(LabelForm::of_release("go1.9"), LabelForm::Inside);
        assert_eq!(LabelForm::of_release("go1.27rc1"), LabelForm::Behind);
        assert_eq!(LabelForm::of_release("devel go1.28-abc"), LabelForm::Behind);
    }
}
