//! A process that is as it should be: the snapshot says what was put in, and nothing is missing.

use snapshot::{
    Channel, ProcessorStatus, StackState, Status, WaitDirection, WaitObject, WaitObjectKind, WaitingSince,
};
use synthetic_process::layout::{GO_1_23, GO_1_27, Layout};

use crate::busy_process::{Busy, MAIN, SELECTING, busy, many_labels};
use crate::reading::{all_seen, snapshot_of};

#[test]
fn go_1_23_is_seen_as_it_is() {
    is_seen_as_it_is(&GO_1_23);
}

#[test]
fn go_1_27_is_seen_as_it_is() {
    is_seen_as_it_is(&GO_1_27);
}

fn is_seen_as_it_is(layout: &'static Layout) {
    let busy = busy(layout, 3);
    let snapshot = snapshot_of(&busy.process, &busy.process.memory).unwrap();
    assert_eq!(snapshot.gaps, []);
    let seen = all_seen(&snapshot);
    let ids: Vec<u64> = snapshot.goroutines.iter().map(|goroutine| goroutine.id.0).collect();
    assert_eq!(ids, (1..=17).filter(|id| *id != 12).collect::<Vec<u64>>(), "in the runtime's order");

    let main = &seen[&1];
    assert_eq!((main.status, main.wait_reason.as_deref()), (Status::Waiting, Some("chan receive")));
    assert_eq!((main.stack.as_slice(), main.complete), (MAIN.map(String::from).as_slice(), true));
    assert_eq!((main.entry.as_deref(), main.created_by.as_deref()), (Some("runtime.main"), None));
    assert_eq!(main.parent, None);
    assert_eq!(seen[&3].stack, SELECTING);
    assert_eq!((seen[&3].created_by.as_deref(), seen[&3].parent), (Some("main.main"), Some(1)));
    assert_eq!(seen[&9].status, Status::Runnable);
    assert_eq!((seen[&10].status, seen[&10].stack.len()), (Status::Syscall, 2));
    let running = &seen[&11];
    assert_eq!(
        (running.status, running.state, running.tid),
        (Status::Running, StackState::Running, Some(100))
    );

    let own: Vec<bool> = snapshot.goroutines.iter().map(|goroutine| goroutine.is_runtime).collect();
    assert_eq!(own.iter().filter(|own| **own).count(), 1);
    assert!(own[1]);
    let since = snapshot.goroutines.iter().find(|goroutine| goroutine.id.0 == 13).unwrap().waiting_since;
    assert_eq!(since, Some(WaitingSince::AtLeastMs(3000)));

    let pair = |key: &str, value: &str| (String::from(key), String::from(value));
    assert_eq!(seen[&3].labels, [pair("endpoint", "/pay"), pair("user", "κ")]);
    assert_eq!(seen[&13].labels, many_labels());
    waits_are_right(&busy, |id| seen[&id].waits.clone());

    let scheduler = snapshot.scheduler.unwrap();
    assert_eq!((scheduler.descriptors, scheduler.goroutine_id_limit), (17, 32));
    let [running, idle] = *scheduler.processors.as_slice() else { panic!("two Ps") };
    assert_eq!((running.id, running.status, running.m), (0, ProcessorStatus::Running, Some(0)));
    assert_eq!((running.run_queue, running.run_next, running.sched_tick), (5, true, 77));
    assert_eq!((idle.id, idle.status, idle.m, idle.run_queue), (1, ProcessorStatus::Idle, None, 0));
    let [blocked, running] = scheduler.machines.as_slice() else { panic!("two Ms") };
    assert_eq!((blocked.id, blocked.tid, blocked.blocked, blocked.p), (1, 101, true, None));
    assert_eq!((running.id, running.tid, running.p), (0, 100, Some(0)));
    assert_eq!(running.goroutine.map(|id| id.0), Some(11));
}

fn waits_are_right(busy: &Busy, waits: impl Fn(u64) -> Vec<WaitObject>) {
    let buffered = Channel { len: 3, cap: 8, element_size: 24, closed: false, timer: false };
    let unbuffered = Channel { len: 0, cap: 0, element_size: 8, closed: false, timer: false };
    let receiving = WaitObjectKind::Channel(WaitDirection::Receive, unbuffered);
    let sending = WaitObjectKind::Channel(WaitDirection::Send, buffered);
    let object = |kind, address| WaitObject { kind, address };
    assert_eq!(waits(1), [object(receiving, busy.unbuffered)]);
    assert_eq!(waits(2), []);
    assert_eq!(waits(3), [object(receiving, busy.unbuffered), object(sending, busy.buffered)]);
    for id in [4, 5] {
        assert_eq!(waits(id), [object(WaitObjectKind::Mutex { state: 1 | 2 << 3 }, busy.mutex)]);
    }
    let joining = WaitObjectKind::WaitGroup { counter: 2, waiters: 1 };
    assert_eq!(waits(6), [object(joining, busy.wait_group)]);
    let kind = |id| waits(id).first().map(|object| object.kind);
    assert!(matches!(kind(7), Some(WaitObjectKind::Timer { .. })));
    assert_eq!(kind(8), Some(WaitObjectKind::Network));
    assert_eq!(kind(14), Some(WaitObjectKind::NilChannel(WaitDirection::Send)));
    for id in 15..=17 {
        assert_eq!(waits(id), [object(sending, busy.buffered)]);
    }
}
