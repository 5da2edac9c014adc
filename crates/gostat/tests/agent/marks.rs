//! What happened, on the time line: deploys that the agent sees, and marks that users make.

use std::process::Command;
use std::time::Instant;

use nix::sys::signal::Signal;
use serde_json::{Value, json};
use target_programs::{Build, Built, NEWEST, Program, Running, Variant};

use crate::contract::Contract;
use crate::running_agent::{PATIENCE, QUICK, RunningAgent};

/// Text that would act on terminals and pages.
const HOSTILE: &str = "v2 \u{1b}[2J<img src=x onerror=alert(1)>\u{202e} \"'\n'); DROP TABLE mark; --";

fn marks(agent: &RunningAgent, query: &str, kind: &str) -> Vec<Value> {
    let answer = agent.json(&format!("/api/v1/marks{query}"));
    answer["marks"].as_array().unwrap().iter().filter(|mark| mark["kind"] == kind).cloned().collect()
}

fn start(built: &Built, service: &str) -> Running {
    Running::start_with(built, &["20"], &[("OTEL_SERVICE_NAME", service)]).unwrap()
}

/// Waits until the history knows a process: with it came the deploy that it may have been.
fn wait_until_written(agent: &RunningAgent, running: &Running) -> String {
    let target = agent.wait_for_target(running.pid(), |target| target["looks"].as_u64() > Some(0));
    let id = target["id"].as_str().unwrap().to_owned();
    let until = Instant::now() + PATIENCE;
    while agent.get(&format!("/api/v1/marks?target={id}")).0 != 200 {
        assert!(Instant::now() < until, "{id}");
    }
    id
}

#[test]
fn another_build_of_a_service_is_one_deploy_also_for_the_next_agent() {
    let of = |variant| Build::amd64(Program::Many, NEWEST, variant).build_or_skip().unwrap();
    let (Some(first), Some(second)) = (of(Variant::Plain), of(Variant::Stripped)) else { return };
    let service = format!("shop-{}", std::process::id());
    let query = format!("?target={service}&since=1d");
    let agent = RunningAgent::start(QUICK);
    let old = [start(&first, &service), start(&first, &service)];
    old.iter().for_each(|running| drop(wait_until_written(&agent, running)));
    assert_eq!(marks(&agent, &query, "deploy"), Vec::<Value>::new());
    let new = [start(&second, &service), start(&second, &service)];
    let ids: Vec<String> = new.iter().map(|running| wait_until_written(&agent, running)).collect();
    let deploys = marks(&agent, &query, "deploy");
    let [deploy] = deploys.as_slice() else { panic!("{deploys:#?}") };
    let text = deploy["text"].as_str().unwrap();
    assert!(text.starts_with(&format!("{service}: build ")) && text.contains(" after build "), "{text}");
    assert!(ids.iter().any(|id| deploy["process"] == **id) && deploy["service"] == service, "{deploy}");
    agent.signal(Signal::SIGTERM);
    let (status, directory) = agent.wait();
    assert_eq!(status.code(), Some(0));
    // The next agent finds all of them again, and another replica of either.
    let again = RunningAgent::start_in(directory);
    old.iter().chain(&new).for_each(|running| drop(wait_until_written(&again, running)));
    let more = [start(&second, &service), start(&first, &service)];
    more.iter().for_each(|running| drop(wait_until_written(&again, running)));
    assert_eq!(marks(&again, &query, "deploy"), deploys);
    let of_machine = marks(&again, &query, "agent_start");
    assert!(of_machine.len() == 2 && of_machine.iter().all(|mark| mark["process"].is_null()));
}

#[test]
fn marks_of_users_are_kept_as_they_are_also_by_an_agent_that_is_killed() {
    let agent = RunningAgent::start(QUICK);
    let contract = Contract::of(&agent);
    let wanted = json!({ "text": HOSTILE, "kind": "deploy", "service": "shop", "at": "10m" });
    let (status, made) = agent.post("/api/v1/marks", &wanted);
    assert_eq!((status, &made["text"], &made["service"]), (201, &json!(HOSTILE), &json!("shop")));
    contract.answer("post", "/api/v1/marks", 201, &made);
    let (status, noted) = agent.post("/api/v1/marks", &json!({ "text": "  a note " }));
    assert_eq!((status, &noted["kind"], &noted["text"]), (201, &json!("note"), &json!("a note")));
    // What was accepted is in the history, whatever happens now.
    let again = RunningAgent::start_in(agent.kill());
    assert_eq!(marks(&again, "", "deploy"), std::slice::from_ref(&made));
    assert_eq!(marks(&again, "", "note"), [noted]);
    assert_eq!(marks(&again, "?target=shop", "deploy"), std::slice::from_ref(&made), "no shop has ever run");
    assert_eq!(marks(&again, "?since=5m", "deploy"), Vec::<Value>::new());
    contract.answer("get", "/api/v1/marks", 200, &again.json("/api/v1/marks?since=@0"));
    let gostat = |arguments: &[&str]| {
        let output = Command::new(env!("CARGO_BIN_EXE_gostat"))
            .args(["agent", "mark"])
            .args(arguments)
            .args(["--agent", &format!("http://{}", again.address)])
            .output()
            .unwrap();
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
        (output.status.code(), text(output.stdout), text(output.stderr))
    };
    let (code, said, _) = gostat(&["v3 \u{1b}[2J", "--deploy", "--service", "shop"]);
    assert!(
        code == Some(0) && said.starts_with("deploy of shop at 2") && said.contains("v3 \\x1b[2J"),
        "{said}"
    );
    let (code, _, said) = gostat(&["x", "--target", "1-1"]);
    assert!(code == Some(2) && said.contains("there is no target 1-1"), "{said}");
    assert_eq!(gostat(&["x", "--target", "1-1", "--service", "shop"]).0, Some(64));
    assert_eq!(gostat(&["x", "--at", "soon"]).0, Some(64));
    let history = again.directory.path().join("state/history.sqlite");
    let output = Command::new(env!("CARGO_BIN_EXE_gostat"))
        .args(["history", "--marks", "--history", history.to_str().unwrap()])
        .output()
        .unwrap();
    let listed = String::from_utf8(output.stdout).unwrap();
    assert!(listed.contains("v2 \\x1b[2J<img") && !listed.contains('\u{1b}'), "{listed}");
}

#[test]
fn marks_that_make_no_sense_are_refused() {
    let agent = RunningAgent::start(QUICK);
    for (wanted, status) in [
        (json!({ "text": "" }), 400),
        (json!({ "text": "x".repeat(501) }), 400),
        (json!({ "text": "x", "at": "2999-01-01" }), 400),
        (json!({ "text": "x", "at": "yesterday" }), 400),
        (json!({ "text": "x", "service": "" }), 400),
        (json!({ "text": "x", "target": "1-1" }), 404),
        (json!({ "text": "x", "kind": "agent_start" }), 422),
        (json!({ "text": "x", "why": "" }), 422),
        (json!({ "kind": "note" }), 422),
    ] {
        let (got, refusal) = agent.post("/api/v1/marks", &wanted);
        assert!(got == status && refusal["error"].is_string(), "{wanted}: {got} {refusal}");
    }
    let pages = [("Origin", "http://evil.example"), ("Content-Type", "application/json")];
    assert_eq!(agent.request("POST", "/api/v1/marks", &pages).0, 403);
    assert_eq!(marks(&agent, "", "note"), Vec::<Value>::new());
}
