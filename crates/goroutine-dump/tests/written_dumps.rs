//! What we write, for every state that a snapshot can hold, and that it reads back as what it was.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod from_dump;

use std::fmt::Write as _;

use goroutine_dump::{Elided, WriteOptions, parse, write};
use proptest::prelude::*;
use snapshot::{FunctionRole, GoroutineId, LabelSet, Snapshot, StackState, StackTrace, Status, WaitingSince};

/// A snapshot of one goroutine that a test then changes.
fn one(text: &str) -> Snapshot {
    let (goroutines, problems) = parse(text);
    assert_eq!(problems, []);
    from_dump::snapshot(&goroutines, &[])
}

const WORKER: &str = "goroutine 18 [chan receive]:\nmain.work(0x1)\n\t/m.go:7 +0x1d\ncreated by main.main in goroutine 1\n\t/m.go:3 +0x9\n";

fn written(snapshot: &Snapshot, options: &WriteOptions) -> String {
    let mut out = Vec::new();
    write(snapshot, &snapshot.goroutines, options, &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

fn header(change: impl FnOnce(&mut Snapshot)) -> String {
    let mut snapshot = one(WORKER);
    change(&mut snapshot);
    written(&snapshot, &WriteOptions { labels: true, no_runtime: false }).lines().next().unwrap().to_owned()
}

#[test]
fn headers_have_the_marks_of_the_runtime_in_its_order() {
    assert_eq!(header(|_| {}), "goroutine 18 [chan receive]:");
    let everything = header(|s| {
        let g = &mut s.goroutines[0];
        g.scanning = true;
        g.waiting_since = Some(WaitingSince::AtLeastMs(3 * 60_000 + 59_999));
        g.locked_to_thread = true;
        g.bubble = Some(4);
        g.wait_reason = Some(s.tables.strings.intern_str("sleep"));
        let (key, value) = (s.tables.strings.intern_str("k"), s.tables.strings.intern_str("a b"));
        g.labels = s.tables.label_sets.intern(LabelSet(Box::new([(key, value)])));
    });
    let marks = "sleep (scan) (durable), 3 minutes, locked to thread, synctest bubble 4";
    assert_eq!(everything, format!("goroutine 18 [{marks} labels:{{\"k\": \"a b\"}}]:"));
    assert_eq!(header(|s| s.goroutines[0].status = Status::Leaked), "goroutine 18 [chan receive (leaked)]:");
    assert_eq!(header(|s| s.goroutines[0].status = Status::Runnable), "goroutine 18 [runnable]:");
    let newest = header(|s| {
        s.target.go_version = "go1.27.3".into();
        let (key, value) = (s.tables.strings.intern_str("k"), s.tables.strings.intern_str("a b"));
        s.goroutines[0].labels = s.tables.label_sets.intern(LabelSet(Box::new([(key, value)])));
    });
    assert_eq!(newest, "goroutine 18 [chan receive] {k: \"a b\"}:");
}

#[test]
fn a_goroutine_without_a_stack_says_why_in_words_that_tools_know() {
    let states = [
        StackState::Running,
        StackState::Secret,
        StackState::Torn,
        StackState::Unreadable,
        StackState::Saved,
    ];
    for state in states {
        let mut snapshot = one(WORKER);
        snapshot.goroutines[0].stack = Default::default();
        snapshot.goroutines[0].stack_state = state;
        let text = written(&snapshot, &WriteOptions::default());
        let line = text.lines().nth(1).unwrap();
        assert!(line.starts_with("\tgoroutine running on other thread; stack unavailable"), "{line}");
        assert_eq!(line.ends_with("unavailable"), state == StackState::Running);
        let (read, problems) = parse(&text);
        assert_eq!(problems, []);
        assert!(read[0].stack_unavailable && read[0].frames.is_empty());
        assert_eq!(read[0].created_by.unwrap().frame.line, 3);
    }
}

#[test]
fn long_stacks_lose_their_middle_as_in_the_runtime() {
    for (depth, elided) in [(49, None), (50, None), (100, None), (101, Some(1)), (500, Some(400))] {
        let mut text = "goroutine 18 [chan receive]:\n".to_owned();
        for line in 1..=depth {
            write!(text, "main.f()\n\t/m.go:{line} +0x1\n").unwrap();
        }
        let text = written(&one(&text), &WriteOptions::default());
        let (read, _) = parse(&text);
        assert_eq!(read[0].elided, elided.map(|count| Elided { after: 50, count: Some(count) }));
        assert_eq!(read[0].frames.len(), depth.min(100));
        assert_eq!(read[0].frames.last().unwrap().line as usize, depth);
        assert_eq!(text.contains("...1 frames elided...\n"), depth == 101);
    }
}

#[test]
fn an_incomplete_stack_says_that_outer_frames_are_missing() {
    let mut snapshot = one(WORKER);
    let frames = snapshot.tables.stacks.get(snapshot.goroutines[0].stack).unwrap().frames.clone();
    snapshot.goroutines[0].stack = snapshot.tables.stacks.intern(StackTrace { frames, complete: false });
    let text = written(&snapshot, &WriteOptions::default());
    assert!(text.contains("+0x1d\n...additional frames elided...\ncreated by"), "{text}");
    assert_eq!(parse(&text).0[0].elided, Some(Elided { after: 1, count: None }));
}

#[test]
fn c_code_is_named_by_its_address() {
    let mut snapshot = one(WORKER);
    let frame = *snapshot.frames(&snapshot.goroutines[0]).next().unwrap();
    let foreign = snapshot::Frame { role: FunctionRole::Foreign, pc: 0x7f01, ..frame };
    let frames = Box::new([snapshot.tables.frames.intern(foreign), snapshot.tables.frames.intern(frame)]);
    snapshot.goroutines[0].stack = snapshot.tables.stacks.intern(StackTrace { frames, complete: true });
    let text = written(&snapshot, &WriteOptions::default());
    assert!(text.contains("]:\nnon-Go function at pc=0x7f01\nmain.work(...)\n"), "{text}");
    assert_eq!(parse(&text).0[0].frames[0].pc, Some(snapshot::Address(0x7f01)));
}

#[test]
fn a_hostile_name_cannot_forge_lines_or_drive_the_terminal() {
    let mut snapshot = one(WORKER);
    let mut frame = *snapshot.frames(&snapshot.goroutines[0]).next().unwrap();
    frame.function = snapshot.tables.strings.intern_str("main.f\n\ngoroutine 99 [running]:\u{1b}[2J");
    frame.file = snapshot.tables.strings.intern_str("/m\u{9b}.go");
    let frames = Box::new([snapshot.tables.frames.intern(frame)]);
    snapshot.goroutines[0].stack = snapshot.tables.stacks.intern(StackTrace { frames, complete: true });
    snapshot.goroutines[0].wait_reason = Some(snapshot.tables.strings.intern_str("x\r\n"));
    let text = written(&snapshot, &WriteOptions::default());
    assert!(text.chars().all(|c| matches!(c, '\n' | '\t') || !c.is_control()), "{text:?}");
    assert_eq!(parse(&text).0.len(), 1);
}

#[test]
fn the_main_goroutine_has_no_creator_and_runtime_creators_are_hidden() {
    let mut snapshot = one(WORKER);
    snapshot.goroutines[0].id = GoroutineId(1);
    assert!(!written(&snapshot, &WriteOptions::default()).contains("created by"));
    let by_runtime = one(&WORKER.replace("created by main.main", "created by runtime.createfing"));
    assert!(!written(&by_runtime, &WriteOptions::default()).contains("created by"));
}

#[test]
fn ancestors_are_known_and_their_frames_are_not_mixed_in() {
    let text = format!(
        "{WORKER}[originating from goroutine 5]:\nmain.other(...)\n\t/o.go:1 +0x2\ncreated by main.main\n\t/m.go:8 +0x3\n[originating from goroutine 1]:\nmain.main(...)\n\t/m.go:9 +0x3\n"
    );
    let (read, problems) = parse(&text);
    assert_eq!(problems, []);
    assert_eq!((read[0].ancestors.as_slice(), read[0].frames.len()), ([5, 1].as_slice(), 1));
    assert_eq!(read[0].created_by.unwrap().frame.line, 3);
}

/// Pieces that real dumps are made of, to get deep into the parser.
fn dump_piece() -> impl Strategy<Value = String> {
    prop_oneof![
        Just("goroutine 1 [running]:\n".to_owned()),
        Just("goroutine 7 gp=0x1 m=nil [select labels:{\"a\": \"b\"}]:\n".to_owned()),
        Just("goroutine 7 [select] {".to_owned()),
        Just("main.f(0x1)\n".to_owned()),
        Just("\t/m.go:3 +0x1 fp=0x1 sp=0x1 pc=0x1\n".to_owned()),
        Just("created by main.main in goroutine 1\n".to_owned()),
        Just("...5 frames elided...\n".to_owned()),
        Just("[originating from goroutine 1]:\n".to_owned()),
        Just("\n".to_owned()),
        "[ -~\n\t\\[\\]{}:,\u{e9}]{0,12}",
        any::<String>(),
    ]
}

proptest! {
    #[test]
    fn parsing_never_panics(pieces in prop::collection::vec(dump_piece(), 0..30)) {
        let text = pieces.concat();
        let (goroutines, problems) = parse(&text);
        prop_assert!(goroutines.len() + problems.len() <= 2 * text.lines().count());
    }

    #[test]
    fn what_is_written_reads_back(
        goroutines in prop::collection::vec((
            2u64..1 << 60,
            prop::sample::select(vec!["chan receive", "select (no cases)", "runnable", "IO wait"] ),
            prop::collection::vec((r"[a-z]{1,4}(/[a-z]{1,4})?\.(\(\*[A-Z][a-z]{0,3}(\[\.\.\.\])?\)\.)?[a-zA-Z0-9]{1,6}",
                "/[ -~é]{0,12}\\.go", 1u32..9999, 1u64..1 << 40, any::<bool>()), 1..6),
            0u64..10_000, any::<bool>(), prop::option::of(1u64..99),
        ), 1..8)
    ) {
        let mut text = String::new();
        for (id, state, frames, minutes, locked, parent) in &goroutines {
            let minutes = if *minutes > 0 && *state != "runnable" { format!(", {minutes} minutes") } else { String::new() };
            writeln!(text, "goroutine {id} [{state}{minutes}{}]:", if *locked { ", locked to thread" } else { "" }).unwrap();
            for (function, file, line, offset, inlined) in frames {
                let offset = if *inlined { String::new() } else { format!(" +{offset:#x}") };
                writeln!(text, "{function}(...)\n\t{file}:{line}{offset}").unwrap();
            }
            if let Some(parent) = parent {
                writeln!(text, "created by main.main in goroutine {parent}\n\t/m.go:1 +0x5").unwrap();
            }
            text.push('\n');
        }
        text.pop();
        let (read, problems) = parse(&text);
        prop_assert_eq!(&problems, &[]);
        let rewritten = written(&from_dump::snapshot(&read, &[]), &WriteOptions::default());
        prop_assert_eq!(&parse(&rewritten).0, &read);
        prop_assert_eq!(rewritten, text);
    }
}
