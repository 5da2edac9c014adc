//! Dumps that real Go programs printed: parsed, and written again as the runtime writes them.

#![expect(clippy::panic, reason = "a test fails by panicking")]

mod from_dump;

use goroutine_dump::{Elided, ParsedGoroutine, WriteOptions, parse, write};

const DEBUG2_1_21: &str = include_str!("fixtures/go1.21.debug2.txt");
const DEBUG2_1_26: &str = include_str!("fixtures/go1.26.debug2.txt");
const DEBUG2_1_27: &str = include_str!("fixtures/go1.27.debug2.txt");
const SIGQUIT_1_26: &str = include_str!("fixtures/go1.26.sigquit.txt");

fn parse_all(text: &str) -> Vec<ParsedGoroutine<'_>> {
    let (goroutines, problems) = parse(text);
    assert_eq!(problems, []);
    assert_eq!(goroutines.len(), text.lines().filter(|line| line.starts_with("goroutine ")).count());
    goroutines
}

fn by_state<'a, 'b>(goroutines: &'b [ParsedGoroutine<'a>], state: &str) -> &'b ParsedGoroutine<'a> {
    goroutines.iter().find(|g| g.state == state).unwrap_or_else(|| panic!("no goroutine in {state}"))
}

#[test]
fn every_release_is_understood_without_a_problem() {
    for text in [DEBUG2_1_21, DEBUG2_1_26, DEBUG2_1_27] {
        let goroutines = parse_all(text);
        for state in
            ["running", "chan receive", "select (no cases)", "chan send (nil chan)", "sleep", "IO wait"]
        {
            by_state(&goroutines, state);
        }
        let locked = goroutines.iter().find(|g| g.locked_to_thread).unwrap();
        assert_eq!(locked.frames[0].function, "main.main.func3");
        let creator = locked.created_by.unwrap();
        assert_eq!((creator.frame.function, creator.parent_id), ("main.main", Some(1)));
        let sleeping = by_state(&goroutines, "sleep");
        assert_eq!(sleeping.frames[0].function, "time.Sleep");
        assert!(sleeping.frames[0].pc_offset.is_some());
        assert_eq!(sleeping.created_by.unwrap().frame.file, "example.com/states/main.go");
        let generic =
            goroutines.iter().flat_map(|g| &g.frames).find(|f| f.function.contains("queue")).unwrap();
        assert_eq!((generic.function, generic.line), ("main.(*queue[...]).get", 19));
        // Go 1.21 calls it from the go statement's wrapper; later ones inline it there.
        assert_eq!(generic.args == "...", generic.pc_offset.is_none());
        let panicking = goroutines.iter().find(|g| g.frames.iter().any(|f| f.function == "panic")).unwrap();
        assert_eq!(panicking.frames.last().unwrap().function, "main.panicker");
    }
}

#[test]
fn labels_and_elided_frames_are_read() {
    let labels = [("request".to_owned(), "a b\"c\n".to_owned()), ("user".to_owned(), "plain/x.y".to_owned())];
    for text in [DEBUG2_1_26, DEBUG2_1_27] {
        let goroutines = parse_all(text);
        assert_eq!(goroutines.iter().find(|g| !g.labels.is_empty()).unwrap().labels, labels);
    }
    let goroutines = parse_all(DEBUG2_1_26);
    let deep = goroutines.iter().find(|g| g.elided.is_some()).unwrap();
    assert_eq!(deep.elided, Some(Elided { after: 50, count: Some(51) }));
    assert_eq!(deep.frames.len(), 100);
}

#[test]
fn a_system_traceback_has_addresses_threads_and_the_runtimes_goroutines() {
    let goroutines = parse_all(SIGQUIT_1_26);
    let syscall = by_state(&goroutines, "syscall");
    assert_eq!(syscall.m, Some(4));
    assert!(syscall.address.is_some());
    let sweeper = by_state(&goroutines, "GC sweep wait");
    assert_eq!(sweeper.created_by.unwrap().frame.function, "runtime.gcenable");
    assert_eq!(sweeper.frames[0].function, "runtime.gopark");
    assert!(sweeper.frames[0].pc.is_some());
}

#[test]
fn a_snapshot_is_written_as_the_same_process_wrote_itself() {
    // The system traceback has every frame, as a snapshot has; `debug=2` of the same process is what the
    // runtime makes of them. Goroutines 1 and 22 ran on in between; 8 and 9 are too deep for the former.
    let snapshot = from_dump::snapshot(&parse_all(SIGQUIT_1_26), &[1, 22]);
    let mut written = Vec::new();
    let options = WriteOptions { labels: true, no_runtime: true };
    write(&snapshot, &snapshot.goroutines, &options, &mut written).unwrap();
    let written = String::from_utf8(written).unwrap();

    let expected: Vec<String> = DEBUG2_1_26
        .split("\n\n")
        .filter(|block| ["1 ", "8 ", "9 ", "22 "].iter().all(|id| !block[10..].starts_with(id)))
        .map(|block| block.trim_end().lines().map(without_args).collect::<Vec<_>>().join("\n"))
        .collect();
    assert_eq!(expected.len(), 13);
    let written: Vec<&str> = written.trim_end().split("\n\n").collect();
    for (written, expected) in written.iter().zip(&expected) {
        assert_eq!(written, expected);
    }
    assert_eq!(written.len(), expected.len());
}

#[test]
fn runtime_goroutines_are_written_with_all_frames() {
    let goroutines = parse_all(SIGQUIT_1_26);
    let snapshot = from_dump::snapshot(&goroutines, &[]);
    let mut written = Vec::new();
    write(&snapshot, &snapshot.goroutines, &WriteOptions::default(), &mut written).unwrap();
    let written = String::from_utf8(written).unwrap();
    let read = parse_all(&written);
    assert_eq!(read.len(), goroutines.len());
    let (sweeper, original) = (by_state(&read, "GC sweep wait"), by_state(&goroutines, "GC sweep wait"));
    assert_eq!(sweeper.frames.len(), original.frames.len() - 1, "all but goexit");
    assert_eq!(sweeper.created_by.unwrap().frame.function, "runtime.gcenable");
}

/// The line with `(...)` for the arguments of a function, as we print all of them.
fn without_args(line: &str) -> String {
    let is_function = !line.starts_with('\t') && line.ends_with(')');
    match line.rsplit_once('(').filter(|_| is_function) {
        Some((function, _)) => format!("{function}(...)"),
        None => line.to_owned(),
    }
}
