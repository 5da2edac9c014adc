//! Profiles that we write say what the target's own profile says, and `go tool pprof` reads them.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

#[path = "../../goroutine-dump/tests/from_dump/mod.rs"]
mod from_dump;

use std::collections::BTreeMap;
use std::process::Command;

use pprof_profile::{ReadLimits, ReadProfile, WriteOptions, read, write};
use snapshot::Snapshot;

const OWN_PROFILE: &[u8] = include_bytes!("fixtures/go1.26.goroutine.pb.gz");
const SYSTEM_TRACEBACK: &str = include_str!("../../goroutine-dump/tests/fixtures/go1.26.sigquit.txt");

fn snapshot() -> Snapshot {
    // Goroutines 1 and 22 ran on between the profile and the traceback.
    from_dump::snapshot(&goroutine_dump::parse(SYSTEM_TRACEBACK).0, &[1, 22])
}

fn written(snapshot: &Snapshot) -> Vec<u8> {
    let mut out = Vec::new();
    write(&snapshot.census(&snapshot.goroutines), &WriteOptions::default(), &mut out).unwrap();
    out
}

/// What a profile says: for each stack with its labels, how often.
fn facts(profile: &ReadProfile) -> BTreeMap<String, i64> {
    let mut facts = BTreeMap::new();
    for sample in profile.samples() {
        let labels: Vec<_> = sample.labels().collect();
        let mut text = format!("{labels:?}\n");
        for frame in sample.frames() {
            // Go's own profile names the shapes of type arguments.
            let function = match (frame.function.find('['), frame.function.rfind(']')) {
                (Some(open), Some(close)) => {
                    format!("{}[...]{}", &frame.function[..open], &frame.function[close + 1..])
                }
                _ => frame.function.to_owned(),
            };
            let (file, line, address, inlined) = (frame.file, frame.line, frame.address, frame.inlined);
            text += &format!("{function} {file}:{line} {address:#x} {inlined}\n");
        }
        *facts.entry(text).or_default() += sample.values().iter().sum::<i64>();
    }
    facts
}

#[test]
fn samples_equal_those_of_the_targets_own_profile() {
    let limits = ReadLimits::default();
    let own = read(OWN_PROFILE, &limits).unwrap();
    assert!(own.sample_types().eq([("goroutine", "count")]));
    let mut own = facts(&own);
    let left_out = ["main.main example.com", "main.main.func6 ", "main.recurse "];
    own.retain(|stack, _| left_out.iter().all(|name| !stack.contains(name)));

    let ours = facts(&read(&written(&snapshot()), &limits).unwrap());
    assert_eq!(ours, own);
    assert_eq!(ours.values().sum::<i64>(), 13);
    assert!(ours.keys().any(|stack| stack.starts_with("[(\"request\", \"a b\\\"c\\n\"), (\"user\", ")));
    assert!(ours.keys().any(|stack| stack.contains(" true\n")), "there are inlined frames");
}

#[test]
fn go_tool_pprof_reads_functions_lines_labels_and_counts() {
    let mut snapshot = snapshot();
    // The same stack 41 times over.
    let parked = snapshot.goroutines.iter().find(|g| g.locked_to_thread).unwrap().clone();
    snapshot.goroutines.extend(std::iter::repeat_n(parked, 40));
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("goroutine.pb.gz");
    std::fs::write(&file, written(&snapshot)).unwrap();
    let pprof = |mode: &str| {
        let output = Command::new("go").args(["tool", "pprof", "-symbolize=none", mode]).arg(&file).output();
        let output = output.expect("this test needs the go command");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    };

    let traces = pprof("-traces");
    assert!(traces.contains("Type: goroutine\n"), "{traces}");
    let line = traces.lines().find(|line| line.split_ascii_whitespace().next() == Some("41")).unwrap();
    assert!(line.ends_with("runtime.gopark"), "{line}");
    assert!(traces.contains("user:  plain/x.y") || traces.contains("user: plain/x.y"), "{traces}");
    assert!(traces.contains("main.inlined (inline)"), "{traces}");

    let top = pprof("-top");
    assert!(top.contains("of 53 total"), "{top}");
    let line = snapshot.goroutines.iter().find(|g| g.locked_to_thread).unwrap();
    let line = snapshot.frames(line).last().unwrap().line;
    let raw = pprof("-raw");
    assert!(raw.contains(&format!("main.main.func3 example.com/states/main.go:{line}:0")), "{raw}");
    assert!(raw.contains("/states"), "{raw}");
}
