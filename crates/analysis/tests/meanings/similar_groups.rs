//! Groups of nearly equal stacks, against groups of equal ones.

use analysis::{Meanings, Rules, group, group_similar};
use proptest::prelude::*;
use snapshot::{GoroutineId, WaitingSince};

use crate::process::Process;

/// A stack of ten functions, of which one is `own`.
fn stack(own: &str) -> Vec<(&str, u32)> {
    let below = ["lib.a", "lib.b", "lib.c", "lib.d", "lib.e", "lib.f", "lib.g", "lib.h", "main.main"];
    std::iter::once((own, 1)).chain(below.map(|name| (name, 2))).collect()
}

#[test]
fn near_duplicates_are_merged_with_all_that_is_known_of_them() {
    let mut process = Process::new();
    let parts = [("main.report", 3), ("main.export", 2), ("main.mail", 2)];
    let mut id = 100;
    for (own, count) in parts {
        for _ in 0..count {
            process.waiting(id, "chan send", &stack(own)).waiting_since =
                Some(WaitingSince::AtLeastMs(id * 1000));
            id += 1;
        }
    }
    process.waiting(50, "select", &[("main.other", 4), ("main.main", 2)]);
    let meanings = Meanings::new(Rules::built_in(), &process.0);
    let exact = group(&meanings, &process.0.goroutines);
    assert_eq!(exact.iter().map(|group| group.count).collect::<Vec<_>>(), [3, 2, 2, 1]);
    assert!(exact.iter().all(|group| group.distinct_stacks == 1 && group.fingerprint.is_some()));

    let similar = group_similar(&meanings, &process.0.goroutines);
    let found: Vec<_> = similar.iter().map(|group| (group.count, group.distinct_stacks)).collect();
    assert_eq!(found, [(7, 3), (1, 1)]);
    let cluster = &similar[0];
    assert_eq!((cluster.stack, cluster.fingerprint), (exact[0].stack, exact[0].fingerprint));
    assert_eq!(cluster.longest_wait, Some(WaitingSince::AtLeastMs(106_000)));
    assert_eq!(cluster.median_wait_ms, Some(103_000));
    assert_eq!(cluster.ids, (100..107).map(GoroutineId).collect::<Vec<_>>());
    assert_eq!(cluster.understanding.name(), Some("CHANNEL_SEND"));
    assert_eq!(similar[1].median_wait_ms, None);
}

proptest! {
    /// Nobody is lost or counted twice, and a cluster is a union of groups of equal stacks.
    #[test]
    fn clusters_are_unions_of_groups(owns in prop::collection::vec((0usize..12, 0u32..3), 0..60)) {
        let mut process = Process::new();
        for (id, (own, line)) in (1..).zip(&owns) {
            let name = format!("main.f{own}x");
            let mut frames = stack(&name);
            frames[0].1 = *line;
            frames.truncate(2 + own % 9);
            process.waiting(id, "select", &frames);
        }
        let meanings = Meanings::new(Rules::built_in(), &process.0);
        let exact = group(&meanings, &process.0.goroutines);
        let similar = group_similar(&meanings, &process.0.goroutines);
        let total = |groups: &[analysis::Group]| groups.iter().map(|g| g.count).sum::<u64>();
        prop_assert_eq!(total(&similar), owns.len() as u64);
        prop_assert_eq!(total(&exact), owns.len() as u64);
        prop_assert!(similar.len() <= exact.len());
        prop_assert_eq!(similar.iter().map(|g| g.distinct_stacks).sum::<u64>(), exact.len() as u64);
    }
}
