//! Processes, findings and marks.

use std::collections::BTreeMap;

use history_store::{
    Batch, Ending, EndingKind, Finding, FindingState, HistoryError, Mark, MarkKind, ProcessInfo, ProcessKey,
    Selection, Span, Tick,
};

use crate::Engine;
use crate::moments::{START_MS, batch, process, tick};

/// A finding by its key.
pub(crate) fn finding(key: &str, state: FindingState, last_ms: u64) -> Finding {
    Finding {
        key: key.to_owned(),
        process: Some(process(1)),
        state,
        first_ms: START_MS,
        last_ms,
        body: "{\"score\":0.9}".to_owned(),
    }
}

pub(crate) fn processes_have_a_life<E: Engine>() {
    let engine = E::new();
    let mut store = engine.open();
    let info = ProcessInfo {
        executable: "/bin/orders".to_owned(),
        command: "orders --port 80".to_owned(),
        go_version: "go1.27.3".to_owned(),
        module: Some("example.com/orders".to_owned()),
        module_version: None,
        container_id: Some("0123".to_owned()),
        tags: BTreeMap::from([("pod".to_owned(), "orders-1".to_owned())]),
    };
    let described = vec![(process(1), info.clone())];
    store.write(&Batch { at_ms: START_MS, processes: described, ..Batch::default() }).unwrap();
    store.write(&batch(vec![tick(1, START_MS + 5_000, 1)])).unwrap();
    let found = &store.processes(&Selection::All).unwrap()[0];
    assert_eq!((&found.key, &found.info, &found.ended), (&process(1), &info, &None));
    assert_eq!((found.first_seen_ms, found.last_seen_ms), (START_MS, START_MS + 5_000));

    let ending = Ending { at_ms: START_MS + 9_000, how: EndingKind::Exited };
    let mut renamed = info.clone();
    renamed.tags = BTreeMap::from([("pod".to_owned(), "orders-2".to_owned())]);
    let batch = Batch {
        at_ms: START_MS + 9_000,
        processes: vec![(process(1), renamed.clone())],
        endings: vec![(process(1), ending)],
        ..Batch::default()
    };
    store.write(&batch).unwrap();
    // The same pid again: another process.
    let again = ProcessKey { start_ticks: 99, ..process(1) };
    let described = vec![(again.clone(), info)];
    store.write(&Batch { at_ms: START_MS + 10_000, processes: described, ..Batch::default() }).unwrap();
    let found = store.processes(&Selection::All).unwrap();
    assert_eq!(found.iter().map(|process| &process.key).collect::<Vec<_>>(), [&process(1), &again]);
    assert_eq!((&found[0].info, &found[0].ended), (&renamed, &Some(ending)));
    assert_eq!(found[0].last_seen_ms, START_MS + 9_000);
    assert_eq!(store.processes(&Selection::One(found[1].id)).unwrap(), [found[1].clone()]);
    let several = Selection::Several([found[0].id, found[1].id].into());
    assert_eq!(store.processes(&several).unwrap(), found[..2]);
    assert_eq!(store.processes(&Selection::Several(Default::default())).unwrap(), []);
    assert_eq!(store.processes(&Selection::Tagged(renamed.tags)).unwrap(), [found[0].clone()]);
}

pub(crate) fn who_executes_another_program_is_another_process<E: Engine>() {
    let engine = E::new();
    let mut store = engine.open();
    let described = |key: &ProcessKey, command: &str| {
        (key.clone(), ProcessInfo { command: command.to_owned(), ..ProcessInfo::default() })
    };
    let (before, after) = (process(1), ProcessKey { execs: 1, ..process(1) });
    let ending = Ending { at_ms: START_MS + 4_000, how: EndingKind::Executed };
    let exec = Mark {
        process: Some(before.clone()),
        at_ms: ending.at_ms,
        service: None,
        kind: MarkKind::Exec,
        text: "now it runs /bin/second".to_owned(),
    };
    let one = |at_ms, waiting, key: &ProcessKey| Tick { process: key.clone(), ..tick(1, at_ms, waiting) };
    store
        .write(&Batch {
            at_ms: START_MS,
            processes: vec![described(&before, "first"), described(&after, "second")],
            ticks: vec![one(START_MS, 3, &before), one(START_MS + 5_000, 8, &after)],
            endings: vec![(before.clone(), ending)],
            marks: vec![exec.clone()],
            findings: Vec::new(),
        })
        .unwrap();
    drop(store);
    // Also for a store that is opened anew.
    let mut store = engine.open();
    store.write(&batch(vec![one(START_MS + 10_000, 9, &after)])).unwrap();
    let found = store.processes(&Selection::All).unwrap();
    let told: Vec<_> =
        found.iter().map(|one| (&one.key, one.info.command.as_str(), one.ended.map(|end| end.how))).collect();
    assert_eq!(told, [(&before, "first", Some(EndingKind::Executed)), (&after, "second", None)]);
    assert_eq!(store.marks(Span::ALL, 99).unwrap().entries, [exec]);
    for (process, waiting) in found.iter().zip([vec![3], vec![8, 9]]) {
        let counts = store.ticks(process.id, Span::ALL, 9).unwrap().into_iter().map(|tick| {
            store.at(process.id, tick.at_ms).unwrap().unwrap().counts.iter().map(|count| count.count).sum()
        });
        assert_eq!(counts.collect::<Vec<u64>>(), waiting);
    }
}

pub(crate) fn every_ending_is_kept_until_the_process_is_described_again<E: Engine>() {
    let engine = E::new();
    let mut store = engine.open();
    for (number, how) in (0..).zip(EndingKind::ALL) {
        let ending = Ending { at_ms: START_MS + number, how };
        let ended = Batch { endings: vec![(process(1), ending)], ..Batch::default() };
        store.write(&ended).unwrap();
        assert_eq!(store.processes(&Selection::All).unwrap()[0].ended, Some(ending));
        drop(store);
        store = engine.open();
        assert_eq!(store.processes(&Selection::All).unwrap()[0].ended, Some(ending));
        let described = vec![(process(1), ProcessInfo::default())];
        store.write(&Batch { processes: described.clone(), ..Batch::default() }).unwrap();
        assert_eq!(store.processes(&Selection::All).unwrap()[0].ended, None);
        // In one batch, the ending is what came last.
        store.write(&Batch { processes: described, ..ended }).unwrap();
        assert_eq!(store.processes(&Selection::All).unwrap()[0].ended, Some(ending));
    }
}

pub(crate) fn findings_have_a_life<E: Engine>() {
    let engine = E::new();
    let mut store = engine.open();
    for (number, state) in
        [FindingState::Pending, FindingState::Firing, FindingState::Resolved].into_iter().enumerate()
    {
        let now = finding("leak:1", state, START_MS + number as u64 * 5_000);
        store.write(&Batch { findings: vec![now.clone()], ..Batch::default() }).unwrap();
        assert_eq!(store.findings(Span::ALL, 99).unwrap().entries, [now]);
    }
    let span = |from_ms, to_ms| store.findings(Span { from_ms, to_ms }, 99).unwrap().entries.len();
    assert_eq!(span(START_MS + 10_000, START_MS + 11_000), 1);
    assert_eq!(span(START_MS + 10_001, START_MS + 11_000), 0, "it was over");
    assert_eq!(span(0, START_MS), 0, "it had not begun");
    // Of many there are those seen last, in order of when they began, and the number of the others.
    let many =
        (2..9).map(|number| finding(&format!("leak:{number}"), FindingState::Resolved, START_MS - number));
    store.write(&Batch { findings: many.collect(), ..Batch::default() }).unwrap();
    let latest = store.findings(Span::ALL, 3).unwrap();
    let keys: Vec<_> = latest.entries.iter().map(|finding| finding.key.as_str()).collect();
    assert_eq!((keys, latest.left_out), (vec!["leak:1", "leak:2", "leak:3"], 5));
}

pub(crate) fn marks_are_in_order_of_time<E: Engine>() {
    let engine = E::new();
    let mut store = engine.open();
    let mark = |at_ms, kind, process| Mark {
        process,
        service: (kind == MarkKind::Deploy).then(|| "shop \u{1b}[2J".to_owned()),
        at_ms,
        kind,
        text: format!("{kind:?} at {at_ms}"),
    };
    let marks = vec![
        mark(START_MS + 2, MarkKind::Deploy, Some(process(1))),
        mark(START_MS + 1, MarkKind::AgentStart, None),
        mark(START_MS + 3, MarkKind::Exec, Some(process(2))),
    ];
    assert_eq!(store.reaches_back_to().unwrap(), None);
    store.write(&Batch { marks: marks.clone(), ..Batch::default() }).unwrap();
    assert_eq!(store.reaches_back_to().unwrap(), Some(START_MS + 1), "when watching began");
    let expected = [marks[1].clone(), marks[0].clone(), marks[2].clone()];
    assert_eq!(store.marks(Span::ALL, 99).unwrap().entries, expected);
    assert_eq!(
        store.marks(Span { from_ms: START_MS + 2, to_ms: START_MS + 3 }, 99).unwrap().entries,
        expected[1..2]
    );
    let latest = store.marks(Span::ALL, 2).unwrap();
    assert_eq!((latest.entries.as_slice(), latest.left_out), (&expected[1..], 1));
    store.write(&batch(vec![tick(1, START_MS - 5, 1)])).unwrap();
    assert_eq!(store.reaches_back_to().unwrap(), Some(START_MS - 5), "there are older figures");
}

pub(crate) fn a_batch_is_written_whole_or_not_at_all<E: Engine>() {
    let engine = E::new();
    let mut store = engine.open();
    store.write(&batch(vec![tick(1, START_MS, 1)])).unwrap();
    let mut large = finding("leak:1", FindingState::Firing, START_MS);
    large.body = "x".repeat(1 << 20);
    let mut refused = batch(vec![tick(1, START_MS + 5_000, 2), tick(2, START_MS + 5_000, 2)]);
    refused.findings.push(large);
    let error = store.write(&refused).unwrap_err();
    assert!(matches!(error, HistoryError::TooLarge { .. }) && error.is_of_the_batch(), "{error}");
    assert_eq!(store.processes(&Selection::All).unwrap().len(), 1);
    refused.findings.clear();
    store.write(&refused).unwrap();
    let process = store.processes(&Selection::All).unwrap()[0].id;
    let ticks = store.ticks(process, Span::ALL, 9).unwrap();
    assert_eq!(ticks.iter().map(|tick| tick.sequence).collect::<Vec<_>>(), [0, 1]);
}
