//! Programs that see other files or other pids than gostat does.

use std::process::Command;

use target_programs::{Build, Program, Running, Variant};

use crate::gostat::{dump, dumps_states, functions, open_to_all};
use crate::targets::{NEWEST, by, copied, is_root, states, tool};

/// Whether `unshare` with these arguments works here: containers often forbid it.
fn may_unshare(arguments: &[&str]) -> bool {
    if tool(&["unshare"], "namespaces").is_none() {
        return false;
    }
    let output = Command::new("unshare").args(arguments).arg("true").output().unwrap();
    if !output.status.success() {
        eprintln!("SKIPPED: unshare {arguments:?}: {}", String::from_utf8_lossy(&output.stderr).trim_end());
    }
    output.status.success()
}

#[test]
fn another_mount_namespace() {
    if !may_unshare(&["--mount"]) {
        return;
    }
    // The program lies on a file system that nobody else has mounted: its path leads nowhere here.
    let directory = tempfile::tempdir().unwrap();
    let script = r#"mount -t tmpfs none "$1" && cp "$2" "$1/states" && exec "$1/states""#;
    let (place, original) = (directory.path().to_str().unwrap(), states());
    let file = original.executable.to_str().unwrap();
    let command = ["unshare", "--mount", "sh", "-c", script, "sh", place, file];
    let running = Running::start(&by(&original, &command), &[]).unwrap();
    assert!(!directory.path().join("states").exists());
    dumps_states(running.pid());
}

#[test]
fn another_pid_namespace() {
    if !may_unshare(&["--pid", "--fork", "--mount-proc"]) {
        return;
    }
    let original = states();
    let file = original.executable.to_str().unwrap();
    let command = ["unshare", "--pid", "--fork", "--mount-proc", "--kill-child", file];
    let running = Running::start(&by(&original, &command), &[]).unwrap();
    dumps_states(only_child(running.pid()));
}

#[test]
fn another_user_namespace() {
    if !may_unshare(&["--user", "--map-root-user"]) {
        return;
    }
    let original = states();
    let file = original.executable.to_str().unwrap();
    let command = ["unshare", "--user", "--map-root-user", file];
    let running = Running::start(&by(&original, &command), &[]).unwrap();
    dumps_states(running.pid());
}

#[test]
fn another_root_directory() {
    if !is_root("chroot") {
        return;
    }
    let directory = tempfile::tempdir().unwrap();
    open_to_all(directory.path());
    // Unlike `states`, this one needs no other files.
    let build = Build::amd64(Program::Leaked, NEWEST, Variant::Stripped);
    let copy = copied(&build.build().unwrap(), directory.path());
    let root = directory.path().to_str().unwrap();
    let running = Running::start(&by(&copy, &["chroot", root, "/leaked"]), &[]).unwrap();
    let dump = dump(running.pid());
    assert_eq!(dump["target"]["executable"], format!("{root}/leaked"));
    let goroutines = dump["goroutines"].as_array().unwrap();
    let parked = goroutines.iter().filter(|goroutine| functions(goroutine).contains(&"main.leakedSend"));
    assert_eq!(parked.count(), 10);
}

fn only_child(pid: u32) -> u32 {
    let children = std::fs::read_to_string(format!("/proc/{pid}/task/{pid}/children")).unwrap();
    let children: Vec<u32> = children.split_whitespace().map(|child| child.parse().unwrap()).collect();
    assert_eq!(children.len(), 1, "{children:?}");
    children[0]
}
