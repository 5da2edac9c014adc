//! Every program of the matrix builds, becomes ready and shows in its own dump what it promises.

#![expect(clippy::unwrap_used, reason = "a test ends where something is not as it must be")]
#![expect(clippy::print_stdout, reason = "build times are worth a look with --nocapture")]

use std::time::{Duration, Instant};

use goroutine_dump::{ParsedGoroutine, parse};
use target_programs::{Build, Built, Program, Running, Variant, matrix};

/// Builds what there is of one program in the matrix, and gives each to `check`.
fn check(program: Program, mut check: impl FnMut(&Built)) {
    let builds = matrix().unwrap().into_iter().filter(|build| build.program == program);
    for build in builds {
        let before = Instant::now();
        let Some(built) = build.build_or_skip().unwrap() else { continue };
        println!("{build}: built in {:.1?}", before.elapsed());
        check(&built);
    }
}

/// The dump that a program makes of itself shows these functions on goroutines in this state, so many times.
fn shows(build: &Build, goroutines: &[ParsedGoroutine<'_>], expected: &[(&str, &[&str], usize)]) {
    for &(function, states, count) in expected {
        let found = goroutines.iter().filter(|goroutine| {
            states.contains(&goroutine.state)
                && goroutine.frames.iter().any(|frame| frame.function == function)
        });
        assert_eq!(found.count(), count, "{build}: {function} {states:?}");
    }
}

/// Starts a program, and gives its dump to `check`.
fn dumped(built: &Built, check: impl FnOnce(&[ParsedGoroutine<'_>])) {
    let mut running = Running::start(built, &[]).unwrap();
    let text = running.ask_text("stack").unwrap();
    let (goroutines, problems) = parse(&text);
    assert!(problems.is_empty(), "{}: {problems:?}", built.build);
    check(&goroutines);
}

const RECEIVE: &[&str] = &["chan receive"];

#[test]
fn states() {
    let mutex: &[&str] = &["semacquire", "sync.Mutex.Lock"];
    check(Program::States, |built| {
        dumped(built, |goroutines| {
            let expected: &[(&str, &[&str], usize)] = &[
                ("main.main", &["select (no cases)"], 1),
                ("main.chanReceiveNil", &["chan receive (nil chan)"], 1),
                ("main.mutexLock", mutex, 2),
                ("main.condWait", &["sync.Cond.Wait"], 1),
                ("main.networkAccept", &["IO wait"], 1),
                ("main.syscallRead", &["syscall"], 1),
                ("main.execWait", &["syscall"], 1),
                ("main.timeSleep", &["sleep"], 1),
                ("main.(*queue[...]).put", &["chan send"], 1),
                ("main.inlinedInner", RECEIVE, 2),
                ("main.parkedFinalizer", RECEIVE, 1),
                ("main.parkedInNilDereference", RECEIVE, 1),
                ("main.orphan", RECEIVE, 1),
            ];
            shows(&built.build, goroutines, expected);
            let newer = |minor| usize::from(built.build.release.minor >= minor);
            shows(
                &built.build,
                goroutines,
                &[
                    ("main.pulled", &["coroutine"], newer(23)),
                    ("main.rangeOverNested", RECEIVE, newer(23)),
                    ("main.parkedCleanup", RECEIVE, newer(25)),
                ],
            );
            let commander = goroutines.iter().filter(|goroutine| goroutine.state == "running");
            assert_eq!(commander.count(), 1, "{}", built.build);
            if built.build.variant == Variant::Plain {
                let inner = goroutines.iter().flat_map(|goroutine| &goroutine.frames);
                assert!(
                    inner
                        .filter(|frame| frame.args == "...")
                        .any(|frame| frame.function == "main.inlinedInner")
                );
            }
        });
    });
}

#[test]
fn cgo() {
    check(Program::Cgo, |built| {
        dumped(built, |goroutines| {
            shows(
                &built.build,
                goroutines,
                &[
                    ("main.blockedInC", &["syscall"], 1),
                    ("main.goParked", RECEIVE, 2),
                    ("main.goParkedOnForeignThread", RECEIVE, 1),
                ],
            );
        });
    });
}

#[test]
fn c_shared() {
    check(Program::CShared, |built| {
        assert_ne!(built.command[0], built.executable);
        dumped(built, |goroutines| {
            shows(
                &built.build,
                goroutines,
                &[("main.receiver", RECEIVE, 1), ("main.ParkForEver", RECEIVE, 1)],
            );
        });
    });
}

#[test]
fn http_server() {
    check(Program::HttpServer, |built| {
        let mut running = Running::start(built, &[]).unwrap();
        let address = running.ask_text("address").unwrap();
        assert!(address.parse::<std::net::SocketAddr>().is_ok(), "{address}");
    });
}

#[test]
fn running() {
    check(Program::Running, |built| {
        dumped(built, |goroutines| {
            // Not by their frames: old releases leave out the outermost ones of a long stack.
            let spinning = |goroutine: &&ParsedGoroutine<'_>| {
                goroutine.created_by.is_some_and(|creator| creator.frame.function == "main.main")
            };
            assert_eq!(goroutines.iter().filter(spinning).count(), 12, "{}", built.build);
        });
    });
}

#[test]
fn never_ran() {
    check(Program::NeverRan, |built| {
        let running = Running::start(built, &[]).unwrap();
        let status = std::fs::read_to_string(format!("/proc/{}/stat", running.pid())).unwrap();
        assert!(status.contains(") R "), "it spins: {status}");
    });
}

#[test]
fn churn() {
    check(Program::Churn, |built| {
        let mut running = Running::start(built, &[]).unwrap();
        let mut spawned = || running.ask_text("spawned").unwrap().parse::<u64>().unwrap();
        let first = spawned();
        let began = Instant::now();
        while spawned() <= first {
            assert!(began.elapsed() < Duration::from_secs(60), "{}: nothing is born", built.build);
        }
    });
}

#[test]
fn bursts() {
    check(Program::Bursts, |built| {
        let mut running = Running::start(built, &[]).unwrap();
        let mut before = 0;
        for _ in 0..2 {
            running.ask("begin").unwrap();
            let started: u64 = running.ask_text("settle").unwrap().parse().unwrap();
            assert!(started >= before + 4, "{}: {started} after {before}", built.build);
            before = started;
            let text = running.ask_text("stack").unwrap();
            assert!(
                !text.contains("main.spawner") && !text.contains("main.staying"),
                "{}: {text}",
                built.build
            );
        }
    });
}

#[test]
fn storm() {
    check(Program::Storm, |built| {
        let mut running = Running::start(built, &["2000"]).unwrap();
        let chains = running.ask_text("chains").unwrap();
        assert_eq!(chains.lines().count(), 48, "{chains}");
        for (command, least, most) in [("storm", 2001, 2001), ("turn", 2001, 2001), ("ebb", 9, 2000)] {
            let counts = running.ask_text(command).unwrap();
            let goroutines: usize =
                counts.lines().next().unwrap().strip_prefix("goroutines ").unwrap().parse().unwrap();
            assert!((least..=most).contains(&goroutines), "{}: {command}: {counts}", built.build);
            let text = running.ask_text("stack").unwrap();
            let (dump, problems) = parse(&text);
            assert!(problems.is_empty(), "{}: {problems:?}", built.build);
            let mut told = 0;
            for line in counts.lines().skip(1) {
                let words: Vec<&str> = line.split(' ').collect();
                let [shape, caller, _, count] = words[..] else { panic!("{line}") };
                told += count.parse::<usize>().unwrap();
                let places = if caller == "0" { "a" } else { "b" };
                assert!(text.contains(&format!("main.{places}{shape}(")), "{}: {line}", built.build);
            }
            assert_eq!((dump.len(), told + 1), (goroutines, goroutines), "{}: {command}", built.build);
        }
    });
}

#[test]
fn many() {
    check(Program::Many, |built| {
        let mut running = Running::start(built, &["400"]).unwrap();
        let text = running.ask_text("stack").unwrap();
        let (goroutines, problems) = parse(&text);
        assert!(problems.is_empty(), "{problems:?}");
        let parked = |goroutine: &&ParsedGoroutine<'_>| {
            goroutine.state != "runnable"
                && goroutine.frames.iter().any(|frame| frame.function == "main.worker")
        };
        assert_eq!(goroutines.iter().filter(parked).count(), 400);
        assert_eq!(running.ask_text("stall").unwrap(), "0");
        assert!(running.ask_text("stall").unwrap().parse::<i64>().is_ok());
        assert!(running.ask("pprof0").unwrap().starts_with(&[0x1f, 0x8b]));
        assert!(running.ask_text("pprof1").unwrap().starts_with("goroutine profile: total 4"));
        assert!(running.ask_text("debug2").unwrap().starts_with("goroutine "));
        let refused = running.ask("no such thing").unwrap_err();
        assert!(refused.to_string().contains("no such command"), "{refused}");
    });
}

#[test]
fn leaked() {
    check(Program::Leaked, |built| {
        dumped(built, |goroutines| {
            let marked = goroutines.iter().filter(|goroutine| goroutine.leaked).count();
            let has_detector = built.build.release.minor >= 27;
            assert_eq!(marked, if has_detector { 40 } else { 0 }, "{}", built.build);
        });
    });
}

#[test]
fn synctest() {
    check(Program::Synctest, |built| {
        dumped(built, |goroutines| {
            let inside = goroutines.iter().filter(|goroutine| goroutine.bubble.is_some()).count();
            assert!(inside >= 5, "{}: {inside}", built.build);
        });
    });
}

#[test]
fn secret() {
    check(Program::Secret, |built| {
        dumped(built, |goroutines| {
            let expected: &[(&str, &[&str], usize)] =
                &[("runtime/secret.Do", RECEIVE, 3), ("main.afterwards", RECEIVE, 1)];
            shows(&built.build, goroutines, expected);
        });
    });
}

#[test]
fn hostile_names() {
    check(Program::HostileNames, |built| {
        dumped(built, |goroutines| {
            let expected: &[(&str, &[&str], usize)] = &[
                ("main.labelled", RECEIVE, 6),
                ("main.leakedInFile", RECEIVE, 2),
                ("main.leakedInType[...]", RECEIVE, 1),
                ("main.threadWithName", RECEIVE, 1),
            ];
            shows(&built.build, goroutines, expected);
        });
    });
}

#[test]
fn executes() {
    check(Program::Executes, |built| {
        let running = Running::start(built, &["1ms"]).unwrap();
        // The auxiliary vector has addresses that are drawn anew by each exec; in between there is none.
        let auxv = format!("/proc/{}/auxv", running.pid());
        let vectors = || std::iter::repeat_with(|| std::fs::read(&auxv).unwrap_or_default()).take(1_000_000);
        let first = vectors().find(|vector| !vector.is_empty()).unwrap();
        let other = vectors().find(|vector| !vector.is_empty() && *vector != first);
        assert!(other.is_some(), "{}: it stays the same", built.build);
    });
}
