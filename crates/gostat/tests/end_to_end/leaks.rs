//! `gostat leaks` as users call it: what it prints, in both forms, and the exit codes.
//!
//! That the verdicts are right is tested where they are made (`crates/capture/tests/leaks`).

use std::collections::BTreeSet;
use std::process::{Command, Output};

use serde_json::{Value, json};
use target_programs::{Build, Program, Running, Variant, releases};

/// The program with all ways to leak, of the oldest and the newest release, stripped.
fn leaking(each: impl Fn(&str, &Running)) {
    let releases = releases().unwrap();
    for release in [releases.first().unwrap(), releases.last().unwrap()] {
        let build = Build::amd64(Program::Leaks, *release, Variant::Stripped);
        let Some(built) = build.build_or_skip().unwrap() else { continue };
        each(&build.to_string(), &Running::start(&built, &["all", "2"]).unwrap());
    }
}

fn leaks(running: &Running, options: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_gostat"))
        .arg("leaks")
        .arg(running.pid().to_string())
        .args(options)
        .output()
        .unwrap()
}

fn report_of(output: &Output) -> Value {
    serde_json::from_slice(&output.stdout).unwrap()
}

fn proven(report: &Value) -> Vec<&Value> {
    report["leaks"].as_array().unwrap().iter().filter(|leak| leak["verdict"] == "proven").collect()
}

#[test]
fn what_is_proven_is_said_in_both_forms_and_by_the_exit_code() {
    leaking(|build, running| {
        let output = leaks(running, &["--json", "--freeze=5s"]);
        assert_eq!(output.status.code(), Some(1), "{build}: {}", String::from_utf8_lossy(&output.stderr));
        let report = report_of(&output);
        assert!(report["frozen_us"].as_u64().unwrap() > 0 && report["passes"] == 1, "{build}");
        assert_eq!(report["doubts"], Value::Array(Vec::new()), "{build}");
        let proven = proven(&report);
        assert!(proven.len() > 40, "{build}: {}", proven.len());
        for leak in &proven {
            let ids = leak["goroutines"].as_array().unwrap();
            assert_eq!(ids.len() as u64, leak["count"].as_u64().unwrap(), "{build}");
            assert_eq!(leak["boundary"], "communication", "{build}: {leak}");
            // A stack takes 2 KiB at least, and it goes with its goroutine.
            assert!(leak["retained_bytes"].as_u64().unwrap() >= 2048 * ids.len() as u64, "{build}: {leak}");
            assert!(!leak["evidence"].as_array().unwrap().is_empty(), "{build}");
            let outermost = leak["stack"].as_array().unwrap().iter().rev();
            let mut named = outermost.filter_map(|frame| frame["function"].as_str());
            assert!(named.any(|function| function.starts_with("main.leak")), "{build}: {leak}");
        }
        let text = leaks(running, &["--freeze=5s"]);
        assert_eq!(text.status.code(), Some(1), "{build}");
        let text = String::from_utf8(text.stdout).unwrap();
        for leak in &proven {
            let sentence = leak["sentence"].as_str().unwrap();
            assert!(text.contains(&format!("proven: {sentence}\n")), "{build}: {sentence}\n{text}");
        }
        assert!(!text.contains("suspected: "), "{build}: {text}");
        assert!(text.contains(" 0 suspected; the process was stopped for "), "{build}: {text}");
    });
}

#[test]
fn of_a_process_that_rests_the_same_is_proven_without_stopping_it() {
    leaking(|build, running| {
        let stopped = report_of(&leaks(running, &["--freeze=5s", "--json"]));
        let output = leaks(running, &["--json"]);
        assert_eq!(output.status.code(), Some(1), "{build}: {}", String::from_utf8_lossy(&output.stderr));
        let rested = report_of(&output);
        assert!(rested["frozen_us"].is_null() && rested["at_rest_us"].as_u64().unwrap() > 0, "{build}");
        assert_eq!((&rested["passes"], &rested["doubts"]), (&json!(1), &json!([])), "{build}");
        assert_eq!(ids(&stopped, "proven"), ids(&rested, "proven"), "{build}");
    });
}

#[test]
fn of_a_process_that_never_rests_it_is_suspected() {
    let release = *releases().unwrap().last().unwrap();
    let build = Build::amd64(Program::Leaks, release, Variant::Plain);
    let Some(built) = build.build_or_skip().unwrap() else { return };
    let mut running = Running::start(&built, &["all", "2"]).unwrap();
    running.ask("spin").unwrap();
    let stopped = report_of(&leaks(&running, &["--freeze=5s", "--json"]));
    let output = leaks(&running, &["--json"]);
    assert_eq!(output.status.code(), Some(0), "{build}");
    assert!(String::from_utf8_lossy(&output.stderr).contains("--freeze"), "{build}");
    let unfrozen = report_of(&output);
    assert!(unfrozen["frozen_us"].is_null() && unfrozen["at_rest_us"].is_null(), "{build}");
    assert!(unfrozen["passes"].as_u64().unwrap() >= 3 && proven(&unfrozen).is_empty(), "{build}");
    // The one that runs may have the stack of one that has ended, with words that hide a leak: where it stands on it is
    // known only when the process stands still.
    let missing = &ids(&stopped, "proven") - &ids(&unfrozen, "suspected");
    let kept = unfrozen["kept_by_words"].as_array().unwrap().iter().map(|id| id.as_u64().unwrap());
    let kept: BTreeSet<u64> = kept.collect();
    assert!(missing.is_subset(&kept), "{build}: {missing:?} are hidden, and only {kept:?} said to be");
    assert!(missing.len() < ids(&unfrozen, "suspected").len(), "{build}: {missing:?}");
}

fn ids(report: &Value, verdict: &str) -> BTreeSet<u64> {
    let leaks = report["leaks"].as_array().unwrap().iter().filter(|leak| leak["verdict"] == verdict);
    let ids = leaks.flat_map(|leak| leak["goroutines"].as_array().unwrap());
    ids.map(|id| id.as_u64().unwrap()).collect()
}

#[test]
fn a_deadline_that_is_too_short_is_said_and_the_process_goes_on() {
    leaking(|build, running| {
        // No copy takes no time: whether it is this one that is too slow, or the stopping itself, is all the same.
        for _ in 0..3 {
            let output = leaks(running, &["--freeze=10ms"]);
            let said = String::from_utf8(output.stderr).unwrap();
            let code = output.status.code().unwrap();
            assert!(code == 1 || (code == 2 && said.contains("hint: ")), "{build}: {code} {said}");
        }
        assert_eq!(leaks(running, &["--freeze=30s"]).status.code(), Some(1), "{build}");
    });
}

#[test]
fn the_young_are_left_out_and_a_watch_sees_who_grows() {
    let release = *releases().unwrap().last().unwrap();
    let build = Build::amd64(Program::Planted, release, Variant::Plain);
    let Some(built) = build.build_or_skip().unwrap() else { return };
    let running = Running::start(&built, &["7", "200"]).unwrap();
    let all = report_of(&leaks(&running, &["--json", "--watch=1s", "--freeze=5s"]));
    assert!(!proven(&all).is_empty());
    assert!(proven(&all).iter().all(|leak| leak["growth"]["urgency"] == "none"), "{all}");
    let old = leaks(&running, &["--json", "--min-age=24h", "--freeze=5s"]);
    assert_eq!((old.status.code(), proven(&report_of(&old)).len()), (Some(0), 0));
}

#[test]
fn a_healthy_program_has_no_findings() {
    let release = *releases().unwrap().last().unwrap();
    let build = Build::amd64(Program::HttpServer, release, Variant::PieStripped);
    let Some(built) = build.build_or_skip().unwrap() else { return };
    let running = Running::start(&built, &[]).unwrap();
    let output = leaks(&running, &["--freeze=5s"]);
    let text = String::from_utf8(output.stdout).unwrap();
    assert_eq!(output.status.code(), Some(0), "{text}");
    assert!(text.contains(" 0 proven leaked, 0 suspected; "), "{text}");
}

#[test]
fn where_the_objects_were_made_is_known_if_the_profiler_sampled_them() {
    let release = *releases().unwrap().last().unwrap();
    let build = Build::amd64(Program::Leaks, release, Variant::Stripped);
    let Some(built) = build.build_or_skip().unwrap() else { return };
    let running = Running::start_with(&built, &["all", "2"], &[("GODEBUG", "memprofilerate=1")]).unwrap();
    let report = report_of(&leaks(&running, &["--json", "--freeze=5s"]));
    let proven = proven(&report);
    let known: Vec<&Value> = proven.iter().map(|leak| &leak["made_at"]).filter(|at| !at.is_null()).collect();
    assert!(known.len() * 10 > proven.len() * 8, "{} of {}", known.len(), proven.len());
    // Some were made for it by the standard library: channels of contexts and timers.
    let own = known.iter().filter(|at| at["function"].as_str().unwrap().starts_with("main."));
    let own = own.filter(|at| at["file"].as_str().unwrap().contains("/leaks/")).count();
    assert!(own * 10 > known.len() * 8, "{own} of {known:?}");
    assert!(known.iter().all(|at| !at["function"].as_str().unwrap().starts_with("runtime.")), "{known:?}");
}

/// Keys that the tables of a section of `docs/json.md` name, and those that every goroutine and group has.
fn documented(section: &str) -> BTreeSet<String> {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/json.md");
    let text = std::fs::read_to_string(path).unwrap();
    let section = text.split("\n## ").find(|part| part.starts_with(section)).unwrap().to_owned();
    let rows =
        section.lines().filter_map(|line| line.strip_prefix("| ")?.split(" | ").next().map(str::to_owned));
    let keys =
        rows.flat_map(|cell| cell.split('`').skip(1).step_by(2).map(str::to_owned).collect::<Vec<_>>());
    keys.collect()
}

#[test]
fn every_key_is_documented_and_every_documented_key_is_there() {
    let release = *releases().unwrap().last().unwrap();
    let build = Build::amd64(Program::Leaks, release, Variant::Stripped);
    let Some(built) = build.build_or_skip().unwrap() else { return };
    let running = Running::start(&built, &["all", "1"]).unwrap();
    let report = report_of(&leaks(&running, &["--json"]));
    let keys = |value: &Value| value.as_object().unwrap().keys().cloned().collect::<BTreeSet<String>>();
    let (of_report, of_leak) = (keys(&report), keys(&report["leaks"][0]));
    let mut groups = documented("`dump --group`");
    // Said of groups in words, and of goroutines in a table.
    groups.extend(documented("`dump`"));
    groups.extend(["count", "ids", "by_status", "by_wait_reason"].map(str::to_owned));
    let leaks = documented("`leaks`");
    for key in of_report.iter().chain(&of_leak) {
        let known =
            leaks.contains(key) || groups.contains(key) || ["target", "snapshot"].contains(&key.as_str());
        assert!(known, "{key} is not in docs/json.md");
    }
    for key in &leaks {
        assert!(of_report.contains(key) || of_leak.contains(key), "{key} is not in the output");
    }
}
