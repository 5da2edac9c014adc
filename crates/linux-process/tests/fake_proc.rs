//! Processes that never were: a `/proc` built in a temporary directory, ordinary and hostile.

#![allow(clippy::unwrap_used, reason = "in a test, what goes wrong should stop it")]

use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::time::Instant;

use linux_process::{FindError, OwnContainer, ProcessError, ProcessTable, System, ThreadActivity};

struct FakeProc {
    directory: tempfile::TempDir,
}

/// What a fake process is made of.
struct Fake<'a> {
    pid: u32,
    comm: &'a str,
    state: char,
    flags: u64,
    threads: u32,
    called: &'a str,
    executable: Option<&'a str>,
}

impl Default for Fake<'_> {
    fn default() -> Self {
        Fake {
            pid: 100,
            comm: "server",
            state: 'S',
            flags: 0x40_0000,
            threads: 4,
            called: "",
            executable: None,
        }
    }
}

impl FakeProc {
    fn new() -> FakeProc {
        let proc = FakeProc { directory: tempfile::tempdir().unwrap() };
        symlink("1", proc.path("self")).unwrap();
        proc.add(&Fake { pid: 1, comm: "gostat", ..Fake::default() });
        proc
    }

    fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    fn table(&self) -> ProcessTable {
        ProcessTable::at(self.directory.path())
    }

    fn write(&self, name: &str, text: impl AsRef<[u8]>) {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    fn add(&self, fake: &Fake) {
        let Fake { pid, comm, state, flags, threads, called, executable } = fake;
        self.write(
            &format!("{pid}/stat"),
            format!("{pid} ({comm}) {state} 1 1 1 0 -1 {flags} 0 0 0 0 0 0 0 0 20 0 {threads} 0 5000 0 0\n"),
        );
        self.write(
            &format!("{pid}/status"),
            format!("Name:\tx\nTgid:\t{pid}\nUid:\t7\t7\t7\t7\nNSpid:\t{pid}\t9\nCapEff:\t0\n"),
        );
        self.write(&format!("{pid}/cmdline"), format!("{called}\0-v\0"));
        if let Some(executable) = executable {
            symlink(executable, self.path(&format!("{pid}/exe"))).unwrap();
        }
    }
}

fn found(table: &ProcessTable, target: &str) -> Result<u32, String> {
    table.find(target).map(|process| process.pid()).map_err(|error| error.to_string())
}

#[test]
fn finds_by_each_kind_of_name() {
    let proc = FakeProc::new();
    proc.add(&Fake {
        pid: 20,
        comm: "short-name-of-a",
        executable: Some("/opt/long-name-of-a-service"),
        ..Fake::default()
    });
    proc.add(&Fake { pid: 21, comm: "other", called: "/usr/bin/by-argument", ..Fake::default() });
    proc.add(&Fake { pid: 22, comm: "x", executable: Some("/opt/upgraded (deleted)"), ..Fake::default() });
    let table = proc.table();
    assert_eq!(found(&table, "short-name-of-a"), Ok(20));
    assert_eq!(found(&table, "long-name-of-a-service"), Ok(20));
    assert_eq!(found(&table, "by-argument"), Ok(21));
    assert_eq!(found(&table, "upgraded"), Ok(22));
    assert_eq!(found(&table, "22"), Ok(22));
}

#[test]
fn ourselves_zombies_and_kernel_threads_have_no_name() {
    let proc = FakeProc::new();
    proc.add(&Fake { pid: 20, comm: "gone", state: 'Z', threads: 1, ..Fake::default() });
    proc.add(&Fake { pid: 21, comm: "kworker", flags: 0x20_0000, ..Fake::default() });
    let table = proc.table();
    for name in ["gostat", "gone", "kworker", "", " ", "no-such"] {
        assert_eq!(found(&table, name), Err(format!("no process is named {name}")));
    }
    assert_eq!(found(&table, "20"), Err("process 20 is a zombie: it has exited already".into()));
    assert_eq!(found(&table, "21"), Err("process 21 is a kernel thread".into()));
}

#[test]
fn several_of_one_name_are_listed() {
    let proc = FakeProc::new();
    for pid in [31, 30, 32] {
        proc.add(&Fake { pid, comm: "api", ..Fake::default() });
    }
    let error = proc.table().find("api").unwrap_err();
    assert_eq!(error.to_string(), "3 processes are named api: 30, 31, 32");
    assert_eq!(error.hint().as_deref(), Some("give one of the pids"));
}

#[test]
fn similar_names_are_offered() {
    let proc = FakeProc::new();
    proc.add(&Fake { pid: 30, comm: "api-server", ..Fake::default() });
    let error = proc.table().find("API").unwrap_err();
    assert_eq!(error.hint().as_deref(), Some("there is api-server (30); list Go processes with: gostat ps"));
    assert!(matches!(error, FindError::NoneNamed { similar, .. } if similar.len() == 1));
}

#[test]
fn a_number_always_is_a_pid() {
    let proc = FakeProc::new();
    proc.add(&Fake { pid: 30, comm: "4242", ..Fake::default() });
    let table = proc.table();
    assert_eq!(found(&table, "4242"), Err("no process has pid 4242".into()));
    for text in ["0", "99999999999999999999", "4294967295"] {
        assert_eq!(found(&table, text), Err(format!("{text} is not a possible pid")));
    }
    assert_eq!(found(&table, "-1"), Err("no process is named -1".into()));
}

#[test]
fn a_thread_is_not_a_process() {
    let proc = FakeProc::new();
    proc.add(&Fake { pid: 31, ..Fake::default() });
    proc.write("31/status", "Tgid:\t30\nUid:\t7\t7\t7\t7\nCapEff:\t0\n");
    assert_eq!(found(&proc.table(), "31"), Err("31 is a thread of process 30".into()));
}

#[test]
fn main_thread_has_exited() {
    let proc = FakeProc::new();
    proc.add(&Fake { pid: 30, state: 'Z', threads: 3, ..Fake::default() });
    let expected = "process 30 lives on after its main thread has exited";
    assert_eq!(found(&proc.table(), "30"), Err(expected.into()));
    assert!(proc.table().open(30).unwrap().is_alive());
}

#[test]
fn hostile_names_and_broken_files_hide_nobody() {
    let proc = FakeProc::new();
    proc.add(&Fake { pid: 20, comm: ") Z 0 (evil\n99 (", ..Fake::default() });
    proc.add(&Fake { pid: 21, comm: "fine", ..Fake::default() });
    proc.write("22/stat", "");
    proc.write("23/stat", vec![b'('; 1 << 20]);
    proc.write("24/nothing", "");
    proc.write("not-a-number/stat", "1 (x) S");
    let list = proc.table().list().unwrap();
    assert_eq!(list.iter().map(|stat| stat.pid).collect::<Vec<_>>(), [1, 20, 21]);
    assert_eq!(list[1].name, ") Z 0 (evil\n99 (");

    let error = |pid| proc.table().open(pid).unwrap().stat().unwrap_err();
    assert!(matches!(error(22), ProcessError::Malformed { pid: 22, .. }));
    assert!(matches!(error(23), ProcessError::TooLong { pid: 23, .. }));
    assert!(matches!(error(24), ProcessError::NoSuchProcess { pid: 24 }));
}

#[test]
fn deleted_executables_and_files_that_are_called_so() {
    let proc = FakeProc::new();
    let really = proc.path("named (deleted)");
    fs::write(&really, "contents").unwrap();
    proc.add(&Fake { pid: 20, executable: Some("/opt/server (deleted)"), ..Fake::default() });
    proc.add(&Fake { pid: 21, executable: Some(really.to_str().unwrap()), ..Fake::default() });
    let of = |pid| proc.table().open(pid).unwrap().executable().unwrap();
    assert_eq!((of(20).path.as_path(), of(20).deleted), (Path::new("/opt/server"), true));
    assert_eq!((of(21).path, of(21).deleted), (really, false));
    let mut file = proc.table().open(21).unwrap().open_executable().unwrap();
    let mut text = String::new();
    std::io::Read::read_to_string(&mut file, &mut text).unwrap();
    assert_eq!(text, "contents");
}

#[test]
fn files_of_a_zombie_are_explained() {
    let proc = FakeProc::new();
    proc.add(&Fake { pid: 20, state: 'Z', threads: 1, ..Fake::default() });
    proc.write("20/maps", "");
    let process = proc.table().open(20).unwrap();
    assert!(matches!(process.executable(), Err(ProcessError::Zombie { pid: 20 })));
    assert!(matches!(process.maps(), Err(ProcessError::Zombie { pid: 20 })));
    assert!(!process.is_alive());
}

#[test]
fn threads_with_and_without_wait_channel() {
    let proc = FakeProc::new();
    proc.add(&Fake::default());
    for (tid, state) in [(102, 'R'), (100, 'S')] {
        let stat = format!("{tid} (worker {tid}) {state} 1 1 1 0 -1 0 0 0 0 0 0 0 0 0 20 0 2 0 5000 0");
        proc.write(&format!("100/task/{tid}/stat"), stat);
    }
    proc.write("100/task/100/wchan", "futex_wait_queue");
    proc.write("100/task/100/syscall", "202 0x1 0x2 0x3 0x4 0x5 0x6 0xc000 0x401000\n");
    proc.write("100/task/102/syscall", "running\n");
    proc.write("100/task/103/stat", "cut short");
    let process = proc.table().open(100).unwrap();
    let threads = process.threads().unwrap();
    let seen: Vec<_> = threads.iter().map(|t| (t.tid, t.name.as_str(), t.wait_channel.as_deref())).collect();
    assert_eq!(seen, [(100, "worker 100", Some("futex_wait_queue")), (102, "worker 102", None)]);
    assert!(matches!(process.thread_activity(100), Ok(ThreadActivity::InSyscall { number: 202, .. })));
    assert_eq!(process.thread_activity(102).unwrap(), ThreadActivity::Running);
    assert!(process.thread_activity(103).is_err());
}

#[test]
fn a_reused_pid_is_another_process() {
    let proc = FakeProc::new();
    proc.add(&Fake { pid: 20, ..Fake::default() });
    let table = proc.table();
    let identity = table.open(20).unwrap().identity().unwrap();
    assert!(table.is_same(identity));
    proc.write("20/stat", "20 (server) S 1 1 1 0 -1 0 0 0 0 0 0 0 0 0 20 0 4 0 5001 0 0\n");
    assert!(!table.is_same(identity));
    fs::remove_dir_all(proc.path("20")).unwrap();
    assert!(!table.is_same(identity));
}

#[test]
fn namespaces_are_compared_by_identity() {
    let proc = FakeProc::new();
    proc.add(&Fake { pid: 20, ..Fake::default() });
    for name in ["pid", "mnt", "user"] {
        proc.write(&format!("1/ns/{name}"), "");
        fs::create_dir_all(proc.path("20/ns")).unwrap();
        match name {
            "pid" => proc.write("20/ns/pid", ""),
            _ => fs::hard_link(proc.path(&format!("1/ns/{name}")), proc.path(&format!("20/ns/{name}")))
                .unwrap(),
        }
    }
    let of = |pid| proc.table().open(pid).unwrap().namespaces().unwrap();
    assert_ne!(of(1).pid, of(20).pid);
    assert_eq!((of(1).mount, of(1).user), (of(20).mount, of(20).user));
    assert_eq!(proc.table().open(20).unwrap().status().unwrap().namespace_pids, [20, 9]);
}

#[test]
fn no_proc_at_all() {
    let empty = tempfile::tempdir().unwrap();
    let error = ProcessTable::at(empty.path().join("proc")).list().unwrap_err();
    assert!(matches!(error, ProcessError::Listing { .. }));
    assert!(error.hint().unwrap().contains("mount"));
}

#[test]
fn a_thousand_processes_are_listed_and_searched_in_time() {
    let proc = FakeProc::new();
    for pid in 1000..2000 {
        proc.add(&Fake {
            pid,
            comm: "worker",
            called: "/usr/bin/worker",
            executable: Some("/usr/bin/worker"),
            ..Fake::default()
        });
    }
    let table = proc.table();
    // The best of a few, for the machine has other things to do.
    let best_ms = |action: &dyn Fn()| {
        let times = (0..5).map(|_| {
            let start = Instant::now();
            action();
            start.elapsed().as_millis()
        });
        times.min().unwrap()
    };
    let listing_ms = best_ms(&|| assert_eq!(table.list().unwrap().len(), 1001));
    let finding_ms = best_ms(&|| assert!(table.find("no-such-name").is_err()));
    assert!(listing_ms < 100, "{listing_ms} ms to list");
    assert!(finding_ms < 200, "{finding_ms} ms to search");
}

#[test]
fn settings_of_a_machine() {
    let root = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| {
        let path = root.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    };
    let system = System::at(root.path());
    assert_eq!((system.kernel_release(), system.ptrace_scope(), system.has_btf()), (None, None, false));
    assert_eq!(system.mounts(), []);
    assert!(system.own_status().is_err());
    assert_eq!(system.own_container(), OwnContainer::None);

    write("proc/sys/kernel/osrelease", "6.1.0-9-amd64\n");
    write("proc/sys/kernel/yama/ptrace_scope", "1\n");
    write("proc/sys/kernel/perf_event_paranoid", "-1\n");
    write("proc/sys/kernel/unprivileged_bpf_disabled", "two\n");
    write("sys/kernel/btf/vmlinux", "");
    write(".dockerenv", "");
    assert_eq!(system.kernel_release().as_deref(), Some("6.1.0-9-amd64"));
    assert_eq!((system.ptrace_scope(), system.perf_event_paranoid()), (Some(1), Some(-1)));
    assert_eq!(system.unprivileged_bpf_disabled(), None);
    assert!(system.has_btf());
    assert_eq!(system.own_container(), OwnContainer::Unnamed);
}
