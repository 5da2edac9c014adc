//! A session has its target stand still, and knows its threads by the ids of the target's runtime.

use capture::{CaptureError, Options, Session};
use process_memory::FreezeLimits;
use target_programs::{Build, Program, Running, Variant, releases};

#[test]
fn every_machine_has_its_thread_and_an_exit_is_an_error() {
    for release in releases().unwrap() {
        let built = Build::amd64(Program::States, release, Variant::Plain).build().unwrap();
        let states = Running::start(&built, &[]).unwrap();
        let mut session = Session::attach(states.pid()).unwrap();
        let wanted = Options { threads: true, ..Options::COUNTS };
        let machines = session.snapshot(&wanted).unwrap().scheduler.unwrap().machines;
        let limits = FreezeLimits::default();
        let frozen = session.freeze(&limits, |still| {
            let known = machines.iter().filter(|machine| still.thread_of(machine.tid).is_some()).count();
            assert!(still.thread_of(u32::MAX).is_none());
            (known, still.threads.len())
        });
        match frozen {
            Err(refusal @ CaptureError::NotPermitted(_)) => {
                eprintln!("SKIPPED: {refusal}");
                return;
            }
            frozen => assert_eq!(frozen.unwrap().value.0, machines.len()),
        }
        let pid = states.pid();
        drop(states);
        let gone = session.freeze(&limits, |_| ());
        assert!(matches!(gone, Err(CaptureError::Exited { pid: exited }) if exited == pid), "{gone:?}");
    }
}
