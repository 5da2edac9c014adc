//! The licences, versions and origins of everything that we link, held against `deny.toml`.
//!
//! cargo-deny checks the same and advisories besides (`make deny`); this needs nothing but cargo.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::repository::{metadata, nothing_wrong, read, root};

fn rules() -> toml::Table {
    read("deny.toml").parse().unwrap()
}

fn packages() -> &'static [Value] {
    metadata()["packages"].as_array().unwrap()
}

/// The package ids that are really built for Linux, ours and others'.
fn built() -> BTreeSet<&'static str> {
    let nodes = metadata()["resolve"]["nodes"].as_array().unwrap();
    nodes.iter().map(|node| node["id"].as_str().unwrap()).collect()
}

/// Whether an SPDX expression can be satisfied with the allowed licences alone.
fn is_satisfied(expression: &str, allowed: &BTreeSet<&str>) -> bool {
    let spaced = expression.replace('(', " ( ").replace(')', " ) ").replace('/', " OR ");
    let words: Vec<&str> = spaced.split_whitespace().collect();
    let mut at = 0;
    let satisfied = either(&words, &mut at, allowed);
    satisfied && at == words.len()
}

fn either(words: &[&str], at: &mut usize, allowed: &BTreeSet<&str>) -> bool {
    let mut satisfied = both(words, at, allowed);
    while words.get(*at) == Some(&"OR") {
        *at += 1;
        satisfied |= both(words, at, allowed);
    }
    satisfied
}

fn both(words: &[&str], at: &mut usize, allowed: &BTreeSet<&str>) -> bool {
    let mut satisfied = licence(words, at, allowed);
    while words.get(*at) == Some(&"AND") {
        *at += 1;
        satisfied &= licence(words, at, allowed);
    }
    satisfied
}

fn licence(words: &[&str], at: &mut usize, allowed: &BTreeSet<&str>) -> bool {
    let Some(word) = words.get(*at) else { return false };
    *at += 1;
    if *word == "(" {
        let satisfied = either(words, at, allowed);
        let closed = words.get(*at) == Some(&")");
        *at += 1;
        return satisfied && closed;
    }
    if words.get(*at) == Some(&"WITH") {
        let exception = words.get(*at + 1).copied().unwrap_or_default();
        *at += 2;
        return allowed.contains(format!("{word} WITH {exception}").as_str());
    }
    allowed.contains(word)
}

#[test]
fn licence_expressions_are_understood() {
    let allowed = BTreeSet::from(["MIT", "Zlib", "Apache-2.0 WITH LLVM-exception"]);
    for good in
        ["MIT", "MIT/GPL-3.0", "GPL-3.0 OR (MIT AND Zlib)", "Apache-2.0 WITH LLVM-exception OR GPL-2.0"]
    {
        assert!(is_satisfied(good, &allowed), "{good}");
    }
    for bad in ["", "GPL-3.0", "MIT AND GPL-3.0", "(MIT OR Zlib) AND GPL-3.0", "Apache-2.0", "MIT Zlib"] {
        assert!(!is_satisfied(bad, &allowed), "{bad}");
    }
}

#[test]
fn every_licence_is_allowed() {
    let rules = rules();
    let allowed =
        rules["licenses"]["allow"].as_array().unwrap().iter().map(|name| name.as_str().unwrap()).collect();
    let mut problems = Vec::new();
    let built = built();
    for package in packages().iter().filter(|package| built.contains(package["id"].as_str().unwrap())) {
        let expression = package["license"].as_str().unwrap_or("no licence");
        if !is_satisfied(expression, &allowed) {
            problems.push(format!("{} {}: {expression}", package["name"], package["version"]));
        }
    }
    nothing_wrong(
        "a dependency's licence is not on the list in deny.toml",
        "find another crate; only a permissive licence that asks for nothing in a binary may be added",
        &problems,
    );
}

#[test]
fn every_crate_is_there_once() {
    let rules = rules();
    let skipped: BTreeSet<String> = rules["bans"]["skip"]
        .as_array()
        .unwrap()
        .iter()
        .map(|entry| entry["crate"].as_str().unwrap().to_owned())
        .collect();
    let built = built();
    let mut versions: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for package in packages().iter().filter(|package| built.contains(package["id"].as_str().unwrap())) {
        let (name, version) = (package["name"].as_str().unwrap(), package["version"].as_str().unwrap());
        versions.entry(name).or_default().insert(version);
    }
    let mut problems = Vec::new();
    let mut used = BTreeSet::new();
    for (name, versions) in versions {
        let is_skipped = |version: &&&str| {
            let entry = format!("{name}@{version}");
            skipped.contains(&entry) && used.insert(entry)
        };
        let skipped_versions = versions.iter().filter(is_skipped).count();
        if versions.len() - skipped_versions > 1 {
            problems.push(format!("{name}: {}", Vec::from_iter(versions).join(", ")));
        }
    }
    let unused = skipped.iter().filter(|entry| !used.contains(*entry));
    problems.extend(unused.map(|entry| format!("{entry}: is gone, take it off the list")));
    nothing_wrong(
        "a crate is in the tree in two versions",
        "choose versions that agree (`cargo tree -d`); else add the older one to bans.skip in deny.toml, with \
         the crate that holds it back",
        &problems,
    );
}

#[test]
fn every_dependency_comes_from_the_registry() {
    let ours = format!("path+file://{}", root().display());
    let foreign = packages().iter().filter(|package| match package["source"].as_str() {
        Some(source) => !source.starts_with("registry+") && !source.starts_with("sparse+"),
        None => !package["id"].as_str().unwrap().starts_with(&ours),
    });
    nothing_wrong(
        "a dependency comes from a git repository or from outside this one",
        "depend on a published version, so that Cargo.lock alone reproduces the build",
        &foreign.map(|package| package["id"].to_string()).collect::<Vec<_>>(),
    );
}

#[test]
fn the_lock_files_are_committed() {
    let problems: Vec<String> = ["Cargo.lock", "fuzz/Cargo.lock"]
        .into_iter()
        .filter(|path| {
            let ignored = std::process::Command::new("git")
                .args(["check-ignore", "--quiet", "--no-index", path])
                .current_dir(root())
                .status();
            !root().join(path).is_file() || ignored.is_ok_and(|status| status.success())
        })
        .map(str::to_owned)
        .collect();
    nothing_wrong(
        "a lock file is missing or ignored by git",
        "run cargo once in its directory and commit the file: it is what makes a build reproducible",
        &problems,
    );
}
