//! Whatever happens while a process is frozen, it is let go.

use std::io::{BufRead, BufReader, Write};
use std::os::unix::process::ExitStatusExt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use process_memory::{FreezeError, FreezeLimits, freeze};
use target_programs::Program;

use crate::{PATIENT, go_program, goes_on, nothing_is_held, thread_states};

/// Names the process that [`holds_a_process_until_it_is_killed`] shall hold.
const HOLD: &str = "GOSTAT_TEST_HOLD";

fn is_frozen(pid: u32) -> bool {
    thread_states(pid).iter().all(|state| *state == 't')
}

#[test]
fn at_the_deadline_while_the_copy_still_runs() {
    let Some(mut churn) = go_program(Program::Churn, &[]) else { return };
    let limits = FreezeLimits { deadline: Duration::from_millis(50), ..PATIENT };
    let pid = churn.pid();
    let done = freeze(pid, &limits, |_| {
        assert!(is_frozen(pid));
        // This copy never ends by itself: only a target that has been let go can answer.
        assert!(goes_on(&mut churn));
    })
    .unwrap();
    assert!(done.expired && done.stopped >= limits.deadline, "{done:?}");
    assert!(nothing_is_held(pid) && goes_on(&mut churn));
}

#[test]
fn when_the_copy_panics() {
    let Some(mut churn) = go_program(Program::Churn, &[]) else { return };
    let pid = churn.pid();
    let copy = || {
        freeze(pid, &PATIENT, |_| {
            assert!(is_frozen(pid));
            std::panic::resume_unwind(Box::new("the copy panics"));
        })
    };
    assert!(catch_unwind(AssertUnwindSafe(copy)).is_err());
    assert!(nothing_is_held(pid) && goes_on(&mut churn));
}

/// No test by itself: the process that the next test kills. It holds its target until then.
#[test]
fn holds_a_process_until_it_is_killed() {
    let Ok(pid) = std::env::var(HOLD) else { return };
    freeze(pid.parse().unwrap(), &PATIENT, |_| {
        // Past the test harness, which would keep what is printed.
        writeln!(std::io::stderr(), "frozen").unwrap();
        let mut line = String::new();
        std::io::stdin().read_line(&mut line).unwrap();
    })
    .unwrap();
}

/// A process of ours that holds `pid` frozen until it is killed.
pub(crate) fn holding(pid: u32) -> Child {
    let mut gostat = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "letting_go::holds_a_process_until_it_is_killed", "--nocapture"])
        .env(HOLD, pid.to_string())
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(gostat.stderr.take().unwrap()).lines();
    assert!(lines.any(|line| line.unwrap() == "frozen"));
    gostat
}

#[test]
fn when_gostat_is_killed_in_the_middle() {
    let Some(mut churn) = go_program(Program::Churn, &[]) else { return };
    let pid = churn.pid();
    for signal in [libc::SIGKILL, libc::SIGTERM, libc::SIGINT, libc::SIGABRT] {
        let mut gostat = holding(pid);
        assert!(is_frozen(pid));
        let own = gostat.id().to_string();
        assert!(Command::new("kill").args([format!("-{signal}"), own]).status().unwrap().success());
        assert_eq!(gostat.wait().unwrap().signal(), Some(signal));
        assert!(goes_on(&mut churn), "after signal {signal}");
        assert!(nothing_is_held(pid));
    }
}

#[test]
fn when_the_target_is_killed_meanwhile() {
    let Some(churn) = go_program(Program::Churn, &[]) else { return };
    let pid = churn.pid();
    let began = Instant::now();
    // Its end is complete when it has been let go: here we are its parent, who must not wait for that before.
    let done =
        freeze(pid, &PATIENT, |_| kill(Pid::from_raw(pid.cast_signed()), Signal::SIGKILL).unwrap()).unwrap();
    assert!(!done.expired && began.elapsed() < PATIENT.deadline);
    drop(churn);
    assert_eq!(freeze(pid, &PATIENT, |_| ()), Err(FreezeError::NoSuchProcess { pid }));
}
