//! The program as a user meets it: exit statuses, streams and messages.

#![allow(clippy::unwrap_used, reason = "in a test, what goes wrong should stop it")]

use std::io::Read;
use std::process::{Command, Stdio};

use assert_cmd::cargo::cargo_bin_cmd;
use serde_json::Value;

struct Ran {
    status: i32,
    output: String,
    messages: String,
}

fn gostat(arguments: &[&str]) -> Ran {
    let output = cargo_bin_cmd!("gostat").args(arguments).output().unwrap();
    Ran {
        status: output.status.code().unwrap(),
        output: String::from_utf8(output.stdout).unwrap(),
        messages: String::from_utf8(output.stderr).unwrap(),
    }
}

#[test]
fn help_is_asked_for_and_complaints_are_not() {
    for arguments in [
        &["--help"][..],
        &["-h"],
        &["help", "dump"],
        &["stat", "--help"],
        &["sched", "--help"],
        &["--version"],
    ] {
        let ran = gostat(arguments);
        assert_eq!((ran.status, ran.messages.as_str()), (0, ""), "{arguments:?}");
        assert!(ran.output.contains("gostat"), "{arguments:?}");
    }
    for arguments in [
        &[][..],
        &["no-such-command"],
        &["dump"],
        &["dump", "1", "--format", "xml"],
        &["dump", "1", "--json", "--format", "text"],
        &["dump", "1", "--limit", "-3"],
        &["stat", "1", "0"],
        &["stat", "1", "1", "0"],
        &["stat", "1", "--steady"],
        &["sched", "1", "0"],
        &["doctor", "extra"],
    ] {
        let ran = gostat(arguments);
        assert_eq!((ran.status, ran.output.as_str()), (64, ""), "{arguments:?}");
        assert!(!ran.messages.is_empty(), "{arguments:?}");
    }
}

#[test]
fn help_teaches() {
    let help = gostat(&["--help"]).output;
    for topic in ["Examples:", "Exit status:", "Permissions:", "CAP_SYS_PTRACE", "64"] {
        assert!(help.contains(topic), "{topic}");
    }
}

#[test]
fn doctor_measures_this_machine() {
    let ran = gostat(&["doctor", "--json"]);
    assert_eq!((ran.status, ran.messages.as_str()), (0, ""));
    let report: Value = serde_json::from_str(&ran.output).unwrap();
    let finding = |name: &str| {
        let checks = report["checks"].as_array().unwrap();
        let check = checks.iter().find(|check| check["name"] == name).unwrap();
        assert!(["ok", "limited", "no"].contains(&check["ability"].as_str().unwrap()));
        // What is not fully possible comes with a way to more.
        assert_eq!(check["hint"].is_null(), check["ability"] == "ok", "{check}");
        check["finding"].as_str().unwrap().to_owned()
    };
    let release = std::fs::read_to_string("/proc/sys/kernel/osrelease").unwrap();
    assert!(finding("kernel").contains(release.trim()));
    let id = Command::new("id").arg("-u").output().unwrap().stdout;
    assert!(finding("user").starts_with(&format!("uid {} (", String::from_utf8(id).unwrap().trim())));
    for name in ["proc", "process_memory", "perf_events", "bpf", "cgroup", "container"] {
        assert!(!finding(name).is_empty());
    }
}

#[test]
fn doctor_in_words() {
    let ran = gostat(&["doctor"]);
    assert_eq!(ran.status, 0);
    for line in ran.output.lines().filter(|line| !line.contains("hint: ")) {
        assert!(["ok ", "limited ", "no "].iter().any(|word| line.starts_with(word)), "{line}");
    }
    assert!(!ran.output.contains('\u{1b}'), "colour where there is no terminal");
}

#[test]
fn a_reader_that_has_seen_enough_is_no_trouble() {
    let mut child = Command::new(assert_cmd::cargo::cargo_bin!("gostat"))
        .arg("doctor")
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let mut messages = String::new();
    child.stderr.take().unwrap().read_to_string(&mut messages).unwrap();
    assert_eq!((child.wait().unwrap().code(), messages.as_str()), (Some(0), ""));
}

#[test]
fn a_full_disk_is_trouble() {
    let full = std::fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
    let output =
        Command::new(assert_cmd::cargo::cargo_bin!("gostat")).arg("doctor").stdout(full).output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    let messages = String::from_utf8(output.stderr).unwrap();
    assert!(messages.starts_with("gostat: cannot write to the standard output: "), "{messages}");
    assert_eq!(messages.lines().count(), 2);
}
