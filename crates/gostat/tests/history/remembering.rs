//! An agent that remembers, and ways to ask it and its history.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;
use tempfile::TempDir;

/// What has not come by then never will.
const PATIENCE: Duration = Duration::from_secs(120);

/// An agent that is killed when this is dropped. Other Go programs run on machines that run tests: it looks at two names.
pub(crate) struct Remembering {
    child: Child,
    address: String,
    folder: TempDir,
    /// Where it keeps its history.
    state: PathBuf,
}

impl Remembering {
    /// Starts one and waits until it listens.
    pub(crate) fn start() -> Remembering {
        let folder = tempfile::tempdir().unwrap();
        let state = folder.path().to_path_buf();
        Remembering::start_with(folder, state)
    }

    /// Starts one that keeps its history in another directory.
    pub(crate) fn start_with(folder: TempDir, state: PathBuf) -> Remembering {
        let config = folder.path().join("agent.toml");
        let text = format!(
            "listen = \"127.0.0.1:0\"\nstate_directory = {state:?}\ninterval = \"200ms\"\n\
             discovery = {{ every = \"200ms\", min_age = \"0s\" }}\nbudget = {{ cpu_percent = 1000.0 }}\n\
             breaker = {{ timeout = \"60s\" }}\n\
             [[targets]]\nname = \"many*\"\nleaks = false\n[[targets]]\nname = \"executes*\"\nleaks = false\n\
             [[targets]]\nname = \"*\"\ncollect = \"off\"\n",
        );
        std::fs::write(&config, text).unwrap();
        let (child, address) = spawn(&config);
        Remembering { child, address, folder, state }
    }

    /// Starts another one in the place of one that has ended.
    pub(crate) fn start_again(&mut self) {
        (self.child, self.address) = spawn(&self.config());
    }

    pub(crate) fn file(&self) -> PathBuf {
        self.state.join("history.sqlite")
    }

    pub(crate) fn config(&self) -> PathBuf {
        self.folder.path().join("agent.toml")
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Status and body of an answer of the API, which is JSON.
    pub(crate) fn get(&self, path: &str) -> (u16, Value) {
        let (status, body) = self.get_text(path);
        (status, serde_json::from_str(&body).unwrap())
    }

    /// A metric of the agent as it is now; 0 if it has none yet.
    pub(crate) fn metric(&self, name: &str) -> u64 {
        let (status, metrics) = self.get_text("/metrics");
        assert_eq!(status, 200, "{metrics}");
        let value = metrics.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
        value.map_or(0, |value| value.parse().unwrap())
    }

    /// Whether a metric of a target is known.
    pub(crate) fn has_metric(&self, name: &str, target: &str) -> bool {
        let label = format!("target=\"{target}\"");
        self.get_text("/metrics").1.lines().any(|line| line.starts_with(name) && line.contains(&label))
    }

    fn get_text(&self, path: &str) -> (u16, String) {
        let mut stream = TcpStream::connect(&self.address).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        write!(stream, "GET {path} HTTP/1.0\r\nHost: {}\r\n\r\n", self.address).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        let status = head.split(' ').nth(1).unwrap().parse().unwrap();
        (status, body.to_owned())
    }

    /// Asks the API until an answer is as wanted. Each question takes the agent's time, so this is no busy waiting for
    /// somebody who gets none.
    pub(crate) fn wait_until(&self, path: &str, wanted: impl Fn(&Value) -> bool) -> Value {
        let until = Instant::now() + PATIENCE;
        loop {
            let (status, answer) = self.get(path);
            if status == 200 && wanted(&answer) {
                return answer;
            }
            assert!(Instant::now() < until, "{path}: {status} {answer:#}");
        }
    }

    /// `gostat history` of its file, as JSON.
    pub(crate) fn history(&self, arguments: &[&str]) -> Value {
        let output = history(&self.file(), &[arguments, &["--json"]].concat());
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        serde_json::from_slice(&output.stdout).unwrap()
    }

    /// `gostat history` of its file, as text.
    pub(crate) fn text(&self, arguments: &[&str]) -> String {
        let output = history(&self.file(), arguments);
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    }

    /// Ends it as it should be ended.
    pub(crate) fn stop(&mut self) {
        let pid = nix::unistd::Pid::from_raw(self.child.id().cast_signed());
        nix::sys::signal::kill(pid, nix::sys::signal::Signal::SIGTERM).unwrap();
        assert!(self.child.wait().unwrap().success());
    }

    /// `gostat agent enable` or `disable` of a target.
    pub(crate) fn switch(&self, to: &str, id: &str) {
        let switched = Command::new(env!("CARGO_BIN_EXE_gostat"))
            .args(["agent", to, id, "--agent", &self.url()])
            .output()
            .unwrap();
        assert!(switched.status.success(), "{switched:?}");
    }

    /// Ends it, without a chance to tidy up.
    pub(crate) fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

impl Drop for Remembering {
    fn drop(&mut self) {
        // It may have been killed already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Starts an agent: its process, and where it listens.
fn spawn(config: &Path) -> (Child, String) {
    let mut child = Command::new(env!("CARGO_BIN_EXE_gostat"))
        .args(["agent", "--log", "json", "--config"])
        .arg(config)
        .env_remove("GOSTAT_LOG")
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut log = BufReader::new(child.stderr.take().unwrap());
    let (mut line, mut address) = (String::new(), None);
    while address.is_none() && log.read_line(&mut line).unwrap() > 0 {
        let said: Value = serde_json::from_str(&line).unwrap_or_default();
        address = said["fields"]["address"].as_str().map(str::to_owned);
        line.clear();
    }
    // Ends when the agent does; a full pipe would stop it.
    std::thread::spawn(move || std::io::copy(&mut log, &mut std::io::sink()));
    (child, address.unwrap())
}

/// Runs `gostat history` with a file, in a locale that knows nothing but ASCII.
pub(crate) fn history(file: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_gostat"))
        .arg("history")
        .args(arguments)
        .arg("--history")
        .arg(file)
        .env("LC_ALL", "C")
        .output()
        .unwrap()
}
