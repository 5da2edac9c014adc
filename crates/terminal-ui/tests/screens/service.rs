//! A service made by hand: for tests and for the benchmark.

use snapshot::*;

/// Where it was looked at first: a Saturday in November 2026.
const FIRST_UNIX_MS: u64 = 1_795_264_536_000;

/// The service at its n-th look, from 1, with so many goroutines at places of its own.
pub(crate) fn service(look: u64, goroutines: u64) -> Snapshot {
    let mut snapshot = empty(look);
    let tables = &mut snapshot.tables;
    let stacks: Vec<StackId> =
        (0..20).map(|place| stack(tables, &format!("example.com/shop/part{place}"))).collect();
    let creators: Vec<FrameId> = (0..3).map(|place| frame(tables, &format!("main.start{place}"))).collect();
    let reasons =
        ["chan receive", "select", "sync.Mutex.Lock", "IO wait"].map(|text| tables.strings.intern_str(text));
    let label = (tables.strings.intern_str("tenant"), tables.strings.intern_str("acme"));
    let labels = tables.label_sets.intern(LabelSet(Box::new([label])));
    let hostile = stack(tables, "main\u{1b}[2J\u{202e}evil\n");
    let of_runtime = stack(tables, "runtime");
    for (number, place) in (0..goroutines).zip((0..20_usize).cycle()) {
        let running = number % 50 == 7;
        let is_runtime = number == 1;
        let own = match number {
            0 => hostile,
            1 => of_runtime,
            _ => stacks.get(place * place % 20).copied().unwrap_or_default(),
        };
        snapshot.goroutines.push(Goroutine {
            id: GoroutineId(number + 1),
            address: Address(0xc000_0000 + number * 0x1e0),
            status: if running { Status::Running } else { Status::Waiting },
            scanning: false,
            wait_reason: if running { None } else { reasons.get(place % 4).copied() },
            waiting_since: (!running && number % 3 > 0)
                .then_some(WaitingSince::ObservedMs(number * 977 % 900_000)),
            parent_id: (number > 0).then_some(GoroutineId(1)),
            created_by: creators.get(place % 3).copied(),
            entry: None,
            m: running.then_some(3),
            p: running.then_some(0),
            tid: running.then_some(4244),
            locked_to_thread: number == 9,
            is_runtime,
            labels: if number % 5 == 0 { labels } else { LabelSetId::default() },
            waiting_on: (0, 0),
            stack: own,
            stack_state: StackState::Saved,
            bubble: None,
        });
    }
    snapshot
}

fn stack(tables: &mut Tables, package: &str) -> StackId {
    let frames = (0..5).map(|depth| frame(tables, &format!("{package}.(*T).f{depth}"))).collect();
    tables.stacks.intern(StackTrace { frames, complete: true })
}

fn frame(tables: &mut Tables, name: &str) -> FrameId {
    let function = tables.strings.intern_str(name);
    let file = tables.strings.intern_str(&format!("/src/{}.go", name.len()));
    tables.frames.intern(Frame {
        function,
        file,
        line: 42,
        pc: 0x40_1000,
        pc_offset: 0x1d,
        ..Frame::default()
    })
}

fn empty(look: u64) -> Snapshot {
    let processors = (0..4).map(|id| Processor {
        id,
        status: if id == 0 { ProcessorStatus::Running } else { ProcessorStatus::Idle },
        run_queue: 3,
        sched_tick: 100 * u32::try_from(look).unwrap_or(0),
        ..Processor::default()
    });
    let machines =
        vec![Machine { id: 3, tid: 4244, goroutine: Some(GoroutineId(8)), p: Some(0), ..Machine::default() }];
    let gap =
        Gap { subject: GapSubject::Stack, goroutine: None, address: None, cause: GapCause::Torn, count: 2 };
    Snapshot {
        target: Target {
            pid: 4242,
            name: "shop".into(),
            executable: "/srv/shop".into(),
            architecture: Architecture::Amd64,
            go_version: "go1.27.4".into(),
            module: Some("example.com/shop".into()),
            module_version: None,
            stripped: true,
            layout: LayoutSource::Table,
        },
        taken_at_unix_ms: FIRST_UNIX_MS + look * 1000,
        taken_at_monotonic_ns: 1_000_000_000 * (look + 1000),
        goroutines: Vec::new(),
        wait_objects: Vec::new(),
        scheduler: Some(Scheduler {
            processors: processors.collect(),
            machines,
            idle_processors: 3,
            ..Scheduler::default()
        }),
        memory: Some(MemoryStatistics {
            heap_alloc_bytes: Some(5 << 20),
            gc_cycles: Some(look),
            gc_pause_last_ns: Some(81_000),
            ..MemoryStatistics::default()
        }),
        tables: Tables::default(),
        cost: Cost { total_us: 3_400, ..Cost::default() },
        gaps: if look == 3 { vec![gap] } else { Vec::new() },
    }
}
