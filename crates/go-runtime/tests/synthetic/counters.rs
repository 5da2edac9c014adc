//! How many goroutines were created is exact or unknown: it is spread over all Ps, which come and go.

use process_memory::{Fault, FaultInjecting, ReadFailure};
use snapshot::{GapSubject, Snapshot};
use synthetic_process::layout::{GO_1_23, GO_1_27};
use synthetic_process::{Changing, Image};

use crate::busy_process::{Busy, busy};
use crate::reading::{attached, has_gap, snapshot_of, take};

/// `runtime.p.goroutinesCreated` of Go 1.27.
const OF_P: u64 = 13_792;
/// `runtime.schedt.goroutinesCreated` of Go 1.27: of Ps that are no more.
const OF_FORMER_PS: u64 = 6_864;

const CREATED: u64 = 5 + 10 + 30;

fn counting() -> Busy {
    let mut busy = busy(&GO_1_27, 3);
    let memory = &mut busy.process.memory;
    memory.put_u64(busy.process.variables.sched.offset(OF_FORMER_PS), 5);
    memory.put_u64(busy.processors[0].offset(OF_P), 10);
    memory.put_u64(busy.processors[1].offset(OF_P), 30);
    busy
}

/// As GOMAXPROCS leaves it when it does away with the second P.
fn with_one_p_less(busy: &Busy) -> Image {
    let mut memory = busy.process.memory.clone();
    memory.put_u64(busy.process.variables.sched.offset(OF_FORMER_PS), 35);
    memory.put_u64(busy.processors[1].offset(OF_P), 0);
    memory.put_u64(busy.process.variables.allp.offset(8), 1);
    memory
}

fn created(snapshot: &Snapshot) -> Option<u64> {
    snapshot.scheduler.as_ref().and_then(|scheduler| scheduler.goroutines_created)
}

#[test]
fn it_is_the_sum_over_all_ps_that_there_are_and_were() {
    let busy = counting();
    assert_eq!(created(&snapshot_of(&busy.process, &busy.process.memory).unwrap()), Some(CREATED));
    assert_eq!(created(&snapshot_of(&busy.process, &with_one_p_less(&busy)).unwrap()), Some(CREATED));
    let before = crate::busy_process::busy(&GO_1_23, 3).process;
    assert_eq!(created(&snapshot_of(&before, &before.memory).unwrap()), None, "Go 1.26 counts, not 1.23");
}

#[test]
fn a_p_that_cannot_be_read_makes_it_unknown() {
    let busy = counting();
    let mut runtime = attached(&busy.process);
    let (mut victim, mut unknown) = (0, 0);
    loop {
        let fail = Fault::Fail(ReadFailure::NotMapped);
        let memory =
            FaultInjecting::new(
                &busy.process.memory,
                |number, _, _| {
                    if number == victim { fail } else { Fault::None }
                },
            );
        let taken = take(&mut runtime, &busy.process, &memory);
        if memory.reads() <= victim {
            break;
        }
        if let Ok(snapshot) = taken {
            let known = created(&snapshot);
            assert!(known.is_none_or(|known| known == CREATED), "read {victim} fails: {known:?}");
            let said = [GapSubject::Scheduler, GapSubject::Processors];
            assert!(known.is_some() || said.iter().any(|subject| has_gap(&snapshot, *subject)));
            unknown += u64::from(known.is_none());
        }
        victim += 1;
    }
    assert!(
        unknown >= 3,
        "the list of Ps, each P, and the scheduler are needed: {unknown} of {victim} reads"
    );
}

#[test]
fn a_p_that_goes_meanwhile_is_not_counted_twice() {
    let busy = counting();
    let states = [busy.process.memory.clone(), with_one_p_less(&busy)];
    let mut runtime = attached(&busy.process);
    let all = Changing::new(&states, |_| 0);
    take(&mut runtime, &busy.process, &all).unwrap();
    let mut unknown = 0;
    for switch in 0..=all.lines() {
        let memory = Changing::new(&states, |line| usize::from(line >= switch));
        let snapshot = take(&mut runtime, &busy.process, &memory).unwrap();
        let known = created(&snapshot);
        assert!(known.is_none_or(|known| known == CREATED), "line {switch}: {known:?}");
        assert!(known.is_some() || has_gap(&snapshot, GapSubject::Scheduler), "line {switch}");
        unknown += u64::from(known.is_none());
    }
    assert!(0 < unknown && unknown < all.lines(), "{unknown}");
}
