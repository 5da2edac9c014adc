//! Processes that come and go by the hundred.

use std::process::{Child, Command, Stdio};
use std::time::Instant;

use target_programs::{Build, NEWEST, Program, Running, Variant};

use crate::heard::{Event, agent};

/// Processes that live some milliseconds: five seconds of 200 each second. As many at a time as a machine needs to come
/// to that; one that cannot start so many has them one after the other, as fast as it can.
const SHORT_LIVED: usize = 1000;
const AT_ONCE: usize = 8;
const PER_SECOND: f64 = 200.0;

#[test]
fn of_hundreds_of_short_lived_processes_nothing_is_left() {
    let build = Build::amd64(Program::Many, NEWEST, Variant::Stripped);
    let Some(built) = build.build_or_skip().unwrap() else { return };
    let stays = Running::start(&built, &["100"]).unwrap();
    // As it is without a configuration: what is younger than a second is left alone.
    let (agent, heard) = agent("discovery = { every = \"100ms\" }\n");
    let looked = |event: &Event| matches!(event, Event::Looked { .. });
    heard.wait_for(stays.pid(), 0, looked);
    let mut pids = Vec::new();
    let mut alive: Vec<Child> = Vec::new();
    let began = Instant::now();
    for _ in 0..SHORT_LIVED {
        // It ends with its standard input.
        let mut words = built.command.iter();
        let mut command = Command::new(words.next().unwrap());
        let child = command.args(words).arg("3").stdin(Stdio::null()).stdout(Stdio::null()).spawn().unwrap();
        pids.push(child.id());
        alive.push(child);
        if alive.len() == AT_ONCE {
            alive.remove(0).wait().unwrap();
        }
    }
    alive.into_iter().for_each(|mut child| assert!(child.wait().unwrap().success()));
    let per_second = SHORT_LIVED as f64 / began.elapsed().as_secs_f64();
    println!("{per_second:.0} processes a second; {PER_SECOND} were wanted");
    let from = heard.count();
    heard.wait_for(stays.pid(), from, looked);
    // A slow machine may have let some of them live for a second.
    for pid in pids {
        if heard.has(pid, &Event::Began) {
            heard.wait_for(pid, 0, |event| matches!(event, Event::Ended { .. }));
        }
    }
    assert!(agent.registry().statuses().iter().any(|status| status.facts.target.pid == stays.pid()));
}
