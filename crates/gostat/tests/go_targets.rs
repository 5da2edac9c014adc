//! A real Go program, looked at by every command.

#![allow(clippy::unwrap_used, reason = "in a test, what goes wrong should stop it")]

use std::collections::BTreeSet;
use std::io::{BufRead, BufReader, Read};
use std::process::{Command, Stdio};

use assert_cmd::cargo::cargo_bin;
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use serde_json::Value;
use target_programs::{Build, GoRelease, Program, Running, Variant};

/// A program whose goroutines stand still; `None` on machines that cannot build it.
fn states() -> Option<Running> {
    let build = Build::amd64(Program::States, GoRelease::new(23, 12), Variant::Stripped);
    let built = build.build_or_skip().unwrap()?;
    Some(Running::start(&built, &[]).unwrap())
}

fn gostat(arguments: &[&str]) -> Vec<u8> {
    let output = Command::new(cargo_bin!("gostat")).args(arguments).output().unwrap();
    let messages = String::from_utf8(output.stderr).unwrap();
    assert_eq!((output.status.code(), messages.as_str()), (Some(0), ""), "{arguments:?}");
    output.stdout
}

fn json(arguments: &[&str]) -> Value {
    serde_json::from_slice(&gostat(arguments)).unwrap()
}

fn ids_in_text(text: &[u8]) -> BTreeSet<u64> {
    let (goroutines, problems) = goroutine_dump::parse(std::str::from_utf8(text).unwrap());
    assert!(problems.is_empty(), "{problems:?}");
    goroutines.iter().map(|goroutine| goroutine.id).collect()
}

fn ids_in_json(dump: &Value) -> BTreeSet<u64> {
    dump["goroutines"].as_array().unwrap().iter().map(|goroutine| goroutine["id"].as_u64().unwrap()).collect()
}

#[test]
fn formats_of_a_dump_agree() {
    let Some(target) = states() else { return };
    let pid = target.pid().to_string();
    let ids = ids_in_text(&gostat(&["dump", &pid, "--no-runtime"]));
    assert!(ids.len() > 5 && ids.contains(&1), "{ids:?}");
    assert_eq!(ids, ids_in_json(&json(&["dump", &pid, "--no-runtime", "--json"])));
    assert!(ids.is_subset(&ids_in_json(&json(&["dump", &pid, "--json"]))));

    let folded = String::from_utf8(gostat(&["dump", &pid, "--no-runtime", "--format", "folded"])).unwrap();
    let counts = folded.lines().map(|line| line.rsplit(' ').next().unwrap().parse::<usize>().unwrap());
    assert_eq!(counts.sum::<usize>(), ids.len());

    let groups = json(&["dump", &pid, "--no-runtime", "--json", "--group"]);
    let counts = groups["groups"].as_array().unwrap().iter().map(|group| group["count"].as_u64().unwrap());
    assert_eq!(counts.sum::<u64>(), ids.len() as u64);

    assert!(gostat(&["dump", &pid, "--format", "pprof"]).starts_with(b"\x1f\x8b"));
}

#[test]
fn filter_and_limit_choose() {
    let Some(target) = states() else { return };
    let pid = target.pid().to_string();
    let one = json(&["dump", &pid, "--json", "--filter", "id=1"]);
    assert_eq!(ids_in_json(&one), BTreeSet::from([1]));
    assert_eq!(ids_in_json(&json(&["dump", &pid, "--json", "--limit", "3"])).len(), 3);
    let waiting = json(&["dump", &pid, "--json", "--filter", "state=waiting"]);
    let all_wait = waiting["goroutines"].as_array().unwrap().iter().all(|found| found["status"] == "waiting");
    assert!(all_wait && !ids_in_json(&waiting).is_empty());
}

#[test]
fn an_output_file_holds_what_would_have_been_printed() {
    let Some(target) = states() else { return };
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("dump.txt");
    let pid = target.pid().to_string();
    assert_eq!(gostat(&["dump", &pid, "--no-runtime", "-o", file.to_str().unwrap()]), b"");
    let written = std::fs::read(&file).unwrap();
    assert_eq!(ids_in_text(&written), ids_in_text(&gostat(&["dump", &pid, "--no-runtime"])));
    assert_eq!(std::fs::read_dir(&directory).unwrap().count(), 1);
}

#[test]
fn stat_prints_as_many_lines_as_asked() {
    let Some(target) = states() else { return };
    let pid = target.pid().to_string();
    let output = gostat(&["stat", &pid, "20ms", "3", "--json"]);
    let ticks: Vec<Value> = output
        .split(|&b| b == b'\n')
        .filter(|l| !l.is_empty())
        .map(|l| serde_json::from_slice(l).unwrap())
        .collect();
    assert_eq!(ticks.len(), 3);
    for tick in &ticks {
        let by_status = tick["by_status"].as_object().unwrap().values().map(|count| count.as_u64().unwrap());
        assert_eq!(tick["goroutines"].as_u64().unwrap(), by_status.sum::<u64>());
        assert!(tick["snapshot_us"].as_u64().unwrap() > 0);
    }
    let once = String::from_utf8(gostat(&["stat", &pid])).unwrap();
    assert!(once.lines().count() >= 2, "heading and one line: {once}");
}

#[test]
fn stat_keeps_to_windows_of_the_clock_and_raw_counts_beside_steady_ones() {
    let Some(target) = states() else { return };
    let pid = target.pid().to_string();
    let interval_us = 50_000;
    let output = String::from_utf8(gostat(&["stat", &pid, "50ms", "5", "--json", "--steady"])).unwrap();
    let ticks: Vec<Value> = output.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let windows: Vec<u64> = ticks.iter().map(|tick| tick["window"].as_u64().unwrap()).collect();
    assert!(windows.is_sorted_by(|before, after| before < after), "one tick a window: {windows:?}");
    for tick in &ticks {
        assert!(tick["late_us"].as_u64().unwrap() < interval_us, "{tick}");
    }
    assert_eq!(
        ticks.iter().map(|tick| tick["steady"].is_null()).collect::<Vec<_>>()[..3],
        [true, true, false]
    );
    // Its goroutines stand still, but for those of the runtime.
    let waiting = |counts: &Value| counts["by_wait_class"]["chan"].as_u64().unwrap();
    assert!(ticks[2..].iter().all(|tick| waiting(&tick["steady"]) == waiting(tick) && waiting(tick) > 0));

    let raw: Value = serde_json::from_slice(&gostat(&["stat", &pid, "--json"])).unwrap();
    assert!(["window", "late_us", "steady"].iter().all(|key| raw[key].is_null()), "{raw}");
    let text = String::from_utf8(gostat(&["stat", &pid, "20ms", "3", "--steady"])).unwrap();
    assert!(text.starts_with("-------goroutines, steady-------"), "{text}");
}

#[test]
fn stat_ends_cleanly_when_interrupted() {
    let Some(target) = states() else { return };
    let mut stat = Command::new(cargo_bin!("gostat"))
        .args(["stat", &target.pid().to_string(), "1h", "--json"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut line = String::new();
    BufReader::new(stat.stdout.as_mut().unwrap()).read_line(&mut line).unwrap();
    assert!(line.starts_with('{'));
    kill(Pid::from_raw(stat.id().cast_signed()), Signal::SIGINT).unwrap();
    let status = stat.wait().unwrap();
    let mut messages = String::new();
    stat.stderr.take().unwrap().read_to_string(&mut messages).unwrap();
    assert_eq!((status.code(), messages.as_str()), (Some(0), ""));
}

#[test]
fn stat_says_when_the_target_is_gone() {
    let Some(target) = states() else { return };
    let pid = target.pid();
    let mut stat = Command::new(cargo_bin!("gostat"))
        .args(["stat", &pid.to_string(), "10ms", "--json"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(stat.stdout.take().unwrap());
    lines.read_line(&mut String::new()).unwrap();
    drop(target);
    lines.read_to_end(&mut Vec::new()).unwrap();
    let mut messages = String::new();
    stat.stderr.take().unwrap().read_to_string(&mut messages).unwrap();
    assert_eq!(stat.wait().unwrap().code(), Some(2));
    assert!(messages.starts_with("gostat: ") && messages.contains(&pid.to_string()), "{messages}");
}

#[test]
fn ps_lists_it() {
    let Some(target) = states() else { return };
    let output = Command::new(cargo_bin!("gostat")).args(["ps", "--json"]).output().unwrap();
    assert_eq!(output.status.code(), Some(0));
    let list: Value = serde_json::from_slice(&output.stdout).unwrap();
    let processes = list["processes"].as_array().unwrap();
    let ours = processes.iter().find(|process| process["pid"] == target.pid()).unwrap();
    assert_eq!((ours["go_version"].as_str(), ours["stripped"].as_bool()), (Some("go1.23.12"), Some(true)));
    assert!(ours["goroutines"].as_u64().unwrap() > 5);
    assert!(ours["threads"].as_u64().unwrap() > 1 && ours["gomaxprocs"].as_u64().unwrap() > 0);
    assert!(ours["unreadable"].is_null());
    // We are no Go program, nor is the test.
    assert!(processes.iter().all(|process| process["pid"] != std::process::id()));
}
