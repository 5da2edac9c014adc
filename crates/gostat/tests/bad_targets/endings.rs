//! Targets that end, or become another program, while they are looked at.

use std::time::{Duration, Instant};

use target_programs::{Build, Program, Running, Variant};

use crate::gostat::{Ran, functions, run};
use crate::targets::NEWEST;

/// What may be said of a process that has just ended, or is about to.
const GONE: [&str; 7] = [
    "no process has pid",
    "is a zombie: it has exited already",
    "exited while it was being looked at",
    "has exited",
    "is ending or executing another program",
    "lives on after its main thread has exited",
    "is starting or ending: its executable is not mapped",
];

fn assert_whole_or_says(ran: &Ran, causes: &[&str]) {
    if ran.code == 2 {
        assert_eq!(ran.output, b"", "a dump that failed prints nothing");
        assert!(causes.iter().any(|cause| ran.messages.contains(cause)), "{}", ran.messages);
    }
}

#[test]
fn a_target_that_is_killed_in_the_middle() {
    let build = Build::amd64(Program::Many, NEWEST, Variant::Plain);
    let built = build.build().unwrap();
    let running = Running::start(&built, &["1000"]).unwrap();
    let began = Instant::now();
    assert_eq!(run(&["dump", &running.pid().to_string(), "--json"]).code, 0);
    let whole_time = began.elapsed();
    drop(running);
    let (mut dumped, mut gone) = (0, 0);
    for round in 0..30 {
        let running = Running::start(&built, &["1000"]).unwrap();
        let pid = running.pid();
        // From the very start to somewhat after the usual end: what matters is that all moments are hit.
        let life = whole_time * round / 24;
        let killer = std::thread::spawn(move || {
            std::thread::sleep(life);
            drop(running);
        });
        let ran = run(&["dump", &pid.to_string(), "--json"]);
        killer.join().unwrap();
        assert_whole_or_says(&ran, &GONE);
        *if ran.code == 0 { &mut dumped } else { &mut gone } += 1;
    }
    assert!(gone >= 5, "in 30 rounds {dumped} were dumped and {gone} gone: nothing was in the middle");
}

#[test]
fn a_target_that_executes_itself_over_and_over() {
    for variant in [Variant::Plain, Variant::PieStripped] {
        let built = Build::amd64(Program::Executes, NEWEST, variant).build().unwrap();
        let (mut dumped, mut replaced) = (0, 0);
        for life in ["1ms", "10ms", "100ms"] {
            let running = Running::start(&built, &[life]).unwrap();
            let until = Instant::now() + Duration::from_secs(2);
            while Instant::now() < until {
                let ran = run(&["dump", &running.pid().to_string(), "--json"]);
                let causes = [
                    "has executed another program",
                    "is ending or executing another program",
                    "its executable is not mapped",
                    "the Go runtime of this process has not started yet",
                    // So it is for a moment if another thread than the first calls exec.
                    "lives on after its main thread has exited",
                ];
                assert_whole_or_says(&ran, &causes);
                if ran.code == 2 {
                    replaced += 1;
                    continue;
                }
                dumped += 1;
                let dump: serde_json::Value = serde_json::from_slice(&ran.output).unwrap();
                for goroutine in dump["goroutines"].as_array().unwrap() {
                    let ours = functions(goroutine).into_iter().filter(|name| name.starts_with("main."));
                    let known = ["main.main", "main.waits", "main.main.func1"];
                    assert!(ours.into_iter().all(|name| known.contains(&name)), "{goroutine}");
                }
            }
        }
        assert!(dumped > 0 && replaced > 0, "{variant:?}: {dumped} dumped, {replaced} replaced");
    }
}
