//! Profiles of any target, compared with what it says of itself.

use std::collections::BTreeMap;

use pprof_profile::ReadLimits;
use target_programs::{Build, NEWEST, Program, Running, Variant, releases};

use crate::running_agent::{QUICK, RunningAgent};

/// Counts by the functions of a stack, innermost first, of a `debug=1` text.
fn counts(text: &str) -> BTreeMap<Vec<String>, u64> {
    let mut counts = BTreeMap::new();
    for record in text.split("\n\n") {
        let lines = record.lines().filter(|line| !line.contains(" profile: total "));
        let (mut count, mut functions) = (None, Vec::new());
        for line in lines {
            match line.strip_prefix("#\t") {
                Some(frame) => functions.extend(
                    frame
                        .split('\t')
                        .filter(|part| !part.is_empty())
                        .nth(1)
                        .map(|name| name.rsplit_once('+').unwrap().0.to_owned()),
                ),
                None if line.starts_with('#') => {}
                None => count = line.split_once(" @").map(|(count, _)| count.parse::<u64>().unwrap()),
            }
        }
        // Up to Go 1.22 the runtime records no more than 32, of which it shows those that are not its own.
        functions.truncate(20);
        if let Some(count) = count {
            *counts.entry(functions).or_default() += count;
        }
    }
    counts
}

#[test]
fn all_three_forms_say_what_the_target_says_of_itself() {
    let agent = RunningAgent::start(QUICK);
    for release in [*releases().unwrap().first().unwrap(), NEWEST] {
        let build = Build::amd64(Program::Many, release, Variant::Stripped);
        let Some(built) = build.build_or_skip().unwrap() else { continue };
        let mut running = Running::start(&built, &["300"]).unwrap();
        let id = agent.wait_for_target(running.pid(), |_| true)["id"].as_str().unwrap().to_owned();
        let path = format!("/targets/{id}/debug/pprof/goroutine");
        let text = |path: &str| String::from_utf8(agent.get(path).1).unwrap();
        let ours = counts(&text(&format!("{path}?debug=1")));
        let mut theirs = counts(&running.ask_text("pprof1").unwrap());
        // Who answers is somewhere else by then.
        let answers = |functions: &Vec<String>| functions.iter().any(|name| name.contains("protocol.Serve"));
        theirs.retain(|functions, _| !answers(functions));
        let without = |counts: &BTreeMap<Vec<String>, u64>| {
            let mut counts = counts.clone();
            counts.retain(|functions, _| !answers(functions));
            counts
        };
        assert!(theirs.values().sum::<u64>() >= 300, "{build}: {theirs:?}");
        let of_one = |one: &BTreeMap<Vec<String>, u64>, other: &BTreeMap<Vec<String>, u64>| -> Vec<_> {
            one.iter()
                .filter(|(stack, count)| other.get(*stack) != Some(count))
                .map(|(a, b)| (a.clone(), *b))
                .collect()
        };
        let (ours_alone, theirs_alone) = (of_one(&without(&ours), &theirs), of_one(&theirs, &without(&ours)));
        assert_eq!(ours_alone, theirs_alone, "{build}");
        let profile = pprof_profile::read(&agent.get(&path).1, &ReadLimits::default()).unwrap();
        let total: i64 = profile.samples().map(|sample| sample.values()[0]).sum();
        assert_eq!(total.cast_unsigned(), ours.values().sum::<u64>(), "{build}");
        let dump = text(&format!("{path}?debug=2"));
        let (goroutines, problems) = goroutine_dump::parse(&dump);
        assert_eq!((goroutines.len() as u64, problems.len()), (ours.values().sum(), 0), "{build}");
        assert_eq!(agent.get(&format!("{path}?seconds=5")).0, 400);
    }
}

#[test]
fn the_leak_profile_has_what_the_runtime_calls_leaked() {
    let agent = RunningAgent::start(QUICK);
    for release in [*releases().unwrap().first().unwrap(), NEWEST] {
        let build = Build::amd64(Program::Leaked, release, Variant::Plain);
        let Some(built) = build.build_or_skip().unwrap() else { continue };
        let mut running = Running::start(&built, &[]).unwrap();
        let id = agent.wait_for_target(running.pid(), |_| true)["id"].as_str().unwrap().to_owned();
        let path = format!("/targets/{id}/debug/pprof/goroutineleak?debug=2");
        let mut answer = agent.get(&path);
        // It rests most of the time, but has just been started.
        for _ in 0..20 {
            if answer.0 == 200 {
                break;
            }
            answer = agent.get(&path);
        }
        let text = String::from_utf8(answer.1).unwrap();
        assert_eq!(answer.0, 200, "{build}: {text}");
        let ours: std::collections::BTreeSet<u64> =
            goroutine_dump::parse(&text).0.iter().map(|goroutine| goroutine.id).collect();
        assert!(!ours.is_empty(), "{build}: {text}");
        match running.leaked().unwrap() {
            Some(theirs) => assert_eq!(ours, theirs, "{build}"),
            None => println!("{build}: {} leaked, and no profile of its own", ours.len()),
        }
    }
}
