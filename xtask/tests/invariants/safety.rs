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
/// The one place that may stop a target: for a user who asks for that, and only until a deadline.
const FREEZES: &str = "crates/process-memory/src/freeze";
/// What it may use for that: seizing, stopping, looking at registers, letting go. Everything else that `ptrace` can
/// do (writing memory and registers, stepping, killing with the tracer) is forbidden there, too.
const MAY_FREEZE_WITH: &[&str] =
    &["ptrace", "PTRACE_DETACH", "PTRACE_EVENT_CLONE", "PTRACE_GETREGSET", "PTRACE_O_TRACECLONE"];
/// Functions of `nix::sys::ptrace` that it may call.
const MAY_CALL_OF_PTRACE: &[&str] = &["seize", "interrupt", "getevent", "self", "Options"];
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
        let freezes = source.is_in(FREEZES);
        for name in source.names() {
            // The constants above are strings, so this file does not find itself.
            let changes = |part: &&String| {
                (CHANGES_A_TARGET.contains(&part.as_str()) || part.starts_with("PTRACE_"))
                    && !(freezes && MAY_FREEZE_WITH.contains(&part.as_str()))
            };
            let calls_more = name
                .parts
                .windows(2)
                .any(|pair| pair[0] == "ptrace" && !MAY_CALL_OF_PTRACE.contains(&pair[1].as_str()));
            if name.parts.iter().any(|part| changes(&part)) || calls_more {
                problems.push(format!("{}: {}", source.at(name.line), name.parts.join("::")));
            }
        }
    }
    nothing_wrong(
        "code that can change or trace another process",
        "a target is only ever read: find the answer in its memory or in /proc; stopping it for a user who asked for \
         that is what crates/process-memory/src/freeze does, with the few calls that it takes",
        &problems,
    );
}

#[test]
fn a_target_is_frozen_for_capture_only() {
    let outside = |path: &str| {
        !["crates/process-memory/", "crates/capture/", "xtask/"].iter().any(|folder| path.starts_with(folder))
    };
    let mut problems = Vec::new();
    for source in sources().iter().filter(|source| outside(&source.path)) {
        for name in source.names().iter().filter(|name| name.contains(&["process_memory", "freeze"])) {
            problems.push(source.at(name.line));
        }
    }
    nothing_wrong(
        "something freezes a target by itself",
        "ask `capture::Session::freeze`, which checks that it is still the program that it was",
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
            // Ctrl-Z must not stop ourselves while a target is frozen.
            let ignores =
                source.path == format!("{FREEZES}/terminal_stops.rs") && name.contains(&["SIGTSTP"]);
            // And Ctrl-Z in gostat top has to give the terminal back before it stops ourselves.
            let stops_itself = source.path == "crates/terminal-ui/src/screen/signals.rs"
                && name.parts.iter().all(|part| !["kill", "killpg", "SIGSTOP"].contains(&part.as_str()));
            if name.parts.iter().any(|part| STOPS_A_TARGET.contains(&part.as_str()))
                && !ignores
                && !stops_itself
            {
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
