//! Without a terminal: one picture, or its data.

use std::process::{Command, Output};

use serde_json::Value;

use crate::{GOSTAT, blocked};

fn top(arguments: &[&str]) -> Output {
    Command::new(GOSTAT).arg("top").args(arguments).env("LC_ALL", "C").output().unwrap()
}

#[test]
fn without_a_terminal_it_says_what_to_do() {
    let output = top(&["1"]);
    assert_eq!(output.status.code(), Some(2));
    let messages = String::from_utf8(output.stderr).unwrap();
    for way in ["--once", "gostat stat", "gostat dump"] {
        assert!(messages.contains(way), "{messages}");
    }
    assert_eq!(top(&["--json"]).status.code(), Some(64));
}

#[test]
fn one_picture_is_text_in_the_characters_of_the_locale() {
    let Some(running) = blocked() else { return };
    let pid = running.pid().to_string();
    let output = top(&[&pid, "--once"]);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(text.is_ascii() && text.contains("COUNT") && text.contains("main."), "{text}");
    let scheduler = top(&[&pid, "--once", "--view", "scheduler"]);
    assert!(String::from_utf8(scheduler.stdout).unwrap().contains("idlp"));
    let all = String::from_utf8(top(&["--once"]).stdout).unwrap();
    assert!(all.contains("Go processes"), "{all}");
}

#[test]
fn its_data_are_those_of_the_other_commands() {
    let Some(running) = blocked() else { return };
    let pid = running.pid().to_string();
    let json = |arguments: &[&str]| -> Value {
        let output = Command::new(GOSTAT).args(arguments).output().unwrap();
        serde_json::from_slice(&output.stdout).unwrap()
    };
    let keys = |document: &Value| -> Vec<String> {
        let group = document["groups"][0].as_object().unwrap();
        document.as_object().unwrap().keys().chain(group.keys()).cloned().collect()
    };
    let (shown, dumped) =
        (json(&["top", &pid, "--once", "--json"]), json(&["dump", &pid, "--group", "--json"]));
    assert_eq!((keys(&shown), &shown["target"]), (keys(&dumped), &dumped["target"]));
    let listed = json(&["top", "--once", "--json"]);
    assert!(listed["processes"].as_array().unwrap().iter().any(|process| process["pid"] == running.pid()));
}
