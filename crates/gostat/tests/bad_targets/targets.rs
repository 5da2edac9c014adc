//! The Go programs that are put into odd situations.

use std::path::{Path, PathBuf};
use std::process::Command;

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use target_programs::{Build, Built, GoRelease, Program, Variant};

/// The newest release that the tests are run with.
pub(crate) const NEWEST: GoRelease = GoRelease::new(27, 4);

/// `states`, built so that nothing but the executable's own tables helps.
pub(crate) fn states() -> Built {
    Build::amd64(Program::States, NEWEST, Variant::Stripped).build().unwrap()
}

/// A copy of a program, to be maltreated. It needs nothing from where it was.
pub(crate) fn copied(built: &Built, directory: &Path) -> Built {
    let executable = directory.join(built.executable.file_name().unwrap());
    install(&built.executable, &executable);
    Built { build: built.build, command: vec![executable.clone()], executable }
}

/// Makes a file that can be executed at once, with the contents of another.
///
/// A child process writes it. If we did, another test's child could be forked in that moment and hold our
/// descriptor until its own exec: then the kernel calls the file busy.
pub(crate) fn install(from: &Path, to: &Path) {
    let status = Command::new("install").args(["-m", "755"]).args([from, to]).status().unwrap();
    assert!(status.success(), "install {} {}: {status}", from.display(), to.display());
}

/// The same program, started by a command that ends in executing it.
pub(crate) fn by(built: &Built, command: &[&str]) -> Built {
    Built { command: command.iter().map(PathBuf::from).collect(), ..built.clone() }
}

/// Stops a process, and waits until it stands.
pub(crate) fn stop(pid: u32) {
    kill(Pid::from_raw(pid.cast_signed()), Signal::SIGSTOP).unwrap();
    let status = format!("/proc/{pid}/stat");
    while !std::fs::read_to_string(&status).unwrap().contains(") T ") {
        std::thread::yield_now();
    }
}

/// Whether this test may do what only root may; says so if not.
pub(crate) fn is_root(what: &str) -> bool {
    let root = nix::unistd::geteuid().is_root();
    if !root {
        eprintln!("SKIPPED: {what}: only root may try");
    }
    root
}

/// A tool of this machine; says so if there is none.
pub(crate) fn tool(names: &[&str], what: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let folders: Vec<PathBuf> = std::env::split_paths(&path).collect();
    let found = names.iter().flat_map(|name| folders.iter().map(move |folder| folder.join(name)));
    let found = found.into_iter().find(|file| file.is_file());
    if found.is_none() {
        eprintln!("SKIPPED: {what}: this machine lacks {}", names.join(" or "));
    }
    found
}
