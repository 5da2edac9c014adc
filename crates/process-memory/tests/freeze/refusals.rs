//! What cannot be frozen is refused by its reason, and nothing of it is left stopped.

use std::process::Command;
use std::time::Duration;

use process_memory::{FreezeError, FreezeLimits, freeze};
use target_programs::Program;

use crate::c_program::CProgram;
use crate::{PATIENT, go_program, nothing_is_held, permitted, thread_states};

#[test]
fn a_process_that_is_not_there_and_ourselves() {
    let mut child = Command::new("true").spawn().unwrap();
    child.wait().unwrap();
    for pid in [child.id(), 0, u32::MAX] {
        assert_eq!(freeze(pid, &PATIENT, |_| ()), Err(FreezeError::NoSuchProcess { pid }));
    }
    let own = std::process::id();
    assert_eq!(freeze(own, &PATIENT, |_| ()), Err(FreezeError::Ourselves { pid: own }));
}

#[test]
fn a_process_that_is_traced_already() {
    let Some(mut states) = go_program(Program::States, &[]) else { return };
    let pid = states.pid();
    freeze(pid, &PATIENT, |_| {
        let refusal = freeze(pid, &PATIENT, |_| ()).unwrap_err();
        let name = std::fs::read_to_string("/proc/self/comm").unwrap().trim_end().to_owned();
        assert_eq!(refusal, FreezeError::Traced { pid, tracer: std::process::id(), name });
        assert!(refusal.hint().unwrap().contains("debugger"));
        assert!(thread_states(pid).iter().all(|state| *state == 't'), "still the first one's");
    })
    .unwrap();
    assert!(nothing_is_held(pid));
    assert!(states.ask_text("stack").unwrap().contains("main.chanReceive"));
}

#[test]
fn a_thread_that_sleeps_uninterruptibly() {
    let Some(mut program) = CProgram::start("forks_slowly.c") else { return };
    let pid = program.pid();
    if !permitted(pid) {
        return;
    }
    program.ask("fork");
    while !thread_states(pid).contains(&'D') {
        std::thread::yield_now();
    }
    let limits = FreezeLimits { stopping: Duration::from_millis(30), ..PATIENT };
    for _ in 0..3 {
        let refusal = freeze(pid, &limits, |_| ()).unwrap_err();
        let FreezeError::Uninterruptible { tid, waited, .. } = refusal else { panic!("{refusal}") };
        assert!(tid != pid && waited >= limits.stopping);
        assert_eq!(program.ask("anything"), ["goes on"], "the others run");
        // That one is let go as our thread ends, which may be a moment after it is known to have.
        while !nothing_is_held(pid) {
            std::thread::yield_now();
        }
    }
    program.ask("end");
    while thread_states(pid).contains(&'D') {
        std::thread::yield_now();
    }
    freeze(pid, &PATIENT, |frozen| assert_eq!(frozen.threads.len(), 2)).unwrap();
}

#[test]
fn more_threads_than_the_limits_allow() {
    let Some(mut states) = go_program(Program::States, &[]) else { return };
    let pid = states.pid();
    let refusal = freeze(pid, &FreezeLimits { threads_max: 2, ..PATIENT }, |_| ()).unwrap_err();
    assert_eq!(refusal, FreezeError::TooManyThreads { pid, threads_max: 2 });
    let refusal = freeze(pid, &FreezeLimits { stopping: Duration::ZERO, ..PATIENT }, |_| ()).unwrap_err();
    assert!(matches!(refusal, FreezeError::OutOfTime { .. }), "{refusal}");
    assert!(states.ask_text("stack").unwrap().contains("main.chanReceive"));
    assert!(nothing_is_held(pid));
}

#[test]
fn a_first_thread_that_has_ended_is_no_obstacle() {
    let Some(program) = CProgram::start("ends_first_thread.c") else { return };
    let pid = program.pid();
    if !permitted(pid) {
        return;
    }
    while !thread_states(pid).contains(&'Z') {
        std::thread::yield_now();
    }
    for _ in 0..20 {
        freeze(pid, &PATIENT, |frozen| {
            assert_eq!(frozen.threads.len(), 2);
            assert!(frozen.threads.iter().all(|thread| thread.tid != pid));
        })
        .unwrap();
    }
}
