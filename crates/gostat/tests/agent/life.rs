//! The agent's life: start, reload, end, and who may ask it.

use std::process::Command;

use nix::sys::signal::Signal;
use target_programs::{Build, NEWEST, Program, Running, Variant};

use crate::running_agent::{QUICK, RunningAgent, command, configure};

fn many() -> Option<Running> {
    let built = Build::amd64(Program::Many, NEWEST, Variant::Stripped).build_or_skip().unwrap()?;
    Some(Running::start(&built, &["300"]).unwrap())
}

fn gostat(arguments: &[&str]) -> (Option<i32>, String, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_gostat")).arg("agent").args(arguments).output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (output.status.code(), text(output.stdout), text(output.stderr))
}

#[test]
fn it_watches_exports_and_ends_when_told() {
    let Some(mut running) = many() else { return };
    let agent = RunningAgent::start(QUICK);
    let target = agent.wait_for_target(running.pid(), |target| target["looks"].as_u64() > Some(1));
    let truth = running.ask_text("goroutines").unwrap().lines().count() as u64;
    assert!(target["goroutines"].as_u64().unwrap().abs_diff(truth) <= 1, "{target} {truth}");
    let (status, body) = agent.get("/metrics");
    let text = String::from_utf8(body).unwrap();
    let line = format!("go_goroutine_count{{target={}", target["id"]);
    assert!(status == 200 && text.contains(&line), "{line}\n{text}");
    for own in
        ["gostat_target_overhead_limit_ratio{", "process_start_time_seconds ", "gostat_build_info{version="]
    {
        assert!(text.lines().any(|line| line.starts_with(own)), "{own}\n{text}");
    }
    assert_eq!(agent.get("/healthz").0, 200);
    assert_eq!(agent.json("/readyz")["ready"], true);
    assert_eq!(agent.json("/api/v1/health"), agent.json("/readyz"));
    assert_eq!((agent.get("/nothing").0, agent.get("/api/v1/targets/1-1").0), (404, 404));
    let address = format!("http://{}", agent.address);
    let (code, listed, _) = gostat(&["targets", "--agent", &address]);
    assert!(code == Some(0) && listed.contains(target["id"].as_str().unwrap()), "{listed}");
    agent.signal(Signal::SIGTERM);
    agent.wait_for_line("ending");
    let (status, directory) = agent.wait();
    assert_eq!(status.code(), Some(0));
    // What has been seen can be read when it has ended.
    let history = directory.path().join("state/history.sqlite");
    let pid = running.pid().to_string();
    let output = Command::new(env!("CARGO_BIN_EXE_gostat"))
        .args(["history", &pid, "--json", "--history", history.to_str().unwrap()])
        .output()
        .unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success() && text.contains("\"slots\""), "{text}");
}

#[test]
fn a_target_is_switched_off_and_on_by_its_pid() {
    let Some(running) = many() else { return };
    let agent = RunningAgent::start(QUICK);
    agent.wait_for_target(running.pid(), |target| target["looks"].as_u64() > Some(0));
    let address = format!("http://{}", agent.address);
    let pid = running.pid().to_string();
    assert_eq!(gostat(&["disable", &pid, "--agent", &address]).0, Some(0));
    let off = agent.wait_for_target(running.pid(), |target| target["enabled"] == false);
    assert_eq!(off["collect"], "off");
    assert_eq!(gostat(&["enable", &pid, "--agent", &address]).0, Some(0));
    agent.wait_for_target(running.pid(), |target| target["collect"] == "stacks");
    let (code, _, said) = gostat(&["disable", "1-1", "--agent", &address]);
    assert!(code == Some(2) && said.contains("hint: gostat agent targets"), "{said}");
    let (code, _, said) = gostat(&["targets", "--agent", "http://127.0.0.1:9"]);
    assert!(code == Some(2) && said.contains("hint: is one running?"), "{said}");
}

#[test]
fn a_reload_changes_what_is_looked_at_and_a_wrong_one_nothing() {
    let Some(running) = many() else { return };
    let agent = RunningAgent::start(QUICK);
    let before = agent.wait_for_target(running.pid(), |target| target["looks"].as_u64() > Some(0));
    let rule = "[[targets]]\nname = \"many*\"\ncollect = \"counts\"";
    configure(agent.directory.path(), &format!("{QUICK}{rule}"));
    agent.signal(Signal::SIGHUP);
    let after = agent.wait_for_target(running.pid(), |target| target["collect"] == "counts");
    assert!(before["id"] == after["id"] && before["looks"].as_u64() <= after["looks"].as_u64());
    configure(agent.directory.path(), &format!("{QUICK}{rule}\ncollects = \"off\""));
    agent.signal(Signal::SIGHUP);
    let line = agent.wait_for_line("the configuration stays as it was");
    assert!(line.contains("did you mean") && line.contains("line "), "{line}");
    agent.wait_for_target(running.pid(), |target| target["looks"].as_u64() > after["looks"].as_u64());
}

#[test]
fn what_is_wrong_with_a_configuration_is_said_before_anything_begins() {
    let directory = tempfile::tempdir().unwrap();
    for (config, said) in [
        ("intervall = \"1s\"", "hint: did you mean \"interval\"?"),
        ("listen = \"0.0.0.0:0\"", "hint: listen on 127.0.0.1, or set http.token_file"),
        (
            "listen = \"127.0.0.1:0\"\n[[alerts.sinks]]\nname = \"a\"\ntype = \"slack\"",
            "hint: docs/alerts.md",
        ),
    ] {
        configure(directory.path(), config);
        let output = command(directory.path()).output().unwrap();
        let text = String::from_utf8(output.stderr).unwrap();
        assert!(output.status.code() == Some(2) && text.contains(said), "{config}: {text}");
    }
    configure(directory.path(), "listen = \"127.0.0.1:0\"");
    let output = command(directory.path()).env("GOSTAT_LOG", "inof").output().unwrap();
    let text = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.code() == Some(2) && text.contains("GOSTAT_LOG is \"inof\""), "{text}");
    let (code, example, _) = gostat(&["example"]);
    let file = directory.path().join("example.toml");
    std::fs::write(&file, &example).unwrap();
    let file = file.to_str().unwrap();
    assert_eq!((code, gostat(&["check", file]).0), (Some(0), Some(0)), "{example}");
    let (code, _, said) = gostat(&["check", "/nowhere/agent.toml"]);
    assert!(code == Some(2) && said.contains("/nowhere/agent.toml"), "{said}");
}

#[test]
fn two_agents_do_not_share_a_directory() {
    let agent = RunningAgent::start(QUICK);
    let output = command(agent.directory.path()).output().unwrap();
    let text = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.code() == Some(2) && text.contains("hint: "), "{text}");
}

#[test]
fn with_a_token_nobody_is_answered_without_it() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("token");
    std::fs::write(&file, "0123456789abcdef0123456789abcdef\n").unwrap();
    let agent = RunningAgent::start(&format!("{QUICK}http = {{ token_file = {file:?} }}\n"));
    let ask = |headers: &[(&str, &str)]| agent.request("GET", "/api/v1/targets", headers).0;
    assert_eq!(ask(&[]), 401);
    assert_eq!(ask(&[("Authorization", "Bearer 0123456789abcdef0123456789abcdeX")]), 401);
    assert_eq!(ask(&[("Authorization", "Bearer 0123456789abcdef0123456789abcdef")]), 200);
    assert_eq!((agent.get("/metrics").0, agent.get("/healthz").0), (401, 200));
    let address = format!("http://{}", agent.address);
    let token = file.to_str().unwrap();
    assert_eq!(gostat(&["targets", "--agent", &address, "--token-file", token]).0, Some(0));
}

#[test]
fn pages_of_others_can_neither_ask_nor_change_anything() {
    let agent = RunningAgent::start(QUICK);
    let rebound = agent.request("GET", "/api/v1/targets", &[("Host", "evil.example:6068")]);
    assert_eq!(rebound.0, 403);
    let ask = |headers: &[(&str, &str)]| agent.request("POST", "/api/v1/targets/1-1/disable", headers).0;
    assert_eq!(ask(&[("Origin", "http://evil.example")]), 403);
    assert_eq!(ask(&[("Sec-Fetch-Site", "cross-site")]), 403);
    assert_eq!(ask(&[]), 404);
}
