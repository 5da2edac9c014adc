//! Recordings of real programs: what is replayed is what the live process shows at the same moment, and whatever happens
//! to the recorder, what it has written can be read.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use recording::{DamageKind, Recording};
use serde_json::Value;
use target_programs::{Build, Program, Running, Variant, releases};

/// How often a process that rests is looked at, live and recorded, before the two must agree: the runtime's own
/// goroutines and threads move at times.
const ATTEMPTS: usize = 8;
/// What says when it was looked at, or what that cost.
const OF_THE_LOOK: &[&str] = &[
    "taken_at_unix_ms",
    "attach_us",
    "headers_us",
    "stacks_us",
    "total_us",
    "snapshot_us",
    "frozen_us",
    "at_rest_us",
    "bytes_read",
    "copied_bytes",
    "read_calls",
    "stacks_read",
    "retried",
    "torn",
    "cpu_ns",
    "waiting_since_ms",
    "longest_wait_ms",
    "median_wait_ms",
    "fires_in_ms",
];

/// A program of the oldest and the newest release.
fn of_releases(program: Program, arguments: &[&str], each: impl Fn(&str, &Running)) {
    let releases = releases().unwrap();
    for release in [releases.first().unwrap(), releases.last().unwrap()] {
        let build = Build::amd64(program, *release, Variant::Stripped);
        let Some(built) = build.build_or_skip().unwrap() else { continue };
        each(&build.to_string(), &Running::start(&built, arguments).unwrap());
    }
}

fn newest(program: Program, arguments: &[&str]) -> Option<Running> {
    let build = Build::amd64(program, *releases().unwrap().last().unwrap(), Variant::Plain);
    Some(Running::start(&build.build_or_skip().unwrap()?, arguments).unwrap())
}

/// Runs gostat; again where the threads of a target could not be stopped in time, as on a machine that is busy.
fn gostat(arguments: &[&str]) -> Output {
    let run = || Command::new(env!("CARGO_BIN_EXE_gostat")).args(arguments).output().unwrap();
    let mut outputs = (0..ATTEMPTS).map(|_| run());
    outputs.find(|output| !said(output).contains("did not stop within")).unwrap()
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// Records with these arguments, and says to which file.
fn record(directory: &Path, pid: u32, arguments: &[&str]) -> PathBuf {
    let file = directory.join("recording");
    let _ = fs::remove_file(&file);
    let pid = pid.to_string();
    let output = gostat(&[&["record", &pid, "-o", file.to_str().unwrap()], arguments].concat());
    assert!(output.status.success(), "{arguments:?}: {}", said(&output));
    file
}

/// Starts to record every 10 ms, and waits until there are so many moments.
fn recorder(file: &Path, pid: u32, moments: usize) -> Child {
    let mut command = Command::new(env!("CARGO_BIN_EXE_gostat"));
    command.args(["record", &pid.to_string(), "10ms", "-o"]).arg(file);
    let recorder = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    while moments_of(file) < moments {
        std::thread::yield_now();
    }
    recorder
}

fn moments_of(file: &Path) -> usize {
    let recording = File::open(file).ok().and_then(|file| Recording::open(file).ok());
    recording.map_or(0, |recording| recording.moments().len())
}

/// Without what must differ.
fn comparable(value: &mut Value) {
    match value {
        Value::Object(map) => {
            OF_THE_LOOK.iter().for_each(|key| drop(map.remove(*key)));
            map.values_mut().for_each(comparable);
        }
        Value::Array(items) => items.iter_mut().for_each(comparable),
        _ => {}
    }
}

/// The exit code and the document of a command.
fn document(arguments: &[&str]) -> (Option<i32>, Value) {
    let output = gostat(arguments);
    let parsed = serde_json::from_slice(&output.stdout);
    let mut value = parsed.unwrap_or_else(|error| panic!("{arguments:?}: {error}: {}", said(&output)));
    comparable(&mut value);
    (output.status.code(), value)
}

/// Where two documents differ first, and what is there.
fn difference<'v>(one: &'v Value, other: &'v Value) -> Option<(String, &'v Value, &'v Value)> {
    let within = |key: String, one, other| {
        difference(one, other).map(|(path, one, other)| (format!("/{key}{path}"), one, other))
    };
    match (one, other) {
        (Value::Object(a), Value::Object(b)) if a.keys().eq(b.keys()) => {
            a.iter().find_map(|(key, value)| within(key.clone(), value, &b[key]))
        }
        (Value::Array(a), Value::Array(b)) if a.len() == b.len() => {
            (0..a.len()).find_map(|at| within(at.to_string(), &a[at], &b[at]))
        }
        _ => (one != other).then(|| (String::new(), one, other)),
    }
}

/// Compares commands on a process with the same ones on its recording.
fn compare(build: &str, running: &Running, recorded_with: &[&str], commands: &[(&[&str], &[&str])]) {
    let directory = tempfile::tempdir().unwrap();
    let pid = running.pid().to_string();
    for (command, only_live) in commands {
        let (name, options) = command.split_first().unwrap();
        for attempt in 1.. {
            let file = record(directory.path(), running.pid(), recorded_with);
            let live = document(&[&[*name, &pid], options, *only_live].concat());
            let replayed = document(&[&[*name, file.to_str().unwrap()], options].concat());
            if live == replayed {
                break;
            }
            let (found, expected) = (difference(&live.1, &replayed.1), (live.0, replayed.0));
            assert!(attempt < ATTEMPTS, "{build}: {command:?}: {expected:?} {found:?}");
        }
    }
}

#[test]
fn what_needs_no_heap_is_replayed_as_it_was() {
    of_releases(Program::Leaks, &["all", "2"], |build, running| {
        let commands: &[&[&str]] =
            &[&["dump", "--json"], &["dump", "--json", "--group"], &["stat", "--json"], &["sched", "--json"]];
        compare(build, running, &[], &commands.iter().map(|command| (*command, &[][..])).collect::<Vec<_>>());
        let directory = tempfile::tempdir().unwrap();
        let file = record(directory.path(), running.pid(), &[]);
        for form in [&["--no-runtime"][..], &["--format", "folded", "--no-runtime"]] {
            let of = |target: &str| gostat(&[&["dump", target], form].concat());
            let (live, replayed) = (of(&running.pid().to_string()), of(file.to_str().unwrap()));
            assert!(live.status.success() && !live.stdout.is_empty(), "{build}");
            assert!(live.stdout == replayed.stdout, "{build}: {form:?}");
        }
    });
}

#[test]
fn what_the_heap_says_is_replayed_as_it_was() {
    let freeze = &["--freeze=30s"][..];
    of_releases(Program::Leaks, &["all", "2"], |build, running| {
        compare(build, running, &["--heap", "--freeze=30s"], &[(&["leaks", "--json"], freeze)]);
        let directory = tempfile::tempdir().unwrap();
        let file = record(directory.path(), running.pid(), &["--heap", "--freeze=30s"]);
        let found = document(&["leaks", file.to_str().unwrap(), "--json"]);
        assert_eq!(found.0, Some(1), "{build}: a leak is proven, and the exit code says so");
        assert!(found.1["leaks"].as_array().unwrap().len() > 40, "{build}");
    });
    of_releases(Program::Blocked, &[], |build, running| {
        let with_heap = &["--heap", "--freeze=30s"];
        compare(build, running, with_heap, &[(&["graph", "--format", "json"], freeze)]);
        let pid = running.pid().to_string();
        let graph = document(&[&["graph", &pid, "--format", "json"], freeze].concat()).1;
        let deadlock = &graph["deadlocks"][0]["goroutines"];
        let id = deadlock[0].as_u64().unwrap_or_else(|| panic!("{build}: {graph}")).to_string();
        compare(build, running, with_heap, &[(&["why", "--json", "--", &id], &[])]);
    });
}

#[test]
fn all_moments_are_played_and_one_is_chosen() {
    let Some(running) = newest(Program::Leaks, &["all", "1"]) else { return };
    let directory = tempfile::tempdir().unwrap();
    let file = record(directory.path(), running.pid(), &["10ms", "4"]);
    let file = file.to_str().unwrap();
    for command in ["stat", "sched"] {
        let times = |options: &[&str]| -> Vec<u64> {
            let output = gostat(&[&[command, file, "--json"], options].concat());
            assert!(output.status.success(), "{}", said(&output));
            let lines = output.stdout.split(|byte| *byte == b'\n').filter(|line| !line.is_empty());
            let lines = lines.map(|line| serde_json::from_slice::<Value>(line).unwrap());
            lines.map(|line| line["taken_at_unix_ms"].as_u64().unwrap()).collect()
        };
        let all = times(&[]);
        assert!(all.len() == 4 && all.is_sorted(), "{command}: {all:?}");
        assert_eq!(times(&["--pace"]), all);
        assert_eq!(times(&["--at", "2"]), all[1..2]);
        assert_eq!(times(&["--at", "2999-01-01T00:00:00Z"]), all[3..]);
        assert_eq!(times(&["24h"]), all[..1], "one of each interval");
    }
    let taken = |at: &str| document_of_moment(file, at);
    assert!(taken("1") < taken("4"));
    let none = gostat(&["dump", file, "--at", "5"]);
    assert!(none.status.code() == Some(2) && said(&none).contains("no moment 5: 4 moments from 20"));
}

fn document_of_moment(file: &str, at: &str) -> u64 {
    let dump: Value = serde_json::from_slice(&gostat(&["dump", file, "--json", "--at", at]).stdout).unwrap();
    dump["snapshot"]["taken_at_unix_ms"].as_u64().unwrap()
}

#[test]
fn whoever_is_killed_loses_the_unfinished_moment_at_most() {
    let Some(running) = newest(Program::Many, &["3000"]) else { return };
    let directory = tempfile::tempdir().unwrap();
    for moments in 1..=12 {
        let file = directory.path().join(moments.to_string());
        let mut recorder = recorder(&file, running.pid(), moments);
        recorder.kill().unwrap();
        recorder.wait().unwrap();
        let mut recording = Recording::open(File::open(&file).unwrap()).unwrap();
        let whole = recording.moments().len();
        assert!(whole >= moments);
        assert!(recording.damage().is_none_or(|damage| damage.kind == DamageKind::Cut));
        (0..whole).for_each(|index| drop(recording.moment(index).unwrap()));
        let played = gostat(&["stat", file.to_str().unwrap(), "--json"]);
        assert!(played.status.success(), "{}", said(&played));
        assert_eq!(played.stdout.iter().filter(|byte| **byte == b'\n').count(), whole);
    }
}

#[test]
fn an_interruption_ends_a_recording_well() {
    let Some(running) = newest(Program::Many, &["100"]) else { return };
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("recording");
    let mut recorder = recorder(&file, running.pid(), 2);
    let second = gostat(&["record", &running.pid().to_string(), "-o", file.to_str().unwrap()]);
    assert!(second.status.code() == Some(2) && said(&second).contains("never overwritten"), "{second:?}");
    kill(Pid::from_raw(recorder.id().try_into().unwrap()), Signal::SIGINT).unwrap();
    assert_eq!(recorder.wait().unwrap().code(), Some(0));
    assert!(Recording::open(File::open(&file).unwrap()).unwrap().damage().is_none());
}

#[test]
fn a_damaged_file_is_read_up_to_the_damage() {
    let Some(running) = newest(Program::Many, &["100"]) else { return };
    let directory = tempfile::tempdir().unwrap();
    let file = record(directory.path(), running.pid(), &["10ms", "3"]);
    let whole = fs::read(&file).unwrap();
    let play = |bytes: &[u8]| {
        fs::write(&file, bytes).unwrap();
        gostat(&["stat", file.to_str().unwrap(), "--json"])
    };
    let lines = |output: &Output| output.stdout.iter().filter(|byte| **byte == b'\n').count();
    let mut changed = whole.clone();
    *changed.iter_mut().rev().nth(9).unwrap() ^= 1;
    let output = play(&changed);
    assert!(output.status.success() && lines(&output) == 2, "{output:?}");
    let expected = format!("of {} are lost; 2 moments before are whole", whole.len());
    assert!(said(&output).contains(&expected), "{}", said(&output));
    let output = play(&whole[..whole.len() - 1]);
    assert!(lines(&output) == 2 && said(&output).contains("ends within a moment"), "{output:?}");
    for nothing in [&whole[..16], &whole[..40]] {
        let output = play(nothing);
        assert!(output.status.code() == Some(2) && said(&output).contains("no moment that can be read"));
    }
}

#[test]
fn what_a_recording_cannot_serve_is_refused() {
    let Some(running) = newest(Program::Many, &["100"]) else { return };
    let directory = tempfile::tempdir().unwrap();
    let file = record(directory.path(), running.pid(), &[]);
    let (file, pid) = (file.to_str().unwrap(), running.pid().to_string());
    let other = directory.path().join("other");
    fs::write(&other, "goroutine").unwrap();
    let other = other.to_str().unwrap();
    let refused: &[(&[&str], &str)] = &[
        (&["leaks", file, "--freeze"], "--freeze needs a live process"),
        (&["graph", file, "--freeze"], "--freeze needs a live process"),
        (&["leaks", file], "recorded without the heap"),
        (&["why", file, "1"], "recorded without the heap"),
        (&["dump", &pid, "--at", "1"], "--at is for recordings"),
        (&["stat", &pid, "--pace"], "--pace is for recordings"),
        (&["record", file, "-o", "x"], "needs a live process"),
        (&["dump", other], "is no recording, and no process is named so"),
        (&["diff", file, other], "neither a recording nor a dump"),
        (&["diff", file, "nowhere"], "cannot read nowhere"),
    ];
    for (arguments, why) in refused {
        let output = gostat(arguments);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}: {}", said(&output));
        assert!(said(&output).contains(why) && said(&output).contains("hint: "), "{}", said(&output));
    }
}

#[test]
fn a_name_that_a_process_has_too_is_not_guessed_at() {
    let Some(running) = newest(Program::Many, &["100"]) else { return };
    let directory = tempfile::tempdir().unwrap();
    let file = record(directory.path(), running.pid(), &[]);
    fs::rename(file, directory.path().join("many")).unwrap();
    let sees = |target: &str| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_gostat"));
        command.args(["dump", target]).current_dir(directory.path()).output().unwrap()
    };
    let ambiguous = sees("many");
    assert_eq!(ambiguous.status.code(), Some(2));
    assert!(
        said(&ambiguous).contains("hint: ./many is the recording; a pid is the process"),
        "{ambiguous:?}"
    );
    assert!(sees("./many").status.success());
}

#[test]
fn a_full_disk_keeps_what_was_written() {
    let Some(running) = newest(Program::Many, &["1000"]) else { return };
    let directory = tempfile::tempdir().unwrap();
    let script = r#"mount -t tmpfs -o size=256k tmpfs "$1" || exit 77
        "$2" record "$3" 10ms 1000000 -o "$1/f"; echo "exit $?"; "$2" stat "$1/f" --json"#;
    let output = Command::new("unshare")
        .args(["-m", "sh", "-c", script, "sh"])
        .arg(directory.path())
        .arg(env!("CARGO_BIN_EXE_gostat"))
        .arg(running.pid().to_string())
        .output()
        .unwrap();
    if output.status.code() == Some(77) || said(&output).contains("unshare") {
        eprintln!("SKIPPED: no small file system can be mounted here: {}", said(&output));
        return;
    }
    let text = String::from_utf8(output.stdout).unwrap();
    let mut lines = text.lines();
    assert_eq!(lines.next(), Some("exit 2"));
    let moments = lines.count();
    let messages = String::from_utf8(output.stderr).unwrap();
    let kept = format!("the disk is full; moments up to {moments} are in the file, and whole");
    assert!(moments > 0 && messages.contains(&kept), "{moments}: {messages}");
    assert!(!messages.contains("lost"), "nothing of the last one is left: {messages}");
}
