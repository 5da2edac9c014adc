//! Grouping and counting.

mod process;

use analysis::{Meanings, Rules, WaitClass, count, group};
use snapshot::{GoroutineId, StackState, Status, WaitingSince};

#[test]
fn equal_stacks_make_one_group_with_its_counts() {
    let mut process = process::server();
    // The same places at another address: still the same stack.
    let other = process.waiting(40, "chan receive", &[]).clone();
    let frames = process.0.goroutines[1].stack;
    let mut moved = process.0.tables.stacks.get(frames).cloned().unwrap_or_default();
    let mut leaf = process.0.tables.frames.get(moved.frames[0]).copied().unwrap_or_default();
    leaf.pc += 8;
    moved.frames[0] = process.0.tables.frames.intern(leaf);
    let stack = process.0.tables.stacks.intern(moved);
    *process.last() = snapshot::Goroutine { stack, status: Status::Runnable, wait_reason: None, ..other };

    let groups = group(&Meanings::new(Rules::built_in(), &process.0), &process.0.goroutines);
    let workers = &groups[0];
    assert_eq!((workers.count, groups.len()), (4, 5));
    assert_eq!(workers.ids, [18, 19, 30, 40].map(GoroutineId));
    assert_eq!(workers.statuses, [(Status::Waiting, 3), (Status::Runnable, 1)]);
    assert_eq!(process.0.tables.text(workers.wait_reasons[0].0), "chan receive");
    assert_eq!(workers.longest_wait, Some(WaitingSince::AtLeastMs(30 * 60_000)));
    assert!(groups.iter().all(|g| g.count > 0));
    assert_eq!(groups.iter().filter(|g| g.stack_state == StackState::Running).count(), 1);
}

#[test]
fn other_creators_and_other_reasons_for_no_stack_make_other_groups() {
    let mut process = process::Process::new();
    for id in 1..=40 {
        process.waiting(100 - id, "select", &[("main.f", 1)]);
    }
    let created_by = process.frame("main.other", 3);
    process.waiting(500, "select", &[("main.f", 1)]).created_by = Some(created_by);
    process.waiting(501, "select", &[]).stack_state = StackState::Torn;
    process.waiting(502, "select", &[]).stack_state = StackState::Secret;
    let groups = group(&Meanings::new(Rules::built_in(), &process.0), &process.0.goroutines);
    assert_eq!(groups.iter().map(|g| g.count).collect::<Vec<_>>(), [40, 1, 1, 1]);
    assert_eq!(groups[0].ids.len() as u64, groups[0].count);
    assert_eq!((groups[0].ids[0], groups[0].ids[9]), (GoroutineId(60), GoroutineId(69)));
}

#[test]
fn counts_add_up() {
    let process = process::server();
    let census = process.0.census(&process.0.goroutines);
    let counts = count(&census);
    assert_eq!((counts.total, counts.runtime), (7, 1));
    assert_eq!(counts.by_status.values().sum::<u64>(), 7);
    assert_eq!((counts.status(Status::Running), counts.status(Status::Dead)), (1, 0));
    assert_eq!(counts.by_wait_reason.get("chan receive"), Some(&3));
    assert_eq!((counts.wait_class(WaitClass::Chan), counts.wait_class(WaitClass::Lock)), (3, 1));
    assert_eq!(counts.by_wait_class.values().sum::<u64>(), 6);
}
