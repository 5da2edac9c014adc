//! What is no Go process at all, and what may not be looked at.

use std::process::{Child, Command, Stdio};

use assert_cmd::cargo::cargo_bin;

use crate::gostat::check;
use crate::targets::install;

/// A child that is gone with the test.
struct Running(Child);

impl Running {
    fn start(program: &str) -> Running {
        Running(Command::new(program).stdin(Stdio::piped()).stdout(Stdio::null()).spawn().unwrap())
    }

    fn pid(&self) -> u32 {
        self.0.id()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        drop(self.0.kill());
        drop(self.0.wait());
    }
}

#[test]
fn nobody() {
    // Above every limit that the kernel accepts for pids.
    let hint = check("2000000000", "no process has pid 2000000000").unwrap();
    assert!(hint.contains("gostat ps"));
    check("0", "0 is not a possible pid").unwrap();
    check("no-process-has-such-a-name", "no process is named no-process-has-such-a-name").unwrap();
    let hint = check("none.gostat", "there is no file none.gostat, and no process is named so").unwrap();
    assert!(hint.contains("gostat record"), "{hint}");
    let hint = check("none.gostat@2", "there is no file none.gostat@2, and no process is named so").unwrap();
    assert!(hint.contains("none.gostat --at 2"), "{hint}");
}

#[test]
fn a_zombie() {
    let mut child = Command::new("true").spawn().unwrap();
    let pid = child.id();
    let table = linux_process::ProcessTable::default();
    while !table.open(pid).unwrap().stat().unwrap().state.has_exited() {
        std::thread::yield_now();
    }
    check(&pid.to_string(), &format!("process {pid} is a zombie: it has exited already"));
    child.wait().unwrap();
}

#[test]
fn a_kernel_thread() {
    // In a container there are none to be seen.
    let processes = linux_process::ProcessTable::default().list().unwrap();
    if let Some(thread) = processes.into_iter().find(|stat| stat.kernel_thread) {
        check(&thread.pid.to_string(), &format!("process {} is a kernel thread", thread.pid));
    }
}

#[test]
fn not_a_go_program() {
    let cat = Running::start("cat");
    let cause = format!("process {} (cat): not a Go executable (no Go build information)", cat.pid());
    let table = linux_process::ProcessTable::default();
    while table.open(cat.pid()).unwrap().stat().unwrap().name != "cat" {
        std::thread::yield_now();
    }
    assert!(check(&cat.pid().to_string(), &cause).unwrap().contains("gostat ps"));
}

#[test]
fn a_process_of_somebody_else() {
    if !nix::unistd::geteuid().is_root() {
        // An ordinary user cannot become another one to try.
        return;
    }
    // The build directory may be closed to others: a copy outside of it is not.
    let directory = tempfile::tempdir().unwrap();
    let open = <std::fs::Permissions as std::os::unix::fs::PermissionsExt>::from_mode(0o755);
    std::fs::set_permissions(directory.path(), open).unwrap();
    let copy = directory.path().join("gostat");
    install(cargo_bin!("gostat"), &copy);
    let ours = std::process::id();
    let mut command = Command::new(&copy);
    std::os::unix::process::CommandExt::uid(&mut command, 65_534);
    let output = command.args(["dump", &ours.to_string()]).output().unwrap();
    let text = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(2), "{text}");
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines.len(), 2, "{text}");
    assert!(
        lines[0]
            .starts_with(&format!("gostat: cannot read the executable of process {ours}: permission denied")),
        "{text}"
    );
    assert_eq!(lines[1], "hint: it belongs to uid 0: run as root, as that user, or with CAP_SYS_PTRACE");
}
