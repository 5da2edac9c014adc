//! What was known at a moment.

use std::sync::Arc;

use history_store::{
    Batch, Count, Frame, HistoryStore, Labels, MarkKind, Measure, MeasureKind, Place, ProcessId, ProcessKey,
    Selection, Span, Stack, Tick,
};
use snapshot::{FunctionRole, Status};

use crate::Engine;
use crate::model::ALWAYS;

pub(crate) const HOUR_MS: u64 = 3_600_000;
pub(crate) const START_MS: u64 = 1_000 * HOUR_MS;

/// A process by its number.
pub(crate) fn process(pid: u32) -> ProcessKey {
    ProcessKey { boot_id: "boot".to_owned(), pid, start_ticks: 7, execs: 0 }
}

/// A stack by its number.
pub(crate) fn stack(number: u32) -> Arc<Stack> {
    let frame = |function: &str, line, role| Frame {
        function: function.into(),
        file: "/src/main.go".into(),
        line,
        inlined: number.is_multiple_of(2),
        role,
    };
    Arc::new(Stack {
        frames: vec![
            frame("main.work", number, FunctionRole::Ordinary),
            frame("main.T.run", 1, FunctionRole::Wrapper),
        ],
        complete: number != 3,
        created_by: (number != 2).then(|| frame("main.main", 9, FunctionRole::Ordinary)),
        is_runtime: number == 1,
    })
}

/// So many goroutines.
pub(crate) fn count(
    place: Place,
    status: Status,
    reason: Option<&str>,
    labels: &[(&str, &str)],
    count: u64,
) -> Count {
    let labels = labels.iter().map(|&(key, value)| (key.into(), value.into())).collect();
    Count { place, status, wait_reason: reason.map(Into::into), labels: Arc::new(Labels(labels)), count }
}

/// A tick with so many goroutines waiting in one stack.
pub(crate) fn tick(pid: u32, at_ms: u64, waiting: u64) -> Tick {
    let count = count(Place::Stack(stack(1)), Status::Waiting, Some("select"), &[], waiting);
    Tick {
        process: process(pid),
        at_ms,
        counts: vec![count],
        measures: Vec::new(),
        counts_only: false,
        unread: 0,
    }
}

/// A batch of ticks.
pub(crate) fn batch(ticks: Vec<Tick>) -> Batch {
    Batch { at_ms: ticks.first().map_or(START_MS, |tick| tick.at_ms), ticks, ..Batch::default() }
}

/// What an engine calls the first process that it heard of.
pub(crate) fn first(store: &dyn HistoryStore) -> ProcessId {
    store.processes(&Selection::All).unwrap()[0].id
}

/// Counts in an order that does not depend on the store.
fn sorted(mut counts: Vec<Count>) -> Vec<Count> {
    counts.sort_by_key(|count| format!("{count:?}"));
    counts
}

pub(crate) fn what_was_written_is_there<E: Engine>() {
    let engine = E::new();
    let mut store = engine.open();
    let counts = vec![
        count(Place::Stack(stack(1)), Status::Running, None, &[], 3),
        count(
            Place::Stack(stack(2)),
            Status::Waiting,
            Some("chan receive"),
            &[("a", "1"), ("ü", "")],
            1_000_000,
        ),
        count(Place::Stack(stack(3)), Status::Waiting, Some("select"), &[("a", "2")], 1),
        count(Place::NotTaken, Status::Syscall, None, &[], 4),
    ];
    let measure = |name: &str, kind, value| Measure { name: name.into(), kind, value };
    let measures = vec![
        measure("heap_alloc_bytes", MeasureKind::Gauge, i64::MAX),
        measure("gc_cycles", MeasureKind::Counter, 12),
        measure("below_zero", MeasureKind::Gauge, i64::MIN),
    ];
    let tick = Tick {
        process: process(1),
        at_ms: START_MS,
        counts: counts.clone(),
        measures: measures.clone(),
        counts_only: false,
        unread: 5,
    };
    store.write(&batch(vec![tick])).unwrap();
    let state = store.at(first(&*store), START_MS).unwrap().unwrap();
    assert_eq!(sorted(state.counts), sorted(counts));
    let by_name = |measures: Vec<Measure>| {
        let mut measures = measures;
        measures.sort_by(|a, b| a.name.cmp(&b.name));
        measures
    };
    assert_eq!(by_name(state.measures), by_name(measures));
    assert_eq!((state.tick.sequence, state.tick.at_ms, state.tick.unread), (0, START_MS, 5));
}

pub(crate) fn a_moment_is_the_last_tick_not_after_it<E: Engine>() {
    let engine = E::new();
    let mut store = engine.open();
    for number in 0..100 {
        store.write(&batch(vec![tick(1, START_MS + number * 5_000, number + 1)])).unwrap();
        store.tidy(START_MS + number * 5_000, &ALWAYS).unwrap();
    }
    let waiting = |at_ms| store.at(first(&*store), at_ms).unwrap().map(|state| state.counts[0].count);
    assert_eq!(waiting(START_MS - 1), None);
    assert_eq!(waiting(START_MS), Some(1));
    assert_eq!(waiting(START_MS + 4_999), Some(1));
    assert_eq!(waiting(START_MS + 5_000), Some(2));
    assert_eq!(waiting(u64::MAX), Some(100));
    assert_eq!(store.at(ProcessId(i64::MAX), START_MS).unwrap(), None, "nobody knows that process");
}

pub(crate) fn a_clock_set_back_loses_nothing<E: Engine>() {
    let engine = E::new();
    let mut store = engine.open();
    // 10:00, 10:30, 10:59, and again 10:20, 10:50; then across the hour.
    let minutes = [0u64, 30, 59, 20, 50, 65, 64];
    for (number, minute) in minutes.into_iter().enumerate() {
        let at_ms = START_MS + minute * 60_000;
        store.write(&batch(vec![tick(1, at_ms, number as u64 + 1)])).unwrap();
        store.tidy(at_ms, &ALWAYS).unwrap();
    }
    for _ in 0..2 {
        let ticks = store.ticks(first(&*store), Span::ALL, 100).unwrap();
        let found: Vec<_> =
            ticks.iter().map(|tick| (tick.sequence, (tick.at_ms - START_MS) / 60_000)).collect();
        assert_eq!(found, (0..).zip(minutes).collect::<Vec<_>>(), "in the order in which they were written");
        let waiting = |minute: u64| {
            store.at(first(&*store), START_MS + minute * 60_000).unwrap().unwrap().counts[0].count
        };
        assert_eq!([0, 20, 29, 30, 49, 58, 59, 64, 90].map(waiting), [1, 4, 4, 2, 2, 5, 3, 7, 6]);
        let marks = store.marks(Span::ALL, 99).unwrap().entries;
        let set_back = |mark: &&history_store::Mark| mark.kind == MarkKind::ClockSetBack;
        assert_eq!(marks.iter().filter(set_back).count(), 2);
        // Once more when all is sealed.
        store.tidy(START_MS + 9 * HOUR_MS, &ALWAYS).unwrap();
    }
}

pub(crate) fn statuses_only_say_nothing_of_stacks<E: Engine>() {
    let engine = E::new();
    let mut store = engine.open();
    let mut only = tick(1, START_MS, 8);
    only.counts_only = true;
    store.write(&batch(vec![only])).unwrap();
    let state = store.at(first(&*store), START_MS).unwrap().unwrap();
    assert!(state.tick.counts_only);
    let expected = count(Place::NotTaken, Status::Waiting, Some("select"), &[], 8);
    assert_eq!(state.counts, [expected], "what is said of stacks is not believed");
}

pub(crate) fn what_is_beyond_the_limit_is_summed<E: Engine>() {
    let engine = E::new();
    let mut store = engine.open();
    let counts: Vec<Count> = (0..3_000)
        .map(|number| {
            count(Place::Stack(stack(number + 10)), Status::Waiting, None, &[], 1 + u64::from(number))
        })
        .collect();
    let total: u64 = counts.iter().map(|count| count.count).sum();
    store.write(&batch(vec![Tick { counts, ..tick(1, START_MS, 1) }])).unwrap();
    let state = store.at(first(&*store), START_MS).unwrap().unwrap();
    assert_eq!(state.counts.iter().map(|count| count.count).sum::<u64>(), total, "nobody is lost");
    let beyond: Vec<_> = state.counts.iter().filter(|count| count.place == Place::BeyondLimit).collect();
    assert_eq!(beyond.len(), 1);
    assert_eq!(beyond[0].count, (1..=1_000).sum::<u64>(), "the smallest");
}

pub(crate) fn an_opened_history_goes_on<E: Engine>() {
    let engine = E::new();
    for number in 0..60 {
        let mut store = engine.open();
        store.write(&batch(vec![tick(1, START_MS + number * 60_000, 1), tick(2, START_MS, 1)])).unwrap();
        store.tidy(START_MS + number * 60_000, &ALWAYS).unwrap();
    }
    let store = engine.open();
    let processes = store.processes(&Selection::All).unwrap();
    assert_eq!(processes.len(), 2);
    for process in processes {
        let ticks = store.ticks(process.id, Span::ALL, 100).unwrap();
        assert_eq!(ticks.iter().map(|tick| tick.sequence).collect::<Vec<_>>(), (0..60).collect::<Vec<_>>());
    }
    assert_eq!(store.sizes().unwrap().stacks, 1, "stored once");
}
