//! What can be wrong with text from `/proc`, and the few steps that all its parsers share.

/// Text that is not what the kernel writes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ParseError {
    /// A field is missing: the text ends too early.
    #[error("field {field} is missing")]
    Missing {
        /// Its name in proc(5).
        field: &'static str,
    },
    /// A field is not a number, or one that does not fit.
    #[error("field {field} is not a number")]
    NotANumber {
        /// Its name in proc(5).
        field: &'static str,
    },
    /// A line does not have the form of the others.
    #[error("line {line} is malformed")]
    Line {
        /// Which one, counted from 1.
        line: usize,
    },
}

/// The fields of a line, separated by any run of blanks.
pub(crate) fn fields(line: &[u8]) -> impl Iterator<Item = &[u8]> {
    line.split(|byte| byte.is_ascii_whitespace()).filter(|field| !field.is_empty())
}

/// A decimal number that fills the whole field.
pub(crate) fn decimal<N: std::str::FromStr>(field: &[u8]) -> Option<N> {
    std::str::from_utf8(field).ok()?.parse().ok()
}

/// A hexadecimal number that fills the whole field, with or without `0x`.
pub(crate) fn hexadecimal(field: &[u8]) -> Option<u64> {
    let digits = field.strip_prefix(b"0x").unwrap_or(field);
    // from_str_radix would take a sign.
    if !digits.first()?.is_ascii_hexdigit() {
        return None;
    }
    u64::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()
}

/// `left` and `right` of the first `separator`.
pub(crate) fn split_once(text: &[u8], separator: u8) -> Option<(&[u8], &[u8])> {
    let at = text.iter().position(|&byte| byte == separator)?;
    let (left, rest) = text.split_at(at);
    Some((left, rest.get(1..).unwrap_or_default()))
}

/// The value of the first line `key:\tvalue`, as in `/proc/PID/status`.
pub(crate) fn value_of<'a>(text: &'a [u8], key: &str) -> Option<&'a [u8]> {
    text.split(|&byte| byte == b'\n').find_map(|line| {
        let (name, value) = split_once(line, b':')?;
        (name == key.as_bytes()).then(|| value.trim_ascii())
    })
}
