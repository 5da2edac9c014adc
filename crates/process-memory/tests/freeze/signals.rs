//! Signals that come while a process is frozen reach it afterwards, each of them once.

use std::sync::atomic::{AtomicU64, Ordering};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use process_memory::freeze;
use target_programs::Program;

use crate::c_program::CProgram;
use crate::letting_go::holding;
use crate::{PATIENT, go_program, nothing_is_held, permitted, thread_states};

fn id(pid: u32) -> Pid {
    Pid::from_raw(i32::try_from(pid).unwrap())
}

/// Sends a signal of which every single one counts, unlike the older ones, of which two that wait are one. Says no when
/// too many wait already.
fn count_one_more(pid: u32) -> bool {
    // SAFETY: sending a signal with a number touches no memory of ours.
    unsafe {
        libc::sigqueue(
            id(pid).as_raw(),
            libc::SIGRTMIN() + 3,
            libc::sigval { sival_ptr: std::ptr::null_mut() },
        ) == 0
    }
}

fn counted(program: &mut CProgram) -> u64 {
    program.ask("count").first().unwrap().parse().unwrap()
}

/// Signals for each time that the target is frozen: the kernel keeps no more than so many for all processes of a user.
const SIGNALS_EACH: u64 = 60;

/// Does something to `pid` so many times, while signals are sent to it. How many have been sent.
fn while_signals_are_sent(pid: u32, times: u64, does: impl Fn()) -> u64 {
    /// Ends the sending if what is done panics.
    struct Enough<'b>(&'b AtomicU64);
    impl Drop for Enough<'_> {
        fn drop(&mut self) {
            if std::thread::panicking() {
                self.0.store(u64::MAX, Ordering::Relaxed);
            }
        }
    }
    let budget = AtomicU64::new(0);
    std::thread::scope(|scope| {
        let sending = scope.spawn(|| {
            let mut sent = 0;
            while sent < times * SIGNALS_EACH {
                let budget = budget.load(Ordering::Relaxed);
                if budget == u64::MAX {
                    break;
                }
                if sent < budget && count_one_more(pid) {
                    sent += 1;
                } else {
                    std::thread::yield_now();
                }
            }
            sent
        });
        let _enough = Enough(&budget);
        for _ in 0..times {
            budget.fetch_add(SIGNALS_EACH, Ordering::Relaxed);
            does();
        }
        sending.join().unwrap()
    })
}

/// Whether signals wait for any thread of a process.
fn signals_wait(pid: u32) -> bool {
    let tasks = std::fs::read_dir(format!("/proc/{pid}/task")).unwrap();
    let texts = tasks.map(|task| std::fs::read_to_string(task.unwrap().path().join("status")).unwrap());
    texts.flat_map(|text| text.lines().map(str::to_owned).collect::<Vec<_>>()).any(|line| {
        (line.starts_with("SigPnd:") || line.starts_with("ShdPnd:")) && !line.ends_with("\t0000000000000000")
    })
}

/// Waits until all signals have been handled, and says how many were.
fn handled(program: &mut CProgram) -> u64 {
    while signals_wait(program.pid()) {
        std::thread::yield_now();
    }
    // The last ones may be in their handlers still, one in each thread.
    let mut last = counted(program);
    for _ in 0..1000 {
        std::thread::yield_now();
        last = counted(program);
    }
    last
}

#[test]
fn none_is_lost_and_none_comes_twice() {
    let Some(mut program) = CProgram::start("counts_signals.c") else { return };
    let pid = program.pid();
    if !permitted(pid) {
        return;
    }
    let sent = while_signals_are_sent(pid, 300, || freeze(pid, &PATIENT, |_| ()).unwrap().value);
    assert_eq!(handled(&mut program), sent);
}

#[test]
fn none_is_lost_when_gostat_is_killed() {
    let Some(mut program) = CProgram::start("counts_signals.c") else { return };
    let pid = program.pid();
    if !permitted(pid) {
        return;
    }
    let sent = while_signals_are_sent(pid, 50, || {
        let mut gostat = holding(pid);
        gostat.kill().unwrap();
        gostat.wait().unwrap();
    });
    assert_eq!(handled(&mut program), sent);
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
