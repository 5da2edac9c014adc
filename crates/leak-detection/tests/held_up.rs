//! Who counts as held up: what they wait for, how many, for how long, and whose they are.

#![forbid(unsafe_code)]
#![expect(clippy::unwrap_used, reason = "a test ends where something is not as it must be")]

use analysis::Rules;
use leak_detection::{GroupKey, HeldUp, held_up, key_of};
use rustc_hash::FxHashSet;
use snapshot::{
    Architecture, Census, Cohort, Cost, Frame, LabelSetId, LayoutSource, StackState, StackTrace, Status,
    Tables, Target,
};

/// Goroutines that wait for a reason, in functions from the innermost outwards; how many, and how many of them long.
struct Group {
    reason: &'static str,
    functions: &'static [&'static str],
    count: u64,
    long: u64,
}

const fn group(reason: &'static str, functions: &'static [&'static str], count: u64, long: u64) -> Group {
    Group { reason, functions, count, long }
}

const LOCK: &[&str] =
    &["sync.(*Mutex).Lock", "example.com/shop/cart.(*Cart).add", "example.com/shop/web.serve"];

fn target() -> Target {
    Target {
        pid: 1,
        name: "shop".to_owned(),
        executable: "/shop".to_owned(),
        architecture: Architecture::Amd64,
        go_version: "go1.27.4".to_owned(),
        module: Some("example.com/shop".to_owned()),
        module_version: None,
        stripped: true,
        layout: LayoutSource::Table,
    }
}

fn with_census<T>(groups: &[Group], check: impl FnOnce(&Census<'_>) -> T) -> T {
    let (target, mut tables) = (target(), Tables::default());
    let mut cohorts = Vec::new();
    for group in groups {
        let mut frames = Vec::new();
        for function in group.functions {
            let function = tables.strings.intern_str(function);
            let file = tables.strings.intern_str("cart.go");
            frames.push(tables.frames.intern(Frame { function, file, line: 7, ..Frame::default() }));
        }
        let stack = tables.stacks.intern(StackTrace { frames: frames.into(), complete: true });
        cohorts.push(Cohort {
            status: Status::Waiting,
            wait_reason: Some(tables.strings.intern_str(group.reason)),
            stack,
            stack_state: StackState::Saved,
            labels: LabelSetId::default(),
            created_by: None,
            entry: None,
            is_runtime: false,
            locked_to_thread: false,
        });
    }
    check(&Census {
        target: &target,
        taken_at_unix_ms: 0,
        taken_at_monotonic_ns: 0,
        cohorts: cohorts.into_iter().zip(groups).map(|(cohort, group)| (cohort, group.count)).collect(),
        long_waits: groups.iter().map(|group| group.long).collect(),
        locked: Vec::new(),
        scheduler: None,
        memory: None,
        tables: &tables,
        generation: 0,
        cost: Cost::default(),
        gaps: Vec::new(),
    })
}

fn found(groups: &[Group]) -> Vec<HeldUp> {
    with_census(groups, |census| held_up(Rules::built_in(), census, &FxHashSet::default()).unwrap())
}

#[test]
fn more_than_a_hundred_that_wait_long_for_a_lock_are_held_up_in_one_cause() {
    assert!(found(&[group("sync.Mutex.Lock", LOCK, 400, 100)]).is_empty(), "100 are not more than 100");
    let found = found(&[group("sync.Mutex.Lock", LOCK, 400, 101)]);
    assert_eq!(found.len(), 1, "{found:?}");
    let cause = &found[0];
    assert_eq!((cause.package.as_deref(), cause.count), (Some("example.com/shop/cart"), 101));
    assert_eq!(
        cause.waits.iter().map(|(title, n)| (title.as_str(), *n)).collect::<Vec<_>>(),
        [("waits for a lock", 101)]
    );
    let (place, count) = cause.places.iter().next().unwrap();
    assert_eq!((place.function.as_str(), place.line, *count), (LOCK[1], 7, 101));
    assert!(cause.advice.as_deref().unwrap().starts_with("Find who holds it"));
}

#[test]
fn many_ways_to_wait_for_the_same_package_are_one_cause_and_other_packages_are_others() {
    let other: &[&str] = &["example.com/shop/queue.(*Queue).put"];
    let causes = found(&[
        group("sync.Mutex.Lock", LOCK, 60, 60),
        group(
            "sync.RWMutex.RLock",
            &["sync.(*RWMutex).RLock", "example.com/shop/cart.(*Cart).total"],
            60,
            60,
        ),
        group("chan send", other, 500, 500),
    ]);
    let counted: Vec<_> =
        causes.iter().map(|cause| (cause.package.as_deref().unwrap(), cause.count)).collect();
    assert_eq!(counted, [("example.com/shop/queue", 500), ("example.com/shop/cart", 120)]);
    assert_eq!(causes[1].waits.len(), 2);
}

#[test]
fn who_is_idle_or_waits_for_nobody_is_not_held_up_however_many_there_are() {
    let work: &[&str] = &["example.com/shop/pool.(*Pool).worker"];
    let idle = [
        group("chan receive", work, 5000, 5000),
        group("select", work, 5000, 5000),
        group("sync.Cond.Wait", &["sync.(*Cond).Wait", "example.com/shop/pool.(*Pool).worker"], 5000, 5000),
        group("sync.WaitGroup.Wait", &["sync.(*WaitGroup).Wait", "example.com/shop/pool.all"], 5000, 5000),
        group("IO wait", &["net.(*netFD).accept", "net/http.(*Server).Serve"], 5000, 5000),
        group("sleep", work, 5000, 5000),
        group("chan receive (nil chan)", work, 5000, 5000),
    ];
    assert_eq!(found(&idle), []);
}

#[test]
fn what_is_known_to_leak_is_another_trouble() {
    let groups = [group("chan send", &["example.com/shop/report.collect"], 142, 142)];
    with_census(&groups, |census| {
        let leaked: FxHashSet<GroupKey> = key_of(census, &census.cohorts[0].0).into_iter().collect();
        let without = held_up(Rules::built_in(), census, &FxHashSet::default()).unwrap();
        assert_eq!(without[0].groups, leaked);
        assert_eq!(held_up(Rules::built_in(), census, &leaked), Some(Vec::new()));
    });
}

#[test]
fn without_stacks_nobody_can_say() {
    with_census(&[group("sync.Mutex.Lock", &[], 400, 400)], |census| {
        assert_eq!(held_up(Rules::built_in(), census, &FxHashSet::default()), None);
    });
}
