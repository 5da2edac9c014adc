//! What neither code nor tests may leave behind: unfinished code, silent tests, sleeping as synchronisation.

use syn::visit::{self, Visit};

use crate::repository::nothing_wrong;
use crate::source::sources;

const UNFINISHED: &[&str] = &["todo", "unimplemented", "dbg"];

/// Where code may sleep: (path, why nothing can be waited for instead).
const MAY_SLEEP: &[(&str, &str)] = &[
    ("crates/gostat/src/commands/agent/life.rs", "a watchdog is told twice in its time"),
    ("crates/capture/src/heap_copy.rs", "the kernel tells nobody that a process has come to rest"),
    ("crates/capture/src/leaks.rs", "goroutines that are just being woken are given time to run"),
    (
        "crates/gostat/src/ticks.rs",
        "waits out the interval that the user asked for when no signal can wake it",
    ),
    (
        "crates/process-memory/src/freeze/tracer.rs",
        "the kernel has no waiting for threads to stop that would end with a deadline",
    ),
    (
        "crates/gostat/benches/against_go/dumps.rs",
        "samples a figure that the kernel only has for who asks: peak memory",
    ),
    (
        "crates/gostat/benches/against_go/stalls.rs",
        "measures what happens in windows of time, in which nothing else shall",
    ),
    (
        "crates/gostat/tests/bad_targets/endings.rs",
        "kills a target after ever longer lives, so that all moments of a dump are hit",
    ),
];

#[test]
fn nothing_is_left_unfinished() {
    struct Macros(Vec<(String, usize)>);
    impl<'ast> Visit<'ast> for Macros {
        fn visit_macro(&mut self, called: &'ast syn::Macro) {
            let name = &called.path.segments.last().unwrap().ident;
            self.0.push((name.to_string(), name.span().start().line));
            visit::visit_macro(self, called);
        }
    }
    let mut problems = Vec::new();
    for source in sources() {
        let mut macros = Macros(Vec::new());
        macros.visit_file(&source.syntax);
        let unfinished = macros.0.iter().filter(|(name, _)| UNFINISHED.contains(&name.as_str()));
        problems.extend(unfinished.map(|(name, line)| format!("{}: {name}!", source.at(*line))));
    }
    nothing_wrong(
        "code was left unfinished",
        "finish it, or take it out and open an issue: what is there must work",
        &problems,
    );
}

#[test]
fn no_test_is_switched_off() {
    struct Ignored(Vec<usize>);
    impl<'ast> Visit<'ast> for Ignored {
        fn visit_attribute(&mut self, attribute: &'ast syn::Attribute) {
            if attribute.path().is_ident("ignore") {
                self.0.push(attribute.pound_token.span.start().line);
            }
        }
    }
    let mut problems = Vec::new();
    for source in sources() {
        let mut ignored = Ignored(Vec::new());
        ignored.visit_file(&source.syntax);
        problems.extend(ignored.0.iter().map(|line| source.at(*line)));
    }
    nothing_wrong(
        "a test is ignored",
        "mend it or delete it; one that needs something of the machine says so and returns",
        &problems,
    );
}

#[test]
fn nothing_sleeps_to_wait_for_something_else() {
    let mut problems = Vec::new();
    let mut used = Vec::new();
    for source in sources() {
        for name in source.names().iter().filter(|name| name.ends_with(&["thread", "sleep"])) {
            if MAY_SLEEP.iter().any(|(path, _)| *path == source.path) {
                used.push(source.path.as_str());
            } else {
                problems.push(source.at(name.line));
            }
        }
    }
    let unused = MAY_SLEEP.iter().filter(|(path, _)| !used.contains(path));
    problems.extend(unused.map(|(path, _)| format!("{path}: sleeps no more, take it off the list")));
    nothing_wrong(
        "code sleeps",
        "wait for the event itself (a line, a pipe, an exit); where only time will do, add the file and the \
         reason to the list in xtask/tests/invariants/tests.rs",
        &problems,
    );
}
