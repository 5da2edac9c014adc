//! The `/proc` of this machine: ourselves, children of ours in various states, and the kernel's threads.

#![allow(clippy::unwrap_used, reason = "in a test, what goes wrong should stop it")]

use std::io::Read;
use std::os::unix::fs::FileExt;
use std::process::{Child, Command, Stdio};

use linux_process::{Backing, ProcessError, ProcessTable, State, System, ThreadActivity};

/// A child that waits for its standard input to end, and is gone with the test.
struct Sleeper(Child);

impl Sleeper {
    fn start() -> Sleeper {
        let mut child = Command::new("sh")
            .args(["-c", "echo ready; exec cat"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = [0; 6];
        child.stdout.as_mut().unwrap().read_exact(&mut line).unwrap();
        let sleeper = Sleeper(child);
        // The shell says that it is ready; it becomes cat a moment later.
        while sleeper.process().stat().unwrap().name != "cat" {
            std::thread::yield_now();
        }
        sleeper
    }

    fn process(&self) -> linux_process::Process {
        ProcessTable::default().open(self.0.id()).unwrap()
    }
}

impl Drop for Sleeper {
    fn drop(&mut self) {
        drop(self.0.kill());
        drop(self.0.wait());
    }
}

/// Waits until a child has exited, and leaves it uncollected.
fn wait_until_zombie(table: &ProcessTable, pid: u32) {
    while table.open(pid).unwrap().stat().unwrap().state != State::Zombie {
        std::thread::yield_now();
    }
}

#[test]
fn a_child_from_outside() {
    let child = Sleeper::start();
    let process = child.process();
    let stat = process.stat().unwrap();
    assert_eq!((stat.pid, stat.parent_pid, stat.threads), (child.0.id(), std::process::id(), 1));
    assert!(!stat.kernel_thread);
    let status = process.status().unwrap();
    assert_eq!(status.thread_group, child.0.id());
    assert_eq!(status.uid, nix::unistd::geteuid().as_raw());
    assert_eq!(status.namespace_pids, [child.0.id()]);

    let executable = process.executable().unwrap();
    assert!(executable.path.is_absolute() && !executable.deleted);
    let mut magic = [0; 4];
    process.open_executable().unwrap().read_exact_at(&mut magic, 0).unwrap();
    assert_eq!(&magic, b"\x7fELF");

    let maps = process.maps().unwrap();
    assert!(maps.is_sorted_by_key(|mapping| mapping.start));
    let is_text = |mapping: &&linux_process::Mapping| {
        mapping.permissions.execute
            && matches!(&mapping.backing, Backing::File { path, .. } if *path == executable.path)
    };
    assert_eq!(maps.iter().filter(is_text).count(), 1);
    assert!(maps.iter().any(|mapping| mapping.backing == Backing::Named("[stack]".into())));

    let ours = ProcessTable::default().open(std::process::id()).unwrap();
    assert_eq!(process.namespaces().unwrap(), ours.namespaces().unwrap());
    assert_eq!(process.cgroups().unwrap(), ours.cgroups().unwrap());
}

#[test]
fn registers_of_a_blocked_thread_lie_in_its_mappings() {
    let child = Sleeper::start();
    let process = child.process();
    let threads = process.threads().unwrap();
    assert_eq!(threads.len(), 1);
    // It reads its input next, if it does not yet.
    let registers = loop {
        if let ThreadActivity::InSyscall { registers, .. } = process.thread_activity(threads[0].tid).unwrap()
        {
            break registers;
        }
        std::thread::yield_now();
    };
    let maps = process.maps().unwrap();
    let of = |address| maps.iter().find(|mapping| mapping.contains(address)).unwrap();
    assert_eq!(of(registers.stack_pointer).backing, Backing::Named("[stack]".into()));
    assert!(of(registers.program_counter).permissions.execute);
}

#[test]
fn a_zombie_says_so() {
    let table = ProcessTable::default();
    let mut child = Command::new("true").spawn().unwrap();
    let pid = child.id();
    let process = table.open(pid).unwrap();
    wait_until_zombie(&table, pid);
    let zombie = |error: ProcessError| matches!(error, ProcessError::Zombie { pid: found } if found == pid);
    assert!(zombie(process.require_program().unwrap_err()));
    assert!(zombie(process.executable().unwrap_err()));
    assert!(zombie(process.open_executable().unwrap_err()));
    assert!(zombie(process.maps().unwrap_err()));
    assert!(!process.is_alive());
    assert_eq!(process.called_as().unwrap(), None);

    child.wait().unwrap();
    let gone =
        |error: ProcessError| matches!(error, ProcessError::NoSuchProcess { pid: found } if found == pid);
    assert!(gone(process.stat().unwrap_err()));
    assert!(gone(process.maps().unwrap_err()));
    assert!(gone(process.executable().unwrap_err()));
    assert!(gone(table.open(pid).unwrap_err()));
    assert!(!process.is_alive());
}

#[test]
fn kernel_threads_say_so() {
    let table = ProcessTable::default();
    // In a container there are none to be seen.
    for stat in table.list().unwrap().into_iter().filter(|stat| stat.kernel_thread).take(5) {
        let process = table.open(stat.pid).unwrap();
        assert!(matches!(process.executable(), Err(ProcessError::KernelThread { .. })), "{stat:?}");
        assert!(matches!(process.maps(), Err(ProcessError::KernelThread { .. })), "{stat:?}");
    }
}

#[test]
fn threads_of_ours_are_not_processes() {
    let (stop, wait) = std::sync::mpsc::channel::<()>();
    let (send, tid) = std::sync::mpsc::channel();
    let thread = std::thread::Builder::new()
        .name("a (thread)".into())
        .spawn(move || {
            send.send(nix::unistd::gettid().as_raw().unsigned_abs()).unwrap();
            let _ = wait.recv();
        })
        .unwrap();
    let tid = tid.recv().unwrap();
    let table = ProcessTable::default();
    let error = table.find(&tid.to_string()).unwrap_err();
    assert_eq!(error.to_string(), format!("{tid} is a thread of process {}", std::process::id()));
    assert!(!table.pids().unwrap().contains(&tid));
    let threads = table.open(std::process::id()).unwrap().threads().unwrap();
    assert!(threads.iter().any(|thread| thread.tid == tid && thread.name == "a (thread)"));
    drop(stop);
    thread.join().unwrap();
}

#[test]
fn executable_that_was_deleted_can_still_be_opened() {
    let directory = tempfile::tempdir().unwrap();
    let copy = directory.path().join("short-lived");
    let cat = std::env::split_paths(&std::env::var_os("PATH").unwrap())
        .map(|directory| directory.join("cat"))
        .find(|path| path.is_file())
        .unwrap();
    std::fs::copy(cat, &copy).unwrap();
    let mut child = Command::new(&copy).stdin(Stdio::piped()).spawn().unwrap();
    std::fs::remove_file(&copy).unwrap();
    let process = ProcessTable::default().open(child.id()).unwrap();
    let executable = process.executable().unwrap();
    assert_eq!((executable.path, executable.deleted), (copy, true));
    let mut magic = [0; 4];
    process.open_executable().unwrap().read_exact_at(&mut magic, 0).unwrap();
    assert_eq!(&magic, b"\x7fELF");
    assert_eq!(ProcessTable::default().find("short-lived").unwrap().pid(), child.id());
    drop(child.stdin.take());
    child.wait().unwrap();
}

#[test]
fn uptimes() {
    let table = ProcessTable::default();
    let machine_ms = table.machine_uptime_ms().unwrap();
    let start_ticks = table.open(std::process::id()).unwrap().identity().unwrap().start_ticks;
    let ours_ms = ProcessTable::uptime_ms(machine_ms, start_ticks);
    assert!(ours_ms < machine_ms && ours_ms < 3_600_000, "{ours_ms} of {machine_ms}");
}

#[test]
fn this_machine() {
    let system = System::default();
    assert!(system.kernel_release().is_some());
    assert!(system.mounts().iter().any(|mount| mount.file_system == "proc"));
    assert_eq!(system.own_status().unwrap().thread_group, std::process::id());
    assert!(system.own_namespaces().is_ok());
    assert!(system.in_initial_user_namespace().is_some());
}
