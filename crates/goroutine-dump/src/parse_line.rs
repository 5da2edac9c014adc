//! What one line below a goroutine's header is.

use snapshot::Address;

use crate::parse::ParsedFrame;

/// A line of a goroutine.
pub(crate) enum Line<'a> {
    Empty,
    /// A function whose place follows.
    Function(ParsedFrame<'a>),
    /// C code without a place.
    Foreign(ParsedFrame<'a>),
    /// A file and line, as a frame without a function.
    Place(ParsedFrame<'a>),
    /// Who started the goroutine, and in which goroutine.
    Creator(ParsedFrame<'a>, Option<u64>),
    /// Frames left out, and how many if known.
    Elided(Option<u64>),
    /// There is no stack.
    Unavailable,
    /// The frames of an ancestor follow.
    Ancestor(u64),
    Unknown,
}

/// Says what a line is, from its own form alone.
pub(crate) fn classify(line: &str) -> Line<'_> {
    let line = line.trim_end();
    if line.is_empty() {
        return Line::Empty;
    }
    if line.starts_with([' ', '\t']) {
        let indented = line.trim_start();
        if indented.starts_with("goroutine ") && indented.contains("stack unavailable") {
            return Line::Unavailable;
        }
        return place(indented).map_or(Line::Unknown, Line::Place);
    }
    if let Some(rest) = line.strip_prefix("created by ") {
        return creator(rest);
    }
    if let Some(rest) = line.strip_prefix("...").and_then(|rest| rest.strip_suffix(" frames elided...")) {
        return Line::Elided(rest.parse().ok());
    }
    if let Some(id) = line.strip_prefix("[originating from goroutine ") {
        return id.strip_suffix("]:").and_then(|id| id.parse().ok()).map_or(Line::Unknown, Line::Ancestor);
    }
    if let Some(pc) = line.strip_prefix("non-Go function at pc=") {
        return Line::Foreign(ParsedFrame { pc: parse_hex(pc).map(Address), ..ParsedFrame::default() });
    }
    if line == "non-Go function" {
        return Line::Function(ParsedFrame::default());
    }
    function(line).map_or(Line::Unknown, Line::Function)
}

/// `0x1d` as a number.
pub(crate) fn parse_hex(text: &str) -> Option<u64> {
    u64::from_str_radix(text.strip_prefix("0x")?, 16).ok()
}

/// `main.(*T).work(0xc000012345, {0x1, 0x2})`, or the bare name that a C symbolizer gives.
fn function(line: &str) -> Option<ParsedFrame<'_>> {
    match line.strip_suffix(')').and_then(|rest| rest.rsplit_once('(')) {
        Some((function, args)) if !function.is_empty() => {
            Some(ParsedFrame { function, args, ..ParsedFrame::default() })
        }
        Some(_) => None,
        None if !line.contains(char::is_whitespace) => {
            Some(ParsedFrame { function: line, ..ParsedFrame::default() })
        }
        None => None,
    }
}

fn creator(rest: &str) -> Line<'_> {
    let (function, parent_id) = match rest.rsplit_once(" in goroutine ") {
        Some((function, id)) if id.parse::<u64>().is_ok() => (function, id.parse().ok()),
        _ => (rest, None),
    };
    Line::Creator(ParsedFrame { function, ..ParsedFrame::default() }, parent_id)
}

/// `/src/main.go:19 +0x1d fp=0x… sp=0x… pc=0x…`, read from its end: a path may hold anything.
fn place(text: &str) -> Option<ParsedFrame<'_>> {
    let mut frame = ParsedFrame::default();
    let mut rest = text;
    while let Some((before, word)) = rest.rsplit_once(' ') {
        if let Some(offset) = word.strip_prefix('+').and_then(parse_hex) {
            frame.pc_offset = Some(offset);
        } else if let Some(pc) = word.strip_prefix("pc=").and_then(parse_hex) {
            frame.pc = Some(Address(pc));
        } else if word.strip_prefix("sp=").or(word.strip_prefix("fp=")).and_then(parse_hex).is_none() {
            break;
        }
        rest = before;
    }
    if let Some((file, line)) = rest.rsplit_once(':')
        && let Ok(line) = line.parse()
    {
        return Some(ParsedFrame { file, line, ..frame });
    }
    // A C symbolizer that knows no file: only `pc=0x…`.
    let pc = rest.strip_prefix("pc=").and_then(parse_hex)?;
    Some(ParsedFrame { pc: Some(Address(pc)), ..frame })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_read_from_their_end() {
        let frame = place("/a b:7 +0x1/m.go:19 +0x1d fp=0xc1 sp=0xc0 pc=0x48436e").unwrap();
        assert_eq!((frame.file, frame.line), ("/a b:7 +0x1/m.go", 19));
        assert_eq!((frame.pc_offset, frame.pc), (Some(0x1d), Some(Address(0x48436e))));
        assert_eq!(place("/m.c:5 pc=0x99").unwrap().line, 5);
        assert_eq!(place("pc=0x99").unwrap().pc, Some(Address(0x99)));
        assert_eq!(place("nothing"), None);
    }

    #[test]
    fn functions_end_at_the_last_parenthesis() {
        let frame = function("main.(*queue[...]).put(0xc000, {0x1?, _})").unwrap();
        assert_eq!((frame.function, frame.args), ("main.(*queue[...]).put", "0xc000, {0x1?, _}"));
        assert_eq!(function("cgo_name").unwrap().function, "cgo_name");
        assert_eq!(function("exit status 2"), None);
    }
}
