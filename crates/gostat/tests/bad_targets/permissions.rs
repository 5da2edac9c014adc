//! Who may look at whom.

use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use assert_cmd::cargo::cargo_bin;
use target_programs::Running;

use crate::gostat::{open_to_all, run_command};
use crate::targets::{by, copied, install, is_root, states, tool};

/// `nobody` on every Linux system.
const NOBODY: u32 = 65_534;

/// A copy that others may run: the build directory may be closed to them.
fn gostat_for_all(directory: &Path) -> PathBuf {
    let copy = directory.join("gostat");
    install(cargo_bin!("gostat"), &copy);
    open_to_all(&copy);
    copy
}

#[test]
fn another_users_go_program() {
    if !is_root("a program of another user") {
        return;
    }
    let directory = tempfile::tempdir().unwrap();
    open_to_all(directory.path());
    let gostat = gostat_for_all(directory.path());
    let running = Running::start(&states(), &[]).unwrap();
    for command in ["dump", "stat"] {
        let ran = run_command(Command::new(&gostat).uid(NOBODY).args([command, &running.pid().to_string()]));
        assert_eq!((ran.code, ran.output.as_slice()), (2, &b""[..]));
        assert!(ran.messages.contains("permission denied"), "{}", ran.messages);
        let hint = "hint: it belongs to uid 0: run as root, as that user, or with CAP_SYS_PTRACE\n";
        assert!(ran.messages.ends_with(hint), "{}", ran.messages);
    }
}

#[test]
fn a_go_program_of_the_same_user() {
    if !is_root("two processes of nobody") || tool(&["setpriv"], "two processes of nobody").is_none() {
        return;
    }
    let directory = tempfile::tempdir().unwrap();
    open_to_all(directory.path());
    let gostat = gostat_for_all(directory.path());
    let copy = copied(&states(), directory.path());
    let file = copy.executable.to_str().unwrap();
    let nobody = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", file];
    let running = Running::start(&by(&copy, &nobody), &[]).unwrap();
    let pid = running.pid().to_string();
    let ran = run_command(Command::new(&gostat).uid(NOBODY).gid(NOBODY).args(["dump", &pid]));
    let scope = std::fs::read_to_string("/proc/sys/kernel/yama/ptrace_scope");
    match scope.as_deref().map(str::trim_end) {
        Ok("0") => {}
        Ok(scope) => {
            // Neither is the other's ancestor.
            assert_eq!(ran.code, 2);
            assert!(ran.messages.contains("ptrace_scope"), "ptrace_scope is {scope}: {}", ran.messages);
            return;
        }
        Err(error) => eprintln!("SKIPPED: a restricted ptrace_scope: this kernel has none: {error}"),
    }
    assert_eq!((ran.code, ran.messages.as_str()), (0, ""));
    assert!(String::from_utf8(ran.output).unwrap().contains("main.timeSleep"));
}
