//! `gostat dump --format pprof` against the programs' own goroutine profiles, both read by `go tool pprof`.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::Command;

use target_programs::{GoRelease, Program, Running};

use crate::gostat::{dump, for_each};

/// The runtime cuts stacks off, at 32 frames before Go 1.23: compared is what all releases have.
const COMPARED_FRAMES: usize = 28;

/// A sample without its count: frames innermost first, and labels.
type Sample = (Vec<String>, Vec<String>);

/// What `go tool pprof -raw` says is in a profile: how many goroutines have which stack and labels.
fn samples(go: &Path, profile: &Path) -> BTreeMap<Sample, u64> {
    let output = Command::new(go).args(["tool", "pprof", "-raw"]).arg(profile).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let raw = String::from_utf8(output.stdout).unwrap();
    let (samples, rest) = raw.split_once("Samples:\n").unwrap().1.split_once("Locations\n").unwrap();
    let (locations, _mappings) = rest.split_once("Mappings\n").unwrap();
    let locations = frames_by_location(locations);
    let mut counts: BTreeMap<Sample, u64> = BTreeMap::new();
    let mut lines = samples.lines().skip(1).peekable();
    while let Some(line) = lines.next() {
        let (count, ids) = line.split_once(':').unwrap();
        let ids = ids.split_whitespace().map(|id| id.parse::<u64>().unwrap());
        let mut frames: Vec<String> = ids.flat_map(|id| locations[&id].clone()).collect();
        frames.truncate(COMPARED_FRAMES);
        let mut labels = Vec::new();
        // A line break in a label is one in this output too.
        let mut text = String::new();
        while let Some(line) = lines.next_if(|line| !is_sample(line)) {
            text.push_str(line.trim());
            text.push(' ');
        }
        labels.extend(text.split("] ").filter(|label| !label.trim().is_empty()).map(str::to_owned));
        labels.sort();
        *counts.entry((frames, labels)).or_default() += count.trim().parse::<u64>().unwrap();
    }
    counts
}

/// `          1: 5 6 12 `, as opposed to a line of labels.
fn is_sample(line: &str) -> bool {
    line.trim().split_once(':').is_some_and(|(count, _)| count.parse::<u64>().is_ok())
}

/// Lines `  7: 0x485d89 M=1 main.f /src/m.go:7:0 s=3`, and below them the rest of an inlined stack.
fn frames_by_location(locations: &str) -> BTreeMap<u64, Vec<String>> {
    let mut all: BTreeMap<u64, Vec<String>> = BTreeMap::new();
    let mut current = 0;
    for line in locations.lines() {
        let mut words: Vec<&str> = line.split_whitespace().collect();
        if let Some(id) = words.first().and_then(|word| word.strip_suffix(':')) {
            current = id.parse().unwrap();
            words.drain(..2);
        }
        words.retain(|word| !word.starts_with("M=") && !word.starts_with("s="));
        // Type arguments in a function's name may have blanks in them.
        let Some((place, function)) = words.split_last() else { continue };
        let function = function.join(" ");
        let (place, _column) = place.rsplit_once(':').unwrap();
        all.entry(current).or_default().push(format!("{function} {place}"));
    }
    all
}

#[test]
fn profiles_agree_with_the_programs_own() {
    let go = GoRelease::new(27, 4).goroot().unwrap().join("bin/go");
    let folder = tempfile::tempdir().unwrap();
    let (ours, theirs) = (folder.path().join("ours"), folder.path().join("theirs"));
    for_each(&[Program::States, Program::HttpServer], |build, built| {
        let mut running = Running::start(built, &[]).unwrap();
        fs::write(&ours, dump(running.pid(), &["--format", "pprof"])).unwrap();
        fs::write(&theirs, running.ask("pprof0").unwrap()).unwrap();
        let not_answering = |samples: BTreeMap<Sample, u64>| -> BTreeMap<Sample, u64> {
            let answers =
                |sample: &Sample| sample.0.iter().any(|frame| frame.contains("/internal/protocol.Serve "));
            samples.into_iter().filter(|(sample, _)| !answers(sample)).collect()
        };
        let (ours, theirs) = (not_answering(samples(&go, &ours)), not_answering(samples(&go, &theirs)));
        let only_ours: Vec<_> = ours.iter().filter(|(sample, n)| theirs.get(sample) != Some(n)).collect();
        let only_theirs: Vec<_> = theirs.iter().filter(|(sample, n)| ours.get(sample) != Some(n)).collect();
        assert!(
            only_ours.is_empty() && only_theirs.is_empty(),
            "{build}: only ours {only_ours:#?}\nonly theirs {only_theirs:#?}"
        );
        assert!(theirs.len() >= 5, "{build}: {}", theirs.len());
    });
}
