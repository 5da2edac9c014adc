//! Go's own leak programs stay alive where they would be profiled, and leak what Go's own test expects.

#![expect(clippy::unwrap_used, reason = "a test ends where something is not as it must be")]

use std::collections::BTreeMap;
use std::sync::Mutex;

use target_programs::{GoRelease, LeakProgram, LeakSet, Variant, leak_programs, leak_releases};

/// They wait most of the time, for their own goroutines.
const AT_ONCE: usize = 6;

#[test]
fn what_go_expects_to_leak_does() {
    for release in leak_releases().unwrap() {
        let programs = leak_programs(release).unwrap();
        for set in LeakSet::ALL {
            programs.iter().find(|program| program.set == set).unwrap().build(Variant::Plain).unwrap();
        }
        let left = Mutex::new(programs.iter());
        let found = Mutex::new(BTreeMap::new());
        std::thread::scope(|scope| {
            for _ in 0..AT_ONCE {
                scope.spawn(|| {
                    while let Some(program) = { left.lock().unwrap().next() } {
                        let count = leaked(program);
                        found.lock().unwrap().insert(program.name.clone(), count);
                    }
                });
            }
        });
        let found = found.into_inner().unwrap();
        println!("go{release}: {found:?}");
        assert!(found.len() > 80, "go{release}: only {} programs", found.len());
        if found.values().all(Option::is_some) {
            compare(release, &found);
        } else {
            assert!(release.minor < 26 && found.values().all(Option::is_none), "go{release}: {found:?}");
        }
    }
}

/// How many the runtime calls leaked; it has to be where it would be profiled for that.
fn leaked(program: &LeakProgram) -> Option<usize> {
    let mut running = program.start(Variant::Plain).unwrap();
    let settled = running.ask_text("settled").unwrap();
    assert!(settled == "true" || settled == "false", "{program:?}: {settled}");
    let leaked = running.leaked().unwrap()?;
    let all = running.goroutine_ids("goroutines").unwrap();
    assert!(all.is_superset(&leaked), "{program:?}: {leaked:?} of {all:?}");
    // With the experiment of 1.26, main is called leaked when it waits in `select {}`.
    let never = program.release.minor > 26 || program.name != "SelectNoCasesMain";
    assert!(!leaked.contains(&1) || !never, "{program:?}: main has leaked");
    Some(leaked.len())
}

/// Go's own test says which programs leak always, sometimes and never.
fn compare(release: GoRelease, found: &BTreeMap<String, Option<usize>>) {
    let path = GoRelease::new(27, 4).goroot().unwrap().join("src/runtime/goroutineleakprofile_test.go");
    let test = std::fs::read_to_string(path).unwrap();
    let (mut always, mut never) = (0, 0);
    for (name, count) in found {
        let count = count.unwrap();
        if test.contains(&format!("makeTest(\"{name}\",")) {
            assert!(count > 0, "go{release}: {name} leaks nothing");
            always += 1;
        } else if test.contains(&format!("makeTest(\"{name}\")")) {
            assert_eq!(count, 0, "go{release}: {name} leaks");
            never += 1;
        }
    }
    assert!(always > 40 && never == 2, "go{release}: {always} always, {never} never");
}
