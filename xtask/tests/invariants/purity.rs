//! Parsers take bytes and return values: the same bytes give the same answer, on any machine, at any time.

use crate::repository::{members, nothing_wrong};
use crate::source::{Source, sources};

/// Packages that may touch nothing outside their arguments.
const PURE: &[&str] = &[
    "snapshot",
    "recording",
    "go-binary",
    "goroutine-dump",
    "pprof-profile",
    "analysis",
    "leak-detection",
    "report",
    "telemetry-export",
];

/// Packages that read memory through a trait and may measure what that costs, but open nothing themselves.
const OPENS_NOTHING: &[&str] = &["go-runtime"];

/// The one folder of `alerting` that may: all else in it is findings, rules and payloads.
const DELIVERS: &str = "crates/alerting/src/delivery";

const OUTSIDE_WORLD: &[&[&str]] = &[
    &["std", "fs"],
    &["std", "net"],
    &["std", "process"],
    &["std", "env"],
    &["std", "os"],
    &["File", "open"],
    &["async_std"],
    &["libc"],
    &["nix"],
    &["procfs"],
    &["tokio"],
];

const CLOCKS: &[&[&str]] = &[&["SystemTime"], &["Instant"], &["std", "thread"]];

fn check(packages: &[&str], forbidden: &[&[&str]], rule: &str, what_to_do: &str) {
    let members = members();
    let mut problems = Vec::new();
    for package in packages {
        let directory = format!("{}/src", members[*package].directory);
        let is_looked_at =
            |source: &&Source| source.is_in(&directory) && !source.is_in(DELIVERS) && !source.is_test();
        for source in sources().iter().filter(is_looked_at) {
            for name in source.names_outside_tests() {
                if forbidden.iter().any(|parts| name.contains(parts)) {
                    problems.push(format!("{}: {}", source.at(name.line), name.parts.join("::")));
                }
            }
        }
    }
    nothing_wrong(rule, what_to_do, &problems);
}

#[test]
fn parsers_and_analyses_open_nothing() {
    check(
        PURE,
        OUTSIDE_WORLD,
        "a parser or an analysis reaches outside its arguments",
        "take bytes; open files, sockets and processes in `capture`, `linux-process` or the binary",
    );
}

#[test]
fn parsers_and_analyses_read_no_clock() {
    check(
        PURE,
        CLOCKS,
        "a parser or an analysis reads a clock",
        "take the time from the snapshot: a replay must give what the live run gave",
    );
}

#[test]
fn the_runtime_walker_opens_nothing() {
    check(
        OPENS_NOTHING,
        OUTSIDE_WORLD,
        "the walker reaches the target by another way than the memory that it was given",
        "read through `process_memory::ProcessMemory`, so that recordings and faults take the same path",
    );
}

#[test]
fn findings_and_payloads_are_pure() {
    for forbidden in [OUTSIDE_WORLD, CLOCKS, &[&["ureq"], &["rustls"]]] {
        check(
            &["alerting"],
            forbidden,
            "findings, rules or payloads of alerts reach outside their arguments",
            "take the time with the tick or the envelope; files, threads and sockets are in alerting/src/delivery",
        );
    }
}
