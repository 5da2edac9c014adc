//! Builds and runs the small C programs of these tests, which answer each line with some lines and a full stop.

use std::io::{BufRead, BufReader, Read, Write};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};

use target_programs::Prerequisite;

/// A running program; dropping it ends it.
pub(crate) struct CProgram {
    child: Child,
    answers: BufReader<ChildStdout>,
}

impl CProgram {
    /// Starts it and waits until it says that it is ready. `None`, with a line that says so, without a compiler.
    pub(crate) fn start(source: &str) -> Option<CProgram> {
        let compiler = Prerequisite::CCompiler;
        if compiler.find().is_none() {
            eprintln!("SKIPPED: {source}: this machine lacks {compiler}");
            return None;
        }
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/freeze").join(source);
        // Several tests, and runs of them, build the same at the same time.
        static BUILT: AtomicU32 = AtomicU32::new(0);
        let unique = format!("{}-{}", std::process::id(), BUILT.fetch_add(1, Ordering::Relaxed));
        let program = Path::new(env!("CARGO_TARGET_TMPDIR")).join(source).with_extension(unique);
        let built = Command::new(compiler.tool())
            .args(["-O1", "-pthread", "-o"])
            .arg(&program)
            .arg(path)
            .arg("-lrt")
            .status()
            .unwrap();
        assert!(built.success(), "{source} does not compile");
        let mut child = Command::new(&program).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        std::fs::remove_file(&program).unwrap();
        let mut answers = BufReader::new(child.stdout.take().unwrap());
        let mut line = String::new();
        answers.read_line(&mut line).unwrap();
        assert_eq!(line, "ready\n");
        Some(CProgram { child, answers })
    }

    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Asks, and waits for the answer.
    pub(crate) fn ask(&mut self, question: &str) -> Vec<String> {
        writeln!(self.child.stdin.as_mut().unwrap(), "{question}").unwrap();
        let lines = self.answers.by_ref().lines().map(Result::unwrap);
        lines.take_while(|line| line != ".").collect()
    }
}

impl Drop for CProgram {
    fn drop(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}
