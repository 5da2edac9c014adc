//! What was seen is written, whatever happens to the disk, the clock and single entries.

use std::io::Write as _;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use history_store::{
    Finding, FindingState, HistoryStore, Measure, MeasureKind, ProcessId, RangeQuery, Retention, Selection,
    Span, SqliteHistory, Step, Subject, Tick,
};
use proptest::prelude::*;

use super::waiting::{entries, halves};
use super::*;

#[path = "../../../history-store/tests/small_file_system/mod.rs"]
mod small_file_system;

const START_MS: u64 = 1_000 * 3_600_000;

fn key(pid: u32) -> ProcessKey {
    ProcessKey { boot_id: "boot".to_owned(), pid, start_ticks: 1, execs: 0 }
}

/// A tick that says its number.
fn tick(number: u64, at_ms: u64) -> Tick {
    let value = i64::try_from(number).unwrap();
    let measures = vec![Measure { name: "number".into(), kind: MeasureKind::Gauge, value }];
    Tick { process: key(1), at_ms, counts: Vec::new(), measures, counts_only: false, unread: 0 }
}

fn finding(name: &str, bytes: usize) -> Finding {
    Finding {
        key: name.to_owned(),
        process: None,
        state: FindingState::Firing,
        first_ms: START_MS,
        last_ms: START_MS,
        body: "x".repeat(bytes),
    }
}

fn memory(store: &SqliteStore, clock: Clock) -> Memory {
    Memory::of(store, Path::new("/proc"), clock).unwrap().0
}

fn push(memory: &Memory, tick: Tick) {
    locked(&memory.waiting).push(tick);
}

/// The numbers of all ticks from `START_MS` on, one a millisecond.
fn numbers(path: &Path) -> Vec<u64> {
    let history = SqliteHistory::open(path, Limits::default()).unwrap();
    assert_eq!(history.check().unwrap(), Vec::<String>::new());
    let query = RangeQuery {
        processes: Selection::All,
        span: Span { from_ms: START_MS, to_ms: START_MS + 50_000 },
        step: Step::Ms(1),
        subject: Subject::Measures(Vec::new()),
        top: 1,
    };
    let range = history.range(&query).unwrap();
    assert!(range.slots.iter().all(|slot| slot.ticks < 2), "none is written twice");
    let values = range.series[0].values.iter().flatten();
    values.map(|value| u64::try_from(value.last.unwrap()).unwrap()).collect()
}

#[test]
fn a_full_disk_bounds_what_waits_and_what_was_accepted_is_written_when_there_is_space() {
    let disk = match small_file_system::SmallFileSystem::mount(32) {
        Ok(disk) => disk,
        Err(error) => {
            let said = "SKIPPED: a full disk needs the right to mount one";
            return writeln!(std::io::stderr(), "{said}: {error}").unwrap();
        }
    };
    let path = disk.path("history.sqlite");
    let mut store = SqliteStore::open(&path, Limits::default()).unwrap();
    let memory = memory(&store, Clock::of(|| START_MS));
    let keep = Retention::default();
    push(&memory, tick(0, START_MS));
    memory.write(&mut store, &keep);
    assert_eq!(memory.state(), Remembered { ticks: 1, ..Remembered::default() });

    // Somebody else takes all that there is.
    let mut ballast = std::fs::File::create(disk.path("ballast")).unwrap();
    while ballast.write_all(&[1; 4096]).is_ok() {}
    drop(ballast);
    let mut seen = 1;
    while memory.state().error.is_none() {
        assert!(seen < 10_000, "it is never full");
        push(&memory, tick(seen, START_MS + seen));
        memory.write(&mut store, &keep);
        seen += 1;
    }
    let said = memory.state().error.unwrap();
    assert!(said.contains("no space left") && said.contains("free space"), "{said}");
    let written = memory.state().ticks;
    let room = WAITING_MAX - memory.state().waiting;
    for _ in 0..room + 5 {
        push(&memory, tick(seen, START_MS + seen));
        seen += 1;
    }
    for _ in 0..3 {
        memory.write(&mut store, &keep);
        // What is put back needs no more room than it had.
        push(&memory, tick(seen, START_MS + seen));
        let state = memory.state();
        assert_eq!((state.ticks, state.waiting), (written, WAITING_MAX));
    }
    let state = memory.state();
    assert_eq!(state.left_out, 8, "those that there was no room for");
    let problems = state.problems().join("\n");
    assert!(problems.contains("no space left") && problems.contains("20000 looks wait"), "{problems}");
    assert!(problems.contains("8 were left out"), "{problems}");

    std::fs::remove_file(disk.path("ballast")).unwrap();
    while memory.state().waiting > 0 {
        memory.write(&mut store, &keep);
        assert_eq!(memory.state().error, None);
    }
    assert_eq!((memory.state().left_out, memory.state().problems()), (8, Vec::new()));
    drop(store);
    let written = numbers(&path);
    assert_eq!(written, (0..written.len() as u64).collect::<Vec<_>>(), "in order, none lost");
    assert_eq!(written.len() as u64, seen - 5, "all that were accepted");
}

#[test]
fn one_entry_that_is_refused_holds_up_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("history.sqlite");
    let mut store = SqliteStore::open(&path, Limits::default()).unwrap();
    let memory = memory(&store, Clock::of(|| START_MS));
    for number in 0..5 {
        push(&memory, tick(number, START_MS + number));
    }
    memory.found(vec![finding("small", 2), finding("huge", 1 << 20), finding("other", 2)]);
    locked(&memory.waiting).describe(key(1), ProcessInfo::default());
    memory.write(&mut store, &Retention::default());
    push(&memory, tick(5, START_MS + 5));
    memory.write(&mut store, &Retention::default());
    let state = memory.state();
    assert_eq!((state.ticks, state.waiting, state.refused, &state.error), (6, 0, 1, &None));
    let problems = state.problems().join("\n");
    assert!(problems.contains("the finding huge") && problems.contains("too large"), "{problems}");
    let found = store.findings(Span::ALL, 999).unwrap().entries;
    assert_eq!(found.iter().map(|one| one.key.as_str()).collect::<Vec<_>>(), ["other", "small"]);
    assert_eq!(store.marks(Span::ALL, 999).unwrap().entries.len(), 1, "the start of the agent");
    drop(store);
    assert_eq!(numbers(&path), [0, 1, 2, 3, 4, 5]);
}

#[test]
fn a_clock_that_jumps_leaves_everything_in_order() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("history.sqlite");
    let mut store = SqliteStore::open(&path, Limits::default()).unwrap();
    let now = Arc::new(AtomicU64::new(START_MS));
    let clock = Arc::clone(&now);
    let memory = memory(&store, Clock::of(move || clock.load(Ordering::Relaxed)));
    let (hour_ms, mut number) = (3_600_000, 0);
    // An hour each: as it should be, two days ahead, back by four days, to the epoch, and as it should be.
    let starts = [START_MS, START_MS + 48 * hour_ms, START_MS - 48 * hour_ms, 0, START_MS + 4 * hour_ms];
    for start_ms in starts {
        for minute in 0..60 {
            let at_ms = start_ms + minute * 60_000;
            now.store(at_ms, Ordering::Relaxed);
            push(&memory, tick(number, at_ms));
            memory.write(&mut store, &Retention::default());
            number += 1;
        }
    }
    let state = memory.state();
    assert_eq!((state.ticks, state.waiting, state.left_out, state.error), (300, 0, 0, None));
    assert_eq!(store.check().unwrap(), Vec::<String>::new());
    let ticks = store.ticks(ProcessId(1), Span::ALL, usize::MAX).unwrap();
    let times: Vec<u64> = ticks.iter().map(|tick| tick.at_ms).collect();
    let expected = starts.iter().flat_map(|start| (0..60).map(move |minute| start + minute * 60_000));
    assert_eq!(times, expected.collect::<Vec<_>>(), "in the order in which they were seen");
    assert!(ticks.iter().map(|tick| tick.sequence).eq(0..300));
    for (hour, start_ms) in (0..).zip(starts) {
        let query = |step_ms| RangeQuery {
            processes: Selection::All,
            span: Span { from_ms: start_ms, to_ms: start_ms + hour_ms },
            step: Step::Ms(step_ms),
            subject: Subject::Measures(Vec::new()),
            top: 1,
        };
        // Whether that hour is rolled up or not, it says the same.
        for (step_ms, slots) in [(20_000, 180), (60_000, 60), (hour_ms, 1)] {
            let range = store.range(&query(step_ms)).unwrap();
            assert_eq!(range.slots.len(), slots);
            assert_eq!(range.slots.iter().map(|slot| slot.ticks).sum::<u64>(), 60, "{start_ms} {step_ms}");
            let lasts = range.series[0].values.iter().flatten().filter_map(|value| value.last);
            assert_eq!(lasts.max(), Some(hour * 60 + 59), "{start_ms} {step_ms}");
        }
    }
    let marks = store.marks(Span::ALL, 999).unwrap().entries;
    let set_back: Vec<u64> =
        marks.iter().filter(|mark| mark.kind == MarkKind::ClockSetBack).map(|mark| mark.at_ms).collect();
    assert_eq!(set_back, [0, START_MS - 48 * hour_ms], "each time that it went back");
}

#[test]
fn what_the_agent_before_watched_has_an_ending_and_its_programs_are_known() {
    let folder = tempfile::tempdir().unwrap();
    let mut store = SqliteStore::open(&folder.path().join("history.sqlite"), Limits::default()).unwrap();
    let boot_id = std::fs::read_to_string("/proc/sys/kernel/random/boot_id").unwrap().trim().to_owned();
    let ours = |pid, execs| ProcessKey { boot_id: boot_id.clone(), execs, ..key(pid) };
    let info = |file: &str| ProcessInfo { executable: file.to_owned(), ..ProcessInfo::default() };
    let exited = Ending { at_ms: START_MS + 1, how: EndingKind::Exited };
    store
        .write(&Batch {
            at_ms: START_MS,
            processes: vec![
                (ours(1, 0), info("/bin/first")),
                (ours(1, 1), info("/bin/second")),
                (key(2), info("/bin/other")),
            ],
            ticks: vec![Tick { process: key(2), ..tick(0, START_MS + 7) }],
            endings: vec![(ours(1, 0), exited)],
            ..Batch::default()
        })
        .unwrap();
    let (memory, earlier) = Memory::of(&store, Path::new("/proc"), Clock::of(|| START_MS + 50)).unwrap();
    memory.write(&mut store, &Retention::default());
    let endings: Vec<_> =
        store.processes(&Selection::All).unwrap().into_iter().map(|process| process.ended.unwrap()).collect();
    let killed = |at_ms| Ending { at_ms, how: EndingKind::AgentKilled };
    assert_eq!(endings, [exited, killed(START_MS), killed(START_MS + 7)], "as late as they were seen");
    let mark = &store.marks(Span::ALL, 999).unwrap().entries[0];
    assert!(mark.kind == MarkKind::AgentStart && mark.text.contains("watched 2 processes"), "{mark:?}");

    let target = |file: &str| snapshot::Target {
        pid: 1,
        name: String::new(),
        executable: file.to_owned(),
        architecture: snapshot::Architecture::Amd64,
        go_version: String::new(),
        module: None,
        module_version: None,
        stripped: false,
        layout: snapshot::LayoutSource::Dwarf,
    };
    assert_eq!(earlier.execs(1, 1, &target("/bin/second")), 1, "the same as then");
    assert_eq!(earlier.execs(1, 1, &target("/bin/third")), 2, "another one since");
    assert_eq!(earlier.execs(1, 2, &target("/bin/second")), 0, "another process");
    assert_eq!(earlier.execs(2, 1, &target("/bin/other")), 0, "of another boot");
}

proptest! {
    #[test]
    fn halves_are_the_whole_in_order(
        counts in prop::collection::vec(0u64..5, 4),
        ticks in 0u64..9,
    ) {
        let of = |kind: usize| counts[kind];
        let ending = Ending { at_ms: 1, how: EndingKind::Exited };
        let mark = |number| mark_of_the_machine(number, MarkKind::Note, String::new());
        let batch = Batch {
            at_ms: 7,
            processes: (0..of(0)).map(|n| (key(u32::try_from(n).unwrap()), ProcessInfo::default())).collect(),
            ticks: (0..ticks).map(|n| tick(n, n)).collect(),
            endings: (0..of(1)).map(|n| (key(u32::try_from(n).unwrap()), ending)).collect(),
            marks: (0..of(2)).map(mark).collect(),
            findings: (0..of(3)).map(|n| finding(&n.to_string(), 1)).collect(),
        };
        let (mut parts, mut whole) = (vec![batch.clone()], Batch { at_ms: 7, ..Batch::default() });
        while let Some(part) = parts.pop() {
            match halves(part) {
                (first, Some(then)) => parts.extend([then, first]),
                (one, None) => {
                    prop_assert!(entries(&one) <= 1);
                    whole.processes.extend(one.processes);
                    whole.ticks.extend(one.ticks);
                    whole.endings.extend(one.endings);
                    whole.marks.extend(one.marks);
                    whole.findings.extend(one.findings);
                }
            }
        }
        prop_assert_eq!(whole, batch);
    }
}

#[test]
fn a_mark_of_a_user_is_in_the_history_when_that_is_said() {
    let directory = tempfile::tempdir().unwrap();
    let mut store = SqliteStore::open(&directory.path().join(FILE), Limits::default()).unwrap();
    let memory = memory(&store, Clock::of(|| START_MS));
    let mark = |text: &str| mark_of_the_machine(START_MS, MarkKind::Note, text.to_owned());
    std::thread::scope(|scope| {
        let posts = ["one", "two"].map(|text| scope.spawn(|| memory.post(mark(text))));
        while !posts.iter().all(std::thread::ScopedJoinHandle::is_finished) {
            memory.write_posted(&mut store);
            std::thread::yield_now();
        }
        assert!(posts.into_iter().all(|post| post.join().unwrap().is_ok()));
    });
    let marks = store.marks(Span::ALL, 9).unwrap().entries;
    assert!([mark("one"), mark("two")].iter().all(|mark| marks.contains(mark)), "{marks:?}");
    memory.stop();
    assert_eq!(memory.post(mark("late")), Err(posted::PostError::Ending));
}
