//! A leak among healthy services: one alert, that says where it is.

use std::process::Command;
use std::time::Instant;

use serde_json::Value;
use target_programs::{Build, NEWEST, Program, Running, Variant};

use crate::contract::Contract;
use crate::running_agent::{PATIENCE, QUICK, RunningAgent};
use crate::stream::Listener;
use crate::webhook::webhook;

/// Healthy services beside the one that leaks.
const HEALTHY: usize = 30;

#[test]
fn a_leak_among_healthy_services_is_one_alert_that_names_the_place() {
    let of = |program| Build::amd64(program, NEWEST, Variant::Stripped).build_or_skip().unwrap();
    let (Some(server), Some(leaks)) = (of(Program::HttpServer), of(Program::Leaks)) else { return };
    let healthy: Vec<Running> = (0..HEALTHY).map(|_| Running::start(&server, &[]).unwrap()).collect();
    let mut leaking =
        Running::start_with(&leaks, &["NilChannel", "0"], &[("OTEL_SERVICE_NAME", "drips")]).unwrap();
    let (url, received) = webhook();
    // Everything but the address, the receiver and how soon a finding is over is as it is without a configuration, budget
    // included; other programs of this machine are left alone.
    let config = format!(
        "listen = \"127.0.0.1:0\"\n\
         [[targets]]\nlabels = {{ \"service.name\" = \"drips\" }}\n\
         [[targets]]\nname = \"http-server*\"\n\
         [[targets]]\nname = \"*\"\ncollect = \"off\"\nleaks = false\n\
         [alerts.findings]\nresolve_after_s = 5\n\
         [[alerts.sinks]]\nname = \"hook\"\ntype = \"webhook\"\nurl = \"{url}\"\n"
    );
    let agent = RunningAgent::start(&config);
    for running in healthy.iter().chain([&leaking]) {
        agent.wait_for_target(running.pid(), |target| target["looks"].as_u64() > Some(0));
    }
    let id = agent.wait_for_target(leaking.pid(), |_| true)["id"].as_str().unwrap().to_owned();
    let (_, mut listener) = Listener::start(&agent, &format!("?target={id}"), None);
    leaking.ask("drip").unwrap();
    let began = Instant::now();
    let alert = received.recv_timeout(PATIENCE).unwrap();
    println!("detected after {:.1} s, among {HEALTHY} healthy ones", began.elapsed().as_secs_f64());
    let text = alert.to_string();
    assert!(
        text.contains("main.leakDrop") && text.contains("main.go:") && text.contains("drips"),
        "{alert:#}"
    );
    // Where the machine is too busy for it to rest, it is suspected first; a search while it rests proves it.
    let until = Instant::now() + PATIENCE;
    loop {
        let answer = agent.json("/api/v1/findings");
        let found = answer["findings"].as_array().unwrap();
        assert!(found.len() == 1 && found[0]["state"] == "firing", "{found:#?}");
        if found[0]["kind"] == "leak_proven" && found[0]["severity"] == "critical" {
            break;
        }
        assert!(Instant::now() < until, "{found:#?}");
    }
    let contract = Contract::of(&agent);
    contract.answer("get", "/api/v1/findings", 200, &agent.json("/api/v1/findings"));
    let told = listener.wait_for(|event| event.name == "finding" && event.data["state"] == "firing");
    assert!(told.data["targets"][0] == *id && told.data["service"] == "drips", "{told:?}");
    contract.event(&told.name, &told.data);
    let listed = Command::new(env!("CARGO_BIN_EXE_gostat"))
        .args(["agent", "findings", "--agent", &format!("http://{}", agent.address)])
        .output()
        .unwrap();
    let listed = String::from_utf8(listed.stdout).unwrap();
    assert!(listed.contains("firing critical drips") && listed.contains("main.leakDrop"), "{listed}");
    // Another search of it, and of others, brings no other alert.
    let pid = leaking.pid();
    let looks = agent.wait_for_target(pid, |_| true)["looks"].as_u64().unwrap();
    agent.wait_for_target(pid, |target| target["looks"].as_u64() >= Some(looks + 5));
    let same = |more: &Value| more["event"] == "escalated" && more["alert"]["id"] == alert["alert"]["id"];
    let more: Vec<_> = received.try_iter().collect();
    assert!(more.iter().all(same), "{more:#?}");
    // Its end is the end of the finding, which is told as well.
    drop(leaking);
    let resolved = received.recv_timeout(PATIENCE).unwrap();
    assert!(resolved.to_string().contains("resolved"), "{resolved:#}");
}

#[test]
fn a_drill_says_which_receivers_took_it() {
    let (url, received) = webhook();
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("agent.toml");
    let config = format!(
        "[[alerts.sinks]]\nname = \"good\"\ntype = \"webhook\"\nurl = \"{url}\"\n\
         [[alerts.sinks]]\nname = \"dead\"\ntype = \"webhook\"\nurl = \"http://127.0.0.1:9/\"\n"
    );
    std::fs::write(&file, config).unwrap();
    let drill = |more: &[&str]| {
        let output = Command::new(env!("CARGO_BIN_EXE_gostat"))
            .args(["agent", "drill", "--config"])
            .arg(&file)
            .args(more)
            .output()
            .unwrap();
        (output.status.code(), String::from_utf8(output.stdout).unwrap())
    };
    let (code, said) = drill(&[]);
    assert!(code == Some(1) && said.contains("arrived"), "{said}");
    let events: Vec<_> = (0..2).map(|_| received.recv_timeout(PATIENCE).unwrap()["event"].clone()).collect();
    assert_eq!(events, ["fired", "resolved"]);
    assert_eq!(drill(&["--sink", "good"]).0, Some(0));
    assert_eq!(drill(&["--sink", "none"]).0, Some(2));
    std::fs::write(&file, "").unwrap();
    assert_eq!(drill(&[]), (Some(2), String::new()), "that nobody refused it is no news if there is nobody");
}

#[test]
fn a_silence_that_was_accepted_outlives_an_agent_that_is_killed() {
    let silences = |agent: &RunningAgent| agent.json("/api/v1/findings")["silences"].clone();
    let agent = RunningAgent::start(QUICK);
    assert_eq!(silences(&agent), Value::Array(Vec::new()));
    assert_eq!(agent.silence(), 201);
    let until = Instant::now() + PATIENCE;
    while silences(&agent)[0]["comment"] != "known" {
        assert!(Instant::now() < until);
    }
    let again = RunningAgent::start_in(agent.kill());
    while silences(&again)[0]["comment"] != "known" {
        assert!(Instant::now() < until);
    }
    assert_eq!(again.request("DELETE", "/api/v1/silences/1", &[]).0, 204);
    assert_eq!(again.request("DELETE", "/api/v1/silences/1", &[]).0, 404);
}
