//! Snapshots out of goroutine dumps: what a stack in a bug report would have been to us.

use goroutine_dump::{ParsedFrame, parse};
use snapshot::*;

/// A snapshot of the goroutines of a dump, in its order. Functions have the names that are printed.
pub(crate) fn snapshot_of(dump: &str, module: Option<&str>) -> Snapshot {
    let (parsed, problems) = parse(dump);
    assert!(problems.is_empty(), "{problems:?}");
    let mut tables = Tables::default();
    let mut goroutines = Vec::new();
    for goroutine in &parsed {
        let frames: Box<[FrameId]> =
            goroutine.frames.iter().map(|frame| intern(&mut tables, frame)).collect();
        let status = Status::ALL.into_iter().find(|status| status.name() == goroutine.state);
        let entry = frames.last().copied();
        goroutines.push(Goroutine {
            id: GoroutineId(goroutine.id),
            address: Address(0xc000_0000 + goroutine.id * 0x1e0),
            status: status.unwrap_or(Status::Waiting),
            scanning: false,
            wait_reason: status.is_none().then(|| tables.strings.intern_str(goroutine.state)),
            waiting_since: Some(WaitingSince::AtLeastMs(goroutine.minutes * 60_000))
                .filter(|_| goroutine.minutes > 0),
            parent_id: None,
            created_by: goroutine.created_by.map(|creator| intern(&mut tables, &creator.frame)),
            entry,
            m: None,
            p: None,
            tid: None,
            locked_to_thread: goroutine.locked_to_thread,
            is_runtime: false,
            labels: LabelSetId::default(),
            waiting_on: (0, 0),
            stack: tables.stacks.intern(StackTrace { frames, complete: true }),
            stack_state: StackState::Saved,
            bubble: None,
        });
    }
    Snapshot {
        target: Target {
            pid: 1,
            name: "server".into(),
            executable: "/srv/server".into(),
            architecture: Architecture::Amd64,
            go_version: "go1.26.6".into(),
            module: module.map(Into::into),
            module_version: None,
            stripped: true,
            layout: LayoutSource::Table,
        },
        taken_at_unix_ms: 0,
        taken_at_monotonic_ns: 0,
        goroutines,
        wait_objects: Vec::new(),
        scheduler: None,
        memory: None,
        tables,
        cost: Cost::default(),
        gaps: Vec::new(),
    }
}

fn intern(tables: &mut Tables, frame: &ParsedFrame<'_>) -> FrameId {
    let function = tables.strings.intern_str(frame.function);
    let file = tables.strings.intern_str(frame.file);
    tables.frames.intern(Frame { function, file, line: frame.line, ..Frame::default() })
}
