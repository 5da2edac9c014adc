//! What happens to the system calls of C code that a freeze interrupts.

use process_memory::freeze;

use crate::c_program::CProgram;
use crate::{PATIENT, permitted, thread_states};

/// Calls that return EINTR though no signal was handled: those of signal(7), and no others.
const INTERRUPTED: &[&str] = &[
    "accept with a timeout",
    "epoll_pwait",
    "epoll_wait",
    "recv with a timeout",
    "semop",
    "semtimedop",
    "sigtimedwait",
    "sigwaitinfo",
];

#[test]
fn only_those_that_are_known_to_return_do() {
    let Some(mut program) = CProgram::start("system_calls.c") else { return };
    let pid = program.pid();
    while thread_states(pid).iter().any(|state| *state != 'S') {
        std::thread::yield_now();
    }
    assert_eq!(program.ask("returned"), Vec::<String>::new());
    if !permitted(pid) {
        return;
    }
    let threads = freeze(pid, &PATIENT, |frozen| frozen.threads.clone()).unwrap().value;
    assert!(threads.len() > 2 * INTERRUPTED.len());
    assert!(threads.iter().all(|thread| thread.system_call.is_some()), "{threads:x?}");
    for _ in 0..20 {
        freeze(pid, &PATIENT, |_| ()).unwrap();
    }
    let mut returned = program.ask("returned");
    returned.sort();
    let expected: Vec<String> =
        INTERRUPTED.iter().map(|call| format!("{call}: Interrupted system call")).collect();
    assert_eq!(returned, expected);
}
