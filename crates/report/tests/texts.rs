//! Text outputs: stat lines, groups, folded stacks.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

#[path = "../../analysis/tests/process/mod.rs"]
mod process;

use report::{StatTable, StatTick, folded, grouped};
use snapshot::{Printable, Processor, ProcessorStatus, Scheduler, Snapshot};

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
        m: None,
    };
    snapshot.taken_at_unix_ms += ms;
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

#[test]
fn rates_come_from_the_exact_counter_or_else_from_ids() {
    let mut now = at(2000, Some(1100), 9999);
    now.goroutines.truncate(5);
    let exact = StatTick::new(Some(&at(0, Some(1000), 0)), &now);
    assert_eq!((exact.created_per_s, exact.ended_per_s, exact.rates_exact), (Some(50.0), Some(51.0), true));
    let estimated = StatTick::new(Some(&at(0, None, 160)), &at(500, None, 176));
    assert_eq!((estimated.created_per_s, estimated.ended_per_s), (Some(32.0), Some(32.0)));
    assert!(!estimated.rates_exact);
    let same_moment = StatTick::new(Some(&at(0, None, 1)), &at(0, None, 2));
    let backwards = StatTick::new(Some(&at(0, Some(5), 1)), &at(9, Some(4), 2));
    assert_eq!((same_moment.created_per_s, backwards.created_per_s), (None, None));
}

#[test]
fn stat_lines_stand_under_their_titles_and_the_header_comes_again() {
    let tick = StatTick::new(Some(&at(0, None, 160)), &at(1000, None, 176));
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
    let first = StatTick::new(None, &process::server().0);
    let shown = text(|out| StatTable::new(0).write(&first, out));
    assert_eq!(shown.lines().last().unwrap().matches(" -").count(), 8, "unknown is a dash\n{shown}");
}

#[test]
fn groups_read_like_a_traceback_with_counts() {
    let snapshot = process::server().0;
    let groups = analysis::group(&snapshot, &snapshot.goroutines);
    let shown = text(|out| grouped(&snapshot, &groups, out));
    let first = "3 goroutines: 3 waiting (chan receive), longest wait 30m00s, ids 18 19 30
    main.(*queue[...]).get
        /src/main.go:7
    created by main.main
        /src/main.go:12

";
    assert!(shown.starts_with(first), "{shown}");
    assert!(shown.contains("1 goroutine: 1 running, id 21\n    no stack: running\n"), "{shown}");
    assert!(
        shown.contains("1 goroutine of the runtime: 1 waiting (GC sweep wait), id 2\n    runtime.gopark\n")
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
