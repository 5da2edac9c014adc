//! What happened between two moments, beyond what the naive store knows.

use std::collections::BTreeMap;

use history_store::{
    Batch, Group, HistoryError, Measure, MeasureKind, Place, ProcessId, ProcessInfo, Range, RangeQuery,
    Selection, Span, Step, Subject, Tick, Value,
};
use snapshot::Status;

use crate::Engine;
use crate::moments::{START_MS, batch, count, process, stack, tick};

fn query(subject: Subject, slots: u64) -> RangeQuery {
    RangeQuery {
        processes: Selection::All,
        span: Span { from_ms: START_MS, to_ms: START_MS + slots * 5_000 },
        step: Step::Ms(5_000),
        subject,
        top: 10,
    }
}

fn last(range: &Range, group: &Group) -> Vec<Option<i64>> {
    let series = range.series.iter().find(|series| series.group == *group).unwrap();
    series.values.iter().map(|value| value.as_ref().and_then(|value| value.last)).collect()
}

pub(crate) fn a_slot_without_ticks_is_a_gap_and_one_without_goroutines_is_not<E: Engine>() {
    let engine = E::new();
    let mut store = engine.open();
    for (number, waiting) in [(0, 3), (1, 0), (4, 5)] {
        store.write(&batch(vec![tick(1, START_MS + number * 5_000 + 17, waiting)])).unwrap();
    }
    let range = store.range(&query(Subject::Status, 5)).unwrap();
    assert_eq!(last(&range, &Group::Status(Status::Waiting)), [Some(3), Some(0), None, None, Some(5)]);
    assert_eq!(range.slots.iter().map(|slot| slot.ticks).collect::<Vec<_>>(), [1, 1, 0, 0, 1]);
    let gap = Span { from_ms: START_MS + 10_000, to_ms: START_MS + 20_000 };
    assert_eq!(range.gaps(10_000), [gap]);
    assert_eq!(range.gaps(10_001), []);
}

pub(crate) fn small_series_are_the_rest<E: Engine>() {
    let engine = E::new();
    let mut store = engine.open();
    let counts = (1..=9)
        .map(|number| count(Place::Stack(stack(number)), Status::Waiting, None, &[], 10 * u64::from(number)));
    store.write(&batch(vec![Tick { counts: counts.collect(), ..tick(1, START_MS, 1) }])).unwrap();
    let range = store.range(&RangeQuery { top: 2, ..query(Subject::Stack, 1) }).unwrap();
    let groups: Vec<_> = range.series.iter().map(|series| series.group.clone()).collect();
    assert_eq!(groups, [Group::Stack(stack(9)), Group::Stack(stack(8)), Group::Rest]);
    assert_eq!(last(&range, &Group::Rest), [Some(280)]);
    assert_eq!(range.series_total, 9);
}

pub(crate) fn processes_with_the_same_tags_are_added_up<E: Engine>() {
    let engine = E::new();
    let mut store = engine.open();
    let tagged = |service: &str| ProcessInfo {
        tags: BTreeMap::from([
            ("service".to_owned(), service.to_owned()),
            ("node".to_owned(), "n".to_owned()),
        ]),
        ..ProcessInfo::default()
    };
    let services = [(1, "orders"), (2, "orders"), (3, "users")];
    let processes = services.map(|(pid, service)| (process(pid), tagged(service)));
    // The second is seen only at the first tick.
    let ticks = vec![tick(1, START_MS, 10), tick(2, START_MS + 1, 20), tick(3, START_MS, 400)];
    store.write(&Batch { at_ms: START_MS, processes: processes.into(), ticks, ..Batch::default() }).unwrap();
    store.write(&batch(vec![tick(1, START_MS + 5_000, 11), tick(3, START_MS + 5_000, 400)])).unwrap();

    let tags = BTreeMap::from([("service".to_owned(), "orders".to_owned())]);
    let selected = RangeQuery { processes: Selection::Tagged(tags), ..query(Subject::Total, 2) };
    let range = store.range(&selected).unwrap();
    assert_eq!(range.slots.iter().map(|slot| slot.ticks).collect::<Vec<_>>(), [2, 1]);
    let both = Value { last: Some(30), mean: Some(30.0), min: None, max: None };
    let one = Value { last: Some(11), mean: Some(11.0), min: Some(11), max: Some(11) };
    assert_eq!(range.series[0].values, [Some(both), Some(one)]);
}

pub(crate) fn measures_that_are_missing_are_not_zero<E: Engine>() {
    let engine = E::new();
    let mut store = engine.open();
    for (number, value) in [(0, Some(7)), (1, None)] {
        let measures = value.map(|value| Measure { name: "heap".into(), kind: MeasureKind::Gauge, value });
        let measures = measures.into_iter().collect();
        store.write(&batch(vec![Tick { measures, ..tick(1, START_MS + number * 5_000, 1) }])).unwrap();
    }
    let heap = Group::Measure("heap".into(), MeasureKind::Gauge);
    for names in [vec![], vec!["heap".to_owned(), "nobody has it".to_owned()]] {
        let range = store.range(&query(Subject::Measures(names), 2)).unwrap();
        assert_eq!(last(&range, &heap), [Some(7), None]);
    }
    let none = Subject::Measures(vec!["nobody has it".to_owned()]);
    assert!(store.range(&query(none, 2)).unwrap().series.is_empty());
}

pub(crate) fn questions_that_ask_for_too_much_are_refused<E: Engine>() {
    let engine = E::new();
    let store = engine.open();
    let all = RangeQuery { span: Span::ALL, ..query(Subject::Total, 1) };
    assert!(matches!(store.range(&all), Err(HistoryError::Question { .. })));
    let automatic = RangeQuery { step: Step::Auto { slots_max: 1_000 }, ..all };
    assert!(store.range(&automatic).unwrap().slots.len() <= 1_001);
    assert!(matches!(store.range(&query(Subject::Total, 0)), Err(HistoryError::Question { .. })));
    assert_eq!(store.ticks(ProcessId(i64::MAX), Span::ALL, 9).unwrap(), []);
}
