//! `gostat why` and `gostat graph` against a program that knows who waits for whom.

use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;

use serde_json::Value;
use target_programs::{Build, GoRelease, Program, Running};

use crate::gostat::{for_each, run};

/// The goroutines of each part, as the program says.
type Truth = BTreeMap<String, BTreeSet<u64>>;

fn truth(running: &mut Running) -> Truth {
    let told = running.ask_text("truth").unwrap();
    let part = |line: &str| {
        let (part, ids) = line.split_once(' ').unwrap();
        (part.to_owned(), ids.split(' ').map(|id| id.parse().unwrap()).collect())
    };
    told.lines().map(part).collect()
}

/// A goroutine of a running program, and why it is blocked.
struct Why<'r> {
    build: &'r Build,
    pid: u32,
    truth: &'r Truth,
}

impl Why<'_> {
    fn ids(&self, part: &str) -> &BTreeSet<u64> {
        self.truth.get(part).unwrap_or_else(|| panic!("{}: no part {part}", self.build))
    }

    /// The tree that begins at the first goroutine of a part.
    fn of(&self, part: &str) -> Value {
        let id = self.ids(part).first().unwrap().to_string();
        serde_json::from_slice(&run("why", self.pid, &[&id, "--json"])).unwrap()
    }

    /// The only thing that a goroutine waits for.
    fn wait(&self, part: &str) -> Value {
        let why = self.of(part);
        let waits = why["chain"]["waits"].as_array().unwrap();
        assert_eq!(waits.len(), 1, "{}: {part}: {why}", self.build);
        waits[0].clone()
    }

    /// That a wait of this kind can be ended by exactly these parts, in these ways.
    fn check(&self, part: &str, kind: &str, wakers: &[(&str, &str)]) -> Value {
        let wait = self.wait(part);
        assert_eq!(wait["object"]["kind"], kind, "{}: {part}: {wait}", self.build);
        let found: BTreeSet<(u64, String)> = all_wakers(&wait);
        let of = |(part, hold): &(&str, &str)| {
            let hold = (*hold).to_owned();
            self.ids(part).iter().map(move |id| (*id, hold.clone())).collect::<Vec<_>>()
        };
        let expected: BTreeSet<(u64, String)> = wakers.iter().flat_map(of).collect();
        assert_eq!(found, expected, "{}: {part}: {wait}", self.build);
        wait
    }
}

/// Who could end a wait, those who are only counted with those like them included.
fn all_wakers(wait: &Value) -> BTreeSet<(u64, String)> {
    let mut found = BTreeSet::new();
    for waker in wait["wakers"].as_array().unwrap() {
        let hold = waker["hold"].as_str().unwrap();
        found.insert((waker["goroutine"]["id"].as_u64().unwrap(), hold.to_owned()));
        found.extend(
            waker["alike_ids"].as_array().unwrap().iter().map(|id| (id.as_u64().unwrap(), hold.to_owned())),
        );
    }
    found
}

fn for_each_running(mut check: impl FnMut(&Why<'_>)) {
    for_each(&[Program::Blocked], |build, built| {
        let mut running = Running::start(built, &[]).unwrap();
        let truth = truth(&mut running);
        check(&Why { build, pid: running.pid(), truth: &truth });
    });
}

const LOCKED: &str = "between_lock_and_unlock";

#[test]
fn everybody_waits_for_whom_the_program_says() {
    for_each_running(|why| {
        let build = why.build;
        why.check("abba.one", "mutex", &[("abba.two", LOCKED)]);
        let chain = why.check("chain.waiter", "mutex", &[("chain.holder", LOCKED)]);
        assert_eq!(chain["waiting"], 3, "{build}");
        let queue: BTreeSet<u64> =
            chain["queue"].as_array().unwrap().iter().map(|id| id.as_u64().unwrap()).collect();
        assert_eq!(&queue, why.ids("chain.waiter"), "{build}");
        why.check("chain.holder", "channel", &[("chain.sleeper", "stack")]);
        why.check("global.waiter", "mutex", &[("global.holder", LOCKED)]);
        // Another one has the lock on its stack, too, but has called Unlock of its own since it called Lock.
        why.check("guard.waiter", "mutex", &[("guard.holder", LOCKED)]);
        why.check("twice.self", "mutex", &[("twice.self", LOCKED)]);
        why.check("rw.writer", "rwmutex", &[("rw.reader", LOCKED)]);
        why.check("rw.late", "rwmutex", &[("rw.reader", LOCKED), ("rw.writer", "pending_writer")]);
        let group = why.check("group.waiter", "waitgroup", &[("group.worker", "stack")]);
        assert_eq!(group["object"]["counter"], 1, "{build}");
        // Before, nothing leads from a goroutine to its condition.
        if build.release >= GoRelease::new(26, 0) {
            why.check("cond.waiter", "cond", &[("cond.keeper", "stack")]);
        }
        why.check("pool.locker", "channel", &[("pool.user", "heap")]);
        why.check("pool.user", "mutex", &[("pool.locker", LOCKED)]);
        // Not by others who wait for a connection, too, and nothing else.
        why.check("pool.waiter", "channel", &[("pool.user", "heap")]);
    });
}

#[test]
fn selects_timers_and_files_are_what_they_are() {
    for_each_running(|why| {
        let build = why.build;
        let select = why.of("select.waiter");
        let waits = select["chain"]["waits"].as_array().unwrap();
        assert_eq!(waits.len(), 2, "{build}: {select}");
        let wakers: BTreeSet<u64> = waits.iter().flat_map(all_wakers).map(|(id, _)| id).collect();
        assert_eq!(&wakers, why.ids("select.keeper"), "{build}: {select}");
        let file = why.wait("network.waiter")["file"].as_u64().unwrap();
        let link = std::fs::read_link(format!("/proc/{}/fd/{file}", why.pid)).unwrap();
        assert!(link.to_string_lossy().starts_with("socket:"), "{build}: {link:?}");
        assert_eq!(why.wait("nil.waiter")["object"]["kind"], "nil_channel", "{build}");
        // Until then, go.mod has timers work as they did before 1.23.
        if build.release >= GoRelease::new(27, 0) {
            let timer = why.of("timer.waiter");
            let waits = timer["chain"]["waits"].as_array().unwrap();
            let fires: Vec<u64> = waits.iter().filter_map(|wait| wait["fires_in_ms"].as_u64()).collect();
            let hours: Vec<u64> = fires.iter().map(|ms| ms / 3_600_000).collect();
            assert_eq!(hours, [999], "{build}: {timer}");
        }
    });
}

#[test]
fn deadlocks_are_those_of_the_source_and_no_others() {
    for_each_running(|why| {
        let build = why.build;
        for arguments in [&["--format=json"][..], &["--format=json", "--freeze"]] {
            let graph: Value = serde_json::from_slice(&run("graph", why.pid, arguments)).unwrap();
            let deadlocks = graph["deadlocks"].as_array().unwrap();
            let members = |deadlock: &Value| -> BTreeSet<u64> {
                assert_eq!(deadlock["confirmed"], true, "{build}: {deadlock}");
                deadlock["goroutines"].as_array().unwrap().iter().map(|id| id.as_u64().unwrap()).collect()
            };
            let found: BTreeSet<BTreeSet<u64>> = deadlocks.iter().map(members).collect();
            let together = |parts: &[&str]| parts.iter().flat_map(|part| why.ids(part)).copied().collect();
            let expected: BTreeSet<BTreeSet<u64>> = [
                together(&["abba.one", "abba.two"]),
                together(&["twice.self"]),
                together(&["pool.locker", "pool.user"]),
            ]
            .into();
            assert_eq!(found, expected, "{build}: {graph}");
            // Merged nodes stand for all goroutines: none is lost, none is there twice.
            let counts =
                graph["nodes"].as_array().unwrap().iter().filter(|node| !node["goroutine"].is_null());
            let waiting: u64 = counts
                .filter(|node| node["goroutine"]["at"]["function"] == "main.(*pool).get")
                .map(|node| node["count"].as_u64().unwrap())
                .sum();
            assert_eq!(waiting, why.ids("pool.waiter").len() as u64 + 1, "{build}: {graph}");
        }
    });
}

#[test]
fn text_dot_and_picture_are_for_people() {
    for_each_running(|why| {
        let id = why.ids("abba.one").first().unwrap().to_string();
        let text = String::from_utf8(run("why", why.pid, &[&id])).unwrap();
        let first = text.lines().next().unwrap();
        assert!(first.starts_with(&format!("goroutine {id} [")), "{text}");
        assert!(first.contains("main.lockInOrder") && first.ends_with("** deadlock, confirmed **"), "{text}");
        assert!(
            text.contains("└─ waits for mutex 0x") && text.contains("stands between Lock and Unlock"),
            "{text}"
        );
        assert!(text.contains("(back to above: a circle)"), "{text}");
        let dot = String::from_utf8(run("graph", why.pid, &[])).unwrap();
        assert!(dot.starts_with("digraph") && dot.ends_with("}\n") && dot.contains("waits for"), "{dot}");
        let svg = String::from_utf8(run("graph", why.pid, &["--format=svg"])).unwrap();
        assert!(svg.starts_with("<svg") && svg.ends_with("</svg>\n") && svg.contains("main.lockInOrder"));
    });
}

#[test]
fn who_is_not_blocked_or_not_there_is_an_error_that_says_so() {
    for_each_running(|why| {
        let refused = |id: &str| {
            let mut command = Command::new(env!("CARGO_BIN_EXE_gostat"));
            let output = command.args(["why", &why.pid.to_string(), id]).output().unwrap();
            assert_eq!(output.status.code(), Some(2), "{}: {output:?}", why.build);
            String::from_utf8(output.stderr).unwrap()
        };
        let gone = refused("99999999");
        assert!(gone.contains("has no goroutine 99999999") && gone.contains("hint: "), "{gone}");
        // The main goroutine reads from its standard input.
        let busy = refused("1");
        assert!(busy.contains("goroutine 1 is not blocked: it is in a system call"), "{busy}");
    });
}
