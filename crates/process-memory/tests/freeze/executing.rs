//! A process that executes one program after the other is frozen at all moments of that.

use std::collections::BTreeMap;
use std::time::Instant;

use process_memory::{FreezeError, freeze};
use target_programs::Program;

use crate::{PATIENT, go_program};

/// Full of random bytes: another one after every exec.
fn auxiliary_vector(pid: u32) -> Vec<u8> {
    std::fs::read(format!("/proc/{pid}/auxv")).unwrap_or_default()
}

#[test]
fn neither_waits_for_the_other_for_ever() {
    for life in ["0ms", "1ms", "5ms"] {
        let Some(executes) = go_program(Program::Executes, &[life]) else { return };
        let pid = executes.pid();
        let began = Instant::now();
        let mut outcomes = BTreeMap::new();
        let mut programs = 0;
        let mut before = auxiliary_vector(pid);
        for _ in 0..400 {
            let outcome = match freeze(pid, &PATIENT, |frozen| assert!(!frozen.threads.is_empty())) {
                Ok(done) => {
                    assert!(!done.expired);
                    "frozen".to_owned()
                }
                Err(refusal @ FreezeError::OutOfTime { .. }) => panic!("{refusal}"),
                Err(other) => other.to_string(),
            };
            *outcomes.entry(outcome).or_insert(0) += 1;
            let now = auxiliary_vector(pid);
            programs += usize::from(now != before);
            before = now;
        }
        println!("living {life}: {outcomes:?} over {programs} programs in {:?}", began.elapsed());
        assert!(programs > 0, "it went on executing");
        // And it still does.
        while auxiliary_vector(pid) == before {
            std::thread::yield_now();
        }
    }
}
