//! `gostat sched` as text: a line a tick, as `GODEBUG=schedtrace` prints them, but aligned.

use std::io;

use super::SchedTick;
use crate::tick_table::{Columns, TickTable, known};

static COLUMNS: Columns<16> = Columns {
    titles: [
        ("p", 4),
        ("idlp", 4),
        ("thrd", 5),
        ("idlm", 5),
        ("lckm", 5),
        ("spin", 4),
        ("need", 4),
        ("gcw", 4),
        ("stop", 4),
        ("mon", 4),
        ("sched/s", 9),
        ("sysc/s", 9),
        ("ms", 6),
        ("glob", 5),
        ("locl", 5),
        ("by p", 4),
    ],
    spans: &[("ps", 2), ("ms", 5), ("world", 3), ("rates", 2), ("cost", 1), ("run queues", 3)],
};

/// Writes ticks as aligned lines.
#[derive(Debug, Clone)]
pub struct SchedTable(TickTable<16>);

impl SchedTable {
    /// A table whose header comes again after so many lines; 0 for one header only.
    pub fn new(header_every: u64) -> SchedTable {
        SchedTable(TickTable::new(&COLUMNS, header_every))
    }

    /// Writes a tick, with a header before it where one is due. Fails only if `out` does.
    pub fn write(&mut self, tick: &SchedTick<'_>, out: &mut impl io::Write) -> io::Result<()> {
        self.0.write(cells(tick), out)
    }
}

fn cells(tick: &SchedTick<'_>) -> [String; 16] {
    let rate = |rate: Option<f64>| known(rate.map(|rate| format!("{rate:.0}")));
    let flag = |flag: Option<bool>| known(flag.map(u8::from));
    let queues: Vec<String> = tick.processors.iter().map(|p| p.run_queue.to_string()).collect();
    [
        known(tick.gomaxprocs),
        known(tick.idle_processors),
        known(tick.threads),
        known(tick.idle_machines),
        known(tick.idle_locked_machines),
        known(tick.spinning_machines),
        flag(tick.need_spinning),
        flag(tick.gc_waiting),
        known(tick.stop_wait),
        flag(tick.sysmon_waiting),
        rate(tick.sched_ticks_per_s),
        rate(tick.syscall_ticks_per_s),
        format!("{:.1}", tick.snapshot_us as f64 / 1000.0),
        known(tick.global_run_queue),
        known(tick.local_run_queue),
        format!("[{}]", queues.join(" ")),
    ]
}
