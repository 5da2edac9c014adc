//! No unsafe code but where the system calls are, and nothing at all that could change or stop a target.

use quote::ToTokens;
use syn::visit::{self, Visit};

use crate::repository::{members, nothing_wrong};
use crate::source::sources;

/// Packages that make system calls of their own and may use `unsafe` for them.
const MAY_BE_UNSAFE: &[&str] = &["process-memory"];

/// Ways to write to another process or to stop it. Tests may stop a target, to compare with a frozen truth.
const CHANGES_A_TARGET: &[&str] = &[
    "process_vm_writev",
    "ptrace",
    "pwrite",
    "pwritev",
    "process_madvise",
    "SYS_ptrace",
    "SYS_process_vm_writev",
];
const STOPS_A_TARGET: &[&str] =
    &["SIGSTOP", "SIGTSTP", "SIGCONT", "SIGKILL", "kill", "killpg", "tgkill", "pidfd_send_signal"];

/// Packages that hold descriptors of targets.
const HOLDS_TARGETS: &[&str] = &["linux-process", "process-memory", "go-runtime", "capture"];
const OPENS_FOR_WRITING: &[&[&str]] =
    &[&["File", "create"], &["OpenOptions"], &["fs", "write"], &["O_RDWR"], &["O_WRONLY"]];

#[test]
fn every_crate_forbids_unsafe_code() {
    let mut problems = Vec::new();
    for (name, member) in members() {
        if MAY_BE_UNSAFE.contains(&name.as_str()) {
            continue;
        }
        for root in &member.roots {
            let source = sources().iter().find(|source| source.path == *root).unwrap();
            let forbids = source.syntax.attrs.iter().any(|attribute| {
                attribute.meta.to_token_stream().to_string().replace(' ', "") == "forbid(unsafe_code)"
            });
            if !forbids {
                problems.push(root.clone());
            }
        }
    }
    nothing_wrong(
        "a crate does not forbid unsafe code",
        "add #![forbid(unsafe_code)] after the crate's documentation; system calls belong in `process-memory`",
        &problems,
    );
}

#[test]
fn nothing_can_write_to_a_target_or_trace_it() {
    let mut problems = Vec::new();
    for source in sources() {
        for name in source.names() {
            // The constants above are strings, so this file does not find itself.
            if name
                .parts
                .iter()
                .any(|part| CHANGES_A_TARGET.contains(&part.as_str()) || part.starts_with("PTRACE_"))
            {
                problems.push(format!("{}: {}", source.at(name.line), name.parts.join("::")));
            }
        }
    }
    nothing_wrong(
        "code that can change or trace another process",
        "a target is only ever read: find the answer in its memory or in /proc",
        &problems,
    );
}

#[test]
fn nothing_stops_a_target() {
    let mut problems = Vec::new();
    for source in
        sources().iter().filter(|source| !source.is_test() && !source.is_in("crates/target-programs"))
    {
        for name in source.names_outside_tests() {
            if name.parts.iter().any(|part| STOPS_A_TARGET.contains(&part.as_str())) {
                problems.push(format!("{}: {}", source.at(name.line), name.parts.join("::")));
            }
        }
    }
    nothing_wrong(
        "code that can stop or end another process",
        "a target is never stopped: take the snapshot again where it was torn",
        &problems,
    );
}

#[test]
fn what_holds_a_target_opens_nothing_for_writing() {
    let members = members();
    let mut problems = Vec::new();
    for package in HOLDS_TARGETS {
        let directory = format!("{}/src", members[*package].directory);
        for source in sources().iter().filter(|source| source.is_in(&directory) && !source.is_test()) {
            for name in source.names_outside_tests() {
                if OPENS_FOR_WRITING.iter().any(|parts| name.contains(parts)) {
                    problems.push(format!("{}: {}", source.at(name.line), name.parts.join("::")));
                }
            }
        }
    }
    nothing_wrong(
        "a crate that holds files of a target opens some file for writing",
        "open read-only here; write output in the binary",
        &problems,
    );
}

#[test]
fn process_memory_has_no_way_to_write() {
    struct Functions(Vec<String>);
    impl<'ast> Visit<'ast> for Functions {
        fn visit_signature(&mut self, signature: &'ast syn::Signature) {
            self.0.push(signature.ident.to_string());
            visit::visit_signature(self, signature);
        }
    }
    let mut problems = Vec::new();
    let mut seen = 0;
    for source in sources().iter().filter(|source| source.is_in("crates/process-memory/src")) {
        let mut functions = Functions(Vec::new());
        functions.visit_file(&source.syntax);
        seen += functions.0.len();
        let writing = |name: &&String| name.starts_with("write") || name.starts_with("poke");
        problems.extend(functions.0.iter().filter(writing).map(|name| format!("{}: fn {name}", source.path)));
    }
    assert!(seen > 0, "crates/process-memory has no functions: this test looks in the wrong place");
    nothing_wrong(
        "process-memory has a function that sounds like writing",
        "memory of a target is read-only by construction; name a function that writes a file by what it makes",
        &problems,
    );
}
