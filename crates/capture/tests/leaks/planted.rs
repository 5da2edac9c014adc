//! Leaks planted at random in a live system: most of what was planted is proven, and nothing else, round after round.
//!
//! Some rounds as part of the tests; with `GOSTAT_SOAK_MINUTES` set, for so long, by one seed after the other.

use std::time::{Duration, Instant};

use target_programs::{Build, GoRelease, Program, Running, Variant, leak_releases};

use crate::search::{Searched, Way, ids};

/// Found and planted, of all rounds, by each way.
#[derive(Debug, Default)]
struct Total {
    planted: [usize; 2],
    found: [usize; 2],
    doubted: usize,
}

/// Per cent that are found at least. Of those who move while they are looked at, or were stopped while they ran, all
/// words on their stacks count, old ones as well: that hides some, other ones each time, and more of them on a machine
/// that has little time for the program. Quiet ones see 90 and 99.
const FOUND_MIN: [(Way, usize); 2] = [(Way::Running, 50), (Way::Frozen, 90)];

#[test]
fn most_of_what_was_planted_is_proven_and_nothing_else() {
    let minutes = std::env::var("GOSTAT_SOAK_MINUTES").map_or(0, |value| value.parse().unwrap());
    for release in leak_releases().unwrap() {
        let (began, mut total) = (Instant::now(), Total::default());
        for seed in 1.. {
            if !plant(release, seed, &mut total) {
                return;
            }
            if seed >= 2 && began.elapsed() >= Duration::from_secs(60 * minutes) {
                break;
            }
        }
        println!("go{release}: {total:?}");
        for (index, (way, least)) in FOUND_MIN.into_iter().enumerate() {
            let (found, planted) = (total.found[index], total.planted[index]);
            assert!(found * 100 >= planted * least, "go{release} {way:?}: {total:?}");
        }
    }
}

/// Whether there is such a program.
fn plant(release: GoRelease, seed: u64, total: &mut Total) -> bool {
    let build = Build::amd64(Program::Planted, release, Variant::Plain);
    let Some(built) = build.build_or_skip().unwrap() else { return false };
    let mut running = Running::start(&built, &[&seed.to_string(), "100"]).unwrap();
    let mut searched = Searched::attach(build, running.pid());
    for command in ["operate", "wake", "operate"] {
        running.ask(command).unwrap();
        for (index, way) in Way::ALL.into_iter().enumerate() {
            let Some(found) = searched.search(way) else { continue };
            if !found.agreed {
                println!("{build} {seed} {way:?}: {:?}", found.doubts);
                total.doubted += 1;
                continue;
            }
            let found = ids(&found.asleep);
            let planted = running.goroutine_ids("planted").unwrap();
            let extra = &found - &planted;
            assert!(extra.is_empty(), "{build} {seed} {way:?}: {extra:?}");
            let missed = &planted - &found;
            if !missed.is_empty() {
                println!("{build} {seed} {way:?}: missed {missed:?} of {}", planted.len());
            }
            total.planted[index] += planted.len();
            total.found[index] += planted.intersection(&found).count();
        }
    }
    true
}
