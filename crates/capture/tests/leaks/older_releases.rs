//! Go's own leak programs by releases that have no leak profile: at the same places in the same sources the same must
//! come out as by the newest.

use target_programs::{LeakProgram, Variant, leak_releases};

use crate::search::{PROVEN_AT_REST_MIN, Searched, Way, is_long, of_each};

#[derive(Debug, Default, Clone, Copy)]
struct Compared {
    /// Goroutines where those of the newest release have leaked.
    leaked: usize,
    /// Of these, found by each way.
    found: [usize; 2],
    /// Of these, proven without a stop.
    proven_at_rest: usize,
    /// Found where those of the newest release have not leaked, by each way.
    extra: [usize; 2],
    skipped: bool,
}

#[test]
fn older_releases_leak_where_the_newest_does() {
    let releases = leak_releases().unwrap();
    for release in releases.into_iter().filter(|release| release.minor < 26) {
        let compared = of_each(release, compare);
        let mut total = Compared::default();
        for (name, of) in &compared {
            if of.found != [of.leaked; 2] || of.extra != [0; 2] {
                println!("go{release} {name}: {of:?}");
            }
            total.leaked += of.leaked;
            total.skipped |= of.skipped;
            total.proven_at_rest += of.proven_at_rest;
            for way in 0..2 {
                total.found[way] += of.found[way];
                total.extra[way] += of.extra[way];
            }
        }
        println!("go{release}: {} programs, {total:?}", compared.len());
        assert!(compared.len() > 20 && total.leaked > 1000, "go{release}: {total:?}");
        for (index, way) in Way::ALL.into_iter().enumerate() {
            let skipped = way == Way::Frozen && total.skipped;
            assert!(
                skipped || total.found[index] * 100 >= total.leaked * 99,
                "go{release} {way:?}: {total:?}"
            );
            assert_eq!(total.extra[index], 0, "go{release} {way:?}");
        }
        assert!(total.proven_at_rest * 100 >= total.leaked * PROVEN_AT_REST_MIN, "go{release}: {total:?}");
    }
}

fn compare(program: &LeakProgram) -> Compared {
    let mut running = program.start(Variant::Plain).unwrap();
    let mut searched = Searched::attach(format!("go{} {}", program.release, program.name), running.pid());
    let ours = Way::ALL.map(|way| searched.asleep(way));
    let sites = running.sites().unwrap();
    drop(running);
    // Programs that depend on timing get stuck elsewhere each time.
    let expected = program.expected(if is_long() { 3 } else { 1 }).unwrap();
    let skipped = ours.iter().any(Option::is_none);
    let ours = ours.map(Option::unwrap_or_default);
    let mut compared = Compared { skipped, ..Compared::default() };
    for (id, site) in &sites {
        let leaked = expected.leaked(site);
        compared.leaked += usize::from(leaked == Some(true));
        for (way, ours) in ours.iter().enumerate() {
            let found = ours.ids.contains(id);
            compared.found[way] += usize::from(found && leaked == Some(true));
            let at_rest = found && Way::ALL[way] == Way::Running && ours.proven;
            compared.proven_at_rest += usize::from(at_rest && leaked == Some(true));
            compared.extra[way] += usize::from(found && leaked == Some(false));
            if found && leaked == Some(false) {
                println!("go{} {}: {id} at {site} is called asleep", program.release, program.name);
            }
        }
    }
    compared
}
