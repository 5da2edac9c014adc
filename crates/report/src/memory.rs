//! Memory and garbage collections at one tick of `gostat stat`.

use std::io;

use serde::Serialize;
use snapshot::Census;

use crate::stat::StatTick;
use crate::tick_table::{Columns, TickTable, known};

/// The runtime's counters, and how fast they grow. What is unknown is `None`: rates on the first tick, and what the
/// runtime does not say.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct MemoryTick {
    /// Bytes of heap objects (`HeapAlloc`).
    pub heap_alloc_bytes: Option<u64>,
    /// Bytes of heap spans in use.
    pub heap_in_use_bytes: Option<u64>,
    /// Bytes of heap spans that hold nothing.
    pub heap_idle_bytes: Option<u64>,
    /// Bytes of these given back to the system.
    pub heap_released_bytes: Option<u64>,
    /// Bytes of the heap at which the next collection is to be done.
    pub heap_goal_bytes: Option<u64>,
    /// `GOMEMLIMIT`.
    pub memory_limit_bytes: Option<u64>,
    /// Bytes of stack spans in use.
    pub stack_in_use_bytes: Option<u64>,
    /// Objects allocated so far.
    pub mallocs: Option<u64>,
    /// Objects freed so far.
    pub frees: Option<u64>,
    /// Whether `mallocs` was read while it stood still; otherwise it may lack what a P handed over just then.
    pub mallocs_settled: Option<bool>,
    /// Completed collections.
    pub gc_cycles: Option<u64>,
    /// Time that the world was stopped for them, nanoseconds.
    pub gc_pause_total_ns: Option<u64>,
    /// The same of the last one.
    pub gc_pause_last_ns: Option<u64>,
    /// Objects allocated per second since the tick before.
    pub mallocs_per_s: Option<f64>,
    /// Objects freed per second since the tick before.
    pub frees_per_s: Option<f64>,
    /// Collections per second since the tick before.
    pub gc_cycles_per_s: Option<f64>,
    /// Share of the time since the tick before that the world was stopped for collections.
    pub gc_pause_share: Option<f64>,
    /// When they were read, by the monotonic clock.
    #[serde(skip)]
    at_ns: u64,
}

impl MemoryTick {
    /// The tick of a census, with rates since the tick before, if there was one.
    pub(crate) fn new(previous: Option<&MemoryTick>, current: &Census<'_>) -> MemoryTick {
        let at_ns = current.taken_at_monotonic_ns;
        let Some(now) = current.memory.as_ref() else { return MemoryTick { at_ns, ..MemoryTick::default() } };
        let since = previous.and_then(|previous| {
            let ns = at_ns.checked_sub(previous.at_ns).filter(|ns| *ns > 0)?;
            Some((previous, ns))
        });
        // A counter that ran backwards is that of another process, or was not settled.
        let per_s = |now: Option<u64>, counter: fn(&MemoryTick) -> Option<u64>| {
            let (before, ns) = since?;
            let count = now?.checked_sub(counter(before)?)?;
            Some(count as f64 * 1e9 / ns as f64)
        };
        MemoryTick {
            heap_alloc_bytes: now.heap_alloc_bytes,
            heap_in_use_bytes: now.heap_in_use_bytes,
            heap_idle_bytes: now.heap_idle_bytes,
            heap_released_bytes: now.heap_released_bytes,
            heap_goal_bytes: now.heap_goal_bytes,
            memory_limit_bytes: now.memory_limit_bytes,
            stack_in_use_bytes: now.stack_in_use_bytes,
            mallocs: now.mallocs,
            frees: now.frees,
            mallocs_settled: now.mallocs.map(|_| now.counts_settled),
            gc_cycles: now.gc_cycles,
            gc_pause_total_ns: now.gc_pause_total_ns,
            gc_pause_last_ns: now.gc_pause_last_ns,
            mallocs_per_s: per_s(now.mallocs, |m| m.mallocs),
            frees_per_s: per_s(now.frees, |m| m.frees),
            gc_cycles_per_s: per_s(now.gc_cycles, |m| m.gc_cycles),
            gc_pause_share: per_s(now.gc_pause_total_ns, |m| m.gc_pause_total_ns)
                .map(|ns_per_s| ns_per_s / 1e9),
            at_ns,
        }
    }
}

static COLUMNS: Columns<15> = Columns {
    titles: [
        ("total", 7),
        ("alloc", 8),
        ("inuse", 8),
        ("goal", 8),
        ("idle", 8),
        ("relsd", 8),
        ("inuse", 8),
        ("live", 9),
        ("new/s", 9),
        ("freed/s", 9),
        ("cycles", 6),
        ("gc/s", 5),
        ("last ms", 7),
        ("stop%", 5),
        ("ms", 6),
    ],
    spans: &[("gs", 1), ("heap MiB", 5), ("stacks", 1), ("objects", 3), ("collections", 4), ("cost", 1)],
};

/// Writes ticks as aligned lines about memory.
#[derive(Debug, Clone)]
pub struct MemoryTable(TickTable<15>);

impl MemoryTable {
    /// A table whose header comes again after so many lines; 0 for one header only.
    pub fn new(header_every: u64) -> MemoryTable {
        MemoryTable(TickTable::new(&COLUMNS, header_every))
    }

    /// Writes a tick, with a header before it where one is due. Fails only if `out` does.
    pub fn write(&mut self, tick: &StatTick, out: &mut impl io::Write) -> io::Result<()> {
        self.0.write(cells(tick), out)
    }
}

fn cells(tick: &StatTick) -> [String; 15] {
    let memory = &tick.memory;
    let fixed = |number: Option<f64>, digits: usize| known(number.map(|number| format!("{number:.digits$}")));
    let mebibytes = |bytes: Option<u64>| fixed(bytes.map(|bytes| bytes as f64 / f64::from(1 << 20)), 1);
    let live = memory.mallocs.zip(memory.frees).and_then(|(mallocs, frees)| mallocs.checked_sub(frees));
    [
        tick.goroutines.to_string(),
        mebibytes(memory.heap_alloc_bytes),
        mebibytes(memory.heap_in_use_bytes),
        mebibytes(memory.heap_goal_bytes),
        mebibytes(memory.heap_idle_bytes),
        mebibytes(memory.heap_released_bytes),
        mebibytes(memory.stack_in_use_bytes),
        known(live),
        fixed(memory.mallocs_per_s, 0),
        fixed(memory.frees_per_s, 0),
        known(memory.gc_cycles),
        fixed(memory.gc_cycles_per_s, 1),
        fixed(memory.gc_pause_last_ns.map(|ns| ns as f64 / 1e6), 2),
        fixed(memory.gc_pause_share.map(|share| share * 100.0), 2),
        fixed(Some(tick.snapshot_us as f64 / 1000.0), 1),
    ]
}
