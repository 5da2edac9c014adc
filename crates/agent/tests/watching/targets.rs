//! Targets as they come and go.

use std::process::Command;
use std::time::Duration;

use agent::config::{Collect, Config};
use target_programs::{Build, Program, Running, Variant, releases};

use crate::heard::{Event, QUICK, agent};

fn start(program: Program, arguments: &[&str]) -> Option<Running> {
    let build = Build::amd64(program, *releases().unwrap().last().unwrap(), Variant::Stripped);
    Some(Running::start(&build.build_or_skip().unwrap()?, arguments).unwrap())
}

fn goroutines(running: &mut Running) -> u64 {
    running.ask_text("goroutines").unwrap().lines().count() as u64
}

fn looked(event: &Event) -> bool {
    matches!(event, Event::Looked { .. })
}

#[test]
fn who_comes_is_found_and_looked_at_and_who_goes_has_ended() {
    let (agent, heard) = agent("");
    let Some(mut running) = start(Program::Many, &["500"]) else { return };
    let pid = running.pid();
    let (id, _) = heard.wait_for(pid, 0, |event| *event == Event::Began);
    let truth = goroutines(&mut running);
    let (_, look) = heard.wait_for(pid, 0, looked);
    let Event::Looked { goroutines, stacks, .. } = look else { unreachable!() };
    assert!(goroutines.abs_diff(truth) <= 1 && stacks > 0, "{goroutines} {truth} {stacks}");
    let status = agent.registry().status(&id).unwrap();
    assert_eq!((status.facts.target.pid, status.error), (pid, None));
    drop(running);
    let (ended, event) = heard.wait_for(pid, 0, |event| matches!(event, Event::Ended { .. }));
    assert_eq!((ended, event), (id.clone(), Event::Ended { replaced: false }));
    assert!(agent.registry().status(&id).is_err());
    agent.stop();
}

#[test]
fn who_is_there_already_is_found_and_who_executes_another_program_is_another_target() {
    let Some(running) = start(Program::Executes, &["2s"]) else { return };
    let pid = running.pid();
    let (_agent, heard) = agent("");
    // On a busy machine it may be too late for a look at that one.
    let (first, _) = heard.wait_for(pid, 0, |event| *event == Event::Began);
    let replaced = |event: &Event| *event == Event::Ended { replaced: true };
    assert_eq!(heard.wait_for(pid, 0, replaced).0, first);
    // The one after it may have been too short for a look.
    let is_other = |id: &str| id.starts_with(&format!("{first}."));
    let from = heard.count();
    let (second, _) = heard.wait_for(pid, from, looked);
    assert!(is_other(&second), "{first} {second}");
}

#[test]
fn who_stands_still_is_looked_at_all_the_same() {
    let Some(running) = start(Program::Many, &["50"]) else { return };
    let signal = |name: &str| {
        assert!(Command::new("kill").args([name, &running.pid().to_string()]).status().unwrap().success());
    };
    signal("-STOP");
    let (_agent, heard) = agent("");
    let (_, look) = heard.wait_for(running.pid(), 0, looked);
    assert!(matches!(look, Event::Looked { goroutines: 50.., .. }), "{look:?}");
    signal("-CONT");
}

#[test]
fn what_rules_and_users_want_is_done_from_then_on() {
    let Some(running) = start(Program::Many, &["50"]) else { return };
    let pid = running.pid();
    let (agent, heard) = agent("");
    let (id, look) = heard.wait_for(pid, 0, looked);
    assert!(matches!(look, Event::Looked { stacks: 1.., collect: Collect::Stacks, .. }), "{look:?}");
    let counts =
        format!("{QUICK}\n[[targets]]\nname = \"many*\"\ncollect = \"counts\"\ninterval = \"200ms\"");
    agent.reload(Config::parse(&counts).unwrap());
    heard.wait_for(pid, 0, |event| {
        matches!(event, Event::Looked { collect: Collect::Counts, interval, .. } if *interval == Duration::from_millis(200))
    });
    agent.registry().set_disabled(&id, true).unwrap();
    let looks = agent.registry().status(&id).unwrap().looks;
    // Its turn comes and goes.
    let other = start(Program::Many, &["51"]).unwrap();
    let from = heard.count();
    for _ in 0..5 {
        let from = heard.count();
        heard.wait_for(other.pid(), from, looked);
    }
    assert_eq!(agent.registry().status(&id).unwrap().looks, looks);
    agent.registry().set_disabled(&id, false).unwrap();
    heard.wait_for(pid, from, looked);
    assert!(agent.registry().set_disabled("1-1", true).is_err());
}

#[test]
fn there_are_no_more_targets_than_allowed() {
    let Some(_running) = start(Program::Many, &["5"]) else { return };
    let (agent, heard) = agent("[[targets]]\nname = \"*\"");
    heard.wait_for(_running.pid(), 0, |event| *event == Event::Began);
    drop(agent);
    let config = QUICK.replace("min_age = \"0s\"", "min_age = \"0s\", targets_max = 0");
    let heard = std::sync::Arc::new(crate::heard::Heard::default());
    let agent = agent::Agent::start(
        linux_process::ProcessTable::default(),
        Config::parse(&config).unwrap(),
        vec![heard.clone()],
        agent::EarlierPrograms::default(),
    )
    .unwrap();
    while agent.found().scans < 3 {
        std::thread::yield_now();
    }
    assert!(agent.found().left > 0 && heard.count() == 0 && agent.registry().is_empty());
}
