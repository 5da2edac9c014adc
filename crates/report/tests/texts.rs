//! Text outputs: stat lines, groups, folded stacks.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

#[path = "../../analysis/tests/process/mod.rs"]
mod process;

use analysis::blocking::BlockingGraph;
use leak_detection::Leaks;
use report::{
    BlockingReport, LeakReport, MemoryTable, SchedTable, SchedTick, StatSteady, StatTable, StatTick, folded,
    grouped, write_detail,
};
use snapshot::{
    Address, Gap, GapCause, GapSubject, Goroutine, GoroutineId, Holder, LeakFindings, LockPosition, Machine,
    MemoryStatistics, ObjectReferences, Printable, Processor, ProcessorStatus, References, ReferredBy,
    Scheduler, Snapshot, Thread, WaitObject, WaitObjectKind,
};

fn text(write: impl FnOnce(&mut Vec<u8>) -> std::io::Result<()>) -> String {
    let mut out = Vec::new();
    write(&mut out).unwrap();
    String::from_utf8(out).unwrap()
}

fn at(ms: u64, created: Option<u64>, id_limit: u64) -> Snapshot {
    let mut snapshot = process::server().0;
    let processor = Processor {
        id: 0,
        status: ProcessorStatus::Running,
        run_queue: 4,
        run_next: true,
        sched_tick: 0,
        syscall_tick: 0,
        ..Processor::default()
    };
    snapshot.taken_at_monotonic_ns += ms * 1_000_000;
    snapshot.scheduler = Some(Scheduler {
        processors: vec![processor, processor],
        idle_processors: 1,
        idle_machines: 6,
        spinning_machines: 2,
        global_run_queue: 3,
        goroutines_created: created,
        goroutine_id_limit: id_limit,
        ..Scheduler::default()
    });
    snapshot.cost.total_us = 1234;
    (snapshot.cost.stacks_read, snapshot.cost.torn) = (200, 1);
    snapshot
}

/// The tick of the last of these snapshots.
fn last_tick(snapshots: &[Snapshot]) -> StatTick {
    let ticks = snapshots
        .iter()
        .fold(None, |before, now| Some(StatTick::new(before.as_ref(), &now.census(&now.goroutines))));
    ticks.unwrap()
}

#[test]
fn rates_come_from_the_exact_counter_or_else_from_ids() {
    let mut now = at(2000, Some(1100), 9999);
    now.goroutines.truncate(5);
    let exact = last_tick(&[at(0, Some(1000), 0), now]);
    assert_eq!((exact.created_per_s, exact.ended_per_s, exact.rates_exact), (Some(50.0), Some(51.0), true));
    let estimated = last_tick(&[at(0, None, 160), at(500, None, 176)]);
    assert_eq!((estimated.created_per_s, estimated.ended_per_s), (Some(32.0), Some(32.0)));
    assert!(!estimated.rates_exact);
    let same_moment = last_tick(&[at(0, None, 1), at(0, None, 2)]);
    let backwards = last_tick(&[at(0, Some(5), 1), at(9, Some(4), 2)]);
    assert_eq!((same_moment.created_per_s, backwards.created_per_s), (None, None));
    let unread = last_tick(&[at(0, None, 1), process::server().0, at(9, None, 2)]);
    assert_eq!(unread.created_per_s, None, "the tick before has no scheduler");
}

#[test]
fn a_wall_clock_that_is_set_changes_no_rate() {
    let mut later = at(2000, Some(1100), 9999);
    later.taken_at_unix_ms = 5;
    assert_eq!(last_tick(&[at(0, Some(1000), 0), later]).created_per_s, Some(50.0));
}

#[test]
fn what_a_thread_of_c_brings_along_was_not_created() {
    let mut called_back = at(2000, Some(1000), 0);
    let borrowed = Goroutine { created_by: None, entry: None, ..called_back.goroutines[1].clone() };
    called_back.goroutines.push(borrowed);
    let came = last_tick(&[at(0, Some(1000), 0), called_back.clone()]);
    let went = last_tick(&[called_back, at(4000, Some(1000), 0)]);
    assert_eq!((came.ended_per_s, went.ended_per_s), (Some(0.0), Some(0.0)));
}

#[test]
fn goroutines_that_start_while_they_are_counted_have_not_ended_in_the_end() {
    // Four have started after the goroutines were counted, but before the counter was read.
    let mut burst = at(2000, Some(1004), 0);
    let all = burst.goroutines.clone();
    burst.goroutines.truncate(3);
    let mut after = at(3000, Some(1004), 0);
    after.goroutines = all;
    let mut before = at(0, Some(1000), 0);
    before.goroutines.truncate(3);
    let mut later = at(4000, Some(1005), 0);
    later.goroutines.truncate(1);
    let snapshots = [before, burst, after, later];
    let ended = |n: usize| last_tick(&snapshots[..n]).ended_per_s;
    // Until the next tick they look as if they had come and gone; then nothing ends until as many have.
    assert_eq!([ended(2), ended(3), ended(4)], [Some(2.0), Some(0.0), Some(3.0)]);
}

#[test]
fn stat_lines_stand_under_their_titles_and_the_header_comes_again() {
    let tick = last_tick(&[at(0, None, 160), at(1000, None, 176)]);
    let mut table = StatTable::new(2);
    let shown = text(|out| (0..3).try_for_each(|_| table.write(&tick, out)));
    let lines: Vec<&str> = shown.lines().collect();
    assert_eq!(lines.len(), 7, "two headers of two lines");
    assert!(lines[..3].iter().all(|line| line.len() == lines[0].len()), "{shown}");
    assert_eq!((lines[4], lines[5]), (lines[0], lines[1]));
    let values: Vec<(&str, &str)> = lines[1].split_whitespace().zip(lines[2].split_whitespace()).collect();
    for (title, value) in [
        ("total", "7"),
        ("run", "1"),
        ("wait", "6"),
        ("chan", "3"),
        ("slct", "0"),
        ("lock", "1"),
        ("io", "1"),
        ("oth", "1"),
        ("glob", "3"),
        ("locl", "10"),
        ("p", "2"),
        ("idlp", "1"),
        ("idlm", "6"),
        ("spin", "2"),
        ("new/s", "~16"),
        ("end/s", "~16"),
        ("torn%", "0.5"),
        ("ms", "1.2"),
    ] {
        assert!(values.contains(&(title, value)), "{title} {value} in\n{shown}");
    }
    let server = process::server().0;
    let first = StatTick::new(None, &server.census(&server.goroutines));
    let shown = text(|out| StatTable::new(0).write(&first, out));
    assert_eq!(shown.lines().last().unwrap().matches(" -").count(), 8, "unknown is a dash\n{shown}");
}

#[test]
fn steady_columns_leave_out_what_one_tick_showed() {
    let mut steady = StatSteady::default();
    let mut table = StatTable::new(0).steady();
    let mut shown = Vec::new();
    for number in 0..5 {
        let mut snapshot = at(number * 1000, None, 0);
        if number == 3 {
            snapshot.goroutines.truncate(2);
        }
        let mut tick = StatTick::new(None, &snapshot.census(&snapshot.goroutines));
        tick.steady = steady.push(&tick);
        assert_eq!(tick.steady.is_some(), number >= 2);
        assert_eq!(tick.goroutines, if number == 3 { 2 } else { 7 }, "the raw count stays");
        table.write(&tick, &mut shown).unwrap();
    }
    let shown = String::from_utf8(shown).unwrap();
    let lines: Vec<&str> = shown.lines().collect();
    assert!(lines[0].contains("goroutines, steady") && lines[0].contains("waiting on, steady"), "{shown}");
    assert_eq!(lines[0].len(), lines[1].len());
    let cells = |line: &str| line.split_whitespace().take(11).map(str::to_owned).collect::<Vec<_>>();
    assert_eq!(cells(lines[2]), ["-"; 11], "a median needs three ticks\n{shown}");
    assert_eq!(cells(lines[3]), ["-"; 11]);
    for line in &lines[4..] {
        assert_eq!(cells(line), ["7", "1", "0", "0", "6", "3", "0", "1", "1", "0", "1"], "{shown}");
    }
}

#[test]
fn groups_read_like_a_traceback_with_counts() {
    let snapshot = process::server().0;
    let meanings = analysis::Meanings::new(analysis::Rules::built_in(), &snapshot);
    let groups = analysis::group(&meanings, &snapshot.goroutines);
    let shown = text(|out| grouped(&snapshot, &groups, out));
    let first = "3 goroutines: 3 waiting (chan receive), longest wait 30m00s, median 19m00s, ids 18 19 30
    CHANNEL_RECEIVE: waits until a channel is sent to or closed; owner main
    on 1 channel to receive from
    main.(*queue[...]).get
        /src/main.go:7
    created by main.main
        /src/main.go:12

";
    assert!(shown.starts_with(first), "{shown}");
    assert!(shown.contains("1 goroutine: 1 running, id 21\n    RUNNING: runs, or is about to; owner main\n    no stack: running\n"), "{shown}");
    assert!(
        shown.contains("1 goroutine of the runtime: 1 waiting (GC sweep wait), id 2\n    GC_WORKER: works for the garbage collector\n    runtime.gopark\n")
    );
}

#[test]
fn folded_stacks_are_outermost_first_with_counts() {
    let mut process = process::server();
    process.waiting(50, "select", &[("main.(*queue[...]).get", 8), ("main.a;b\u{1b}[2J\n", 1)]);
    let snapshot = process.0;
    let shown = text(|out| folded(&snapshot.census(&snapshot.goroutines), out));
    assert!(shown.contains("main.(*queue[...]).get;runtime.chanrecv;runtime.gopark 3\n"), "{shown}");
    assert!(shown.contains("main.a:b\\x1b[2J\\n;main.(*queue[...]).get 1\n"), "{shown}");
    assert!(shown.contains("[running] 1\n"), "{shown}");
    let total: u64 = shown.lines().map(|line| line.rsplit_once(' ').unwrap().1.parse::<u64>().unwrap()).sum();
    assert_eq!(total, snapshot.goroutines.len() as u64);
    assert!(shown.chars().all(|c| c == '\n' || !Printable::must_escape(c)));
}

/// A scheduler of two Ps and a thread, `ms` after the first.
fn scheduler_at(ms: u64, sched_tick: u32, cpu_ns: u64) -> Snapshot {
    let mut snapshot = at(ms, None, 0);
    let scheduler = snapshot.scheduler.as_mut().unwrap();
    let [first, second] = &mut scheduler.processors[..] else { unreachable!("there are two Ps") };
    (first.sched_tick, first.m, second.id, second.syscall_tick) = (sched_tick, Some(3), 1, sched_tick);
    let thread = Thread { name: "evil\u{1b}[2J".into(), state: 'R', cpu_ns, cgroup: Some("/a".into()) };
    let machine = Machine { id: 3, tid: 4711, p: Some(0), thread: Some(thread), ..Machine::default() };
    scheduler.machines = vec![machine];
    scheduler.machine_count = Some(7);
    snapshot
}

#[test]
fn sched_lines_have_rates_even_where_counters_wrap() {
    let (before, now) = (scheduler_at(0, u32::MAX - 9, 1_000_000_000), scheduler_at(500, 40, 1_250_000_000));
    let first = text(|out| SchedTable::new(0).write(&SchedTick::new(None, &before), out));
    assert_eq!(first.lines().last().unwrap().matches(" -").count(), 6, "unknown is a dash\n{first}");
    let tick = SchedTick::new(Some(&before), &now);
    assert_eq!((tick.sched_ticks_per_s, tick.syscall_ticks_per_s), (Some(100.0), Some(100.0)));
    let shown = text(|out| SchedTable::new(0).write(&tick, out));
    let lines: Vec<&str> = shown.lines().collect();
    assert_eq!(lines.len(), 3);
    assert!(lines[2].ends_with(" [4 4]"), "{shown}");
    let values: Vec<(&str, &str)> = lines[1].split_whitespace().zip(lines[2].split_whitespace()).collect();
    for (title, value) in [
        ("p", "2"),
        ("idlp", "1"),
        ("thrd", "7"),
        ("idlm", "6"),
        ("lckm", "-"),
        ("spin", "2"),
        ("need", "-"),
        ("gcw", "0"),
        ("stop", "-"),
        ("sched/s", "100"),
        ("sysc/s", "100"),
        ("glob", "3"),
        ("locl", "10"),
    ] {
        assert!(values.contains(&(title, value)), "{title} {value} in\n{shown}");
    }
    let detail = text(|out| write_detail(&tick, out));
    let machine: Vec<&str> =
        detail.lines().find(|line| line.contains("4711")).unwrap().split_whitespace().collect();
    assert_eq!(machine[..3], ["3", "0", "-"]);
    assert_eq!(machine[12..], ["4711", "R", "1.250", "50.0", "evil\\x1b[2J", "/a"], "{detail}");
    // Another thread that was given the number of an M that ended has a clock of its own.
    let mut other = scheduler_at(0, 0, 1);
    other.scheduler.as_mut().unwrap().machines[0].tid = 5000;
    let detail = text(|out| write_detail(&SchedTick::new(Some(&other), &now), out));
    assert!(detail.contains("1.250    - "), "{detail}");
}

#[test]
fn memory_lines_have_rates_and_dashes() {
    let of = |ms, mallocs, frees, gc_cycles, pause| {
        let mut snapshot = at(ms, None, 0);
        snapshot.memory = Some(MemoryStatistics {
            heap_in_use_bytes: Some(3 << 19),
            mallocs: Some(mallocs),
            frees: Some(frees),
            gc_cycles: Some(gc_cycles),
            gc_pause_total_ns: Some(pause),
            gc_pause_last_ns: Some(1_250_000),
            ..MemoryStatistics::default()
        });
        snapshot
    };
    let (before, now) = (of(0, 1000, 500, 7, 1_000_000), of(2000, 5000, 1500, 8, 21_000_000));
    let shown = text(|out| MemoryTable::new(0).write(&last_tick(&[before.clone(), now.clone()]), out));
    let cells: Vec<&str> = shown.lines().nth(2).unwrap().split_whitespace().collect();
    // total, alloc, inuse, goal, idle, relsd, stacks, live, new/s, freed/s, cycles, gc/s, last ms, stop%, ms
    let expected =
        ["7", "-", "1.5", "-", "-", "-", "-", "3500", "2000", "500", "8", "0.5", "1.25", "1.00", "1.2"];
    assert_eq!(cells, expected, "{shown}");
    let backwards = last_tick(&[now, of(3000, 4000, 1500, 8, 21_000_000)]).memory;
    assert_eq!((backwards.mallocs_per_s, backwards.frees_per_s), (None, Some(0.0)));
    let unknown = last_tick(&[before, at(2000, None, 0)]).memory;
    assert_eq!((unknown.gc_cycles, unknown.gc_cycles_per_s, unknown.mallocs_settled), (None, None, None));
}

#[test]
fn goroutines_that_may_have_leaked_are_not_passed_over() {
    let (snapshot, leaks) = (process::server().0, Leaks::default());
    let said = |kept: &[u64]| {
        let kept_by_words = kept.iter().copied().map(GoroutineId).collect();
        let findings = LeakFindings { candidates: 3, passes: 3, kept_by_words, ..LeakFindings::default() };
        let report = LeakReport::new(&snapshot, &leaks, &[], &findings);
        text(|out| report.write(out)) + &text(|out| report.write_json(out))
    };
    let some = said(&[7, 9]);
    assert!(some.contains("\n2 more may have leaked: "), "{some}");
    assert!(some.contains("\"kept_by_words\":[7,9]"), "{some}");
    let none = said(&[]);
    assert!(!none.contains("more may have leaked") && none.contains("\"kept_by_words\":[]"), "{none}");
}

#[test]
fn where_a_lock_changes_hands_too_fast_that_is_said() {
    let mut process = process::server();
    let lock = Address(0x100);
    process.waiting(501, "sync.Mutex.Lock", &[("main.lock", 7)]);
    for id in [502, 503] {
        process.waiting(id, "sync.Mutex.Lock", &[("main.lock", 7)]);
        process.waits_on(&[WaitObject { kind: WaitObjectKind::Mutex { state: 9 }, address: lock }]);
    }
    // When the heap was copied 503 had the lock, and was in no queue.
    let had_it = Holder {
        goroutine: GoroutineId(503),
        pc: None,
        depth: 0,
        by: ReferredBy::Map,
        lock: LockPosition::Between,
    };
    let (holders, queue) = (vec![had_it], vec![GoroutineId(502)]);
    let objects = vec![ObjectReferences { address: lock, holders, queue, ..ObjectReferences::default() }];
    let references = References { objects, ..References::default() };
    let why = |snapshot: &Snapshot, id: u64| {
        let graph = BlockingGraph::new(snapshot, &references);
        let deadlocks = graph.deadlocks();
        let still = |_: &_| Ok::<_, std::convert::Infallible>(Vec::new());
        let report = BlockingReport::new(&graph, &deadlocks, still).unwrap();
        let index = graph.index_of(GoroutineId(id)).unwrap();
        (text(|out| report.write_why(&graph.chain(index), out)), graph.is_unsettled(index))
    };
    let (said, again) = why(&process.0, 502);
    assert!(again && said.contains("it changes hands: goroutine 503 had it just now"), "{said}");
    assert!(!said.contains("deadlock"), "{said}");
    let (said, again) = why(&process.0, 501);
    assert!(!again && !said.contains("could not be read"), "{said}");
    let subject = GapSubject::WaitObject;
    process.0.gaps.push(Gap { subject, goroutine: None, address: None, cause: GapCause::Torn, count: 1 });
    let (said, again) = why(&process.0, 501);
    assert!(again && said.contains("could not be read"), "{said}");
}
