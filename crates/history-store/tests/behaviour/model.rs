//! Whatever is written, and whenever it is packed, sealed and rolled up: the answers are those of a naive store.

use history_store::{
    Batch, Group, HistoryStore, Measure, MeasureKind, Place, Range, RangeQuery, Retention, Selection, Span,
    Step, Subject, Tick, Value,
};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use snapshot::Status;

use crate::Engine;
use crate::load::{self, Load};
use crate::moments::{count, first, process, stack};
use crate::naive::Naive;

const HOUR_MS: u64 = 3_600_000;
const START_MS: u64 = 1_000 * HOUR_MS;
/// Keeps everything.
pub(crate) const ALWAYS: Retention =
    Retention { raw_ms: u64::MAX, minute_ms: u64::MAX, hour_ms: u64::MAX, bytes_max: u64::MAX };

/// A tick, by how much later it is than the one before (milliseconds), and whether the store is tidied after it.
#[derive(Debug, Clone)]
struct Step1 {
    later_ms: i64,
    /// Stack, status and wait reason, labels, count.
    counts: Vec<(u8, u8, u8, u64)>,
    measures: Vec<i64>,
    counts_only: bool,
    tidy: bool,
}

fn steps() -> impl Strategy<Value = Vec<Step1>> {
    let later = prop_oneof![
        30 => Just(5_000i64),
        3 => 1_000i64..90_000,
        1 => Just(20 * 60_000i64),
        1 => Just(3 * HOUR_MS as i64),
        1 => -40 * 60_000i64..0,
    ];
    let counts = prop::collection::vec((0u8..4, 0u8..3, 0u8..3, 1u64..9), 0..6);
    let measures = prop::collection::vec(-5i64..1_000_000, 0..3);
    let step = (later, counts, measures, prop::bool::weighted(0.1), prop::bool::weighted(0.2));
    let step = step.prop_map(|(later_ms, counts, measures, counts_only, tidy)| Step1 {
        later_ms,
        counts,
        measures,
        counts_only,
        tidy,
    });
    prop::collection::vec(step, 1..120)
}

fn tick(step: &Step1, at_ms: u64) -> Tick {
    let counts = step.counts.iter().map(|&(place, status, labels, number)| {
        let place = match place {
            _ if step.counts_only => Place::NotTaken,
            0 => Place::NotTaken,
            number => Place::Stack(stack(number.into())),
        };
        let labels: &[(&str, &str)] = match labels {
            _ if step.counts_only => &[],
            0 => &[],
            1 => &[("route", "/a"), ("tenant", "x")],
            _ => &[("route", "/b")],
        };
        let (status, reason) = [
            (Status::Running, None),
            (Status::Waiting, Some("select")),
            (Status::Waiting, Some("chan receive")),
        ][usize::from(status)];
        count(place, status, reason, labels, number)
    });
    let kinds = [("heap", MeasureKind::Gauge), ("cycles", MeasureKind::Counter)];
    let measures = step.measures.iter().zip(kinds);
    Tick {
        process: process(1),
        at_ms,
        counts: counts.collect(),
        measures: measures.map(|(&value, (name, kind))| Measure { name: name.into(), kind, value }).collect(),
        counts_only: step.counts_only,
        unread: step.counts.len() as u64 / 4,
    }
}

pub(crate) fn answers_are_those_of_a_naive_store<E: Engine>() {
    let mut runner = TestRunner::new(Config { cases: 48, failure_persistence: None, ..Config::default() });
    runner
        .run(&steps(), |steps| {
            let engine = E::new();
            let mut store = engine.open();
            let mut naive = Naive::default();
            let mut at_ms = START_MS;
            for step in &steps {
                at_ms = at_ms.saturating_add_signed(step.later_ms);
                let tick = tick(step, at_ms);
                store.write(&Batch { at_ms, ticks: vec![tick.clone()], ..Batch::default() }).unwrap();
                naive.0.push(tick);
                if step.tidy {
                    store.tidy(at_ms, &ALWAYS).unwrap();
                }
            }
            same_answers(&*store, &naive);
            // All over: everything is sealed.
            for _ in 0..10 {
                store.tidy(at_ms + 400 * HOUR_MS, &ALWAYS).unwrap();
            }
            same_answers(&*store, &naive);
            prop_assert_eq!(store.check().unwrap(), Vec::<String>::new());
            Ok(())
        })
        .unwrap();
}

pub(crate) fn a_day_of_a_busy_service_is_that_of_a_naive_store<E: Engine>() {
    let engine = E::new();
    let mut store = engine.open();
    let mut naive = Naive::default();
    let mut load = Load::new(1);
    // A tick a minute: as many hours as a day has, in a twelfth of the ticks.
    for number in 0..24 * 60 {
        let at_ms = START_MS + number * 12 * load::TICK_MS;
        let tick = load.tick(at_ms);
        store.write(&Batch { at_ms, ticks: vec![tick.clone()], ..Batch::default() }).unwrap();
        store.tidy(at_ms, &ALWAYS).unwrap();
        naive.0.push(tick);
    }
    let day = Span { from_ms: START_MS, to_ms: START_MS + 24 * HOUR_MS };
    for subject in [Subject::Status, Subject::Label("route".to_owned())] {
        for step_ms in [HOUR_MS / 4, 2 * HOUR_MS] {
            same_range(&*store, &naive, day, step_ms, &subject);
        }
    }
    assert_eq!(store.check().unwrap(), Vec::<String>::new());
}

fn same_answers(store: &dyn HistoryStore, naive: &Naive) {
    let process = first(store);
    let headers = store.ticks(process, Span::ALL, usize::MAX).unwrap();
    let found: Vec<_> =
        headers.iter().map(|tick| (tick.sequence, tick.at_ms, tick.counts_only, tick.unread)).collect();
    let ticks = naive.0.iter().enumerate();
    let expected: Vec<_> =
        ticks.map(|(number, tick)| (number as u64, tick.at_ms, tick.counts_only, tick.unread)).collect();
    assert_eq!(found, expected);

    let times = naive.0.iter().map(|tick| tick.at_ms);
    let (first_ms, last_ms) = (times.clone().min().unwrap(), times.max().unwrap());
    for part in 0..8 {
        let at_ms = first_ms + (last_ms - first_ms) / 7 * part;
        let state = store.at(process, at_ms).unwrap();
        let expected = naive.at(at_ms).map(|(sequence, _)| sequence as u64);
        assert_eq!(state.map(|state| state.tick.sequence), expected);
    }
    let span = Span { from_ms: first_ms, to_ms: last_ms + 1 };
    let subjects = [
        Subject::Total,
        Subject::Status,
        Subject::WaitReason,
        Subject::Stack,
        Subject::Label("route".to_owned()),
        Subject::Label("nobody has it".to_owned()),
        Subject::Measures(Vec::new()),
    ];
    for subject in subjects {
        for step_ms in [45_000, 60_000, HOUR_MS] {
            same_range(store, naive, span, step_ms, &subject);
        }
    }
}

fn same_range(store: &dyn HistoryStore, naive: &Naive, span: Span, step_ms: u64, subject: &Subject) {
    let query = RangeQuery {
        processes: Selection::One(first(store)),
        span,
        step: Step::Ms(step_ms),
        subject: subject.clone(),
        top: 1_000,
    };
    let Range { slots, series, .. } = store.range(&query).unwrap();
    let (expected_slots, mut expected) = naive.range(span.from_ms, span.to_ms, step_ms, subject);
    assert_eq!(slots, expected_slots);
    for found in &series {
        let expected =
            expected.remove(&found.group).unwrap_or_else(|| panic!("{:?} in {subject:?}", found.group));
        for (found_value, (expected, slot)) in found.values.iter().zip(expected.iter().zip(&slots)) {
            let same = same_value(&found.group, found_value.as_ref(), expected.as_ref());
            assert!(same, "{subject:?} {:?} {slot:?}: {found_value:?}, not {expected:?}", found.group);
        }
    }
    // A counter that no slot ends with has no values, and may have no series.
    expected.retain(|_, values| values.iter().any(Option::is_some));
    assert!(expected.is_empty(), "missing in {subject:?}: {expected:?}");
}

/// Least and most may be unknown for the few groups of which nothing is stored, and for no others.
fn same_value(group: &Group, found: Option<&Value>, expected: Option<&Value>) -> bool {
    let (Some(found), Some(expected)) = (found, expected) else {
        return found.is_none() && expected.is_none();
    };
    let may_be_unknown = matches!(group, Group::Label(None));
    let same_bound =
        |found: Option<i64>, expected: Option<i64>| found == expected || (may_be_unknown && found.is_none());
    let same_mean = match (found.mean, expected.mean) {
        (Some(found), Some(expected)) => (found - expected).abs() < 1e-6,
        (found, expected) => found.is_none() && expected.is_none(),
    };
    found.last == expected.last
        && same_mean
        && same_bound(found.min, expected.min)
        && same_bound(found.max, expected.max)
}
