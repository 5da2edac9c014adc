//! Programs that say they were built by a Go release that gostat does not know.
//!
//! There are none yet, so a program of a known one is made to say so: its version string is replaced by one
//! of the same length, in the build information and in the runtime. It is stripped: nothing but the table
//! of layouts can help.

use std::fs;
use std::path::Path;

use target_programs::{Build, Built, GoRelease, Program, Running, Variant};

use crate::gostat::{dumps_states_with_remark, run};
use crate::targets::{NEWEST, copied, install};

/// `states` of a release that calls itself another.
fn renamed(release: GoRelease, name: &str, directory: &Path) -> Built {
    let built = Build::amd64(Program::States, release, Variant::Stripped).build().unwrap();
    let copy = copied(&built, directory);
    let old = format!("go{release}");
    assert_eq!(old.len(), name.len());
    let mut bytes = fs::read(&copy.executable).unwrap();
    let hits: Vec<usize> = bytes
        .windows(old.len())
        .enumerate()
        .filter(|(_, w)| *w == old.as_bytes())
        .map(|(at, _)| at)
        .collect();
    assert!(hits.len() >= 2, "{old} is in the build information and in runtime.buildVersion: {hits:?}");
    for at in hits {
        bytes[at..at + name.len()].copy_from_slice(name.as_bytes());
    }
    let patched = directory.join("patched");
    fs::write(&patched, bytes).unwrap();
    install(&patched, &copy.executable);
    copy
}

#[test]
fn a_newer_patch_release_is_read_and_said_to_be_unknown() {
    let directory = tempfile::tempdir().unwrap();
    let running = Running::start(&renamed(NEWEST, "go1.27.9", directory.path()), &[]).unwrap();
    let dump = dumps_states_with_remark(
        running.pid(),
        "gostat: go1.27.9 is not known: it is read like go1.27.4, which passed all checks\n\
         hint: a newer gostat may know it\n",
    );
    assert_eq!(dump["target"]["go_version"], "go1.27.9");
    assert_eq!(dump["target"]["layout"], "nearest");
    assert_eq!(dump["target"]["layout_release"], "go1.27.4");
}

#[test]
fn a_newer_minor_release_that_is_laid_out_alike_is_read_too() {
    let directory = tempfile::tempdir().unwrap();
    let running = Running::start(&renamed(NEWEST, "go1.99.0", directory.path()), &[]).unwrap();
    dumps_states_with_remark(
        running.pid(),
        "gostat: go1.99.0 is not known: it is read like go1.27.4, which passed all checks\n\
         hint: a newer gostat may know it\n",
    );
}

#[test]
fn a_newer_minor_release_that_is_laid_out_otherwise_is_refused() {
    let directory = tempfile::tempdir().unwrap();
    let running =
        Running::start(&renamed(GoRelease::new(19, 13), "go1.99.13", directory.path()), &[]).unwrap();
    for command in ["dump", "stat"] {
        let ran = run(&[command, &running.pid().to_string()]);
        assert_eq!((ran.code, ran.output.as_slice()), (2, &b""[..]), "{}", ran.messages);
        let cause = format!(
            "gostat: process {}: the runtime in this process does not look as go1.27.4 should",
            running.pid()
        );
        assert!(ran.messages.starts_with(&cause), "{}", ran.messages);
        assert!(ran.messages.contains("hint: gostat may not know this Go release yet"), "{}", ran.messages);
    }
}
