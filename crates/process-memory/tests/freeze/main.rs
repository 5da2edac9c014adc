//! Real programs are frozen: whether they stand still, are always let go, and do not notice afterwards.
//!
//! Where tracing is not permitted, each test says so and checks that freezing is refused for that reason.

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a test fails by panicking, and tests have no other output"
)]

mod c_program;
mod executing;
mod letting_go;
mod refusals;
mod signals;
mod standing_still;
mod system_calls;
mod under_load;

use std::time::Duration;

use process_memory::{FreezeError, FreezeLimits, freeze};
use target_programs::{Build, Program, Running, releases};

/// Far more than a busy machine ever takes: no test is about these limits unless it sets its own.
const PATIENT: FreezeLimits = FreezeLimits {
    deadline: Duration::from_secs(120),
    stopping: Duration::from_secs(60),
    threads_max: 100_000,
};

/// Whether a process may be frozen here, tried on `pid`; if not, that is said on standard error.
fn permitted(pid: u32) -> bool {
    match freeze(pid, &PATIENT, |_| ()) {
        Err(refusal @ FreezeError::NotPermitted { .. }) => {
            eprintln!("SKIPPED: {refusal}");
            false
        }
        _ => true,
    }
}

/// A program by the newest Go release, if it may be frozen.
fn go_program(program: Program, arguments: &[&str]) -> Option<Running> {
    let release = releases().unwrap().pop().unwrap();
    let built = Build::amd64(program, release, program.plainest_variant()).build_or_skip().unwrap()?;
    let running = Running::start(&built, arguments).unwrap();
    permitted(running.pid()).then_some(running)
}

/// Whether `churn` does what it did: only a program whose threads run can answer that more goroutines have started.
fn goes_on(churn: &mut Running) -> bool {
    let before = churn.ask_text("spawned").unwrap();
    // While it collects garbage, none starts for a moment.
    (0..10_000).any(|_| churn.ask_text("spawned").unwrap() != before)
}

/// The letters of the states of all threads of a process.
fn thread_states(pid: u32) -> Vec<char> {
    let tasks = std::fs::read_dir(format!("/proc/{pid}/task")).unwrap();
    let stats = tasks.filter_map(|task| std::fs::read_to_string(task.unwrap().path().join("stat")).ok());
    stats.filter_map(|stat| stat.rsplit_once(") ")?.1.chars().next()).collect()
}

/// What is left of a freeze: threads that are traced, or stand still because of it.
fn nothing_is_held(pid: u32) -> bool {
    let tasks = std::fs::read_dir(format!("/proc/{pid}/task")).unwrap();
    let mut texts =
        tasks.filter_map(|task| std::fs::read_to_string(task.unwrap().path().join("status")).ok());
    texts.all(|text| text.contains("TracerPid:\t0\n") && !text.contains("State:\tt"))
}
