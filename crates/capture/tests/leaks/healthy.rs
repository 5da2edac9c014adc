//! Healthy programs under load: nothing is ever called asleep for ever, and being looked at does not stop them.

use std::collections::BTreeMap;

use target_programs::{Build, GoRelease, Program, Running, Variant, leak_releases};

use crate::search::{Searched, Way, ids, is_long};

#[test]
fn of_what_is_healthy_nothing_is_ever_proven() {
    for release in leak_releases().unwrap() {
        for program in [Program::Healthy, Program::HealthyCgo] {
            check(release, program, &[]);
        }
    }
}

#[test]
fn what_is_alive_but_hard_to_see_is_never_proven() {
    for release in leak_releases().unwrap() {
        for part in ["registry", "shuffle", "ring", "registers", "finalizers", "timers"] {
            check(release, Program::Elusive, &[part]);
            if is_long() || part == "registry" || part == "shuffle" {
                check(release, Program::Elusive, &[part, "ballast"]);
            }
        }
    }
}

/// Searches of one process that rests at times, at most, and how often it is to rest for the whole of a copy.
const RESTING_SEARCHES: u32 = 200;
const RESTED: u32 = 5;

#[test]
fn of_what_only_rests_between_two_moves_nothing_is_ever_proven() {
    for release in leak_releases().unwrap() {
        let build = Build::amd64(Program::Elusive, release, Variant::Plain);
        let Some(built) = build.build_or_skip().unwrap() else { continue };
        let mut running = Running::start(&built, &["slots"]).unwrap();
        let mut searched = Searched::attach(build, running.pid());
        let before = work(&mut running);
        let (mut searches, mut rested) = (0, 0);
        while rested < RESTED && searches < RESTING_SEARCHES {
            let found = searched.search(Way::Running).unwrap();
            assert!(!found.proven || found.asleep.is_empty(), "{build}: {:?}", ids(&found.asleep));
            assert!(found.candidates >= 32, "{build}: {} candidates", found.candidates);
            rested += u32::from(found.proven && found.at_rest.is_some());
            searches += 1;
        }
        println!("{build}: rested in {rested} of {searches} searches");
        assert_eq!(rested, RESTED, "{build}: it rests most of the time");
        assert_ne!(before, work(&mut running), "{build}");
    }
}

fn check(release: GoRelease, program: Program, parts: &[&str]) {
    let build = Build::amd64(program, release, program.plainest_variant());
    let Some(built) = build.build_or_skip().unwrap() else { return };
    let mut running = Running::start(&built, parts).unwrap();
    let mut searched = Searched::attach(build, running.pid());
    let before = work(&mut running);
    let searches = if is_long() { 40 } else { 3 };
    let (mut candidates, mut doubted) = (0, BTreeMap::new());
    for _ in 0..searches {
        for way in Way::ALL {
            let Some(found) = searched.search(way) else { continue };
            let asleep = ids(&found.asleep);
            println!("{build} {parts:?} {way:?}: {} {:?}", asleep.len(), found.doubts);
            // Of who is hard to see, copies that are not of one moment may all miss the same link. Of others not.
            if found.proven || found.agreed && program != Program::Elusive {
                assert!(asleep.is_empty(), "{build} {parts:?} {way:?}: {asleep:?}, {} passes", found.passes);
            }
            *doubted.entry(way).or_insert(0) += u64::from(!found.agreed);
            candidates += found.candidates;
        }
    }
    let after = work(&mut running);
    println!("{build} {parts:?}: {searches} searches, {candidates} candidates, doubts {doubted:?}");
    let frozen = doubted.get(&Way::Frozen).copied().unwrap_or_default();
    assert!(frozen < searches, "{build} {parts:?}: no search could have proven anything");
    let least = if program == Program::Healthy { 100 } else { 1 };
    assert!(candidates > least * searches, "{build} {parts:?}: only {candidates} candidates");
    let stuck = before.iter().filter(|(part, count)| after.get(*part).is_none_or(|after| after <= count));
    assert_eq!(stuck.count(), 0, "{build}: {before:?}, {after:?}");
}

/// What each part has done.
fn work(running: &mut Running) -> BTreeMap<String, u64> {
    let text = running.ask_text("work").unwrap();
    let part = |line: &str| {
        let (name, count) = line.split_once(' ').unwrap();
        (name.to_owned(), count.parse().unwrap())
    };
    text.lines().map(part).collect()
}
