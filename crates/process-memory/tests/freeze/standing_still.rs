//! While a process is frozen nothing of it moves, and its registers are what they are.

use process_memory::{Frozen, LiveMemory, ProcessMemory, freeze};
use snapshot::Address;
use target_programs::Program;

use crate::{PATIENT, go_program, goes_on, nothing_is_held, thread_states};

/// Everything that the process could write to.
fn writable(pid: u32) -> Vec<(Address, usize)> {
    let maps = std::fs::read_to_string(format!("/proc/{pid}/maps")).unwrap();
    let ranges = maps.lines().filter(|line| line.contains(" rw-")).map(|line| {
        let (from, to) = line.split_once(' ').unwrap().0.split_once('-').unwrap();
        let [from, to] = [from, to].map(|address| u64::from_str_radix(address, 16).unwrap());
        (Address(from), usize::try_from(to - from).unwrap())
    });
    ranges.collect()
}

/// All of its memory, as far as it can be read.
fn copy(pid: u32) -> Vec<u8> {
    let memory = LiveMemory::of(pid);
    let mut all = Vec::new();
    for (at, len) in writable(pid) {
        let mut bytes = vec![0; len];
        if memory.read(at, &mut bytes).is_ok() {
            all.extend(bytes);
        }
    }
    all
}

#[test]
fn no_byte_changes_and_no_thread_runs() {
    let Some(mut churn) = go_program(Program::Churn, &[]) else { return };
    let pid = churn.pid();
    // It does change: otherwise this test could not fail.
    assert!((0..1000).any(|_| copy(pid) != copy(pid)));
    for _ in 0..5 {
        let done = freeze(pid, &PATIENT, |frozen| {
            let first = copy(pid);
            assert!(!first.is_empty());
            assert_eq!(thread_states(pid), vec!['t'; frozen.threads.len()]);
            // Long enough that everything that runs has had its turn.
            assert!((0..3).all(|_| copy(pid) == first));
            frozen.clone()
        })
        .unwrap();
        assert!(!done.expired);
        assert!(done.value.threads.len() > 1);
        assert!(nothing_is_held(pid));
        assert!(goes_on(&mut churn));
    }
}

#[test]
fn registers_are_of_the_thread() {
    let Some(running) = go_program(Program::Running, &[]) else { return };
    let maps = std::fs::read_to_string(format!("/proc/{}/maps", running.pid())).unwrap();
    let within = |address: Address, mode: &str| {
        maps.lines().filter(|line| line.split(' ').nth(1).unwrap().contains(mode)).any(|line| {
            let (from, to) = line.split_once(' ').unwrap().0.split_once('-').unwrap();
            let [from, to] = [from, to].map(|address| u64::from_str_radix(address, 16).unwrap());
            (from..to).contains(&address.0)
        })
    };
    let (mut in_calls, mut computing) = (0, 0);
    while in_calls == 0 || computing == 0 {
        let copy = |frozen: &Frozen| {
            let said = frozen.threads.iter().map(|thread| {
                let path = format!("/proc/{}/task/{}/syscall", running.pid(), thread.tid);
                std::fs::read_to_string(path).unwrap()
            });
            (frozen.clone(), said.collect::<Vec<_>>())
        };
        let (frozen, said) = freeze(running.pid(), &PATIENT, copy).unwrap().value;
        for (thread, said) in frozen.threads.iter().zip(said) {
            let registers = &thread.registers;
            assert!(within(registers.pc, "x"), "{thread:x?}");
            assert!(within(registers.sp, "rw"), "{thread:x?}");
            assert!(registers.general.contains(&registers.g) && registers.general.contains(&registers.bp));
            assert!(!registers.vector.is_empty());
            // The kernel's own word for it: number, arguments, stack pointer, program counter.
            let end = format!("0x{:x} 0x{:x}", registers.sp.0, registers.pc.0);
            assert!(said.trim_end().ends_with(&end), "{said} is not {thread:x?}");
            let number = said.split(' ').next().unwrap().parse().ok().filter(|number: &i64| *number >= 0);
            assert_eq!(thread.system_call, number.map(i64::cast_unsigned), "{said}");
            *(if number.is_some() { &mut in_calls } else { &mut computing }) += 1;
        }
    }
}
