//! Moments made by hand, for tests and benchmarks.

use snapshot::*;

/// A service with so many goroutines at some tens of places.
pub(crate) fn service(goroutines: u64) -> Snapshot {
    let mut snapshot = empty();
    let tables = &mut snapshot.tables;
    let stacks: Vec<StackId> = (0..40)
        .map(|place| {
            let frames = (0..8).map(|depth| {
                let function =
                    tables.strings.intern_str(&format!("example.com/service/part{place}.(*T).f{depth}"));
                let file = tables.strings.intern_str(&format!("/src/service/part{place}/file.go"));
                let pc = 0x40_0000 + place * 4096 + depth * 64;
                let line = u32::try_from(pc % 977).unwrap_or_default();
                tables.frames.intern(Frame { function, file, line, pc, pc_offset: 0x1d, ..Frame::default() })
            });
            let frames = frames.collect();
            tables.stacks.intern(StackTrace { frames, complete: true })
        })
        .collect();
    let reason = tables.strings.intern_str("chan receive");
    // Addresses and ids are as hard to compress as those of a heap.
    let mut random = 0x9e37_79b9_7f4a_7c15_u64;
    for (number, stack) in (0..goroutines).zip(stacks.iter().cycle()) {
        random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let address = Address(0xc000_0000 + (random >> 40) * 32);
        let channel = Channel { len: 0, cap: 0, element_size: 8, closed: false, timer: false };
        let kind = WaitObjectKind::Channel(WaitDirection::Receive, channel);
        let at = u32::try_from(snapshot.wait_objects.len()).unwrap_or_default();
        snapshot.wait_objects.push(WaitObject { kind, address });
        snapshot.goroutines.push(Goroutine {
            id: GoroutineId(number * 3 + (random >> 62)),
            address: Address(0xc000_0000 + number * 0x1e0),
            waiting_since: Some(WaitingSince::ObservedMs(random >> 45)),
            wait_reason: Some(reason),
            waiting_on: (at, 1),
            stack: *stack,
            ..goroutine()
        });
    }
    snapshot
}

/// A goroutine that waits.
pub(crate) fn goroutine() -> Goroutine {
    Goroutine {
        id: GoroutineId(1),
        address: Address::NULL,
        status: Status::Waiting,
        scanning: false,
        wait_reason: None,
        waiting_since: None,
        parent_id: Some(GoroutineId(1)),
        created_by: None,
        entry: None,
        m: None,
        p: None,
        tid: None,
        locked_to_thread: false,
        is_runtime: false,
        labels: LabelSetId::default(),
        waiting_on: (0, 0),
        stack: StackId::default(),
        stack_state: StackState::Saved,
        bubble: None,
    }
}

/// A process without goroutines.
pub(crate) fn empty() -> Snapshot {
    Snapshot {
        target: Target {
            pid: 4242,
            name: "server".into(),
            executable: "/srv/server".into(),
            architecture: Architecture::Amd64,
            go_version: "go1.26.6".into(),
            module: Some("example.com/server".into()),
            module_version: None,
            stripped: true,
            layout: LayoutSource::Nearest("go1.26.5".into()),
        },
        taken_at_unix_ms: 1_700_000_000_000,
        taken_at_monotonic_ns: 90_000_000_000,
        goroutines: Vec::new(),
        wait_objects: Vec::new(),
        scheduler: None,
        memory: None,
        tables: Tables::default(),
        cost: Cost::default(),
        gaps: Vec::new(),
    }
}
