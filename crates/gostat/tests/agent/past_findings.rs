//! Findings that are over stay to be asked for: forgotten by the agent, and after it was started again.

use std::process::Command;
use std::time::Instant;

use nix::sys::signal::Signal;
use serde_json::Value;
use target_programs::{Build, NEWEST, Program, Running, Variant};

use crate::contract::Contract;
use crate::running_agent::{PATIENCE, RunningAgent};

const SERVICE: &str = "stall \u{1b}[2J<b>";

/// What is wrong is over soon, and soon forgotten; other programs of this machine are left alone.
const CONFIG: &str = "listen = \"127.0.0.1:0\"\ninterval = \"1s\"\nbudget = { cpu_percent = 100.0 }\n\
    [[targets]]\nlabels = { \"service.name\" = \"stall *\" }\n\
    [[targets]]\nname = \"*\"\ncollect = \"off\"\nleaks = false\n\
    [alerts.findings]\nhold_s = 3600\nhold_critical_s = 1\nresolve_after_s = 1\nkeep_resolved_s = 1\n";

fn wait_for(what: &str, mut found: impl FnMut() -> Option<Value>) -> Value {
    let until = Instant::now() + PATIENCE;
    loop {
        if let Some(found) = found() {
            return found;
        }
        assert!(Instant::now() < until, "{what}");
    }
}

fn findings(agent: &RunningAgent, query: &str) -> Vec<Value> {
    agent.json(&format!("/api/v1/findings{query}"))["findings"].as_array().unwrap().clone()
}

#[test]
fn a_finding_that_is_over_outlives_the_memory_of_the_agent_and_the_agent() {
    let built = Build::amd64(Program::Queues, NEWEST, Variant::Stripped).build_or_skip().unwrap();
    let Some(queues) = built else { return };
    let running =
        Running::start_with(&queues, &["lock-held", "140"], &[("OTEL_SERVICE_NAME", SERVICE)]).unwrap();
    let agent = RunningAgent::start(CONFIG);
    let contract = Contract::of(&agent);
    let fires = |one: &Value| one["state"] == "firing" && one["kind"] == "blocked";
    let fired = wait_for("it fires", || findings(&agent, "").into_iter().find(fires));
    // One that fires is in the list of a span as well, once.
    let of_span = agent.json("/api/v1/findings?since=1h");
    contract.answer("get", "/api/v1/findings", 200, &of_span);
    let same: Vec<&Value> =
        of_span["findings"].as_array().unwrap().iter().filter(|one| one["id"] == fired["id"]).collect();
    assert!(same.len() == 1 && fires(same[0]), "{same:#?}");
    drop(running);
    wait_for("it is over and forgotten", || findings(&agent, "").is_empty().then_some(Value::Null));
    let is_it = |one: &Value| one["id"] == fired["id"] && one["resolved_at_unix_ms"].is_u64();
    let over = wait_for("it is in the history", || findings(&agent, "?since=1h").into_iter().find(is_it));
    assert_eq!((&over["state"], &over["service"]), (&Value::from("resolved"), &fired["service"]));
    let times = ["began_unix_ms", "fired_unix_ms", "last_seen_unix_ms", "resolved_at_unix_ms"];
    let times = times.map(|key| over[key].as_u64().unwrap());
    assert!(times.is_sorted() && times[0] < times[1], "{times:?}");

    agent.signal(Signal::SIGTERM);
    let (status, directory) = agent.wait();
    assert_eq!(status.code(), Some(0));
    let again = RunningAgent::start_in(directory);
    assert_eq!(findings(&again, ""), Vec::<Value>::new());
    let answer = again.json("/api/v1/findings?since=1h");
    contract.answer("get", "/api/v1/findings", 200, &answer);
    assert_eq!(answer["findings"].as_array().unwrap().iter().filter(|one| is_it(one)).count(), 1);
    let past = &answer["past"];
    assert!(past["reaches_back_to_ms"].as_u64().unwrap() <= times[0] && past["left_out"] == 0, "{past}");
    // Spans in which it was not there do not have it.
    let before = format!("?since=@0&until=@{}", times[0] / 1_000);
    let after = format!("?since=@{}", times[3] / 1_000 + 1);
    for query in [before, after] {
        assert!(!findings(&again, &query).iter().any(is_it), "{query}");
    }
    let output = Command::new(env!("CARGO_BIN_EXE_gostat"))
        .args(["agent", "findings", "--since", "1h", "--agent", &format!("http://{}", again.address)])
        .output()
        .unwrap();
    let listed = String::from_utf8(output.stdout).unwrap();
    assert!(listed.contains("resolved critical stall \\x1b[2J<b>"), "{listed}");
    assert!(listed.contains("firing since ") && listed.contains("the history reaches back to "), "{listed}");
}

#[test]
fn an_agent_without_a_history_says_so_and_wrong_times_are_refused() {
    let agent = RunningAgent::start("listen = \"127.0.0.1:0\"\nhistory = { keep = false }\n");
    let answer = agent.json("/api/v1/findings?since=7d");
    assert!(answer["past"]["reaches_back_to_ms"].is_null(), "{answer}");
    assert_eq!(agent.json("/api/v1/findings")["past"], Value::Null);
    for (query, said) in [
        ("?since=soon", "since=soon: not a time"),
        ("?since=1h&until=2h", "the span ends before it begins"),
        ("?sinse=1h", "there is no parameter"),
    ] {
        let (status, body) = agent.get(&format!("/api/v1/findings{query}"));
        let text = String::from_utf8(body).unwrap();
        assert!(status == 400 && text.contains(said), "{query}: {status} {text}");
    }
    assert_eq!(agent.get("/api/v1/marks").0, 404);
    let (status, refusal) = agent.post("/api/v1/marks", &serde_json::json!({ "text": "v2" }));
    assert!(status == 404 && refusal["error"] == "the agent keeps no history", "{refusal}");
}
