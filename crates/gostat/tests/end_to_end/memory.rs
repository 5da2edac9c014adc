//! Counters of memory in `gostat stat` against `runtime.ReadMemStats` of the same process.

use std::collections::BTreeMap;
use std::process::Command;

use serde_json::Value;
use target_programs::{Build, Program, Running, Variant, releases};

/// What Go says: `runtime.MemStats` by its own names.
type MemStats = BTreeMap<String, u64>;

/// Names there and in our JSON, of everything that only changes when the program does something.
const EXACT: [(&str, &str); 9] = [
    ("HeapAlloc", "heap_alloc_bytes"),
    ("HeapInuse", "heap_in_use_bytes"),
    ("StackInuse", "stack_in_use_bytes"),
    ("Mallocs", "mallocs"),
    ("Frees", "frees"),
    ("NumGC", "gc_cycles"),
    ("PauseTotalNs", "gc_pause_total_ns"),
    ("PauseNs", "gc_pause_last_ns"),
    ("NextGC", "heap_goal_bytes"),
];

fn stat(pid: u32, arguments: &[&str]) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_gostat"))
        .arg("stat")
        .arg(pid.to_string())
        .args(arguments)
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

fn ours(running: &Running) -> Value {
    serde_json::from_str(&stat(running.pid(), &["--json"])).unwrap()
}

fn of_go(running: &mut Running) -> MemStats {
    let answer = running.ask_text("memstats").unwrap();
    let pairs = answer.lines().map(|line| line.split_once(' ').unwrap());
    pairs.map(|(name, value)| (name.to_owned(), value.parse().unwrap())).collect()
}

/// A program that does nothing unless asked, in every release and a few ways of building.
fn for_each(environment: &[(&str, &str)], mut check: impl FnMut(&Build, &mut Running)) {
    let mut checked = 0;
    for release in releases().unwrap() {
        let variants = [Variant::Plain, Variant::Stripped, Variant::PieStripped, Variant::CgoPieStripped];
        let mut builds = variants.map(|variant| Build::amd64(Program::Many, release, variant)).to_vec();
        builds.push(Build::arm64(Program::Many, release, Variant::Stripped));
        for build in builds {
            if let Some(built) = build.build_or_skip().unwrap() {
                check(&build, &mut Running::start_with(&built, &["50"], environment).unwrap());
                checked += 1;
            }
        }
    }
    assert!(checked > 0, "nothing was checked");
}

fn differences(go: &MemStats, ours: &Value, names: &[(&str, &str)]) -> Vec<String> {
    let differ = |(theirs, name): &&(&str, &str)| ours[*name].as_u64() != Some(go[*theirs]);
    let wrong = names.iter().filter(differ);
    wrong.map(|(theirs, name)| format!("{theirs} {} but {name} {}", go[*theirs], ours[*name])).collect()
}

/// Go may start a thread or give memory back at any time: what is wrong must not be wrong every time.
fn eventually(build: &Build, mut differences: impl FnMut() -> Vec<String>) {
    let mut last = Vec::new();
    for _ in 0..10 {
        last = differences();
        if last.is_empty() {
            return;
        }
    }
    panic!("{build}: {last:?}");
}

#[test]
fn a_program_that_stands_still_is_what_it_says_itself() {
    for_each(&[], |build, running| {
        for action in ["allocate", "collect", "allocate"] {
            running.ask(action).unwrap();
            eventually(build, || {
                let go = of_go(running);
                let ours = ours(running);
                assert_eq!(ours["mallocs_settled"], true, "{build}: {ours}");
                let mut wrong = differences(&go, &ours, &EXACT);
                wrong.extend(differences(
                    &go,
                    &ours,
                    &[("HeapIdle", "heap_idle_bytes"), ("HeapReleased", "heap_released_bytes")],
                ));
                assert_eq!(ours["memory_limit_bytes"], Value::Null, "{build}");
                wrong
            });
        }
        let go = of_go(running);
        assert!(go["NumGC"] >= 1 && go["Frees"] > 1000, "{build}: {go:?}");
    });
}

#[test]
fn what_ps_have_not_handed_over_is_counted() {
    // A collection would have Ps hand over what they have; and spans that it left to be swept are swept when they are
    // handed over, which changes what is compared.
    for_each(&[("GOGC", "off")], |build, running| {
        eventually(build, || {
            let before = of_go(running);
            running.ask("allocate").unwrap();
            let ours = ours(running);
            let after = of_go(running);
            let allocated = after["Mallocs"] - before["Mallocs"];
            assert!(allocated >= 3000, "{build}: {allocated}");
            differences(
                &after,
                &ours,
                &[("Mallocs", "mallocs"), ("Frees", "frees"), ("HeapAlloc", "heap_alloc_bytes")],
            )
        });
    });
}

#[test]
fn counts_of_a_busy_program_lie_between_its_own() {
    for release in releases().unwrap() {
        let build = Build::amd64(Program::Churn, release, Variant::PieStripped);
        let Some(built) = build.build_or_skip().unwrap() else { continue };
        let mut running = Running::start(&built, &[]).unwrap();
        let mut between = 0;
        for _ in 0..20 {
            let before = of_go(&mut running);
            let ours = ours(&running);
            let after = of_go(&mut running);
            // What a collection clears the counters for is rare; then it is said to be unknown.
            let Some(mallocs) = ours["mallocs"].as_u64() else { continue };
            between += 1;
            for (name, count) in [("Mallocs", mallocs), ("Frees", ours["frees"].as_u64().unwrap())] {
                assert!(
                    (before[name]..=after[name]).contains(&count),
                    "{build}: {name}: {before:?} {ours} {after:?}"
                );
            }
            for (theirs, name) in [("NumGC", "gc_cycles"), ("PauseTotalNs", "gc_pause_total_ns")] {
                let range = before[theirs]..=after[theirs];
                assert!(range.contains(&ours[name].as_u64().unwrap()), "{build}: {theirs}: {range:?} {ours}");
            }
        }
        assert!(between >= 10, "{build}: known in {between} of 20");
    }
}

#[test]
fn a_memory_limit_and_no_collections_leave_no_goal() {
    let build = Build::amd64(Program::Many, *releases().unwrap().last().unwrap(), Variant::Stripped);
    let Some(built) = build.build_or_skip().unwrap() else { return };
    for (name, value, limit) in [("GOMEMLIMIT", "100MiB", Some(100 << 20)), ("GOGC", "off", None)] {
        let running = Running::start_with(&built, &["50"], &[(name, value)]).unwrap();
        let ours = ours(&running);
        assert_eq!((ours["memory_limit_bytes"].as_u64(), ours["heap_goal_bytes"].as_u64()), (limit, None));
    }
}

#[test]
fn text_says_what_json_says() {
    let build = Build::amd64(Program::Churn, *releases().unwrap().last().unwrap(), Variant::PieStripped);
    let Some(built) = build.build_or_skip().unwrap() else { return };
    let running = Running::start(&built, &[]).unwrap();
    let lines = stat(running.pid(), &["0.2", "4", "--json"]);
    let ticks: Vec<Value> = lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(ticks[0]["mallocs_per_s"], Value::Null);
    for pair in ticks.windows(2) {
        assert!(pair[0]["gc_cycles"].as_u64() < pair[1]["gc_cycles"].as_u64(), "its GC never rests");
        assert!(pair[0]["mallocs"].as_u64() < pair[1]["mallocs"].as_u64());
        assert!(pair[1]["gc_cycles_per_s"].as_f64().unwrap() > 0.0, "{}", pair[1]);
        let share = pair[1]["gc_pause_share"].as_f64().unwrap();
        assert!(share > 0.0 && share < 1.0, "{share}");
    }
    let text = stat(running.pid(), &["0.2", "2", "--memory"]);
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines.len(), 4, "{text}");
    assert_eq!(lines[2].split_whitespace().count(), lines[3].split_whitespace().count(), "{text}");
    assert!(lines[2].contains('-') && !lines[3].contains('-'), "rates come with the second line\n{text}");
}
