//! Bringing two tracebacks to a form in which they must be equal.

use std::collections::BTreeMap;

/// Of a long stack, Go 1.21 and later print 50 frames from each end; earlier releases some 100 from one.
const INNER_FRAMES: usize = 50;

/// Every goroutine of a traceback by id: its lines, without what cannot be equal (argument values, waiting
/// time) and without labels, which `gostat dump` leaves to its other formats.
pub(crate) fn goroutines(text: &str) -> BTreeMap<u64, Vec<String>> {
    let blocks = text.split("\n\n").map(|block| block.trim_matches('\n')).filter(|block| !block.is_empty());
    let mut goroutines = BTreeMap::new();
    for block in blocks {
        let id = block.strip_prefix("goroutine ").and_then(|rest| rest.split(' ').next()).map(str::parse);
        let Some(Ok(id)) = id else { panic!("not a goroutine: {block}") };
        let lines = block.lines().enumerate().map(|(i, line)| if i == 0 { header(line) } else { body(line) });
        assert_eq!(goroutines.insert(id, lines.collect()), None, "goroutine {id} is there twice");
    }
    goroutines
}

/// `goroutine 7 [chan receive, 3 minutes, locked to thread] {k: v}:` without minutes and labels.
fn header(line: &str) -> String {
    let (before, marks) = line.split_once('[').unwrap();
    let (marks, _labels) = marks.split_once(']').unwrap();
    let kept: Vec<&str> = marks.split(", ").filter(|mark| !mark.ends_with(" minutes")).collect();
    format!("{before}[{}]:", kept.join(", "))
}

/// A line below the header, without the values in `main.f(0x1, {0x2, 0x3})`: no argument is ever printed
/// with parentheses, function names are.
fn body(line: &str) -> String {
    match line.rfind('(') {
        Some(arguments) if line.ends_with(')') && !line.starts_with('\t') => {
            format!("{}(...)", &line[..arguments])
        }
        _ => line.to_owned(),
    }
}

/// Asserts that what we print of a program is what it prints of itself, goroutine by goroutine.
///
/// `minor` is the release's: what we print follows the newest releases where older ones differ, and only in
/// these ways: they hid the runtime's frame below a finalizer (before 1.25), and showed no outer frames of
/// a long stack (before 1.21).
pub(crate) fn assert_equal(what: &str, minor: u32, ours: &str, theirs: &str) {
    let (mut ours, mut theirs) = (goroutines(ours), goroutines(theirs));
    // The goroutine that answers is where it waits for a question in one, and where it answers in the other.
    let answering = |lines: &Vec<String>| lines.iter().any(|line| line.contains("/internal/protocol.Serve("));
    let answers: Vec<u64> = theirs.iter().filter(|(_, lines)| answering(lines)).map(|(&id, _)| id).collect();
    assert_eq!(answers.len(), 1, "{what}: one goroutine answers");
    for id in answers {
        theirs.remove(&id);
        let seen = ours.remove(&id).unwrap();
        assert!(answering(&seen), "{what}: {seen:#?}");
    }
    let ids = |goroutines: &BTreeMap<u64, Vec<String>>| goroutines.keys().copied().collect::<Vec<u64>>();
    assert_eq!(ids(&ours), ids(&theirs), "{what}: other goroutines");
    for (id, mut theirs) in theirs {
        let mut ours = ours.remove(&id).unwrap();
        if minor < 25 {
            remove_finalizer_frame(&mut ours);
        }
        let long = ours.iter().any(|line| line.ends_with(" frames elided..."));
        if minor < 21 && long {
            // A header, and two lines a frame, up to where the newer form leaves out the rest.
            ours.truncate(1 + 2 * INNER_FRAMES);
            theirs.truncate(1 + 2 * INNER_FRAMES);
        }
        if theirs.get(1).is_some_and(|line| line == "runtime.goexit(...)") {
            // A goroutine for threads of C's that none uses now: nothing but the end of a stack, which is never ours
            // to list.
            theirs.truncate(1);
            assert!(ours.iter().all(|line| !line.ends_with("(...)")), "{what}: {ours:#?}");
            ours.truncate(1);
        }
        let first = ours.iter().zip(&theirs).position(|(ours, theirs)| ours != theirs);
        let at = first.unwrap_or(ours.len().min(theirs.len()));
        assert!(
            ours == theirs,
            "{what}: goroutine {id}, line {at}\nours: {:#?}\ntheirs: {:#?}",
            &ours[at.saturating_sub(3)..ours.len().min(at + 6)],
            &theirs[at.saturating_sub(3)..theirs.len().min(at + 6)]
        );
    }
}

fn remove_finalizer_frame(lines: &mut Vec<String>) {
    if let Some(at) = lines.iter().position(|line| line == "runtime.runfinq(...)") {
        lines.drain(at..at + 2);
    }
}

#[test]
fn the_form_keeps_what_must_be_equal_and_only_that() {
    let dump = "goroutine 7 [chan receive, 3 minutes, locked to thread] {k: [v], l: }:\nmain.(*q[...]).put(0x1, {0x2?, 0x3})\n\
                \t/a (copy)/m.go:7 +0x1d\ncreated by main.(*q[...]).start.func1 in goroutine 1\n\t/m.go:9 +0x2\n\n\
                goroutine 8 [select (no cases)]:\nmain.main()\n\t/m.go:3 +0x9\n";
    let all = goroutines(dump);
    assert_eq!(
        all[&7],
        [
            "goroutine 7 [chan receive, locked to thread]:",
            "main.(*q[...]).put(...)",
            "\t/a (copy)/m.go:7 +0x1d",
            "created by main.(*q[...]).start.func1 in goroutine 1",
            "\t/m.go:9 +0x2",
        ]
    );
    assert_eq!(all[&8][0], "goroutine 8 [select (no cases)]:");
}
