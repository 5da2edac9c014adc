//! How long goroutines waited to run, and pauses, as `gostat sched` reads them, against `runtime/metrics` of the same
//! process.

use std::collections::BTreeMap;
use std::process::Command;

use serde_json::Value;
use target_programs::{Build, Program, Running, Variant, releases};

/// The runtime's names of histograms, and ours.
const HISTOGRAMS: [(&str, &str); 2] =
    [("/sched/latencies:seconds", "times_to_run"), ("/sched/pauses/total/gc:seconds", "gc_pauses")];

/// Counts by where their buckets begin, nanoseconds; -1 is what the clock made negative.
type Counts = BTreeMap<i64, u64>;

fn of_go(running: &mut Running) -> BTreeMap<String, Counts> {
    let answer = running.ask_text("latencies").unwrap();
    let mut histograms: BTreeMap<String, Counts> = BTreeMap::new();
    for line in answer.lines() {
        let words: Vec<&str> = line.split(' ').collect();
        let counts = histograms.entry(words[0].to_owned()).or_default();
        counts.insert(words[1].parse().unwrap(), words[2].parse().unwrap());
    }
    histograms
}

fn sched(running: &Running) -> Value {
    let output = Command::new(env!("CARGO_BIN_EXE_gostat"))
        .args(["sched", &running.pid().to_string(), "--json"])
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

fn counts(histogram: &Value) -> Option<Counts> {
    let count = |bucket: &Value| {
        let is_negative = bucket["below_ns"] == 0;
        let from = if is_negative { -1 } else { bucket["from_ns"].as_i64().unwrap() };
        (from, bucket["count"].as_u64().unwrap())
    };
    Some(histogram.as_array()?.iter().map(count).collect())
}

/// The sum over all.
fn total(counts: &Counts) -> u64 {
    counts.values().sum()
}

#[test]
fn they_are_what_runtime_metrics_says() {
    let mut checked = 0;
    for release in releases().unwrap() {
        for variant in [Variant::Plain, Variant::Stripped, Variant::CgoPieStripped] {
            let build = Build::amd64(Program::Many, release, variant);
            let Some(built) = build.build_or_skip().unwrap() else { continue };
            let mut running = Running::start(&built, &["50"]).unwrap();
            // Pauses, and goroutines that wait to run.
            (0..5).for_each(|_| _ = running.ask("collect").unwrap());
            let before = of_go(&mut running);
            let seen = sched(&running);
            let after = of_go(&mut running);
            assert_eq!(seen["gaps"], Value::Array(Vec::new()), "{build}");
            for (name, field) in HISTOGRAMS {
                let ours = counts(&seen[field]);
                let has_it = name == HISTOGRAMS[0].0 || release.minor >= 22;
                assert_eq!(ours.is_some(), has_it, "{build}: {name}: {seen}");
                let Some(ours) = ours else { continue };
                let (Some(before), Some(after)) = (before.get(name), after.get(name)) else {
                    panic!("{build}: {name}: {before:?}");
                };
                // Whatever it counts, it counts no less than before, and no more than afterwards.
                let of = |counts: &Counts, from: &i64| counts.get(from).copied().unwrap_or_default();
                for from in after.keys().chain(ours.keys()) {
                    let (low, seen, high) = (of(before, from), of(&ours, from), of(after, from));
                    assert!(
                        low <= seen && seen <= high,
                        "{build}: {name} from {from} ns: {low} {seen} {high}"
                    );
                }
                assert!(total(&ours) > 0, "{build}: {name}");
            }
            checked += 1;
        }
    }
    assert!(checked > 0, "nothing was checked");
}
