//! A snapshot made by hand, for tests: a small server with workers, a lock and the runtime's own.

#![expect(clippy::expect_used, reason = "a test fails by panicking")]

use snapshot::*;

/// A snapshot that is filled goroutine by goroutine.
pub(crate) struct Process(pub(crate) Snapshot);

impl Process {
    pub(crate) fn new() -> Process {
        let target = Target {
            pid: 4242,
            name: "server".into(),
            executable: "/srv/server".into(),
            architecture: Architecture::Amd64,
            go_version: "go1.26.6".into(),
            module: Some("example.com/server".into()),
            module_version: None,
            stripped: true,
            layout: LayoutSource::Table,
        };
        Process(Snapshot {
            target,
            taken_at_unix_ms: 1_700_000_000_000,
            taken_at_monotonic_ns: 90_000_000_000,
            goroutines: Vec::new(),
            wait_objects: Vec::new(),
            scheduler: None,
            memory: None,
            tables: Tables::default(),
            cost: Cost::default(),
            gaps: Vec::new(),
        })
    }

    pub(crate) fn text(&mut self, text: &str) -> StringId {
        self.0.tables.strings.intern_str(text)
    }

    pub(crate) fn frame(&mut self, function: &str, line: u32) -> FrameId {
        let package = function.split('.').next().unwrap_or_default();
        let frame = Frame {
            function: self.text(function),
            file: self.text(&format!("/src/{package}.go")),
            line,
            pc: 0x40_0000 + u64::from(line),
            pc_offset: 0x1d,
            ..Frame::default()
        };
        self.0.tables.frames.intern(frame)
    }

    /// Adds a waiting goroutine, with its stack innermost first; tests change what they need.
    pub(crate) fn waiting(&mut self, id: u64, reason: &str, stack: &[(&str, u32)]) -> &mut Goroutine {
        let frames: Box<[FrameId]> =
            stack.iter().map(|(function, line)| self.frame(function, *line)).collect();
        let entry = frames.last().copied();
        let goroutine = Goroutine {
            id: GoroutineId(id),
            address: Address(0xc000_0000 + id * 0x1e0),
            status: Status::Waiting,
            scanning: false,
            wait_reason: Some(self.text(reason)),
            waiting_since: None,
            parent_id: Some(GoroutineId(1)),
            created_by: Some(self.frame("main.main", 12)),
            entry,
            m: None,
            p: None,
            tid: None,
            locked_to_thread: false,
            is_runtime: false,
            labels: LabelSetId::default(),
            waiting_on: (0, 0),
            stack: self.0.tables.stacks.intern(StackTrace { frames, complete: true }),
            stack_state: StackState::Saved,
            bubble: None,
        };
        self.0.goroutines.push(goroutine);
        self.last()
    }

    /// The goroutine added last.
    pub(crate) fn last(&mut self) -> &mut Goroutine {
        self.0.goroutines.last_mut().expect("a goroutine was added")
    }

    /// Labels for the goroutine added last.
    pub(crate) fn label(&mut self, key: &str, value: &str) {
        let pair = (self.text(key), self.text(value));
        self.last().labels = self.0.tables.label_sets.intern(LabelSet(Box::new([pair])));
    }

    /// What the goroutine added last waits on.
    pub(crate) fn waits_on(&mut self, objects: &[WaitObject]) {
        let start = u32::try_from(self.0.wait_objects.len()).expect("few objects");
        self.0.wait_objects.extend_from_slice(objects);
        self.last().waiting_on = (start, u32::try_from(objects.len()).expect("few objects"));
    }
}

/// The server that the tests look at.
pub(crate) fn server() -> Process {
    let mut process = Process::new();
    let main = process.waiting(
        1,
        "IO wait",
        &[("runtime.gopark", 1), ("net/http.(*Server).Serve", 5), ("main.main", 40)],
    );
    main.created_by = None;
    main.parent_id = None;
    for id in [30, 18, 19] {
        let stack = [("runtime.gopark", 1), ("runtime.chanrecv", 2), ("main.(*queue[...]).get", 7)];
        process.waiting(id, "chan receive", &stack).waiting_since =
            Some(WaitingSince::AtLeastMs(id * 60_000));
    }
    process.label("tenant", "acme inc");
    let channel = Channel { len: 0, cap: 3, element_size: 8, closed: false, timer: false };
    process.waits_on(&[WaitObject {
        kind: WaitObjectKind::Channel(WaitDirection::Receive, channel),
        address: Address(0xc000_1234),
    }]);
    process.waiting(20, "sync.Mutex.Lock", &[("sync.(*Mutex).Lock", 3), ("gopkg.in/yaml%2ev3.Load", 8)]);
    let running = process.waiting(21, "", &[]);
    *running = Goroutine {
        status: Status::Running,
        wait_reason: None,
        m: Some(3),
        p: Some(0),
        tid: Some(4711),
        locked_to_thread: true,
        stack: StackId::default(),
        stack_state: StackState::Running,
        ..running.clone()
    };
    process.waiting(2, "GC sweep wait", &[("runtime.gopark", 1), ("runtime.bgsweep", 9)]).is_runtime = true;
    process
}
