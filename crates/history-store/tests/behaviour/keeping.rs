//! What is kept, and for how long.

use history_store::{
    Batch, FindingState, HistoryStore, Level, Place, RangeQuery, Retention, Selection, Sizes, Span, Step,
    Subject, Tick,
};
use snapshot::Status;

use crate::Engine;
use crate::life::finding;
use crate::load::{Load, TICK_MS};
use crate::model::ALWAYS;
use crate::moments::{HOUR_MS, START_MS, batch, count, first, stack, tick};

fn oldest(sizes: &Sizes, level: Level) -> Option<u64> {
    sizes.levels.iter().find(|size| size.level == level).unwrap().oldest_ms
}

/// Less than a day of the load takes.
const LIMIT: u64 = 400 << 10;

/// A tick a minute for so many hours, each written and tidied after.
fn hours(store: &mut dyn HistoryStore, hours: u64, retention: &Retention) -> u64 {
    let mut at_ms = START_MS;
    for number in 0..hours * 60 {
        at_ms = START_MS + number * 60_000;
        store.write(&batch(vec![tick(1, at_ms, number + 1)])).unwrap();
        store.tidy(at_ms, retention).unwrap();
    }
    at_ms
}

pub(crate) fn ticks_are_removed_by_age_and_minutes_stay<E: Engine>() {
    let engine = E::new();
    let mut store = engine.open();
    let retention = Retention { raw_ms: 2 * HOUR_MS, minute_ms: 5 * HOUR_MS, ..ALWAYS };
    let now_ms = hours(&mut *store, 12, &retention);
    let sizes = store.sizes().unwrap();
    let age = |level| (now_ms - oldest(&sizes, level).unwrap()) / HOUR_MS;
    // Whole hours go, when the last of them is old enough.
    assert_eq!([Level::Raw, Level::Minute, Level::Hour].map(age), [2, 5, 11]);
    // What is only known by the hour is the last tick of each.
    let state = store.at(first(&*store), START_MS + 3 * HOUR_MS).unwrap().unwrap();
    assert_eq!((state.level, state.counts[0].count), (Level::Hour, 180));
    let state = store.at(first(&*store), START_MS + 8 * HOUR_MS + 61_000).unwrap().unwrap();
    assert_eq!((state.level, state.counts[0].count), (Level::Minute, 482));
    // A question about all of it is answered by hours.
    let query = RangeQuery {
        processes: Selection::All,
        span: Span { from_ms: START_MS, to_ms: now_ms },
        step: Step::Auto { slots_max: 1_000 },
        subject: Subject::Total,
        top: 1,
    };
    let range = store.range(&query).unwrap();
    assert_eq!((range.level, range.step_ms, range.gaps(1)), (Level::Hour, HOUR_MS, vec![]));
    assert_eq!(store.check().unwrap(), Vec::<String>::new());
}

pub(crate) fn the_size_stays_within_its_limit<E: Engine>() {
    let engine = E::new();
    let mut store = engine.open();
    let retention = Retention { bytes_max: LIMIT, ..ALWAYS };
    let mut load = Load::new(1);
    let mut largest = 0;
    // A day, at a tick in a minute.
    for number in 0..24 * 60 {
        let at_ms = START_MS + number * 12 * TICK_MS;
        store.write(&batch(vec![load.tick(at_ms)])).unwrap();
        store.tidy(at_ms, &retention).unwrap();
        let sizes = store.sizes().unwrap();
        largest = largest.max(sizes.file_bytes - sizes.free_bytes);
    }
    assert!(largest > LIMIT * 9 / 10, "{largest}: the limit was never reached");
    // What the hour that is not over and its stacks take may stand above it.
    assert!(largest < LIMIT * 3 / 2, "{largest}");
    let sizes = store.sizes().unwrap();
    assert!(sizes.file_bytes < LIMIT + (3 << 20), "{sizes:?}: the file did not become smaller");
    assert!(oldest(&sizes, Level::Raw) > oldest(&sizes, Level::Hour), "ticks go first");
    assert_eq!(
        oldest(&sizes, Level::Hour).unwrap() / HOUR_MS,
        START_MS / HOUR_MS,
        "the first hour is still known"
    );
    assert_eq!(store.check().unwrap(), Vec::<String>::new());
}

/// Most that a week of one process with 100 live stacks, looked at every 5 s, may take.
const WEEK_BYTES_MAX: u64 = 50_000_000;

pub(crate) fn a_week_of_ticks_is_small_and_is_kept_as_long_as_it_should_be<E: Engine>() {
    let engine = E::new();
    let mut store = engine.open();
    let used = |store: &dyn HistoryStore| {
        let sizes = store.sizes().unwrap();
        sizes.file_bytes - sizes.free_bytes
    };
    let mut load = Load::new(1);
    let day = Span { from_ms: START_MS, to_ms: START_MS + 24 * HOUR_MS };
    // Every tick of a day. A minute of them is written at once, which says the same in less time.
    for minute in 0..24 * 60 {
        let at_ms = |number: u64| START_MS + minute * 60_000 + number * TICK_MS;
        store.write(&batch((0..12).map(|number| load.tick(at_ms(number))).collect())).unwrap();
        store.tidy(at_ms(11), &ALWAYS).unwrap();
    }
    assert_eq!(store.ticks(first(&*store), day, usize::MAX).unwrap().len(), 24 * 60 * 12);
    let day_bytes = used(&*store);
    assert!(day_bytes * 7 < WEEK_BYTES_MAX, "{day_bytes} bytes a day");

    // By age: of the day's first half there are minutes and hours.
    let half = Retention { raw_ms: 12 * HOUR_MS, ..ALWAYS };
    let end_ms = day.to_ms + HOUR_MS;
    // A clock that jumps is followed step by step.
    for _ in 0..70 {
        store.tidy(end_ms, &half).unwrap();
    }
    let sizes = store.sizes().unwrap();
    assert_eq!((end_ms - oldest(&sizes, Level::Raw).unwrap()) / HOUR_MS, 12);
    assert_eq!(oldest(&sizes, Level::Minute).unwrap() / HOUR_MS, START_MS / HOUR_MS);
    let query = |from_ms, step_ms| RangeQuery {
        processes: Selection::All,
        span: Span { from_ms, to_ms: from_ms + HOUR_MS },
        step: Step::Ms(step_ms),
        subject: Subject::Stack,
        top: 200,
    };
    let ticks = |range: history_store::Range| range.slots.iter().map(|slot| slot.ticks).sum::<u64>();
    assert_eq!(ticks(store.range(&query(START_MS, TICK_MS)).unwrap()), 0);
    assert_eq!(ticks(store.range(&query(START_MS, 60_000)).unwrap()), 720, "the minutes know of all ticks");
    assert_eq!(ticks(store.range(&query(day.to_ms - HOUR_MS, TICK_MS)).unwrap()), 720);

    // By size: what is oldest goes until the rest fits, ticks first.
    let bytes_max = day_bytes / 2;
    for _ in 0..100 {
        store.tidy(end_ms, &Retention { bytes_max, ..ALWAYS }).unwrap();
    }
    assert!(used(&*store) < bytes_max * 3 / 2, "{} of {bytes_max}", used(&*store));
    let sizes = store.sizes().unwrap();
    assert!(oldest(&sizes, Level::Raw).is_none_or(|raw| Some(raw) > oldest(&sizes, Level::Hour)));
    assert_eq!(oldest(&sizes, Level::Hour).unwrap() / HOUR_MS, START_MS / HOUR_MS);
    assert_eq!(store.check().unwrap(), Vec::<String>::new());
}

pub(crate) fn what_fires_is_never_removed<E: Engine>() {
    let engine = E::new();
    let mut store = engine.open();
    let findings = [FindingState::Pending, FindingState::Firing, FindingState::Resolved]
        .map(|state| finding(state.name(), state, START_MS));
    store.write(&Batch { findings: findings.into(), ..Batch::default() }).unwrap();
    let nothing = Retention { raw_ms: 1, minute_ms: 1, hour_ms: 1, bytes_max: 1 };
    for _ in 0..3 {
        store.tidy(START_MS + 9 * HOUR_MS, &nothing).unwrap();
    }
    let left = store.findings(Span::ALL, 99).unwrap().entries;
    assert_eq!(left.iter().map(|finding| finding.key.as_str()).collect::<Vec<_>>(), ["firing"]);
}

pub(crate) fn a_clock_that_jumps_ahead_does_not_remove_everything<E: Engine>() {
    let engine = E::new();
    let mut store = engine.open();
    let retention = Retention { raw_ms: 24 * HOUR_MS, ..ALWAYS };
    let now_ms = hours(&mut *store, 3, &retention);
    // Ten years ahead for an hour, and back.
    for number in 0..720 {
        let at_ms = now_ms + 87_600 * HOUR_MS + number * TICK_MS;
        store.write(&batch(vec![tick(1, at_ms, 1)])).unwrap();
        store.tidy(at_ms, &retention).unwrap();
    }
    store.write(&batch(vec![tick(1, now_ms + HOUR_MS, 1)])).unwrap();
    store.tidy(now_ms + HOUR_MS, &retention).unwrap();
    let ticks = store.ticks(first(&*store), Span { from_ms: 0, to_ms: now_ms + 2 * HOUR_MS }, 1_000).unwrap();
    assert_eq!(ticks.len(), 181, "all of the three hours, and the one after");
}

pub(crate) fn stacks_that_nothing_refers_to_are_removed<E: Engine>() {
    let engine = E::new();
    let mut store = engine.open();
    let retention = Retention { raw_ms: 2 * HOUR_MS, minute_ms: 2 * HOUR_MS, hour_ms: 2 * HOUR_MS, ..ALWAYS };
    for number in 0u32..600 {
        let at_ms = START_MS + u64::from(number) * 60_000;
        // One stack for ever, one for a minute; and a label with a new value.
        let value = format!("request-{number}");
        let passing = Place::Stack(stack(1_000 + number));
        let counts = vec![
            count(Place::Stack(stack(1)), Status::Waiting, Some("select"), &[], 1),
            count(passing, Status::Waiting, Some("select"), &[("request", &value)], 1),
        ];
        store.write(&batch(vec![Tick { counts, ..tick(1, at_ms, 1) }])).unwrap();
        store.tidy(at_ms, &retention).unwrap();
    }
    let sizes = store.sizes().unwrap();
    assert!((120..300).contains(&sizes.stacks), "{sizes:?}");
    assert!((120..320).contains(&sizes.strings), "{sizes:?}");
    assert_eq!(store.check().unwrap(), Vec::<String>::new(), "nothing is missing");
    let state = store.at(first(&*store), u64::MAX).unwrap().unwrap();
    assert_eq!(state.counts.len(), 2);
}
