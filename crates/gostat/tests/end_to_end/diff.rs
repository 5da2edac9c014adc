//! `gostat diff`: of every kind of note, compared with every other.

use std::path::Path;
use std::process::Command;

use serde_json::{Value, json};
use target_programs::{Build, Program, Running, Variant, releases};

const KINDS: [&str; 4] = ["recording", "json", "text", "pprof"];

fn started(count: &str) -> Option<Running> {
    let build = Build::amd64(Program::Many, *releases().unwrap().last().unwrap(), Variant::Plain);
    Some(Running::start(&build.build_or_skip().unwrap()?, &[count]).unwrap())
}

/// The same process in every kind of note: files in a directory.
fn note(running: &Running, directory: &Path) {
    let pid = running.pid().to_string();
    for kind in KINDS {
        let file = directory.join(kind);
        let mut command = Command::new(env!("CARGO_BIN_EXE_gostat"));
        match kind {
            "recording" => command.args(["record", &pid, "-o"]),
            kind => command.args(["dump", &pid, "--format", kind, "-o"]),
        };
        assert!(command.arg(&file).status().unwrap().success(), "{kind}");
    }
}

fn diff(before: &Path, after: &Path) -> Value {
    let mut command = Command::new(env!("CARGO_BIN_EXE_gostat"));
    let output = command.arg("diff").args([before, after]).arg("--json").output().unwrap();
    let messages = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && messages.is_empty(), "{messages}");
    serde_json::from_slice(&output.stdout).unwrap()
}

#[test]
fn the_same_process_is_the_same_in_every_kind_of_note() {
    let Some(running) = started("200") else { return };
    let directory = tempfile::tempdir().unwrap();
    note(&running, directory.path());
    for before in KINDS {
        for after in KINDS {
            let found = diff(&directory.path().join(before), &directory.path().join(after));
            assert_eq!(found["groups"], json!([]), "{before} {after}: {found}");
            assert!(found["unchanged_groups"].as_u64().unwrap() >= 5, "{before} {after}: {found}");
            assert_eq!(found["before"]["format"], before);
            assert_eq!(found["before"]["goroutines"], found["after"]["goroutines"]);
            let no_profile = before != "pprof" && after != "pprof";
            assert_eq!((&found["by_creator"], &found["by_state"]), (&json!(no_profile), &json!(no_profile)));
            assert_eq!(found["by_status"] != json!({}), no_profile, "{before} {after}: {found}");
        }
    }
}

#[test]
fn what_has_grown_is_said_by_how_much() {
    let (Some(few), Some(many)) = (started("100"), started("300")) else { return };
    let (one, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    note(&few, one.path());
    note(&many, other.path());
    for kind in KINDS {
        let (before, after) = (one.path().join(kind), other.path().join(kind));
        for (before, after, change) in [(&before, &after, "grown"), (&after, &before, "shrunk")] {
            let found = diff(before, after);
            let groups = found["groups"].as_array().unwrap();
            assert!(groups.len() >= 5, "{kind}: {found}");
            let count = |key: &str| groups.iter().map(|group| group[key].as_u64().unwrap()).sum::<u64>();
            assert!(groups.iter().all(|group| group["change"] == change), "{kind}: {found}");
            assert_eq!(count("before").abs_diff(count("after")), 200, "{kind}");
        }
    }
    let text = Command::new(env!("CARGO_BIN_EXE_gostat"))
        .arg("diff")
        .args([one.path().join("text"), other.path().join("json")])
        .args(["--limit", "1"])
        .output()
        .unwrap();
    let text = String::from_utf8(text.stdout).unwrap();
    assert!(
        text.contains("\n  waiting: ") && text.contains("(+200)") && text.contains("(1 shown)"),
        "{text}"
    );
    assert!(text.contains("grown: 50 -> 150 (+100)"), "{text}");
}
