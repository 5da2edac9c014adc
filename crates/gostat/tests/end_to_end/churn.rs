//! Under churn, every stack that is accepted is one that the program can have.

use serde_json::Value;
use target_programs::{Program, Running};

use crate::gostat::{dump_json, for_each};

/// Stacks to be accepted, per release.
const ENOUGH: usize = 5_000;
/// Dumps after which there should have been enough.
const DUMPS: usize = 2_000;

#[test]
fn no_accepted_stack_is_wrong() {
    for_each(&[Program::Churn], |build, built| {
        let running = Running::start(built, &[]).unwrap();
        let (mut accepted, mut given_up, mut dumps) = (0, 0, 0);
        while accepted < ENOUGH {
            assert!(dumps < DUMPS, "{build}: {accepted} stacks accepted in {dumps} dumps");
            dumps += 1;
            let dump = dump_json(running.pid());
            for goroutine in dump["goroutines"].as_array().unwrap() {
                let saved = goroutine["stack_state"] == "saved" && goroutine["stack_complete"] == true;
                if let (true, Some(kind)) = (saved, kind(goroutine)) {
                    accepted += 1;
                    if let Err(why) = possible(goroutine, kind) {
                        panic!("{build}: after {accepted} stacks: {why}: {goroutine}");
                    }
                }
                given_up += usize::from(goroutine["stack_state"] == "torn");
            }
        }
        println!("{build}: {accepted} stacks in {dumps} dumps, all possible; {given_up} given up as torn");
    });
}

/// Which of the four kinds of goroutine it was started as.
fn kind(goroutine: &Value) -> Option<char> {
    // Started through a variable: the place of the go statement says spawner, the entry says the kind. With arguments,
    // the entry is a wrapper of the compiler's, and only the stack says which.
    let entry = goroutine["entry"]["function"].as_str()?;
    if let Some(kind) = entry.strip_prefix("main.entry") {
        return kind.chars().next();
    }
    if goroutine["created_by"]["function"] != "main.spawner" {
        return None;
    }
    let frames = goroutine["stack"].as_array()?;
    frames
        .iter()
        .rev()
        .find_map(|frame| frame["function"].as_str()?.strip_prefix("main.entry")?.chars().next())
}

/// `main.entryN`, `main.stepN` up to 401 times, perhaps `main.waitN` or `main.touchN`, then only others' functions.
fn possible(goroutine: &Value, kind: char) -> Result<(), &'static str> {
    let frames = goroutine["stack"].as_array().ok_or("no stack")?;
    let names = frames.iter().rev().map(|frame| frame["function"].as_str().unwrap_or_default());
    let mut outermost_first = names.skip_while(|name| name.starts_with("main.spawner")).peekable();
    if outermost_first.next() != Some(&format!("main.entry{kind}")) {
        return Err("it does not end in its entry");
    }
    let step = format!("main.step{kind}");
    let mut steps = 0;
    while outermost_first.next_if_eq(&step.as_str()).is_some() {
        steps += 1;
    }
    if steps > 401 {
        return Err("deeper than it can be");
    }
    let leaves = [format!("main.wait{kind}"), format!("main.touch{kind}")];
    let in_leaf =
        steps > 0 && outermost_first.next_if(|name| leaves.iter().any(|leaf| leaf == name)).is_some();
    let _ = in_leaf;
    if outermost_first.any(|name| name.starts_with("main.")) {
        return Err("a function that nothing there calls");
    }
    Ok(())
}
