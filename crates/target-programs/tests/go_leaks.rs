//! Go's own leak programs stay alive where they would be profiled, and leak what Go's own test expects.

#![expect(clippy::unwrap_used, reason = "a test ends where something is not as it must be")]

use std::collections::BTreeMap;
use std::sync::Mutex;

use target_programs::{
    GoRelease, LeakProgram, LeakSet, LeakSites, NEWEST, Variant, leak_programs, leak_releases,
};

/// They wait most of the time, for their own goroutines.
const AT_ONCE: usize = 6;

#[test]
fn what_go_expects_to_leak_does() {
    let expected = of_each(NEWEST, |program| program.expected(1).unwrap());
    for release in leak_releases().unwrap() {
        let found = of_each(release, |program| Found::by(program, &expected[&program.name]));
        assert!(found.len() > 80, "go{release}: only {} programs", found.len());
        let total = found.values().fold(Found::default(), Found::plus);
        println!("go{release}: {total:?}");
        if release.minor >= 26 {
            compare(release, &found);
        } else {
            assert_eq!(total.leaked, None, "go{release}");
        }
        // Sites of another run are the same ones but for timing, and mean the same: but for locks that share their
        // place, and for main in `select {}`, which the experiment of 1.26 calls leaked.
        assert!(total.known > 10 * total.unknown, "go{release}: {total:?}");
        assert!(total.known > 50 * total.otherwise, "go{release}: {found:?}");
    }
}

/// What `ask` says of each program, several at a time, by their names.
fn of_each<T: Send>(release: GoRelease, ask: impl Fn(&LeakProgram) -> T + Sync) -> BTreeMap<String, T> {
    let programs = leak_programs(release).unwrap();
    for set in LeakSet::ALL {
        programs.iter().find(|program| program.set == set).unwrap().build(Variant::Plain).unwrap();
    }
    let (left, found) = (Mutex::new(programs.iter()), Mutex::new(BTreeMap::new()));
    std::thread::scope(|scope| {
        for _ in 0..AT_ONCE {
            scope.spawn(|| {
                loop {
                    let Some(program) = left.lock().unwrap().next() else { break };
                    let answer = ask(program);
                    found.lock().unwrap().insert(program.name.clone(), answer);
                }
            });
        }
    });
    found.into_inner().unwrap()
}

/// Numbers of goroutines.
#[derive(Debug, Default, Clone, Copy)]
struct Found {
    /// That the runtime calls leaked, if it can.
    leaked: Option<usize>,
    /// At sites of which the newest release knows what they mean, or does not.
    known: usize,
    unknown: usize,
    /// Of which this release says something else.
    otherwise: usize,
}

impl Found {
    fn by(program: &LeakProgram, expected: &LeakSites) -> Found {
        let mut running = program.start(Variant::Plain).unwrap();
        let settled = running.ask_text("settled").unwrap();
        assert!(settled == "true" || settled == "false", "{program:?}: {settled}");
        let sites = running.sites().unwrap();
        let leaked = running.leaked().unwrap();
        let all = running.goroutine_ids("goroutines").unwrap();
        let mut found = Found { leaked: leaked.as_ref().map(|leaked| leaked.len()), ..Found::default() };
        for (id, site) in sites {
            match (expected.leaked(&site), &leaked) {
                (None, _) => found.unknown += 1,
                (Some(_), None) => found.known += 1,
                (Some(expected), Some(leaked)) => {
                    found.known += 1;
                    found.otherwise += usize::from(expected != leaked.contains(&id));
                }
            }
        }
        let leaked = leaked.unwrap_or_default();
        assert!(all.contains(&1) && all.is_superset(&leaked), "{program:?}: {leaked:?} of {all:?}");
        found
    }

    fn plus(self, other: &Found) -> Found {
        Found {
            leaked: other.leaked.map(|count| count + self.leaked.unwrap_or(0)),
            known: self.known + other.known,
            unknown: self.unknown + other.unknown,
            otherwise: self.otherwise + other.otherwise,
        }
    }
}

/// Go's own test says which programs leak always, sometimes and never.
fn compare(release: GoRelease, found: &BTreeMap<String, Found>) {
    let path = NEWEST.goroot().unwrap().join("src/runtime/goroutineleakprofile_test.go");
    let test = std::fs::read_to_string(path).unwrap();
    let all = |call: &str| -> Vec<_> {
        found.iter().filter(|(name, _)| test.contains(&call.replace("NAME", name))).collect()
    };
    let always = all("makeTest(\"NAME\",");
    let never = all("makeTest(\"NAME\")");
    assert!(always.len() > 40 && never.len() == 2, "go{release}: {always:?}, {never:?}");
    // A single goroutine whose lock shares its place may be missed, which is why Go's test tries thrice.
    let missed = always.iter().filter(|(_, found)| found.leaked == Some(0));
    assert!(missed.count() <= 2, "go{release}: {always:?}");
    assert!(never.iter().all(|(_, found)| found.leaked == Some(0)), "go{release}: {never:?}");
}
