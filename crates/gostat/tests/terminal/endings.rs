//! However it ends, the terminal is what it was.

use std::fs;

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use crate::tmux::Tmux;
use crate::{GOSTAT, THEN, blocked};

#[test]
fn a_target_that_dies_stays_on_the_screen() {
    let Some(running) = blocked() else { return };
    let script = format!("{GOSTAT} top {} 250ms; {THEN}", running.pid());
    let Some(window) = Tmux::run(&script, 80, 24) else { return };
    window.wait_for("LIVE");
    window.wait_for("main.");
    drop(running);
    let screen = window.wait_for("GONE");
    assert!(screen.contains("main."), "what was seen last is still there\n{screen}");
    window.type_in("7");
    window.wait_for("END ");
    window.type_in("q");
    window.wait_for("status=0");
}

#[test]
fn signals_end_it_well() {
    let Some(running) = blocked() else { return };
    let folder = tempfile::tempdir().unwrap();
    for signal in [Signal::SIGTERM, Signal::SIGINT, Signal::SIGHUP] {
        let file = folder.path().join(signal.as_str());
        let inner = format!("echo $$ > {}; exec {GOSTAT} top {}", file.display(), running.pid());
        let Some(window) = Tmux::run(&format!("sh -c '{inner}'; {THEN}"), 80, 24) else { return };
        window.wait_for("LIVE");
        let pid: i32 = fs::read_to_string(&file).unwrap().trim().parse().unwrap();
        kill(Pid::from_raw(pid), signal).unwrap();
        let screen = window.wait_for("the-end");
        assert!(screen.contains("status=0"), "{signal}: {screen}");
        assert!(screen.contains("\nicanon") && screen.contains("\nisig"), "{signal}: {screen}");
        assert!(!screen.contains("LIVE"), "{signal}: {screen}");
    }
}

#[test]
fn it_stops_and_goes_on_as_shells_want() {
    let Some(running) = blocked() else { return };
    let Some(window) = Tmux::run("PS1='prompt> ' sh -i", 80, 24) else { return };
    window.wait_for("prompt>");
    window.type_in(&format!("{GOSTAT} top {}", running.pid()));
    window.press(&["Enter"]);
    window.wait_for("LIVE");
    window.press(&["C-z"]);
    let screen = window.wait_for("Stopped");
    assert!(!screen.contains("LIVE"), "{screen}");
    window.type_in("fg");
    window.press(&["Enter"]);
    window.wait_for("LIVE");
    window.type_in("q");
    window.wait_until("the shell", |screen| !screen.contains("LIVE") && screen.contains("prompt>"));
}
