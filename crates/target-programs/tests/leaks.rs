//! Our own leaks and healthy programs are what they say they are: the runtime's own leak profile agrees.

#![expect(clippy::unwrap_used, reason = "a test ends where something is not as it must be")]

use std::collections::{BTreeMap, BTreeSet};

use goroutine_dump::parse;
use target_programs::{Built, LEAKS_THAT_GO_MISSES, Program, Running, matrix};

/// Builds what there is of one program in the matrix, and gives each to `check`.
fn check(program: Program, mut check: impl FnMut(&Built)) {
    for build in matrix().unwrap().into_iter().filter(|build| build.program == program) {
        if let Some(built) = build.build_or_skip().unwrap() {
            check(&built);
        }
    }
}

/// Ids of goroutines by their outermost function.
fn by_entry(running: &mut Running) -> BTreeMap<String, BTreeSet<u64>> {
    let text = running.ask_text("stack").unwrap();
    let (goroutines, problems) = parse(&text);
    assert!(problems.is_empty(), "{problems:?}");
    let mut entries: BTreeMap<String, BTreeSet<u64>> = BTreeMap::new();
    for goroutine in &goroutines {
        let entry = goroutine.frames.last().unwrap().function.to_owned();
        entries.entry(entry).or_default().insert(goroutine.id);
    }
    entries
}

#[test]
fn every_pattern_leaks_what_it_names_and_its_twin_is_healthy() {
    check(Program::Leaks, |built| {
        let build = built.build;
        let mut running = Running::start(built, &["all", "3"]).unwrap();
        let patterns = running.ask_text("patterns").unwrap();
        let entries = by_entry(&mut running);
        for pattern in patterns.lines() {
            for kind in ["leak", "healthy"] {
                let prefix = format!("main.{kind}{pattern}");
                let some = entries.iter().filter(|(entry, _)| entry.starts_with(&prefix));
                let count: usize = some.map(|(_, ids)| ids.len()).sum();
                assert!(count >= 3, "{build}: {count} of {prefix}");
            }
        }
        let expected = if build.release.minor >= 24 { 58 } else { 56 };
        assert_eq!(patterns.lines().count(), expected, "{build}");
        let Some(leaked) = running.leaked().unwrap() else {
            assert!(build.release.minor < 26, "{build}: no leak profile");
            return;
        };
        for (entry, ids) in entries {
            let missed = LEAKS_THAT_GO_MISSES.iter().any(|(function, _)| *function == entry);
            let called_leaked = ids.intersection(&leaked).count();
            let expected = if entry.starts_with("main.leak") && !missed { ids.len() } else { 0 };
            assert_eq!(called_leaked, expected, "{build}: of {} in {entry}", ids.len());
        }
    });
}

#[test]
fn one_pattern_can_be_chosen() {
    check(Program::Leaks, |built| {
        let mut running = Running::start(built, &["NilChannel", "5"]).unwrap();
        let entries = by_entry(&mut running);
        let count = |entry: &str| entries.get(entry).map_or(0, BTreeSet::len);
        assert_eq!(count("main.leakNilChannelSend"), 5, "{}: {entries:?}", built.build);
        assert_eq!(count("main.healthyNilChannel"), 5, "{}: {entries:?}", built.build);
        assert!(entries.keys().all(|entry| !entry.contains("Pipeline")), "{}", built.build);
    });
}

#[test]
fn nothing_healthy_ever_leaks_and_all_parts_move() {
    for program in [Program::Healthy, Program::HealthyCgo] {
        check(program, |built| {
            let build = built.build;
            let mut running = Running::start(built, &[]).unwrap();
            let before = work(&mut running);
            let mut looks = 0;
            while looks < 5 || before.iter().zip(work(&mut running)).any(|(old, new)| old.1 + 50 > new.1) {
                looks += 1;
                assert!(looks < 10_000, "{build}: stuck: {before:?}, {:?}", work(&mut running));
                let goroutines = running.goroutine_ids("goroutines").unwrap().len();
                let least = if program == Program::Healthy { 400 } else { 20 };
                assert!(goroutines > least, "{build}: {goroutines}");
                if let Some(leaked) = running.leaked().unwrap() {
                    assert!(leaked.is_empty(), "{build}: {leaked:?}");
                }
            }
            println!("{build}: healthy in {looks} looks");
        });
    }
}

/// What each part has done, in order of their names.
fn work(running: &mut Running) -> Vec<(String, u64)> {
    let text = running.ask_text("work").unwrap();
    let part = |line: &str| {
        let (name, count) = line.split_once(' ').unwrap();
        (name.to_owned(), count.parse().unwrap())
    };
    text.lines().map(part).collect()
}

#[test]
fn what_was_planted_and_nothing_else_has_leaked() {
    check(Program::Planted, |built| {
        let build = built.build;
        for seed in ["1", "2", "3"] {
            let mut running = Running::start(built, &[seed, "100"]).unwrap();
            for command in ["operate", "wake", "operate"] {
                running.ask(command).unwrap();
                let planted = running.goroutine_ids("planted").unwrap();
                let healthy = running.goroutine_ids("healthy").unwrap();
                let all = running.goroutine_ids("goroutines").unwrap();
                assert!(planted.len() > 20 && all.is_superset(&planted), "{build} {seed}: {planted:?}");
                assert!(all.is_superset(&healthy) && healthy.is_disjoint(&planted), "{build} {seed}");
                assert_eq!(healthy.is_empty(), command == "wake", "{build} {seed}: {healthy:?}");
                if let Some(leaked) = running.leaked().unwrap() {
                    assert_eq!(leaked, planted, "{build} {seed}");
                }
            }
        }
    });
}
