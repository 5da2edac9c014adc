//! Ticks as a busy service would give them: counts that wander, a slow leak, stacks and labels that come and go.

use std::sync::Arc;

use history_store::{Count, Frame, Labels, Measure, MeasureKind, Place, ProcessKey, Stack, Tick};
use snapshot::{FunctionRole, Status};

/// How far ticks are apart, milliseconds.
pub(crate) const TICK_MS: u64 = 5_000;
/// Stacks that live at any time.
pub(crate) const STACKS: usize = 100;
const FRAMES: usize = 15;
const MEASURES: usize = 40;

/// One simulated process.
pub(crate) struct Load {
    process: ProcessKey,
    random: u64,
    ticks: u64,
    leaked: u64,
    counts: Vec<Count>,
    measures: Vec<Measure>,
    stacks_made: usize,
}

impl Load {
    /// A process with this pid; another pid is other noise.
    pub(crate) fn new(pid: u32) -> Load {
        let process = ProcessKey { boot_id: "boot".to_owned(), pid, start_ticks: 1, execs: 0 };
        let mut load = Load {
            process,
            random: u64::from(pid) + 1,
            ticks: 0,
            leaked: 0,
            counts: Vec::new(),
            measures: Vec::new(),
            stacks_made: 0,
        };
        for _ in 0..STACKS {
            let count = load.new_count();
            load.counts.push(count);
        }
        for number in 0..MEASURES {
            let kind = if number % 4 == 0 { MeasureKind::Counter } else { MeasureKind::Gauge };
            let name = format!("measure_{number}").into();
            load.measures.push(Measure { name, kind, value: 1_000 });
        }
        load
    }

    /// The next tick.
    pub(crate) fn tick(&mut self, at_ms: u64) -> Tick {
        self.ticks += 1;
        for number in 0..STACKS {
            // A third are busy at every tick; the others change now and then.
            let moves = number % 3 == 0 || self.random(50) == 0;
            let by = if moves { self.random(5) } else { 2 };
            let count = &mut self.counts[number].count;
            *count = (*count + by).saturating_sub(2).max(1);
        }
        self.leaked += u64::from(self.ticks.is_multiple_of(12));
        self.counts[0].count = 10 + self.leaked;
        // Every ten minutes a stack goes and another comes; every five minutes, a tenant.
        if self.ticks.is_multiple_of(120) {
            let place = 1 + self.random(STACKS as u64 - 1) as usize;
            self.counts[place] = self.new_count();
        }
        if self.ticks.is_multiple_of(60) {
            let tenant = format!("tenant-{}", self.ticks / 60);
            let labels = Labels(vec![("route".into(), "/orders".into()), ("tenant".into(), tenant.into())]);
            self.counts[5].labels = Arc::new(labels);
        }
        for number in 0..MEASURES {
            let by = match number % 8 {
                0 => self.random(20_000) as i64,
                4 => 1,
                1 | 2 => self.random(9) as i64 - 4,
                3 => (self.random(1 << 20) as i64 - (1 << 19)) * 16,
                _ => i64::from(self.random(20) == 0),
            };
            self.measures[number].value += by;
        }
        Tick {
            process: self.process.clone(),
            at_ms,
            counts: self.counts.clone(),
            measures: self.measures.clone(),
            counts_only: false,
            unread: 0,
        }
    }

    fn new_count(&mut self) -> Count {
        self.stacks_made += 1;
        let number = self.stacks_made;
        let frame = |depth: usize| Frame {
            function: format!("example.com/service/internal/package{depth}.(*Handler).Serve{}", number % 40)
                .into(),
            file: format!("/src/service/internal/package{depth}/handler.go").into(),
            line: (number * 7 + depth) as u32,
            inlined: depth.is_multiple_of(4),
            role: FunctionRole::Ordinary,
        };
        let stack = Stack {
            frames: (0..FRAMES).map(frame).collect(),
            complete: true,
            created_by: Some(frame(FRAMES)),
            is_runtime: false,
        };
        let (status, wait_reason) = match number % 4 {
            0 => (Status::Runnable, None),
            1 => (Status::Waiting, Some("chan receive")),
            2 => (Status::Waiting, Some("select")),
            _ => (Status::Waiting, Some("IO wait")),
        };
        let route = format!("/route/{}", number % 10);
        let labels = if number.is_multiple_of(5) { vec![("route".into(), route.into())] } else { Vec::new() };
        Count {
            place: Place::Stack(Arc::new(stack)),
            status,
            wait_reason: wait_reason.map(Into::into),
            labels: Arc::new(Labels(labels)),
            count: 20 + self.random(100),
        }
    }

    /// A number below another, by xorshift.
    fn random(&mut self, below: u64) -> u64 {
        self.random ^= self.random << 13;
        self.random ^= self.random >> 7;
        self.random ^= self.random << 17;
        (self.random >> 11) % below
    }
}
