//! Where the repository's files are, and what cargo says of its packages.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use serde_json::Value;

/// Directories that hold no sources of ours, wherever they are.
const NOT_OURS: [&str; 6] = [".git", "target", "artifacts", "node_modules", "corpus", "coverage"];

/// The root of the checkout.
pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_path_buf()
}

/// The text of a file, by its path from the root.
pub(crate) fn read(path: &str) -> String {
    let full = root().join(path);
    std::fs::read_to_string(&full).unwrap_or_else(|error| panic!("cannot read {path}: {error}"))
}

/// Every file of ours whose name ends in one of `endings`, as sorted paths from the root.
pub(crate) fn files(endings: &[&str]) -> Vec<String> {
    fn walk(directory: &Path, root: &Path, endings: &[&str], found: &mut Vec<String>) {
        for entry in std::fs::read_dir(directory).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_str().unwrap();
            if path.is_dir() && !path.is_symlink() {
                if !NOT_OURS.contains(&name) {
                    walk(&path, root, endings, found);
                }
            } else if endings.iter().any(|ending| name.ends_with(ending)) {
                found.push(path.strip_prefix(root).unwrap().to_str().unwrap().to_owned());
            }
        }
    }
    let root = root();
    let mut found = Vec::new();
    walk(&root, &root, endings, &mut found);
    found.sort();
    found
}

/// A workspace member and what it depends on inside the workspace.
#[derive(Debug, Default)]
pub(crate) struct Member {
    /// Workspace packages that it is built from (normal and build dependencies).
    pub(crate) uses: BTreeSet<String>,
    /// Workspace packages that only its tests use.
    pub(crate) tests_use: BTreeSet<String>,
    /// Root source files of its library and binaries, from the repository's root.
    pub(crate) roots: Vec<String>,
    /// The directory of its manifest, from the repository's root.
    pub(crate) directory: String,
}

/// What `cargo metadata` says, asked once.
pub(crate) fn metadata() -> &'static Value {
    static METADATA: OnceLock<Value> = OnceLock::new();
    METADATA.get_or_init(|| {
        let output = Command::new(env!("CARGO"))
            .args(["metadata", "--format-version=1", "--filter-platform=x86_64-unknown-linux-gnu"])
            .current_dir(root())
            .output()
            .unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        serde_json::from_slice(&output.stdout).unwrap()
    })
}

/// The workspace's packages by name.
pub(crate) fn members() -> BTreeMap<String, Member> {
    let root = root();
    let relative = |path: &Value| {
        let path = Path::new(path.as_str().unwrap());
        path.strip_prefix(&root).unwrap().to_str().unwrap().to_owned()
    };
    let mut members = BTreeMap::new();
    for package in metadata()["packages"].as_array().unwrap().iter().filter(|p| p["source"].is_null()) {
        let mut member = Member::default();
        for dependency in package["dependencies"].as_array().unwrap().iter().filter(|d| d["path"].is_string())
        {
            let name = dependency["name"].as_str().unwrap().to_owned();
            if dependency["kind"] == "dev" {
                member.tests_use.insert(name);
            } else {
                member.uses.insert(name);
            }
        }
        for target in package["targets"].as_array().unwrap() {
            let kind = target["kind"][0].as_str().unwrap();
            if matches!(kind, "lib" | "bin" | "proc-macro") {
                member.roots.push(relative(&target["src_path"]));
            }
        }
        let manifest = relative(&package["manifest_path"]);
        member.directory = manifest.trim_end_matches("/Cargo.toml").to_owned();
        members.insert(package["name"].as_str().unwrap().to_owned(), member);
    }
    members
}

/// Fails with one line for each problem, after saying which rule was broken and what to do.
#[track_caller]
pub(crate) fn nothing_wrong(rule: &str, what_to_do: &str, problems: &[String]) {
    assert!(
        problems.is_empty(),
        "{rule}\nhint: {what_to_do}\n{} found:\n  {}\n",
        problems.len(),
        problems.join("\n  ")
    );
}
