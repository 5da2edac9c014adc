//! `gostat top` in a real terminal, at real programs: as a user meets it, from the first look to the end.

#![forbid(unsafe_code)]
#![expect(clippy::unwrap_used, reason = "a test ends where something is not as it must be")]
#![expect(clippy::print_stderr, reason = "a skipped test must be seen")]

mod tmux;
mod journeys;
mod endings;
mod pictures;

use target_programs::{Build, NEWEST, Program, Running, Variant};

/// The program whose goroutines wait for each other. `None`, said aloud, where it cannot be built.
fn blocked() -> Option<Running> {
    let built = Build::amd64(Program::Blocked, NEWEST, Variant::Plain).build_or_skip().unwrap()?;
    Some(Running::start(&built, &[]).unwrap())
}

/// The program that this build made.
const GOSTAT: &str = env!("CARGO_BIN_EXE_gostat");

/// What the terminal is left like: the shell says it afterwards.
const THEN: &str = "echo \"status=$?\"; stty -a | grep -o -- '-*icanon\\|-*isig'; echo the-end";
