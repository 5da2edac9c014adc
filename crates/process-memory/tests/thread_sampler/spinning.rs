//! Builds and runs `spinning_goroutines.go`.

use std::fs;
use std::io::{BufRead, BufReader};
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;

/// The running program; dropping it ends it.
pub(crate) struct Spinning {
    child: Child,
    /// Threads that never leave user code.
    pub(crate) spinning: [u32; 2],
    /// A thread that never leaves a system call.
    pub(crate) blocked: u32,
    /// Addresses of the program's code.
    pub(crate) text: Range<u64>,
}

impl Spinning {
    /// Starts it and waits until all its threads are where they say that they are going to.
    pub(crate) fn start() -> Spinning {
        let path = built();
        let mut child = Command::new(path)
            // A preemption signal puts a thread on its signal stack for a moment, with another g.
            .env("GODEBUG", "asyncpreemptoff=1")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let (mut spinning, mut blocked) = (vec![], vec![]);
        for line in BufReader::new(child.stdout.take().unwrap()).lines() {
            match line.unwrap().split_once(' ') {
                Some(("spinning", tid)) => spinning.push(tid.parse().unwrap()),
                Some(("blocked", tid)) => blocked.push(tid.parse().unwrap()),
                _ => break,
            }
        }
        let text = text_of(child.id(), path);
        let [blocked] = blocked.try_into().unwrap();
        let program = Spinning { child, spinning: spinning.try_into().unwrap(), blocked, text };
        program.wait_until_blocked();
        program
    }

    /// Its process.
    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }

    /// The thread spoke before its system call: asks the kernel until it is in there.
    fn wait_until_blocked(&self) {
        let syscall = format!("/proc/{}/task/{}/syscall", self.pid(), self.blocked);
        let read = format!("{} ", libc::SYS_read);
        while !fs::read_to_string(&syscall).unwrap().starts_with(&read) {
            std::thread::yield_now();
        }
    }
}

impl Drop for Spinning {
    fn drop(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

/// Path of the program, built once per run of the tests.
fn built() -> &'static Path {
    static BUILT: OnceLock<PathBuf> = OnceLock::new();
    BUILT.get_or_init(|| {
        let source =
            Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/thread_sampler/spinning_goroutines.go");
        let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join("spinning_goroutines");
        let built = Command::new("go").arg("build").arg("-o").arg(&path).arg(source).status();
        assert!(built.unwrap().success(), "go build failed");
        path
    })
}

/// The executable mapping of a program's own file.
fn text_of(pid: u32, path: &Path) -> Range<u64> {
    let maps = fs::read_to_string(format!("/proc/{pid}/maps")).unwrap();
    let line = maps.lines().find(|line| line.contains(" r-xp ") && line.ends_with(path.to_str().unwrap()));
    let (from, to) = line.unwrap().split_once(' ').unwrap().0.split_once('-').unwrap();
    u64::from_str_radix(from, 16).unwrap()..u64::from_str_radix(to, 16).unwrap()
}
