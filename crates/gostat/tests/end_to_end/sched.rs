//! `gostat sched` against the runtime's own trace of its scheduler, of the same process at the same time.

use std::process::Command;

use serde_json::{Value, json};
use target_programs::{Build, Program, Running, Variant, releases};

use crate::schedtrace::{Line, Trace, Traced, number};

/// Statuses of goroutines that are none at the moment, and of spare ones for C threads.
const DEAD: [i64; 2] = [6, 11];

/// Lines of `gostat sched`, which must succeed.
fn sched(pid: u32, arguments: &[&str]) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_gostat"))
        .arg("sched")
        .arg(pid.to_string())
        .args(arguments)
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

fn sched_json(running: &Running) -> Value {
    serde_json::from_str(&sched(running.pid(), &["--json"])).unwrap()
}

/// A program in every release: with symbols and without.
fn for_each(program: Program, mut check: impl FnMut(&Build, Traced)) {
    let mut checked = 0;
    for release in releases().unwrap() {
        for variant in [Variant::Plain, Variant::PieStripped] {
            let build = Build::amd64(program, release, variant);
            if let Some(built) = build.build_or_skip().unwrap() {
                check(&build, Traced::start(&built));
                checked += 1;
            }
        }
    }
    assert!(checked > 0, "nothing was checked");
}

/// What must be the same where nothing happens: (name in the trace, name in our JSON).
const OF_SCHED: [(&str, &str); 10] = [
    ("gomaxprocs", "gomaxprocs"),
    ("idleprocs", "idle_processors"),
    ("threads", "threads"),
    ("spinningthreads", "spinning_machines"),
    ("idlethreads", "idle_machines"),
    ("runqueue", "global_run_queue"),
    ("gcwaiting", "gc_waiting"),
    ("nmidlelocked", "idle_locked_machines"),
    ("stopwait", "stop_wait"),
    ("sysmonwait", "sysmon_waiting"),
];
const OF_P: [(&str, &str); 6] = [
    ("schedtick", "sched_tick"),
    ("syscalltick", "syscall_tick"),
    ("m", "m"),
    ("runqsize", "run_queue"),
    ("gfreecnt", "free_goroutines"),
    ("timerslen", "timers"),
];
const OF_M: [(&str, &str); 8] = [
    ("p", "p"),
    ("mallocing", "mallocing"),
    ("throwing", "throwing"),
    ("dying", "dying"),
    ("spinning", "spinning"),
    ("blocked", "blocked"),
    ("curg", "goroutine"),
    ("lockedg", "locked_goroutine"),
];

fn value(of: &Value) -> Option<i64> {
    of.as_bool().map(i64::from).or_else(|| of.as_i64())
}

fn assert_same(names: &[(&str, &str)], go: &Line, ours: &Value, what: &str) {
    for (theirs, name) in names {
        assert_eq!(value(&ours[name]), number(go, theirs), "{what}: {theirs}: {go:?}\n{ours}");
    }
}

fn list<'a>(tick: &'a Value, name: &str) -> &'a [Value] {
    tick[name].as_array().unwrap()
}

fn with_id(list: &[Value], id: i64) -> &Value {
    list.iter().find(|item| item["id"] == id).unwrap_or_else(|| panic!("{id} is not in {list:?}"))
}

fn status(goroutine: &Line) -> (i64, &str) {
    let (status, reason) = goroutine["status"].split_once('(').unwrap();
    (status.parse().unwrap(), reason.strip_suffix(')').unwrap())
}

/// A trace without what is not a matter of comparison: the thread that traces holds locks meanwhile, and spare
/// goroutines for C threads are no goroutines.
fn comparable(mut trace: Trace) -> Trace {
    trace.goroutines.retain(|_, goroutine| !DEAD.contains(&status(goroutine).0));
    for machine in trace.machines.values_mut() {
        machine.remove("locks");
        for name in ["curg", "lockedg"] {
            if number(machine, name).is_some_and(|id| !trace.goroutines.contains_key(&id)) {
                machine.insert(name.to_owned(), "nil".to_owned());
            }
        }
    }
    trace
}

/// What we say between two traces that say the same.
fn while_nothing_happens(traced: &mut Traced) -> (Trace, Value) {
    for _ in 0..50 {
        let (before, tick, after) = traced.around(sched_json);
        let (before, after) = (comparable(before), comparable(after));
        let same = before.sched == after.sched
            && before.processors == after.processors
            && before.machines == after.machines
            && before.goroutines == after.goroutines;
        if same {
            return (after, tick);
        }
    }
    panic!("the program never stood still");
}

#[test]
fn a_program_that_stands_still_is_what_its_own_trace_says() {
    for_each(Program::States, |build, mut traced| {
        let (go, tick) = while_nothing_happens(&mut traced);
        assert_eq!(tick["gaps"], json!([]), "{build}");
        assert_same(&OF_SCHED, &go.sched, &tick, &build.to_string());
        match go.sched.get("needspinning") {
            Some(_) => assert_same(&[("needspinning", "need_spinning")], &go.sched, &tick, "needspinning"),
            None => assert_eq!(tick["need_spinning"], Value::Null, "{build}: unknown is not 0"),
        }
        let (processors, machines) = (list(&tick, "processors"), list(&tick, "machines"));
        assert_eq!((processors.len(), machines.len()), (go.processors.len(), go.machines.len()), "{build}");
        for (id, line) in &go.processors {
            let p = with_id(processors, *id);
            assert_same(&OF_P, line, p, &format!("{build}: P{id}"));
            let names = ["idle", "running", "syscall", "gcstop", "dead"];
            let status = usize::try_from(number(line, "status").unwrap()).unwrap();
            assert_eq!(p["status"], names[status], "{build}: P{id}");
        }
        for (id, line) in &go.machines {
            let m = with_id(machines, *id);
            assert_same(&OF_M, line, m, &format!("{build}: M{id}"));
            assert_eq!(m["preempt_off"], json!(line["preemptoff"]), "{build}: M{id}");
        }
        let bound =
            go.goroutines.iter().filter(|(_, g)| number(g, "m").is_some() || number(g, "lockedm").is_some());
        let expected: Vec<Value> = bound.map(|(id, g)| goroutine(*id, g)).collect();
        assert!(expected.len() >= 5, "{build}: {expected:?}");
        assert_eq!(list(&tick, "goroutines"), expected, "{build}");
    });
}

/// A goroutine of a trace as we say it.
fn goroutine(id: i64, line: &Line) -> Value {
    let (status, reason) = status(line);
    let name = match status {
        1 => "runnable",
        2 => "running",
        3 => "syscall",
        4 => "waiting",
        other => panic!("G{id} has the status {other}"),
    };
    // The trace prints old reasons too.
    let reason = (status == 4).then_some(reason);
    json!({
        "id": id, "status": name, "wait_reason": reason,
        "m": number(line, "m"), "locked_m": number(line, "lockedm"),
    })
}

#[test]
fn counters_of_a_busy_program_lie_between_those_of_its_traces() {
    for_each(Program::Running, |build, mut traced| {
        for _ in 0..3 {
            let (before, tick, after) = traced.around(sched_json);
            for (id, line) in &before.processors {
                let p = with_id(list(&tick, "processors"), *id);
                for (theirs, ours) in [("schedtick", "sched_tick"), ("syscalltick", "syscall_tick")] {
                    let between = number(line, theirs)..=number(&after.processors[id], theirs);
                    assert!(between.contains(&p[ours].as_i64()), "{build}: P{id}: {p} is not in {between:?}");
                }
            }
            assert_ne!(before.processors, after.processors, "{build}: it works meanwhile");
        }
    });
}

#[test]
fn locked_and_blocked_threads_are_those_of_linux() {
    for_each(Program::States, |build, traced| {
        let pid = traced.running.pid();
        let tick = sched_json(&traced.running);
        let machines = list(&tick, "machines");
        let tasks: Vec<u64> = std::fs::read_dir(format!("/proc/{pid}/task"))
            .unwrap()
            .map(|entry| entry.unwrap().file_name().to_str().unwrap().parse().unwrap())
            .collect();
        for m in machines.iter().filter(|m| !m["tid"].is_null()) {
            let tid = m["tid"].as_u64().unwrap();
            assert!(tasks.contains(&tid), "{build}: {m}");
            let file =
                |name: &str| std::fs::read_to_string(format!("/proc/{pid}/task/{tid}/{name}")).unwrap();
            assert_eq!(m["thread_name"], file("comm").trim_end(), "{build}");
            assert!(
                file("cgroup").lines().any(|line| line.ends_with(m["cgroup"].as_str().unwrap())),
                "{build}"
            );
            let cpu_ns: u64 = file("schedstat").split(' ').next().unwrap().parse().unwrap();
            assert!(m["cpu_ns"].as_u64().unwrap() <= cpu_ns, "{build}: {m}, later {cpu_ns}");
        }
        assert_eq!(machines.iter().filter(|m| !m["tid"].is_null()).count(), tasks.len(), "{build}");
        // Three goroutines are locked to threads that sleep until they can run, and two are in read(2) and wait4(2).
        let locked = machines.iter().filter(|m| !m["locked_goroutine"].is_null() && m["goroutine"].is_null());
        let locked: Vec<&Value> = locked.collect();
        assert_eq!(locked.len(), 3, "{build}: {machines:?}");
        assert!(
            locked.iter().all(|m| m["blocked"] == true && m["thread_state"] == "S"),
            "{build}: {locked:?}"
        );
        let in_syscall = list(&tick, "goroutines").iter().filter(|g| g["status"] == "syscall");
        let in_syscall: Vec<&Value> = in_syscall.collect();
        assert!(in_syscall.len() >= 2, "{build}: {tick}");
        for goroutine in in_syscall {
            let m = with_id(machines, goroutine["m"].as_i64().unwrap());
            assert_eq!(
                (&m["goroutine"], &m["thread_state"]),
                (&goroutine["id"], &json!("S")),
                "{build}: {m}"
            );
        }
    });
}

#[test]
fn rates_are_differences_and_text_says_what_json_says() {
    let build = Build::amd64(Program::Running, *releases().unwrap().last().unwrap(), Variant::PieStripped);
    let Some(built) = build.build_or_skip().unwrap() else { return };
    let running = Running::start(&built, &[]).unwrap();
    let lines = sched(running.pid(), &["0.2", "3", "--json"]);
    let ticks: Vec<Value> = lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(ticks.len(), 3);
    assert_eq!(ticks[0]["sched_ticks_per_s"], Value::Null);
    for pair in ticks.windows(2) {
        let seconds = (pair[1]["taken_at_unix_ms"].as_f64().unwrap()
            - pair[0]["taken_at_unix_ms"].as_f64().unwrap())
            / 1000.0;
        let mut sum = 0.0;
        for (before, now) in list(&pair[0], "processors").iter().zip(list(&pair[1], "processors")) {
            let difference = now["sched_tick"].as_f64().unwrap() - before["sched_tick"].as_f64().unwrap();
            let rate = now["sched_ticks_per_s"].as_f64().unwrap();
            // Both times are cut to whole milliseconds.
            assert!((rate * seconds - difference).abs() < rate * 0.001 + 0.01, "{before}\n{now}");
            sum += rate;
        }
        assert!(sum > 0.0);
        assert!((pair[1]["sched_ticks_per_s"].as_f64().unwrap() - sum).abs() < 0.01);
        // It computes without end on two Ps.
        let shares = list(&pair[1], "machines").iter().filter_map(|m| m["cpu_share"].as_f64());
        assert!(shares.sum::<f64>() > 0.1, "{}", pair[1]);
    }
    let text = sched(running.pid(), &["--detail"]);
    for m in list(&ticks[2], "machines").iter().filter(|m| !m["tid"].is_null()) {
        assert!(text.contains(&format!(" {} ", m["tid"])), "{m}\n{text}");
    }
}
