//! Reading the first line of a goroutine, in the forms of all releases.

use snapshot::Address;

use crate::header::is_marked_durable;
use crate::labels::parse_labels;
use crate::parse::{ParsedGoroutine, ProblemKind};
use crate::parse_line::parse_hex;

/// Reads `goroutine 18 gp=0x… m=nil [chan receive, 3 minutes]:`. No goroutine if it is no header; a
/// problem next to a goroutine if only a part was not understood.
pub(crate) fn parse_header(line: &str) -> (Option<ParsedGoroutine<'_>>, Option<ProblemKind>) {
    match header(line) {
        Some((goroutine, problem)) => (Some(goroutine), problem),
        None => (None, Some(ProblemKind::BadHeader)),
    }
}

fn header(line: &str) -> Option<(ParsedGoroutine<'_>, Option<ProblemKind>)> {
    let rest = line.strip_prefix("goroutine ")?.trim_end().strip_suffix(':')?;
    let (before, inside) = rest.split_once('[')?;
    let mut words = before.split_ascii_whitespace();
    let mut goroutine = ParsedGoroutine { id: words.next()?.parse().ok()?, ..ParsedGoroutine::default() };
    let mut problem = None;
    for word in words {
        match word.split_once('=') {
            Some(("gp", address)) => goroutine.address = parse_hex(address).map(Address),
            Some(("m", number)) => goroutine.m = number.parse().ok(),
            Some(("mp", _)) => {}
            _ => problem = Some(ProblemKind::UnknownMark),
        }
    }

    // Labels may hold any character: look for where they begin, and only before that for the bracket.
    let (marks, labels) = if let Some((marks, labels)) = inside.split_once(" labels:{") {
        (marks, Some(labels.strip_suffix(']')?))
    } else if let Some((marks, labels)) = inside.split_once("] {") {
        (marks, Some(labels))
    } else {
        (inside.strip_suffix(']')?, None)
    };
    if let Some(labels) = labels {
        // Both prefixes ended in the opening brace.
        match parse_labels(&format!("{{{labels}")) {
            Some(labels) => goroutine.labels = labels,
            None => problem = Some(ProblemKind::BadLabels),
        }
    }

    let mut marks = marks.split(", ");
    state(&mut goroutine, marks.next()?);
    for mark in marks {
        let number = |prefix| mark.strip_prefix(prefix).and_then(|rest: &str| rest.parse().ok());
        if mark == "locked to thread" {
            goroutine.locked_to_thread = true;
        } else if let Some(minutes) = mark.strip_suffix(" minutes").and_then(|n| n.parse().ok()) {
            goroutine.minutes = minutes;
        } else if let Some(bubble) = number("synctest bubble ").or_else(|| number("synctest group ")) {
            goroutine.bubble = Some(bubble);
        } else {
            problem = Some(ProblemKind::UnknownMark);
        }
    }
    Some((goroutine, problem))
}

/// Takes the marks that follow a state without a comma. `(durable)` is part of some wait reasons and a
/// mark behind others.
fn state<'a>(goroutine: &mut ParsedGoroutine<'a>, text: &'a str) {
    let mut state = text;
    if let Some(rest) = state.strip_suffix(" (durable)") {
        goroutine.durable = true;
        if is_marked_durable(rest.strip_suffix(" (scan)").unwrap_or(rest)) {
            state = rest;
        }
    }
    if let Some(rest) = state.strip_suffix(" (scan)") {
        goroutine.scanning = true;
        state = rest;
    }
    if let Some(rest) = state.strip_suffix(" (leaked)") {
        goroutine.leaked = true;
        state = rest;
    }
    goroutine.durable |= state.ends_with(" (durable)");
    goroutine.state = state;
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(line: &str) -> ParsedGoroutine<'_> {
        let (goroutine, problem) = parse_header(line);
        assert_eq!(problem, None, "{line}");
        goroutine.unwrap()
    }

    #[test]
    fn every_mark_of_every_release_is_read() {
        let all = parsed(
            "goroutine 18 gp=0xc000102380 m=3 mp=0xc000180008 [chan receive (scan), 12 minutes, locked to thread, synctest bubble 5]:",
        );
        assert_eq!((all.id, all.address, all.m), (18, Some(Address(0xc000102380)), Some(3)));
        assert_eq!((all.state, all.scanning, all.minutes), ("chan receive", true, 12));
        assert_eq!((all.locked_to_thread, all.bubble), (true, Some(5)));
        assert_eq!(parsed("goroutine 2 gp=0x1 m=nil [force gc (idle)]:").m, None);
        assert_eq!(parsed("goroutine 9 [select (no cases)]:").state, "select (no cases)");
        assert_eq!(parsed("goroutine 9 [sleep, synctest group 3]:").bubble, Some(3));
        let leaked = parsed("goroutine 9 [chan send (nil chan) (leaked) (scan)]:");
        assert_eq!((leaked.state, leaked.leaked, leaked.scanning), ("chan send (nil chan)", true, true));
    }

    #[test]
    fn durable_is_a_mark_or_part_of_the_reason() {
        let mark = parsed("goroutine 9 [sleep (scan) (durable), synctest bubble 1]:");
        assert_eq!((mark.state, mark.durable, mark.scanning), ("sleep", true, true));
        let reason = parsed("goroutine 9 [chan receive (durable) (scan)]:");
        assert_eq!((reason.state, reason.durable, reason.scanning), ("chan receive (durable)", true, true));
    }

    #[test]
    fn labels_are_read_in_the_forms_of_1_26_and_1_27() {
        let expected = vec![("request".to_owned(), "a ]: {".to_owned())];
        assert_eq!(parsed(r#"goroutine 9 [select labels:{"request": "a ]: {"}]:"#).labels, expected);
        assert_eq!(parsed(r#"goroutine 9 [select] {request: "a ]: {"}:"#).labels, expected);
        assert_eq!(parse_header("goroutine 9 [select labels:{x]:").1, Some(ProblemKind::BadLabels));
    }

    #[test]
    fn other_lines_are_no_headers() {
        for line in [
            "goroutine leak",
            "goroutine 1",
            "goroutine x [running]:",
            "goroutine 1 [running",
            "goroutine 1 [x labels:{]:",
        ] {
            let (goroutine, problem) = parse_header(line);
            assert!(goroutine.is_none() || problem.is_some(), "{line}");
        }
        let marked = parse_header("goroutine 1 [running, on fire]:");
        assert_eq!((marked.0.unwrap().state, marked.1), ("running", Some(ProblemKind::UnknownMark)));
    }
}
