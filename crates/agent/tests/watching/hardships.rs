//! What makes an agent's life hard: too little memory, targets that are huge, stand still or die while they are read.

use std::process::Command;
use std::time::Duration;

use agent::config::Collect;
use target_programs::{Build, Built, NEWEST, Program, Running, Variant};

use crate::heard::{Event, agent};

/// Only the programs of one test are watched: those of others, and of this machine, would take a part of the budget.
fn only(service: &str) -> String {
    format!(
        "[[targets]]\nlabels = {{ \"service.name\" = \"{service}\" }}\n[[targets]]\nname = \"*\"\ncollect = \"off\"\n"
    )
}

fn start(built: &Built, count: &str, service: &str) -> Running {
    Running::start_with(built, &[count], &[("OTEL_SERVICE_NAME", service)]).unwrap()
}

fn built() -> Option<Built> {
    of(Program::Many)
}

fn of(program: Program) -> Option<Built> {
    Build::amd64(program, NEWEST, Variant::Stripped).build_or_skip().unwrap()
}

fn signal(name: &str, pid: u32) {
    assert!(Command::new("kill").args([name, &pid.to_string()]).status().unwrap().success());
}

fn looked(event: &Event) -> bool {
    matches!(event, Event::Looked { .. })
}

#[test]
fn with_too_little_memory_the_largest_target_gives_up_its_stacks_and_all_are_still_counted() {
    let Some(built) = built() else { return };
    let (large, small) = (start(&built, "20000", "cramped"), start(&built, "60", "cramped"));
    // This process alone is larger than that.
    let (agent, heard) =
        agent(&format!("budget = {{ cpu_percent = 1000.0, memory_mib = 1 }}\n{}", only("cramped")));
    let (id, _) = heard.wait_for(large.pid(), 0, |event| matches!(event, Event::Looked { stacks: 1.., .. }));
    heard.wait_for(small.pid(), 0, looked);
    let given_up = |event: &Event| {
        matches!(event, Event::Looked { stacks: 0, collect: Collect::Counts, goroutines: 20_000.., .. })
    };
    heard.wait_for(large.pid(), 0, given_up);
    let status = agent.registry().status(&id).unwrap();
    assert!(status.relieved, "{status:?}");
    // It is the first of them. The next one comes some seconds later, as long as there is too little.
    heard
        .wait_for(small.pid(), 0, |event| matches!(event, Event::Looked { stacks: 0, goroutines: 60.., .. }));
    let from = heard.count();
    heard.wait_for(large.pid(), from, given_up);
}

#[test]
fn a_target_that_is_stopped_and_goes_on_is_looked_at_all_the_time() {
    let Some(built) = built() else { return };
    let running = start(&built, "2000", "stopped");
    let (agent, heard) = agent(&only("stopped"));
    let (id, _) = heard.wait_for(running.pid(), 0, looked);
    signal("-STOP", running.pid());
    for _ in 0..5 {
        let from = heard.count();
        let (same, event) = heard.wait_for(running.pid(), from, looked);
        assert!(
            same == id && matches!(event, Event::Looked { goroutines: 2000.., stacks: 1.., .. }),
            "{event:?}"
        );
    }
    let status = agent.registry().status(&id).unwrap();
    assert_eq!((status.failed, status.timed_out, status.error), (0, 0, None));
    signal("-CONT", running.pid());
    let from = heard.count();
    heard.wait_for(running.pid(), from, looked);
    // Nor does it hold up the end.
    signal("-STOP", running.pid());
    agent.stop();
    signal("-CONT", running.pid());
}

#[test]
fn a_target_of_a_million_goroutines_pays_for_itself() {
    // Of the programs with so many this one is started soonest.
    let (Some(built), Some(waves)) = (built(), of(Program::Waves)) else { return };
    let small = start(&built, "50", "huge");
    let huge = start(&waves, "1000000", "huge");
    // The share of a processor that an agent has without a configuration.
    let (agent, heard) = agent(&format!("budget = {{ cpu_percent = 2.0 }}\n{}", only("huge")));
    let (id, first) = heard.wait_for(huge.pid(), 0, looked);
    assert!(matches!(first, Event::Looked { goroutines: 1_000_000.., .. }), "{first:?}");
    // As soon as it is known what that costs, it is looked at more rarely, or without stacks.
    let degraded = |event: &Event| match event {
        Event::Looked { interval, collect, .. } => {
            *interval > Duration::from_secs(1) || *collect == Collect::Counts
        }
        _ => false,
    };
    let adapted = || {
        let status = agent.registry().status(&id).unwrap();
        degraded(&Event::Looked {
            goroutines: 0,
            stacks: 0,
            collect: status.collect,
            interval: status.interval,
        })
    };
    if !adapted() {
        heard.wait_for(huge.pid(), 0, degraded);
    }
    // The other one is looked at all the same, with its stacks.
    let from = heard.count();
    heard.wait_for(small.pid(), from, |event| matches!(event, Event::Looked { stacks: 1.., .. }));
    assert!(agent.registry().status(&id).unwrap().error.is_none());
}

#[test]
fn targets_that_die_while_they_are_read_have_ended() {
    let Some(built) = built() else { return };
    let (agent, heard) = agent(&only("dying"));
    let stays = start(&built, "50", "dying");
    for _ in 0..6 {
        let running = start(&built, "30000", "dying");
        let (pid, from) = (running.pid(), heard.count());
        // The first look reads everything, which takes a while, and has just begun.
        heard.wait_for(pid, 0, |event| *event == Event::Began);
        signal("-KILL", pid);
        // Its remains are collected, so that there is no zombie to be looked at.
        drop(running);
        heard.wait_for(pid, 0, |event| *event == Event::Ended { replaced: false });
        heard.wait_for(stays.pid(), from, looked);
    }
    let left = agent.registry().statuses();
    assert!(left.iter().all(|status| status.error.is_none()), "{left:?}");
}
