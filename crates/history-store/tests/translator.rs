//! What ticks say is what the tables of their censuses said, whatever ids these gave out and whatever texts they have.

#![expect(clippy::cast_possible_truncation, reason = "lengths of short texts")]

use std::sync::Arc;

use history_store::{
    Batch, Count, Frame, History, HistoryStore, Labels, Limits, Place, ProcessKey, Selection, SqliteStore,
    Stack, Tick, Translator,
};
use proptest::prelude::*;
use snapshot::{
    Architecture, Census, Cohort, Cost, FrameId, FunctionRole, Gap, GapCause, GapSubject, LabelSet,
    LayoutSource, StackState, StackTrace, Status, Tables, Target,
};

/// Goroutines that do the same, in texts.
#[derive(Debug, Clone)]
struct Told {
    functions: Vec<String>,
    created_by: Option<String>,
    reason: Option<String>,
    labels: Vec<(String, String)>,
    taken: bool,
    is_runtime: bool,
    count: u64,
}

/// Few different texts, so that they come again; and any at all, as targets have them.
fn text() -> impl Strategy<Value = String> {
    let hostile = ["", "\0", "'; DROP TABLE string; --", "\u{202e}evil", "\u{1b}[2J", "ünï💥", "a\nb", "%s"];
    prop_oneof![
        3 => prop::sample::select(hostile.to_vec()).prop_map(str::to_owned),
        3 => (0u8..4).prop_map(|number| format!("main.f{number}")),
        1 => any::<String>(),
    ]
}

fn told() -> impl Strategy<Value = Told> {
    let labels = prop::collection::vec((text(), text()), 0..3);
    let functions = prop::collection::vec(text(), 0..4);
    let created_by = prop::option::of(text());
    let reason = prop::option::of(text());
    (functions, created_by, reason, labels, any::<[bool; 2]>(), 1u64..9).prop_map(
        |(functions, created_by, reason, labels, [taken, is_runtime], count)| Told {
            functions,
            created_by,
            reason,
            labels,
            taken,
            is_runtime,
            count,
        },
    )
}

fn frame(tables: &mut Tables, function: &str) -> FrameId {
    let frame = snapshot::Frame {
        function: tables.strings.intern_str(function),
        symbol: tables.strings.intern_str(""),
        file: tables.strings.intern_str("/src/main.go"),
        line: function.len() as u32,
        inlined: false,
        role: FunctionRole::Ordinary,
        pc: 1,
        pc_offset: 1,
    };
    tables.frames.intern(frame)
}

/// The cohort in a session's own ids.
fn cohort(tables: &mut Tables, told: &Told) -> Cohort {
    let frames = told.functions.iter().map(|function| frame(tables, function)).collect();
    let labels = told
        .labels
        .iter()
        .map(|(key, value)| (tables.strings.intern_str(key), tables.strings.intern_str(value)));
    let labels = LabelSet(labels.collect());
    Cohort {
        status: Status::Waiting,
        wait_reason: told.reason.as_ref().map(|reason| tables.strings.intern_str(reason)),
        stack: tables.stacks.intern(StackTrace { frames, complete: true }),
        stack_state: if told.taken { StackState::Saved } else { StackState::Torn },
        labels: tables.label_sets.intern(labels),
        created_by: told.created_by.as_ref().map(|function| frame(tables, function)),
        entry: None,
        is_runtime: told.is_runtime,
        locked_to_thread: false,
    }
}

/// What a tick must say of it, made of the texts alone.
fn expected(told: &Told) -> Count {
    let frame = |function: &String| Frame {
        function: function.as_str().into(),
        file: "/src/main.go".into(),
        line: function.len() as u32,
        inlined: false,
        role: FunctionRole::Ordinary,
    };
    let stack = Stack {
        frames: told.functions.iter().map(frame).collect(),
        complete: true,
        created_by: told.created_by.as_ref().map(frame),
        is_runtime: told.is_runtime,
    };
    let labels = told.labels.iter().map(|(key, value)| (key.as_str().into(), value.as_str().into()));
    Count {
        place: if told.taken { Place::Stack(Arc::new(stack)) } else { Place::NotTaken },
        status: Status::Waiting,
        wait_reason: told.reason.as_deref().map(Into::into),
        labels: Arc::new(Labels(labels.collect())),
        count: told.count,
    }
}

fn target() -> Target {
    Target {
        pid: 7,
        name: "api".to_owned(),
        executable: "/bin/api".to_owned(),
        architecture: Architecture::Amd64,
        go_version: "go1.27.1".to_owned(),
        module: None,
        module_version: None,
        stripped: false,
        layout: LayoutSource::Table,
    }
}

fn key() -> ProcessKey {
    ProcessKey { boot_id: "boot".to_owned(), pid: 7, start_ticks: 1, execs: 0 }
}

fn census<'c>(
    target: &'c Target,
    tables: &'c Tables,
    cohorts: Vec<(Cohort, u64)>,
    (generation, at_ms): (u64, u64),
) -> Census<'c> {
    Census {
        target,
        taken_at_unix_ms: at_ms,
        taken_at_monotonic_ns: 1,
        long_waits: vec![0; cohorts.len()],
        locked: Vec::new(),
        cohorts,
        scheduler: None,
        memory: None,
        tables,
        generation,
        cost: Cost::default(),
        gaps: vec![Gap {
            subject: GapSubject::Goroutine,
            goroutine: None,
            address: None,
            cause: GapCause::Torn,
            count: 3,
        }],
    }
}

/// The tick of what is told, in a session whose tables have these already.
fn tick(translator: &mut Translator, tables: &mut Tables, told: &[Told], at: (u64, u64)) -> Tick {
    let cohorts = told.iter().map(|told| (cohort(tables, told), told.count)).collect();
    translator.tick(&census(&target(), tables, cohorts, at), &key(), false)
}

/// By their text, those that say the same added up: an answer has them once.
fn summed(counts: &[Count]) -> Vec<(String, u64)> {
    let mut sums = std::collections::BTreeMap::new();
    for count in counts {
        *sums.entry(format!("{:?}", Count { count: 0, ..count.clone() })).or_default() += count.count;
    }
    sums.into_iter().collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn ids_mean_what_they_say_in_every_generation_and_after_every_restart(
        looks in prop::collection::vec((prop::collection::vec(told(), 0..5), 0u8..4), 1..8),
    ) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("history.db");
        let mut store = SqliteStore::open(&path, Limits::default()).unwrap();
        let (mut translator, mut tables, mut generation) = (Translator::new(), Tables::default(), 0);
        for (number, (told, event)) in (1u64..).zip(&looks) {
            match event {
                // The session has started its tables over: the same ids mean something else.
                0 => {
                    (tables, generation) = (Tables::default(), generation + 1);
                    tables.strings.intern_str(&number.to_string());
                }
                // The agent was restarted, and its session, too.
                1 => {
                    drop(store);
                    store = SqliteStore::open(&path, Limits::default()).unwrap();
                    (translator, tables) = (Translator::new(), Tables::default());
                }
                _ => {}
            }
            let tick = tick(&mut translator, &mut tables, told, (generation, number));
            prop_assert_eq!(&tick.counts, &told.iter().map(expected).collect::<Vec<_>>());
            prop_assert_eq!((tick.at_ms, tick.unread, &tick.process), (number, 3, &key()));
            store.write(&Batch { at_ms: number, ticks: vec![tick], ..Batch::default() }).unwrap();
        }
        let process = store.processes(&Selection::All).unwrap()[0].id;
        for (number, (told, _)) in (1u64..).zip(&looks) {
            let state = store.at(process, number).unwrap().unwrap();
            let told: Vec<Count> = told.iter().map(expected).collect();
            prop_assert_eq!(summed(&state.counts), summed(&told));
        }
        prop_assert_eq!(store.check().unwrap(), Vec::<String>::new());
    }
}

#[test]
fn ids_of_another_table_are_nothing_and_no_panic() {
    let mut large = Tables::default();
    let told = Told {
        functions: (0..50).map(|number| format!("main.f{number}")).collect(),
        created_by: Some("main.main".to_owned()),
        reason: Some("select".to_owned()),
        labels: vec![("a".to_owned(), "b".to_owned())],
        taken: true,
        is_runtime: false,
        count: 2,
    };
    let cohort = cohort(&mut large, &told);
    let (target, empty) = (target(), Tables::default());
    let census = census(&target, &empty, vec![(cohort, 2)], (0, 1));
    let tick = Translator::new().tick(&census, &key(), false);
    let nothing = Stack { complete: false, ..Stack::default() };
    let expected = Count {
        place: Place::Stack(Arc::new(nothing)),
        status: Status::Waiting,
        wait_reason: Some("".into()),
        labels: Arc::default(),
        count: 2,
    };
    assert_eq!(tick.counts, [expected]);
    let measures: Vec<_> = tick.measures.iter().map(|measure| (&*measure.name, measure.value)).collect();
    assert_eq!(measures, [("goroutines", 2), ("runtime_goroutines", 0)]);
}

#[test]
fn what_is_remembered_is_one_and_the_same() {
    let (mut translator, mut tables) = (Translator::new(), Tables::default());
    let told = Told {
        functions: vec!["main.work".to_owned()],
        created_by: None,
        reason: None,
        labels: vec![("a".to_owned(), "b".to_owned())],
        taken: true,
        is_runtime: false,
        count: 1,
    };
    let first = tick(&mut translator, &mut tables, std::slice::from_ref(&told), (0, 1));
    let second = tick(&mut translator, &mut tables, &[told], (0, 2));
    let (Place::Stack(one), Place::Stack(other)) = (&first.counts[0].place, &second.counts[0].place) else {
        unreachable!("both were taken")
    };
    assert!(Arc::ptr_eq(one, other) && Arc::ptr_eq(&first.counts[0].labels, &second.counts[0].labels));
}
