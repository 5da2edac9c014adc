//! Goroutines that do not hold still: nobody can say what their stacks are at a moment, but what they can be.

use serde_json::Value;
use target_programs::{Program, Running};

use crate::gostat::{dump_json, for_each};

fn functions(goroutine: &Value) -> Vec<&str> {
    let frames = goroutine["stack"].as_array().unwrap();
    frames.iter().map(|frame| frame["function"].as_str().unwrap()).collect()
}

#[test]
fn goroutines_that_compute_have_stacks_that_their_code_allows() {
    for_each(&[Program::Running], |build, built| {
        let running = Running::start(built, &[]).unwrap();
        let mut whole = 0;
        for _ in 0..20 {
            let dump = dump_json(running.pid());
            let spinners: Vec<&Value> = dump["goroutines"]
                .as_array()
                .unwrap()
                .iter()
                .filter(|goroutine| goroutine["entry"]["function"].as_str().is_some_and(is_spin))
                .collect();
            assert_eq!(spinners.len(), 12, "{build}");
            for goroutine in spinners {
                if goroutine["stack_complete"] != true || goroutine["stack"][0].is_null() {
                    continue;
                }
                whole += 1;
                assert_is_possible(&functions(goroutine));
            }
        }
        assert!(whole >= 100, "{build}: of 240 stacks only {whole} are whole");
    });
}

/// The compiler may put a wrapper around what a `go` statement with arguments starts.
fn is_spin(entry: &str) -> bool {
    entry == "main.spin" || entry.starts_with("main.main.")
}

/// Outermost first: perhaps a wrapper, `main.spin`, `main.descend`s or nothing yet, what a loop calls, and then anything
/// of the runtime's or the standard library's.
fn assert_is_possible(functions: &[&str]) {
    let mut outermost_first = functions.iter().rev().copied().peekable();
    outermost_first.next_if(|name| name.starts_with("main.main."));
    assert_eq!(outermost_first.next(), Some("main.spin"), "{functions:?}");
    let mut depth = 0;
    while outermost_first.next_if_eq(&"main.descend").is_some() {
        depth += 1;
    }
    assert!(depth <= 30, "{functions:?}");
    let calls: &[(&str, &str)] =
        &[("main.tightLoop", ""), ("main.callLoop", "main.leaf"), ("main.allocateLoop", "main.allocate")];
    let ours: Vec<&str> = outermost_first.clone().filter(|name| name.starts_with("main.")).collect();
    let possible = match ours[..] {
        [] | ["main.yieldLoop"] => true,
        ["main.growLoop", ref rest @ ..] => {
            rest.len() <= 2000 && rest.iter().all(|&name| name == "main.grow")
        }
        [one] => calls.iter().any(|&(outer, _)| outer == one),
        [one, two] => calls.contains(&(one, two)),
        _ => false,
    };
    assert!(possible, "{functions:?}");
}

#[test]
fn goroutines_that_never_ran_have_one_frame() {
    for_each(&[Program::NeverRan], |build, built| {
        let running = Running::start(built, &[]).unwrap();
        let dump = dump_json(running.pid());
        let waiting: Vec<&Value> = dump["goroutines"]
            .as_array()
            .unwrap()
            .iter()
            .filter(|goroutine| goroutine["entry"]["function"] == "main.neverRan")
            .collect();
        assert_eq!(waiting.len(), 20, "{build}");
        for goroutine in waiting {
            assert_eq!(functions(goroutine), ["main.neverRan"], "{build}");
            assert_eq!(goroutine["status"], "runnable", "{build}");
            assert_eq!(goroutine["created_by"]["function"], "main.start", "{build}");
            assert_eq!(goroutine["stack_complete"], true, "{build}");
        }
    });
}
