//! Running the gostat that this build made.

use std::process::Command;

use serde_json::Value;
use target_programs::{Build, Built, Program, matrix};

/// The standard output of `gostat dump PID ARGUMENTS`, which must succeed.
pub(crate) fn dump(pid: u32, arguments: &[&str]) -> Vec<u8> {
    run("dump", pid, arguments)
}

/// The standard output of `gostat COMMAND PID ARGUMENTS`, which must succeed.
pub(crate) fn run(command: &str, pid: u32, arguments: &[&str]) -> Vec<u8> {
    let output = Command::new(env!("CARGO_BIN_EXE_gostat"))
        .arg(command)
        .arg(pid.to_string())
        .args(arguments)
        .output()
        .unwrap();
    let messages = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "gostat {command} {pid} {arguments:?}: {}\n{messages}", output.status);
    output.stdout
}

/// The dump as text, without the runtime's own goroutines: what `debug=2` shows.
pub(crate) fn dump_text(pid: u32) -> String {
    String::from_utf8(dump(pid, &["--no-runtime"])).unwrap()
}

/// The dump as JSON, all goroutines.
pub(crate) fn dump_json(pid: u32) -> Value {
    serde_json::from_slice(&dump(pid, &["--json"])).unwrap()
}

/// Gives every build of some programs in the matrix to `check`; those for which this machine lacks a tool
/// are skipped aloud.
///
/// A program for another processor runs in an emulator, which maps it: gostat finds it there.
pub(crate) fn for_each(programs: &[Program], mut check: impl FnMut(&Build, &Built)) {
    let builds = matrix().unwrap().into_iter().filter(|build| programs.contains(&build.program));
    let mut checked = 0;
    for build in builds {
        if let Some(built) = build.build_or_skip().unwrap() {
            check(&build, &built);
            checked += 1;
        }
    }
    assert!(checked > 0, "nothing of {programs:?} was checked");
}
