//! Running gostat with a deadline: whatever the target is, it must neither hang nor panic.

use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::sync::mpsc::channel;
use std::time::Duration;

use assert_cmd::cargo::cargo_bin;
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use serde_json::Value;

/// Some seconds on a quiet machine, a minute on one that builds something else at the same time.
const DEADLINE: Duration = Duration::from_secs(60);

/// What gostat printed, and how it ended.
pub(crate) struct Ran {
    pub(crate) code: i32,
    pub(crate) output: Vec<u8>,
    pub(crate) messages: String,
}

/// Runs gostat. It must exit by itself in time, with status 0 or 2, and what it says must be for people.
pub(crate) fn run(arguments: &[&str]) -> Ran {
    run_command(Command::new(cargo_bin!("gostat")).args(arguments))
}

/// As [`run`], for a copy of gostat or another user.
pub(crate) fn run_command(command: &mut Command) -> Ran {
    let child = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let pid = Pid::from_raw(child.id().cast_signed());
    let (send, ended) = channel();
    let waiter = std::thread::spawn(move || drop(send.send(child.wait_with_output())));
    let Ok(output) = ended.recv_timeout(DEADLINE) else {
        // Not waited for yet, so the pid is still its own.
        let _ = kill(pid, Signal::SIGKILL);
        waiter.join().unwrap();
        panic!("{command:?} hangs");
    };
    waiter.join().unwrap();
    let Output { status, stdout, stderr } = output.unwrap();
    let messages = String::from_utf8(stderr).unwrap();
    let code = status.code().unwrap_or_else(|| panic!("{command:?}: {status}\n{messages}"));
    assert!(matches!(code, 0 | 2), "{command:?}: {code}\n{messages}");
    assert!(!messages.contains("panicked"), "{command:?}: {messages}");
    let lines: Vec<&str> = messages.lines().collect();
    let for_people = match lines[..] {
        [] => code == 0,
        [cause] => cause.starts_with("gostat: "),
        [cause, hint] => cause.starts_with("gostat: ") && hint.starts_with("hint: "),
        _ => false,
    };
    assert!(for_people, "{command:?}: {code}\n{messages}");
    Ran { code, output: stdout, messages }
}

/// Runs `dump` and `stat` on a target, which must both fail so; returns the hint.
pub(crate) fn check(target: &str, cause: &str) -> Option<String> {
    let messages = ["dump", "stat"].map(|command| {
        let ran = run(&[command, target]);
        assert_eq!((ran.code, ran.output.as_slice()), (2, &b""[..]), "{command} {target}: {}", ran.messages);
        ran.messages
    });
    assert_eq!(messages[0], messages[1]);
    let mut lines = messages[0].lines();
    assert_eq!(lines.next(), Some(format!("gostat: {cause}").as_str()));
    lines.next().map(|line| line.strip_prefix("hint: ").unwrap().to_owned())
}

/// Dumps a process, which must succeed, and gives the dump.
pub(crate) fn dump(pid: u32) -> Value {
    let ran = run(&["dump", &pid.to_string(), "--json"]);
    assert_eq!((ran.code, ran.messages.as_str()), (0, ""), "{pid}");
    serde_json::from_slice(&ran.output).unwrap()
}

/// Dumps a process running `states`, wherever it is: all of its goroutines must be there, with their stacks.
pub(crate) fn dumps_states(pid: u32) {
    check_states(&dump(pid));
}

/// As [`dumps_states`], where gostat has something to say of it first. Gives the dump.
pub(crate) fn dumps_states_with_remark(pid: u32, remark: &str) -> Value {
    let ran = run(&["dump", &pid.to_string(), "--json"]);
    assert_eq!((ran.code, ran.messages.as_str()), (0, remark));
    let stat = run(&["stat", &pid.to_string(), "10ms", "3"]);
    assert_eq!((stat.code, stat.messages.as_str()), (0, remark), "once, not with every line");
    let dump = serde_json::from_slice(&ran.output).unwrap();
    check_states(&dump);
    dump
}

fn check_states(dump: &Value) {
    for function in ["main.timeSleep", "main.chanReceiveNil", "main.syscallRead", "main.networkAccept"] {
        let goroutines = dump["goroutines"].as_array().unwrap();
        let found = goroutines.iter().find(|goroutine| functions(goroutine).contains(&function));
        let found = found.unwrap_or_else(|| panic!("no {function}"));
        assert_eq!(found["stack_complete"], true, "{function}");
    }
}

/// The functions on the stack of a goroutine, innermost first.
pub(crate) fn functions(goroutine: &Value) -> Vec<&str> {
    let frames = goroutine["stack"].as_array().unwrap();
    frames.iter().filter_map(|frame| frame["function"].as_str()).collect()
}

/// Lets every user enter a directory and run the programs in it.
pub(crate) fn open_to_all(path: &Path) {
    let mode = <std::fs::Permissions as std::os::unix::fs::PermissionsExt>::from_mode(0o755);
    std::fs::set_permissions(path, mode).unwrap();
}
