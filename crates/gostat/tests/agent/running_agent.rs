//! A running `gostat agent`, and asking it.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use serde_json::Value;
use tempfile::TempDir;

/// Busy machines are slow; what takes longer does not come.
pub(crate) const PATIENCE: Duration = Duration::from_secs(240);

/// Looks that come soon. Other Go programs run on machines that run tests, and would share a budget.
pub(crate) const QUICK: &str = "
listen = \"127.0.0.1:0\"
interval = \"200ms\"
discovery = { every = \"200ms\", min_age = \"0s\" }
budget = { cpu_percent = 1000.0 }
breaker = { timeout = \"60s\" }
";

pub(crate) struct RunningAgent {
    child: Child,
    log: Receiver<String>,
    pub(crate) address: String,
    pub(crate) directory: TempDir,
}

const SILENCE: &str = r#"{"matchers":[{"label":"service","pattern":"checkout*"}],"ends_unix_ms":99999999999999,"comment":"known"}"#;

impl RunningAgent {
    /// Starts an agent and waits until it watches.
    pub(crate) fn start(config: &str) -> RunningAgent {
        let directory = tempfile::tempdir().unwrap();
        configure(directory.path(), config);
        RunningAgent::start_in(directory)
    }

    /// As [`RunningAgent::start`], where an agent has been before.
    pub(crate) fn start_in(directory: TempDir) -> RunningAgent {
        let mut child = command(directory.path()).stderr(Stdio::piped()).spawn().unwrap();
        let (lines, log) = channel();
        let output = BufReader::new(child.stderr.take().unwrap());
        std::thread::spawn(move || {
            output.lines().map_while(Result::ok).try_for_each(|line| lines.send(line))
        });
        let mut agent = RunningAgent { child, log, address: String::new(), directory };
        let line = agent.wait_for_line("watching");
        agent.address = line.split_once("\"address\":\"").unwrap().1.split_once('"').unwrap().0.to_owned();
        agent
    }

    /// The next line of its log that has this in it.
    pub(crate) fn wait_for_line(&self, wanted: &str) -> String {
        let until = Instant::now() + PATIENCE;
        let mut seen = Vec::new();
        loop {
            let line = self.log.recv_timeout(until.saturating_duration_since(Instant::now()));
            assert!(line.is_ok(), "no {wanted:?}: {line:?}; {seen:?}");
            let line = line.unwrap();
            if line.contains(wanted) {
                return line;
            }
            seen.push(line);
        }
    }

    pub(crate) fn signal(&self, signal: Signal) {
        kill(Pid::from_raw(self.child.id().cast_signed()), signal).unwrap();
    }

    /// Waits for its end: how it ended, and its directory.
    pub(crate) fn wait(mut self) -> (ExitStatus, TempDir) {
        let status = self.child.wait().unwrap();
        (status, std::mem::replace(&mut self.directory, tempfile::tempdir().unwrap()))
    }

    /// An answer: its status, and its body.
    pub(crate) fn get(&self, path: &str) -> (u16, Vec<u8>) {
        self.request("GET", path, &[])
    }

    pub(crate) fn request(&self, method: &str, path: &str, headers: &[(&str, &str)]) -> (u16, Vec<u8>) {
        let client: ureq::Agent = ureq::Agent::config_builder()
            .http_status_as_error(false)
            .timeout_global(Some(PATIENCE))
            .build()
            .into();
        let uri = format!("http://{}{path}", self.address);
        let mut request = ureq::http::Request::builder().method(method).uri(uri);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let mut answer = client.run(request.body(()).unwrap()).unwrap();
        let body = answer.body_mut().with_config().limit(1 << 30).read_to_vec().unwrap();
        (answer.status().as_u16(), body)
    }

    /// Silences a service that there is not.
    pub(crate) fn silence(&self) -> u16 {
        let uri = format!("http://{}/api/v1/silences", self.address);
        let answer = ureq::post(uri).header("Content-Type", "application/json").send(SILENCE);
        answer.unwrap().status().as_u16()
    }

    /// What it says to a body of JSON.
    pub(crate) fn post(&self, path: &str, body: &Value) -> (u16, Value) {
        let client: ureq::Agent = ureq::Agent::config_builder().http_status_as_error(false).build().into();
        let request = client.post(format!("http://{}{path}", self.address));
        let mut answer = request.header("Content-Type", "application/json").send(body.to_string()).unwrap();
        let text = answer.body_mut().read_to_string().unwrap();
        (answer.status().as_u16(), serde_json::from_str(&text).unwrap_or_default())
    }

    /// Ends it without a warning, and gives its directory to the next one.
    pub(crate) fn kill(mut self) -> TempDir {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
        std::mem::replace(&mut self.directory, tempfile::tempdir().unwrap())
    }

    pub(crate) fn json(&self, path: &str) -> Value {
        let (status, body) = self.get(path);
        let text = String::from_utf8_lossy(&body);
        assert_eq!(status, 200, "{path}: {text}");
        serde_json::from_str(&text).unwrap()
    }

    /// Waits until the history has a target: looks are written once a second.
    pub(crate) fn wait_for_history(&self, target: &str) {
        let until = Instant::now() + PATIENCE;
        while self.get(&format!("/api/v1/history?target={target}&by=stack")).0 != 200 {
            assert!(Instant::now() < until, "nothing is written of {target}");
        }
    }

    /// A target by its pid, as soon as it is one and `wanted`.
    pub(crate) fn wait_for_target(&self, pid: u32, wanted: impl Fn(&Value) -> bool) -> Value {
        let until = Instant::now() + PATIENCE;
        loop {
            let targets = self.json("/api/v1/targets");
            let of_it = targets["targets"].as_array().unwrap().iter().find(|one| one["pid"] == pid);
            if let Some(target) = of_it.filter(|target| wanted(target)) {
                return target.clone();
            }
            assert!(Instant::now() < until, "{pid}: {targets}");
        }
    }
}

impl Drop for RunningAgent {
    fn drop(&mut self) {
        // It may have ended as it should.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Writes a configuration with a state directory of its own.
pub(crate) fn configure(directory: &Path, config: &str) {
    let state = directory.join("state");
    let text = format!("state_directory = {:?}\n{config}", state.to_str().unwrap());
    std::fs::write(directory.join("agent.toml"), text).unwrap();
}

pub(crate) fn command(directory: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_gostat"));
    command.args(["agent", "--log", "json", "--config"]).arg(directory.join("agent.toml"));
    command
}
