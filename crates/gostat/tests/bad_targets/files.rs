//! Programs whose file is not where or what it was when they were started.

use std::fs::{self, OpenOptions};
use std::path::Path;

use target_programs::{Build, Built, Program, Running, Variant};

use crate::gostat::{dumps_states, run};
use crate::targets::{NEWEST, copied, states, stop};

#[test]
fn a_deleted_executable() {
    let directory = tempfile::tempdir().unwrap();
    let copy = copied(&states(), directory.path());
    let running = Running::start(&copy, &[]).unwrap();
    fs::remove_file(&copy.executable).unwrap();
    dumps_states(running.pid());
    // The directory too, as after an upgrade that puts each release into its own.
    directory.close().unwrap();
    dumps_states(running.pid());
}

#[test]
fn a_replaced_executable() {
    let directory = tempfile::tempdir().unwrap();
    let copy = copied(&states(), directory.path());
    let running = Running::start(&copy, &[]).unwrap();
    let other = Build::amd64(Program::Leaked, NEWEST, Variant::Plain).build().unwrap();
    let waiting = directory.path().join("new");
    fs::copy(other.executable, &waiting).unwrap();
    fs::rename(&waiting, &copy.executable).unwrap();
    // The old file, not the new one that has its name.
    dumps_states(running.pid());
}

#[test]
fn a_stopped_process() {
    let running = Running::start(&states(), &[]).unwrap();
    stop(running.pid());
    dumps_states(running.pid());
}

/// The kernel refuses to write to an executable that runs, but not to a library.
#[test]
fn a_library_that_is_cut_off_under_a_process() {
    let build = Build::amd64(Program::CShared, NEWEST, Variant::CShared);
    let Some(built) = build.build_or_skip().unwrap() else { return };
    let directory = tempfile::tempdir().unwrap();
    let library = directory.path().join("lib.so");
    fs::copy(&built.executable, &library).unwrap();
    let command = vec![built.command[0].clone(), library.clone()];
    let running = Running::start(&Built { command, ..built }, &[]).unwrap();
    assert_eq!(run(&["dump", &running.pid().to_string()]).code, 0);
    // It would die of SIGBUS at its next step.
    stop(running.pid());
    let whole = fs::metadata(&library).unwrap().len();
    for length in [whole - 1, whole - (64 << 10), whole * 3 / 4, whole / 2, 64 << 10, 4096, 64, 5, 0] {
        truncate(&library, length);
        let ran = run(&["dump", &running.pid().to_string()]);
        if length <= whole / 2 {
            assert_eq!(ran.code, 2, "{length} of {whole} bytes are enough");
        }
    }
}

fn truncate(file: &Path, length: u64) {
    OpenOptions::new().write(true).open(file).unwrap().set_len(length).unwrap();
}
