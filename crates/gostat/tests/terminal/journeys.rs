//! From all processes to one, into its goroutines, their stacks, their waits, their leaks, and back in time.

use std::process::Command;

use crate::tmux::Tmux;
use crate::{GOSTAT, THEN, blocked};

#[test]
fn from_the_overview_to_a_recording() {
    let Some(running) = blocked() else { return };
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("blocked.gostat");
    let Some(window) = Tmux::run(&format!("{GOSTAT} top; {THEN}"), 100, 30) else { return };
    // Other programs may run on this machine.
    window.wait_for("GOROUTINES");
    window.type_in(&format!("/{}", running.pid()));
    window.press(&["Enter"]);
    window.wait_for(&format!("filter: {}", running.pid()));
    window.wait_until("the program", |screen| screen.lines().any(|line| line.contains("blocked")));
    window.press(&["Enter"]);
    let clusters = window.wait_for("COUNT");
    assert!(clusters.contains(&format!("pid {}", running.pid())), "{clusters}");
    window.type_in("/");
    window.type_in("reason=sync.Mutex.Lock");
    window.press(&["Enter"]);
    window.wait_until("goroutines that match", |screen| {
        screen.contains(" match") && screen.contains("sync.Mutex.Lock")
    });
    window.type_in("3");
    window.wait_for("created by");
    window.type_in("y");
    let why = window.wait_for("y asks again");
    assert!(why.contains("waits"), "{why}");
    window.type_in("L");
    window.wait_for("proven leaked");
    window.type_in("6");
    window.wait_for("idlp");
    window.type_in("1");
    window.press(&["Space"]);
    window.wait_for("HELD");
    window.type_in("[");
    window.wait_for(" newer");
    window.press(&["Space"]);
    window.wait_for("LIVE");
    window.type_in("w");
    window.wait_for("record to file: blocked-");
    window.press(&["C-u"]);
    window.type_in(file.to_str().unwrap());
    window.press(&["Enter"]);
    window.wait_for("  REC 2");
    window.type_in("q");
    let screen = window.wait_for("the-end");
    assert!(screen.contains("status=0") && screen.contains("\nicanon"), "{screen}");
    recording_is_whole(&file);
}

/// What was recorded from inside is what every command takes; and top steps through it.
fn recording_is_whole(file: &std::path::Path) {
    let file = file.to_str().unwrap();
    let output = Command::new(GOSTAT).args(["stat", file]).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let Some(window) = Tmux::run(&format!("{GOSTAT} top {file}; {THEN}"), 80, 24) else { return };
    window.wait_for("REPLAY 1/");
    window.type_in("]");
    window.wait_for("REPLAY 2/");
    window.type_in("[");
    window.wait_for("REPLAY 1/");
    window.type_in("L");
    window.wait_for("without the heap");
    window.type_in("q");
    window.wait_for("status=0");
}
