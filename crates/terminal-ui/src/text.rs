//! Texts for a terminal: lines, escapes, fallbacks to ASCII, numbers that fit.

use std::borrow::Cow;

use snapshot::Printable;

/// The lines of what a report wrote.
pub(crate) fn lines(text: &[u8]) -> Vec<String> {
    String::from_utf8_lossy(text).lines().map(str::to_owned).collect()
}

/// A text of the target, made harmless.
pub(crate) fn printable(text: &str) -> String {
    Printable(text).to_string()
}

/// A text in the characters that a terminal has. Drawn lines become dashes, what else is not ASCII is escaped.
pub(crate) fn in_characters(text: &str, unicode: bool) -> Cow<'_, str> {
    if unicode || text.is_ascii() {
        return Cow::Borrowed(text);
    }
    let mut plain = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '─' => plain.push('-'),
            '│' => plain.push('|'),
            '└' | '├' => plain.push('+'),
            'µ' => plain.push('u'),
            '…' => plain.push('~'),
            '▲' => plain.push('^'),
            '▼' => plain.push('v'),
            character if character.is_ascii() => plain.push(character),
            character => plain.push_str(&format!("\\u{:04x}", u32::from(character))),
        }
    }
    Cow::Owned(plain)
}

/// A number in at most six characters: `87`, `12345`, `1234k`, `56M`.
pub(crate) fn short_count(count: u64) -> String {
    match count {
        0..100_000 => count.to_string(),
        100_000..10_000_000 => format!("{}k", count / 1000),
        10_000_000..100_000_000_000 => format!("{}M", count / 1_000_000),
        _ => format!("{}G", count / 1_000_000_000),
    }
}

/// The name of a function without the path of its package: `shop.(*Cart).add`. The path is in the stack.
pub(crate) fn short_function(name: &str) -> &str {
    let end = name.find(['(', '[']).unwrap_or(name.len());
    let slash = name.get(..end).and_then(|path| path.rfind('/'));
    slash.and_then(|slash| name.get(slash + 1..)).unwrap_or(name)
}

/// A change: `+12`, `-3`, or nothing.
pub(crate) fn change(change: i64) -> String {
    match change {
        0 => String::new(),
        1.. => format!("+{}", short_count(change.unsigned_abs())),
        _ => format!("-{}", short_count(change.unsigned_abs())),
    }
}

/// Microseconds for people: `850us`, `12ms`, `3.4s`.
pub(crate) fn short_us(us: u64) -> String {
    match us {
        0..1000 => format!("{us}us"),
        1000..1_000_000 => format!("{}ms", us / 1000),
        _ => format!("{}.{}s", us / 1_000_000, us % 1_000_000 / 100_000),
    }
}

/// Bytes for people.
pub(crate) fn short_bytes(bytes: u64) -> String {
    match bytes {
        0..1024 => format!("{bytes}B"),
        1024..1_048_576 => format!("{}K", bytes >> 10),
        1_048_576..10_737_418_240 => format!("{}M", bytes >> 20),
        _ => format!("{}G", bytes >> 30),
    }
}

/// A wall-clock time of day, UTC: `12:35:36`.
pub(crate) fn time_of_day(unix_ms: u64) -> String {
    let seconds = unix_ms / 1000 % 86_400;
    format!("{:02}:{:02}:{:02}Z", seconds / 3600, seconds / 60 % 60, seconds % 60)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ascii_terminals_get_ascii() {
        assert_eq!(in_characters("└─ 5µs …", false), "+- 5us ~");
        assert_eq!(in_characters("main.读", false), r"main.\u8bfb");
        assert_eq!(in_characters("main.读", true), "main.读");
    }

    #[test]
    fn functions_lose_their_paths() {
        let names = ["example.com/shop/v2.(*T[...]).f/x", "main.f", "a/b.F[c/d.E]", "/", ""];
        assert_eq!(names.map(short_function), ["v2.(*T[...]).f/x", "main.f", "b.F[c/d.E]", "", ""]);
    }

    #[test]
    fn numbers_stay_short() {
        assert_eq!([7, 99_999, 1_234_567, 87_654_321].map(short_count), ["7", "99999", "1234k", "87M"]);
        assert_eq!([0, -3, 250_000].map(change), ["", "-3", "+250k"]);
        assert_eq!([900, 12_345, 3_450_000].map(short_us), ["900us", "12ms", "3.4s"]);
        assert_eq!(time_of_day(1_795_264_536_000), "12:35:36Z");
        assert_eq!([100, 5 << 20].map(short_bytes), ["100B", "5M"]);
    }
}
