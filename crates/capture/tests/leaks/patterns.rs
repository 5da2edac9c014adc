//! Our own leaks, each beside its healthy twin: the functions' names say which is which.

use std::collections::{BTreeMap, BTreeSet};

use goroutine_dump::parse;
use target_programs::{Build, GoRelease, Program, Running, Variant, releases};

use crate::search::{ForEver, Searched, Way, is_long};

/// Leaks that are not found in releases before some minor one, and why.
const MISSED: &[(&str, u32, &str)] = &[
    (
        "main.leakTimer",
        23,
        "a stopped timer stays in its P's heap until it would have been due, with its channel",
    ),
    ("main.leakTicker", 23, "as main.leakTimer"),
];

/// Ids of goroutines by their outermost function.
fn by_entry(running: &mut Running) -> BTreeMap<String, BTreeSet<u64>> {
    let text = running.ask_text("stack").unwrap();
    let mut entries: BTreeMap<String, BTreeSet<u64>> = BTreeMap::new();
    for goroutine in &parse(&text).0 {
        let entry = goroutine.frames.last().unwrap().function.to_owned();
        entries.entry(entry).or_default().insert(goroutine.id);
    }
    entries
}

#[test]
fn every_pattern_is_proven_and_no_twin_ever() {
    for release in releases().unwrap() {
        let mut variants = vec![Variant::Plain];
        if is_long() || release.minor == 19 || release.minor >= 27 {
            variants.push(Variant::PieStripped);
        }
        for variant in variants {
            check(release, variant);
        }
    }
}

fn check(release: GoRelease, variant: Variant) {
    let build = Build::amd64(Program::Leaks, release, variant);
    let Some(built) = build.build_or_skip().unwrap() else { return };
    let mut running = Running::start(&built, &["all", "5"]).unwrap();
    let mut searched = Searched::attach(build, running.pid());
    let entries = by_entry(&mut running);
    for way in [Way::Running, Way::Frozen, Way::Running] {
        let Some(ForEver { ids: found, .. }) = searched.asleep(way) else { continue };
        let (mut leaked, mut proven, mut wrong) = (0, 0, Vec::new());
        for (entry, ids) in &entries {
            let count = ids.intersection(&found).count();
            if !entry.starts_with("main.leak") {
                wrong.extend((count > 0).then_some((entry, count)));
                continue;
            }
            if MISSED.iter().any(|(missed, until, _)| missed == entry && release.minor < *until) {
                continue;
            }
            leaked += ids.len();
            proven += count;
            if count < ids.len() {
                println!("{build} {way:?}: {count} of {} in {entry}", ids.len());
            }
        }
        println!("{build} {way:?}: {proven} of {leaked}, wrong {wrong:?}");
        assert!(wrong.is_empty(), "{build} {way:?}: {wrong:?}");
        assert!(leaked > 250 && proven * 100 >= leaked * 99, "{build} {way:?}: {proven} of {leaked}");
    }
}
