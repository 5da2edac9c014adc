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
                if saved && goroutine["created_by"]["function"] == "main.spawner" {
                    accepted += 1;
                    if let Err(why) = possible(goroutine) {
                        panic!("{build}: after {accepted} stacks: {why}: {goroutine}");
                    }
                }
                given_up += usize::from(goroutine["stack_state"] == "torn");
            }
        }
        println!("{build}: {accepted} stacks in {dumps} dumps, all possible; {given_up} given up as torn");
    });
}

/// Perhaps the compiler's wrapper around a `go` statement with arguments, `main.entryN`, `main.stepN` up to 401 times,
/// perhaps `main.waitN` or `main.touchN`, then only others' functions.
fn possible(goroutine: &Value) -> Result<(), &'static str> {
    let frames = goroutine["stack"].as_array().ok_or("no stack")?;
    let names = frames.iter().rev().map(|frame| frame["function"].as_str().unwrap_or_default());
    let mut outermost_first = names.peekable();
    let wrapped = outermost_first.next_if(|name| name.starts_with("main.spawner.")).is_some();
    let entry = outermost_first.next_if(|name| name.starts_with("main."));
    let Some(entry) = entry else {
        // It has not come to its entry yet: it has not run, or its first call waits for more stack. Or it has left it:
        // the runtime's last words can be preempted too.
        let left = outermost_first.peek() == Some(&"runtime.goexit1");
        let ours = outermost_first.any(|name| name.starts_with("main."));
        return if (wrapped || left) && !ours { Ok(()) } else { Err("it does not end in an entry") };
    };
    let kind = entry.strip_prefix("main.entry").ok_or("it does not end in an entry")?;
    let step = format!("main.step{kind}");
    let mut steps = 0;
    while outermost_first.next_if_eq(&step.as_str()).is_some() {
        steps += 1;
    }
    if steps > 401 {
        return Err("deeper than it can be");
    }
    let leaves = [format!("main.wait{kind}"), format!("main.touch{kind}")];
    if steps > 0 {
        outermost_first.next_if(|name| leaves.iter().any(|leaf| leaf == name));
    }
    if outermost_first.any(|name| name.starts_with("main.")) {
        return Err("a function that nothing there calls");
    }
    Ok(())
}

#[test]
fn stacks_that_the_program_cannot_have_are_told_from_those_that_it_can() {
    // Innermost first, as in a dump.
    let check = |functions: &[&str]| {
        let stack: Vec<Value> =
            functions.iter().map(|name| serde_json::json!({ "function": name })).collect();
        possible(&serde_json::json!({ "stack": stack }))
    };
    assert_eq!(check(&["main.spawner.gowrap1"]), Ok(()));
    assert_eq!(check(&["runtime.gopark", "main.entry1", "main.spawner.func1"]), Ok(()));
    assert_eq!(check(&["runtime.mcall", "main.wait2", "main.step2", "main.step2", "main.entry2"]), Ok(()));
    assert_eq!(check(&["runtime.goexit1"]), Ok(()));
    assert!(check(&[]).is_err());
    assert!(check(&["runtime.gopark"]).is_err(), "no entry");
    assert!(check(&["main.step2", "main.entry1"]).is_err(), "two goroutines in one");
    assert!(check(&["main.step2"]).is_err(), "no entry");
    assert!(check(&["main.step2", "main.wait2", "main.step2", "main.entry2"]).is_err(), "a leaf that calls");
    assert!(check(&["main.wait2", "main.entry2"]).is_err(), "a step is missing");
    assert!(
        check(&["main.entry2", "runtime.gopark", "main.spawner.func1"]).is_err(),
        "the runtime calls no entry"
    );
}
