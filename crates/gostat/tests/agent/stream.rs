//! The stream of ticks, of a real agent that watches real Go programs.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;

use nix::sys::signal::Signal;
use serde_json::Value;
use target_programs::{Build, NEWEST, Program, Running, Variant};

use crate::contract::Contract;
use crate::running_agent::{PATIENCE, QUICK, RunningAgent};

/// As `web-server` has it.
const LISTENERS_MAX: usize = 16;

/// An event as it came.
#[derive(Debug)]
pub(crate) struct Event {
    pub(crate) name: String,
    id: String,
    pub(crate) data: Value,
}

/// A listener: lines of events, through HTTP's chunks.
pub(crate) struct Listener {
    lines: BufReader<TcpStream>,
}

impl Listener {
    pub(crate) fn start(agent: &RunningAgent, query: &str, last_id: Option<&str>) -> (String, Listener) {
        let mut stream = TcpStream::connect(&agent.address).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        let last_id = last_id.map(|id| format!("Last-Event-ID: {id}\r\n")).unwrap_or_default();
        let head = format!("GET /api/v1/ticks{query} HTTP/1.1\r\nHost: 127.0.0.1\r\n{last_id}\r\n");
        stream.write_all(head.as_bytes()).unwrap();
        let mut lines = BufReader::new(stream);
        let mut status = String::new();
        lines.read_line(&mut status).unwrap();
        (status, Listener { lines })
    }

    /// The next event, if there is one before the end.
    fn next(&mut self) -> Option<Event> {
        let (mut name, mut id) = (String::new(), String::new());
        loop {
            let mut line = String::new();
            if self.lines.read_line(&mut line).unwrap() == 0 || line == "0\r\n" {
                return None;
            }
            match line.trim_end().split_once(": ") {
                Some(("event", value)) => name = value.to_owned(),
                Some(("id", value)) => id = value.to_owned(),
                Some(("data", value)) => {
                    return Some(Event { name, id, data: serde_json::from_str(value).unwrap() });
                }
                // Heads, comments, and lengths of chunks.
                _ => {}
            }
        }
    }

    /// The next event that is wanted.
    pub(crate) fn wait_for(&mut self, wanted: impl Fn(&Event) -> bool) -> Event {
        std::iter::from_fn(|| self.next()).find(|event| wanted(event)).unwrap()
    }
}

fn many() -> Option<Running> {
    let built = Build::amd64(Program::Many, NEWEST, Variant::Stripped).build_or_skip().unwrap()?;
    Some(Running::start(&built, &["300"]).unwrap())
}

#[test]
fn looks_and_what_becomes_of_targets_are_told_as_they_come() {
    let agent = RunningAgent::start(QUICK);
    let contract = Contract::of(&agent);
    let (status, mut all) = Listener::start(&agent, "", None);
    assert!(status.starts_with("HTTP/1.1 200"), "{status}");
    let Some(mut running) = many() else { return };
    let of_it = |event: &Event| {
        event.data["target"].as_str().is_some_and(|id| id.starts_with(&format!("{}-", running.pid())))
    };
    let began = all.wait_for(|event| event.name == "target" && of_it(event));
    assert_eq!(began.data["change"], "began");
    let tick = all.wait_for(|event| event.name == "tick" && of_it(event));
    let truth = running.ask_text("goroutines").unwrap().lines().count() as u64;
    let total: u64 = tick.data["states"].as_object().unwrap().values().map(|n| n.as_u64().unwrap()).sum();
    let own = tick.data["goroutines"].as_u64().unwrap();
    assert!(own.abs_diff(truth) <= 1, "{tick:?} {truth}");
    assert_eq!(total, own + tick.data["runtime_goroutines"].as_u64().unwrap());
    assert!(tick.data["scheduler"]["processors"].as_u64() > Some(0) && tick.data["breaker"] == "closed");
    // Who comes back hears all that it has missed, in order and without a gap.
    let (_, mut back) = Listener::start(&agent, "", Some(&began.id));
    let next = back.next().unwrap();
    let number = |id: &str| id.split_once('-').unwrap().1.parse::<u64>().unwrap();
    assert_eq!(number(&next.id), number(&began.id) + 1);
    let id = tick.data["target"].as_str().unwrap();
    let (_, mut of_one) = Listener::start(&agent, &format!("?target={id}"), Some(&began.id));
    for event in [of_one.next().unwrap(), of_one.next().unwrap()] {
        assert_eq!(event.data["target"], id);
        contract.event(&event.name, &event.data);
    }
    let pid = running.pid();
    drop(running);
    let ended = of_one.wait_for(|event| event.name == "target");
    assert!(ended.data["change"] == "ended" && ended.data["error"].is_string(), "{ended:?} {pid}");
    for event in [&began, &tick, &ended] {
        contract.event(&event.name, &event.data);
    }
    agent.signal(Signal::SIGTERM);
    // It ends with the agent: the last chunk comes, rather than a time-out.
    while all.next().is_some() {}
    assert_eq!(agent.wait().0.code(), Some(0));
}

#[test]
fn ids_of_another_agent_are_answered_with_what_is_lost_and_nonsense_with_a_no() {
    let agent = RunningAgent::start(QUICK);
    let contract = Contract::of(&agent);
    let (_, mut listener) = Listener::start(&agent, "", Some("1-5"));
    let event = listener.next().unwrap();
    assert!(event.name == "lost" && event.data["why"] == "restart", "{event:?}");
    contract.event(&event.name, &event.data);
    let (status, _) = Listener::start(&agent, "", Some("nonsense"));
    assert!(status.starts_with("HTTP/1.1 400"), "{status}");
}

#[test]
fn there_are_no_more_listeners_than_allowed() {
    let agent = RunningAgent::start(QUICK);
    let listeners: Vec<_> = (0..LISTENERS_MAX).map(|_| Listener::start(&agent, "", None)).collect();
    assert!(listeners.iter().all(|(status, _)| status.starts_with("HTTP/1.1 200")));
    let (status, mut refused) = Listener::start(&agent, "", None);
    assert!(status.starts_with("HTTP/1.1 503"), "{status}");
    let mut head = [0; 20];
    refused.lines.read_exact(&mut head).unwrap();
    assert_eq!(agent.get("/healthz").0, 200);
}

#[test]
fn silences_are_made_listed_and_ended_from_the_command_line() {
    let agent = RunningAgent::start(QUICK);
    let address = format!("http://{}", agent.address);
    let gostat = |arguments: &[&str]| {
        let output = std::process::Command::new(env!("CARGO_BIN_EXE_gostat"))
            .arg("agent")
            .args(arguments)
            .args(["--agent", &address])
            .output()
            .unwrap();
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
        (output.status.code(), text(output.stdout), text(output.stderr))
    };
    assert_eq!(gostat(&["silences"]).1, "nothing is silenced\n");
    let made =
        ["silence", "service=shop-*", "severity!=critical", "--for", "2h", "--comment", "known", "--json"];
    let (code, said, _) = gostat(&made);
    let answer: Value = serde_json::from_str(&said).unwrap();
    assert_eq!((code, &answer["id"]), (Some(0), &Value::from(1)));
    let until = std::time::Instant::now() + PATIENCE;
    let listed = loop {
        let (_, listed, _) = gostat(&["silences"]);
        if listed.contains("known") {
            break listed;
        }
        assert!(std::time::Instant::now() < until);
    };
    assert!(listed.contains("service=shop-* severity!=critical"), "{listed}");
    let (code, said, _) = gostat(&["unsilence", "1"]);
    assert!(code == Some(0) && said.contains("silence 1 has ended"), "{said}");
    let (code, _, said) = gostat(&["unsilence", "1"]);
    assert!(code == Some(2) && said.contains("there is no silence 1"), "{said}");
    let (code, ..) = gostat(&["silence", "servce=x", "--for", "2h", "--comment", "x"]);
    assert_eq!(code, Some(64));
}
