//! Signals that come while a process is frozen reach it afterwards, each of them once.

use std::sync::atomic::{AtomicBool, Ordering};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use process_memory::freeze;
use target_programs::Program;

use crate::c_program::CProgram;
use crate::{PATIENT, go_program, nothing_is_held, thread_states};

fn id(pid: u32) -> Pid {
    Pid::from_raw(i32::try_from(pid).unwrap())
}

/// A signal of which every single one counts, unlike the older ones, of which two that wait are one.
fn count_one_more(pid: u32) -> bool {
    // SAFETY: sending a signal touches no memory of ours.
    unsafe { libc::kill(id(pid).as_raw(), libc::SIGRTMIN() + 3) == 0 }
}

fn counted(program: &mut CProgram) -> u64 {
    program.ask("count").first().unwrap().parse().unwrap()
}

#[test]
fn none_is_lost_and_none_comes_twice() {
    let Some(mut program) = CProgram::start("counts_signals.c") else { return };
    let pid = program.pid();
    let frozen_often = AtomicBool::new(false);
    let sent = std::thread::scope(|scope| {
        let sending = scope.spawn(|| {
            let mut sent = 0_u64;
            while !frozen_often.load(Ordering::Relaxed) {
                // It refuses when too many wait already.
                if count_one_more(pid) {
                    sent += 1;
                } else {
                    std::thread::yield_now();
                }
            }
            sent
        });
        for _ in 0..300 {
            freeze(pid, &PATIENT, |_| ()).unwrap();
        }
        frozen_often.store(true, Ordering::Relaxed);
        sending.join().unwrap()
    });
    assert!(sent > 300, "{sent}");
    // Whoever asks waits behind the signals that have not been handled yet.
    let mut count = counted(&mut program);
    while count < sent {
        let more = counted(&mut program);
        let pending = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap();
        let waiting = pending.lines().any(|line| {
            (line.starts_with("SigPnd:") || line.starts_with("ShdPnd:"))
                && !line.ends_with("\t0000000000000000")
        });
        assert!(more > count || waiting || counted(&mut program) == sent, "{more} of {sent}");
        count = more;
    }
    assert_eq!(counted(&mut program), sent);
}

#[test]
fn a_process_that_was_stopped_stays_stopped() {
    let Some(mut states) = go_program(Program::States, &[]) else { return };
    let pid = states.pid();
    kill(id(pid), Signal::SIGSTOP).unwrap();
    while thread_states(pid).iter().any(|state| *state != 'T') {
        std::thread::yield_now();
    }
    for _ in 0..20 {
        let done = freeze(pid, &PATIENT, |frozen| frozen.threads.len()).unwrap();
        assert_eq!(done.value, thread_states(pid).len());
        assert!(nothing_is_held(pid));
        while thread_states(pid).iter().any(|state| *state != 'T') {
            std::thread::yield_now();
        }
    }
    kill(id(pid), Signal::SIGCONT).unwrap();
    assert!(states.ask_text("stack").unwrap().contains("main.chanReceive"));
}

#[test]
fn a_process_that_is_stopped_meanwhile_stops_afterwards() {
    let Some(mut states) = go_program(Program::States, &[]) else { return };
    let pid = states.pid();
    for _ in 0..20 {
        freeze(pid, &PATIENT, |_| kill(id(pid), Signal::SIGSTOP).unwrap()).unwrap();
        while thread_states(pid).iter().any(|state| *state != 'T') {
            std::thread::yield_now();
        }
        // And one that is to go on meanwhile does so afterwards.
        freeze(pid, &PATIENT, |_| kill(id(pid), Signal::SIGCONT).unwrap()).unwrap();
        assert!(states.ask_text("stack").unwrap().contains("main.chanReceive"));
    }
}

#[test]
fn a_signal_that_ends_it_does_so_afterwards() {
    let Some(mut states) = go_program(Program::States, &[]) else { return };
    let pid = states.pid();
    freeze(pid, &PATIENT, |_| {
        kill(id(pid), Signal::SIGTERM).unwrap();
        assert!(thread_states(pid).iter().all(|state| *state == 't'));
    })
    .unwrap();
    assert!(states.ask("stack").is_err());
}
