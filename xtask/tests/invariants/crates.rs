//! Who may depend on whom. The table below is the architecture: a new edge is a decision, made here.

use std::collections::{BTreeMap, BTreeSet};

use crate::repository::{self, members, nothing_wrong};

/// Every package, in pipeline order, with the workspace packages that it may be built from.
const MAY_USE: &[(&str, &[&str])] = &[
    ("snapshot", &[]),
    ("recording", &["snapshot"]),
    ("linux-process", &["snapshot"]),
    ("process-memory", &["snapshot"]),
    ("go-binary", &["snapshot"]),
    ("go-runtime", &["snapshot", "process-memory", "go-binary"]),
    ("goroutine-dump", &["snapshot"]),
    ("pprof-profile", &["snapshot"]),
    ("capture", &["snapshot", "recording", "linux-process", "process-memory", "go-binary", "go-runtime"]),
    ("analysis", &["snapshot"]),
    ("leak-detection", &["snapshot", "analysis"]),
    ("report", &["snapshot", "analysis", "leak-detection"]),
    // It owns the sessions that it shows; `linux-process` is there to list the processes that there are.
    (
        "terminal-ui",
        &["snapshot", "recording", "linux-process", "capture", "analysis", "leak-detection", "report"],
    ),
    ("alerting", &["snapshot", "analysis", "leak-detection"]),
    ("history-store", &["snapshot"]),
    ("telemetry-export", &["snapshot", "analysis"]),
    ("live-frames", &["snapshot"]),
    ("web-page", &[]),
    ("web-server", &["snapshot", "goroutine-dump", "pprof-profile", "alerting", "web-page"]),
    (
        "agent",
        &[
            "snapshot",
            "linux-process",
            "capture",
            "analysis",
            "leak-detection",
            "report",
            "pprof-profile",
            "live-frames",
            "web-server",
            "alerting",
            "history-store",
            "telemetry-export",
        ],
    ),
    // The binary joins everything, but reads no memory and decodes nothing itself: `process-memory` is there
    // for `doctor`, which asks what this machine permits.
    (
        "gostat",
        &[
            "snapshot",
            "recording",
            "linux-process",
            "process-memory",
            "capture",
            "analysis",
            "leak-detection",
            "report",
            "terminal-ui",
            "telemetry-export",
            "goroutine-dump",
            "pprof-profile",
            "alerting",
            "agent",
        ],
    ),
    ("synthetic-process", &["snapshot", "process-memory"]),
    ("target-programs", &["snapshot"]),
    ("xtask", &["go-binary"]),
];

/// What any package's tests may use besides the above: images, real programs, and the readers of what a target
/// says about itself.
const ANY_TEST_MAY_USE: &[&str] =
    &["synthetic-process", "target-programs", "goroutine-dump", "pprof-profile", "live-frames"];

/// Packages that know how a snapshot came to be.
const SOURCES: &[&str] = &["linux-process", "process-memory", "go-binary", "go-runtime", "capture"];

/// Packages that show, send or think about snapshots: they cannot tell a live one from a replayed one.
const OUTPUTS: &[&str] = &[
    "analysis",
    "leak-detection",
    "report",
    "web-server",
    "alerting",
    "history-store",
    "telemetry-export",
    "live-frames",
    "goroutine-dump",
    "pprof-profile",
];

/// Source packages that may know another one; all others meet only in `capture`.
const SOURCES_THAT_JOIN: &[&str] = &["go-runtime", "capture"];

#[test]
fn the_model_depends_on_nothing_of_ours() {
    let members = members();
    let model = &members["snapshot"];
    assert!(
        model.uses.is_empty() && model.tests_use.is_empty(),
        "`snapshot` is what all crates meet in, so it may know none of them; it uses {:?} {:?}\n\
         hint: move what it needs into `snapshot`, or the code that needs it out of it",
        model.uses,
        model.tests_use
    );
}

#[test]
fn every_dependency_is_in_the_table() {
    let table: BTreeMap<_, _> = MAY_USE.iter().copied().collect();
    let mut problems = Vec::new();
    for (name, member) in members() {
        let Some(allowed) = table.get(name.as_str()) else {
            problems.push(format!("{name} is not in the table"));
            continue;
        };
        for used in member.uses.iter().filter(|used| !allowed.contains(&used.as_str())) {
            problems.push(format!("{name} -> {used}"));
        }
        for used in &member.tests_use {
            if !allowed.contains(&used.as_str()) && !ANY_TEST_MAY_USE.contains(&used.as_str()) {
                problems.push(format!("{name} -> {used} (tests)"));
            }
        }
    }
    nothing_wrong(
        "a package depends on another in a way that the architecture does not foresee",
        "move the code to where the knowledge is; if the edge is right, add it to xtask/tests/invariants/crates.rs",
        &problems,
    );
}

#[test]
fn the_table_names_only_packages_that_exist() {
    let members = members();
    let gone = MAY_USE.iter().map(|(name, _)| name).filter(|name| !members.contains_key(**name));
    nothing_wrong(
        "the table names packages that are gone",
        "remove them from xtask/tests/invariants/crates.rs",
        &gone.map(|name| (*name).to_owned()).collect::<Vec<_>>(),
    );
}

#[test]
fn outputs_never_see_a_source() {
    let members = members();
    let mut problems = Vec::new();
    for output in OUTPUTS {
        let mut reached = BTreeSet::new();
        let mut pending = vec![(*output).to_owned()];
        while let Some(name) = pending.pop() {
            if reached.insert(name.clone()) {
                pending.extend(members[&name].uses.iter().cloned());
            }
        }
        let seen = reached.iter().filter(|name| SOURCES.contains(&name.as_str()));
        problems.extend(seen.map(|source| format!("{output} reaches {source}")));
    }
    nothing_wrong(
        "something that shows or analyses snapshots can see where they come from",
        "pass what it needs in the snapshot: live and replayed must look the same",
        &problems,
    );
}

#[test]
fn sources_do_not_know_each_other() {
    let members = members();
    let mut problems = Vec::new();
    for source in SOURCES.iter().filter(|source| !SOURCES_THAT_JOIN.contains(source)) {
        let known = members[*source].uses.iter().filter(|used| SOURCES.contains(&used.as_str()));
        problems.extend(known.map(|known| format!("{source} -> {known}")));
    }
    nothing_wrong("a source knows another source", "join them in `capture`", &problems);
}

#[test]
fn members_are_listed_in_pipeline_order() {
    let manifest: toml::Table = repository::read("Cargo.toml").parse().unwrap();
    let listed: Vec<String> = manifest["workspace"]["members"]
        .as_array()
        .unwrap()
        .iter()
        .map(|path| path.as_str().unwrap().rsplit('/').next().unwrap().to_owned())
        .collect();
    let place = |name: &str| listed.iter().position(|listed| listed == name);
    let mut problems = Vec::new();
    for (name, member) in members() {
        for used in &member.uses {
            if place(used) >= place(&name) {
                problems.push(format!("{used} must stand before {name}"));
            }
        }
    }
    let table: Vec<_> = MAY_USE.iter().map(|(name, _)| (*name).to_owned()).collect();
    if table != listed {
        problems.push(format!("xtask/tests/invariants/crates.rs has another order: {table:?}"));
    }
    nothing_wrong(
        "the members in Cargo.toml are not in the order in which data flows",
        "a newcomer reads them from top to bottom: move the lines, not the data",
        &problems,
    );
}

#[test]
fn folders_are_named_as_their_packages() {
    let mut problems = Vec::new();
    let members = members();
    for (name, member) in &members {
        if member.directory.rsplit('/').next() != Some(name) {
            problems.push(format!("{} holds {name}", member.directory));
        }
    }
    for entry in std::fs::read_dir(repository::root().join("crates")).unwrap() {
        let folder = entry.unwrap().file_name().into_string().unwrap();
        if !members.contains_key(&folder) {
            problems.push(format!("crates/{folder} is no member of the workspace"));
        }
    }
    nothing_wrong("a folder and its package differ", "rename one, or list it in Cargo.toml", &problems);
}
