//! Go's own leak programs by the newest release: the runtime's leak profile of the same process, taken after ours, says
//! what is true.

use std::collections::BTreeSet;

use target_programs::{LeakProgram, NEWEST, Running, Variant};

use crate::search::{PROVEN_AT_REST_MIN, Searched, Way, of_each};

/// The runtime's profile is asked so often: the first misses what shares its place with something that is reachable,
/// or lies in a pool, until a later collection has emptied it.
const PROFILES: usize = 4;

#[derive(Debug, Default)]
struct Compared {
    /// What the runtime's first profile calls leaked.
    leaked: usize,
    /// Of these, found by each way.
    found: [usize; 2],
    /// Of these, proven without a stop.
    proven_at_rest: usize,
    /// What no profile calls leaked, by each way.
    extra: [BTreeSet<u64>; 2],
    skipped: bool,
}

#[test]
fn what_go_calls_leaked_is_proven_and_nothing_else() {
    let compared = of_each(NEWEST, compare);
    let mut total = Compared::default();
    for (name, of) in &compared {
        if of.found != [of.leaked; 2] || of.extra.iter().any(|extra| !extra.is_empty()) {
            println!("{name}: {of:?}");
        }
        total.leaked += of.leaked;
        total.skipped |= of.skipped;
        total.proven_at_rest += of.proven_at_rest;
        for (sum, found) in total.found.iter_mut().zip(of.found) {
            *sum += found;
        }
    }
    println!("go{NEWEST}: {} programs, {total:?}", compared.len());
    let clean = compared.values().all(|of| of.extra.iter().all(BTreeSet::is_empty));
    assert!(clean, "called leaked by us alone");
    assert!(compared.len() > 20 && total.leaked > 1000, "{total:?}");
    for (way, found) in Way::ALL.into_iter().zip(total.found) {
        let skipped = way == Way::Frozen && total.skipped;
        assert!(skipped || found * 100 >= total.leaked * 99, "{way:?}: {total:?}");
    }
    assert!(total.proven_at_rest * 100 >= total.leaked * PROVEN_AT_REST_MIN, "{total:?}");
}

fn compare(program: &LeakProgram) -> Compared {
    let mut running = program.start(Variant::Plain).unwrap();
    let mut searched = Searched::attach(&program.name, running.pid());
    let ours = Way::ALL.map(|way| searched.asleep(way));
    let first = leaked(&mut running);
    let mut any = first.clone();
    for _ in 1..PROFILES {
        if ours.iter().flatten().all(|ours| ours.ids.is_subset(&any)) {
            break;
        }
        any.extend(leaked(&mut running));
    }
    let skipped = ours.iter().any(Option::is_none);
    let ours = ours.map(Option::unwrap_or_default);
    Compared {
        leaked: first.len(),
        found: ours.each_ref().map(|ours| ours.ids.intersection(&first).count()),
        proven_at_rest: if ours[0].proven { ours[0].ids.intersection(&first).count() } else { 0 },
        extra: ours.each_ref().map(|ours| &ours.ids - &any),
        skipped,
    }
}

fn leaked(running: &mut Running) -> BTreeSet<u64> {
    running.leaked().unwrap().unwrap()
}
