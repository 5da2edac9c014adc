//! Everything that is printed as JSON is what the schema in `docs/` says, key for key.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

#[path = "../../analysis/tests/process/mod.rs"]
mod process;

use analysis::Population;
use analysis::blocking::BlockingGraph;
use report::{BlockingReport, DifferenceReport, NoteReport, SchedTick, StatSteady, StatTick};
use serde_json::{Value, json};
use snapshot::*;

/// The schema of a definition, closed: keys that it does not name are errors.
fn schema(definition: Option<&str>) -> jsonschema::Validator {
    let mut schema: Value = serde_json::from_str(include_str!("../../../docs/dump.schema.json")).unwrap();
    close(&mut schema);
    if let Some(name) = definition {
        let root = schema.as_object_mut().unwrap();
        for key in ["type", "required", "properties", "additionalProperties"] {
            root.remove(key);
        }
        root.insert("$ref".to_owned(), json!(format!("#/$defs/{name}")));
    }
    jsonschema::validator_for(&schema).unwrap()
}

fn close(schema: &mut Value) {
    match schema {
        Value::Object(map) => {
            // Only schemas of objects have both; a property may itself be named "properties".
            if map.get("type") == Some(&json!("object")) && map.contains_key("properties") {
                map.insert("additionalProperties".to_owned(), json!(false));
            }
            map.values_mut().for_each(close);
        }
        Value::Array(items) => items.iter_mut().for_each(close),
        _ => {}
    }
}

fn errors(validator: &jsonschema::Validator, value: &Value) -> Vec<String> {
    validator.iter_errors(value).map(|error| format!("{}: {error}", error.instance_path())).collect()
}

/// A server in which everything occurs that a snapshot can hold.
fn everything() -> Snapshot {
    let mut process = process::server();
    for (id, stack_state) in (100..).zip([
        StackState::Sampled,
        StackState::BlockedThread,
        StackState::Secret,
        StackState::NotTaken,
        StackState::Torn,
        StackState::Unreadable,
    ]) {
        let goroutine = process.waiting(id, "select", &[]);
        goroutine.stack_state = stack_state;
        goroutine.waiting_since = Some(WaitingSince::ObservedMs(5));
        goroutine.bubble = Some(1);
        goroutine.created_by = None;
        goroutine.entry = None;
    }
    for (id, status) in (200..).zip(Status::ALL) {
        process.waiting(id, "x\u{9b}\u{202e}", &[("main.f\u{1b}", 0)]).status = status;
    }
    let kinds = [
        WaitObjectKind::UnreadableChannel(WaitDirection::Send),
        WaitObjectKind::NilChannel(WaitDirection::Receive),
        WaitObjectKind::EmptySelect,
        WaitObjectKind::Semaphore,
        WaitObjectKind::Mutex { state: 13 },
        WaitObjectKind::RwMutex { writing: true, reader_count: -5, reader_wait: 2 },
        WaitObjectKind::WaitGroup { counter: 1, waiters: 2 },
        WaitObjectKind::Cond,
        WaitObjectKind::Timer { when_ns: None },
        WaitObjectKind::Timer { when_ns: Some(1 << 50) },
        WaitObjectKind::Network,
    ];
    process.waits_on(&kinds.map(|kind| WaitObject { kind, address: Address::NULL }));
    process.0.gaps = vec![
        Gap {
            subject: GapSubject::Stack,
            goroutine: Some(GoroutineId(104)),
            address: Some(Address(0xc0)),
            cause: GapCause::Torn,
            count: 1,
        },
        Gap {
            subject: GapSubject::OuterFrames,
            goroutine: None,
            address: None,
            cause: GapCause::BudgetSpent,
            count: 7,
        },
    ];
    let processor = Processor {
        id: 0,
        status: ProcessorStatus::Unknown(9),
        run_queue: 3,
        run_next: true,
        sched_tick: 1,
        syscall_tick: 2,
        m: Some(0),
        free_goroutines: Some(5),
        timers: None,
    };
    let machine = Machine {
        id: 0,
        tid: 0,
        goroutine: Some(GoroutineId(21)),
        p: None,
        spinning: true,
        preempt_off: Some("GC worker init\u{9b}".into()),
        thread: Some(Thread { name: "a\nb".into(), state: 'D', cpu_ns: 1 << 40, cgroup: None }),
        ..Machine::default()
    };
    process.0.scheduler = Some(Scheduler {
        processors: vec![processor],
        machines: vec![machine],
        global_run_queue: 2,
        times_to_run: Some(TimeHistogram {
            buckets: vec![
                TimeBucket { from_ns: 64, below_ns: Some(128), count: 3 },
                TimeBucket { from_ns: 1 << 47, below_ns: None, count: 1 },
            ],
        }),
        gc_pauses: Some(TimeHistogram::default()),
        goroutines_created: Some(500),
        stop_wait: Some(-1),
        ..Scheduler::default()
    });
    process.0.memory = Some(MemoryStatistics {
        heap_in_use_bytes: Some(3 << 20),
        mallocs: Some(100),
        gc_cycles: Some(2),
        ..MemoryStatistics::default()
    });
    process.0.target.layout = LayoutSource::Nearest("go1.26.5".into());
    process.0
}

fn dump(snapshot: &Snapshot) -> String {
    let mut out = Vec::new();
    let meanings = analysis::Meanings::new(analysis::Rules::built_in(), snapshot);
    report::json::write_dump(&meanings, &snapshot.goroutines, &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

#[test]
fn dumps_are_what_the_schema_says() {
    let validator = schema(None);
    for snapshot in [everything(), process::server().0, process::Process::new().0] {
        let text = dump(&snapshot);
        let value: Value = serde_json::from_str(&text).unwrap();
        assert_eq!(errors(&validator, &value), [""; 0]);
        assert_eq!(value["goroutines"].as_array().unwrap().len(), snapshot.goroutines.len());
        assert_eq!(value["snapshot"]["goroutines"], snapshot.goroutines.len());
        assert!(text.chars().all(|c| c == '\n' || !Printable::must_escape(c)));
        let keys: Vec<&String> = value.as_object().unwrap().keys().collect();
        assert_eq!(keys.len(), 4);
    }
}

#[test]
fn the_check_would_notice_a_wrong_document() {
    let validator = schema(None);
    let good: Value = serde_json::from_str(&dump(&everything())).unwrap();
    for (pointer, wrong) in [
        ("/goroutines/0/status", json!("asleep")),
        ("/goroutines/0/id", json!("1")),
        ("/goroutines/0/stack/0/line", json!(-1)),
        ("/goroutines/3/waiting_on/0/kind", json!("mutex")),
        ("/goroutines/0/address", json!(12345)),
        ("/snapshot/torn", json!(null)),
    ] {
        let mut value = good.clone();
        *value.pointer_mut(pointer).unwrap() = wrong;
        assert!(!validator.is_valid(&value), "{pointer}");
    }
    for pointer in [
        "",
        "/target",
        "/snapshot",
        "/snapshot/scheduler/processors/0",
        "/goroutines/0",
        "/goroutines/0/stack/0",
        "/gaps/0",
    ] {
        let mut value = good.clone();
        value.pointer_mut(pointer).unwrap().as_object_mut().unwrap().insert("surprise".into(), json!(1));
        assert!(!validator.is_valid(&value), "a new key in {pointer:?} must be in the schema");
    }
}

#[test]
fn a_goroutine_says_what_the_snapshot_says() {
    let value: Value = serde_json::from_str(&dump(&process::server().0)).unwrap();
    let find =
        |id: u64| value["goroutines"].as_array().unwrap().iter().find(|g| g["id"] == id).unwrap().clone();
    let worker = find(19);
    assert_eq!(worker["wait_reason"], "chan receive");
    assert_eq!(
        (&worker["waiting_since_ms"], &worker["waiting_since_source"]),
        (&json!(1_140_000), &json!("runtime"))
    );
    assert_eq!(worker["labels"], json!({"tenant": "acme inc"}));
    assert_eq!(worker["created_by"], json!({"function": "main.main", "file": "/src/main.go", "line": 12}));
    assert_eq!(worker["stack"].as_array().unwrap().len(), 3);
    assert_eq!(worker["stack"][2]["function"], "main.(*queue[...]).get");
    let on = json!([{"kind": "channel", "direction": "receive", "len": 0, "cap": 3, "element_size": 8,
        "closed": false, "timer": false, "address": "0xc0001234"}]);
    assert_eq!(worker["waiting_on"], on);
    let running = find(21);
    assert_eq!((&running["m"], &running["p"], &running["tid"]), (&json!(3), &json!(0), &json!(4711)));
    assert_eq!((&running["stack"], &running["stack_complete"]), (&json!([]), &json!(false)));
    assert_eq!((&running["stack_state"], &running["wait_reason"]), (&json!("running"), &json!(null)));
}

#[test]
fn groups_are_what_the_schema_says() {
    let snapshot = everything();
    let meanings = analysis::Meanings::new(analysis::Rules::built_in(), &snapshot);
    let groups = analysis::group(&meanings, &snapshot.goroutines);
    let mut out = Vec::new();
    report::json::write_groups(&snapshot, &groups, &mut out).unwrap();
    let value: Value = serde_json::from_slice(&out).unwrap();
    assert_eq!(errors(&schema(Some("group_report")), &value), [""; 0]);
    let total: u64 = value["groups"].as_array().unwrap().iter().map(|g| g["count"].as_u64().unwrap()).sum();
    assert_eq!(total, snapshot.goroutines.len() as u64);
}

/// Two goroutines that wait for each other's locks, and one for a channel of which much is known.
fn blocked() -> (Snapshot, References) {
    let mut process = process::server();
    let mutex = |at| WaitObject { kind: WaitObjectKind::Mutex { state: 9 }, address: Address(at) };
    let timed = Channel { len: 0, cap: 1, element_size: 8, closed: false, timer: true };
    let kind = WaitObjectKind::Channel(WaitDirection::Receive, timed);
    let mut objects = Vec::new();
    for (id, object, holder) in [
        (501, mutex(0x100), 502),
        (502, mutex(0x200), 501),
        (503, WaitObject { kind, address: Address(0x300) }, 501),
    ] {
        process.waiting(id, "sync.Mutex.Lock", &[("main.lock", 7)]);
        process.waits_on(&[object]);
        let lock = LockPosition::Between;
        let holder = Holder {
            goroutine: GoroutineId(holder),
            pc: Some(0x40_0007),
            depth: 0,
            by: ReferredBy::Map,
            lock,
        };
        objects.push(ObjectReferences {
            address: object.address,
            holders: vec![holder],
            variables: vec![Address(0x1000)],
            queue: vec![GoroutineId(id)],
            deadline_ns: (id == 503).then_some(91_000_000_000),
            ..ObjectReferences::default()
        });
    }
    let names = vec![(Address(0x1000), "main.all\u{9b}".to_owned())];
    (process.0, References { objects, names, missing: 1, files: vec![(GoroutineId(503), 7)] })
}

#[test]
fn reports_on_blocking_are_what_the_schema_says() {
    let (snapshot, references) = blocked();
    let graph = BlockingGraph::new(&snapshot, &references);
    let deadlocks = graph.deadlocks();
    let report =
        BlockingReport { graph: &graph, deadlocks: &deadlocks, confirmed: vec![true], frozen_us: Some(5) };
    let mut out = Vec::new();
    report.write_graph_json(&graph.merged(&deadlocks), &mut out).unwrap();
    let value: Value = serde_json::from_slice(&out).unwrap();
    assert_eq!(errors(&schema(Some("graph_report")), &value), [""; 0]);
    assert_eq!(value["deadlocks"][0]["goroutines"], json!([501, 502]));
    let validator = schema(Some("why_report"));
    for id in [501, 503, 19] {
        let mut out = Vec::new();
        let index = graph.index_of(GoroutineId(id)).unwrap();
        report.write_why_json(&graph.chain(index), &mut out).unwrap();
        let text = String::from_utf8(out).unwrap();
        assert!(text.chars().all(|c| c == '\n' || !Printable::must_escape(c)));
        let value: Value = serde_json::from_str(&text).unwrap();
        assert_eq!(errors(&validator, &value), [""; 0]);
        assert_eq!(value["chain"]["id"], id);
    }
}

#[test]
fn reports_on_differences_are_what_the_schema_says() {
    let (before, after) = (Population::of(&process::server().0), Population::of(&blocked().0));
    let counts = (before.counts.clone(), after.counts.clone());
    let profile = Population::default();
    let sides: [(_, _, &[&str]); 3] = [
        (before.clone(), after.clone(), &["new"]),
        (after, before.clone(), &["gone"]),
        (before, profile, &["gone"]),
    ];
    for (before, after, changes) in sides {
        let difference = before.difference(after);
        let side = |format, moment, counts| NoteReport {
            source: "a\u{9b}",
            format,
            moment,
            taken_at_unix_ms: moment.map(|_| 5),
            taken_at: None,
            counts,
        };
        let report = DifferenceReport {
            before: side("recording", Some(1), &counts.0),
            after: side("pprof", None, &counts.1),
            difference: &difference,
            limit: None,
        };
        let mut out = Vec::new();
        report.write_json(&mut out).unwrap();
        let value: Value = serde_json::from_slice(&out).unwrap();
        assert_eq!(errors(&schema(Some("diff_report")), &value), [""; 0]);
        let groups = value["groups"].as_array().unwrap();
        assert!(
            !groups.is_empty() && groups.iter().all(|g| changes.contains(&g["change"].as_str().unwrap()))
        );
        let mut text = Vec::new();
        report.write(&mut text).unwrap();
        let text = String::from_utf8(text).unwrap();
        assert!(text.chars().all(|c| c == '\n' || !Printable::must_escape(c)) && text.contains(changes[0]));
    }
}

#[test]
fn stat_lines_are_what_the_schema_says() {
    let validator = schema(Some("stat_line"));
    let (before, mut now) = (everything(), everything());
    now.taken_at_monotonic_ns += 500_000_000;
    let first = tick(None, &before);
    let mut third = tick(Some(&first), &now);
    (third.window, third.late_us) = (Some(90), Some(12));
    let mut steady = StatSteady::default();
    third.steady = (0..3).fold(None, |_, _| steady.push(&third));
    assert!(third.steady.is_some() && third.created_per_s.is_some());
    for tick in [tick(None, &now), tick(None, &process::server().0), third] {
        let mut out = Vec::new();
        tick.write_json(&mut out).unwrap();
        assert_eq!(out.iter().filter(|byte| **byte == b'\n').count(), 1);
        let value: Value = serde_json::from_slice(&out).unwrap();
        assert_eq!(errors(&validator, &value), [""; 0]);
        assert_eq!(value["by_wait_reason"]["chan receive"], 3);
        assert_eq!(value["heap_in_use_bytes"].is_null(), tick.memory.heap_in_use_bytes.is_none());
    }
}

#[test]
fn sched_lines_are_what_the_schema_says() {
    let validator = schema(Some("sched_line"));
    let (mut before, mut now) = (everything(), everything());
    before.taken_at_monotonic_ns = 0;
    now.taken_at_monotonic_ns = 500_000_000;
    let machine = |snapshot: &mut Snapshot| snapshot.scheduler.as_mut().unwrap().machines[0].clone();
    let mut other = machine(&mut now);
    (other.id, other.tid, other.thread, other.locked_goroutine) = (1, 77, None, Some(GoroutineId(19)));
    now.scheduler.as_mut().unwrap().machines.push(other);
    let unread = Snapshot { scheduler: None, ..everything() };
    for (previous, current) in [(None, &now), (Some(&before), &now), (Some(&unread), &now), (None, &unread)] {
        let mut out = Vec::new();
        SchedTick::new(previous, current).write_json(&mut out).unwrap();
        assert_eq!(out.iter().filter(|byte| **byte == b'\n').count(), 1);
        let value: Value = serde_json::from_slice(&out).unwrap();
        assert_eq!(errors(&validator, &value), [""; 0]);
        assert_eq!(value["gaps"].as_array().unwrap().len(), current.gaps.len());
        assert_eq!(value["gomaxprocs"].is_null(), current.scheduler.is_none());
        let locked = value["goroutines"].as_array().unwrap().iter().find(|g| g["id"] == 19);
        assert_eq!(locked.map(|g| g["locked_m"].clone()), current.scheduler.as_ref().map(|_| json!(1)));
    }
}

fn tick(before: Option<&StatTick>, now: &Snapshot) -> StatTick {
    StatTick::new(before, &now.census(&now.goroutines))
}
