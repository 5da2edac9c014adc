//! `gostat stat` as text: a line a tick under a header that comes again, as vmstat prints it.

use std::io;

use analysis::WaitClass;
use snapshot::Status;

use crate::stat::StatTick;
use crate::tick_table::{Columns, TickTable, known};

const TITLES: [(&str, usize); 21] = [
    ("total", 7),
    ("run", 4),
    ("rnbl", 5),
    ("sysc", 5),
    ("wait", 7),
    ("chan", 7),
    ("slct", 6),
    ("lock", 6),
    ("io", 6),
    ("slp", 6),
    ("oth", 5),
    ("glob", 5),
    ("locl", 5),
    ("p", 3),
    ("idlp", 4),
    ("idlm", 4),
    ("spin", 4),
    ("new/s", 7),
    ("end/s", 7),
    ("torn%", 5),
    ("ms", 7),
];

static RAW: Columns<21> = Columns {
    titles: TITLES,
    spans: &[
        ("goroutines", 5),
        ("waiting on", 6),
        ("queues", 2),
        ("ps and ms", 4),
        ("rates", 2),
        ("cost", 2),
    ],
};

/// The same where the counts are shown without jitter.
static STEADY: Columns<21> = Columns {
    titles: TITLES,
    spans: &[
        ("goroutines, steady", 5),
        ("waiting on, steady", 6),
        ("queues", 2),
        ("ps and ms", 4),
        ("rates", 2),
        ("cost", 2),
    ],
};

/// Writes ticks as aligned lines.
#[derive(Debug, Clone)]
pub struct StatTable {
    table: TickTable<21>,
    header_every: u64,
    steady: bool,
}

impl StatTable {
    /// A table whose header comes again after so many lines; 0 for one header only.
    pub fn new(header_every: u64) -> StatTable {
        StatTable { table: TickTable::new(&RAW, header_every), header_every, steady: false }
    }

    /// A table that shows [`StatTick::steady`] instead of the raw counts of goroutines.
    #[must_use]
    pub fn steady(self) -> StatTable {
        StatTable { table: TickTable::new(&STEADY, self.header_every), steady: true, ..self }
    }

    /// Writes a tick, with a header before it where one is due. Fails only if `out` does.
    pub fn write(&mut self, tick: &StatTick, out: &mut impl io::Write) -> io::Result<()> {
        self.table.write(cells(tick, self.steady), out)
    }
}

fn cells(tick: &StatTick, steady: bool) -> [String; 21] {
    // One place for each number that is shown either raw or steady.
    let counts = tick.steady.as_ref();
    let total = if steady { counts.map(|counts| counts.goroutines) } else { Some(tick.goroutines) };
    let of_status = |status| match steady {
        true => counts.map(|counts| counts.status(status)),
        false => Some(tick.status(status)),
    };
    let status = |status| known(of_status(status));
    let waits = |class| match steady {
        true => known(counts.map(|counts| counts.wait_class(class))),
        false => known(Some(tick.wait_class(class))),
    };
    // An estimate is marked, so that nobody takes its jumps for the target's.
    let mark = if tick.rates_exact { "" } else { "~" };
    let rate = |rate: Option<f64>| rate.map_or_else(|| "-".to_owned(), |rate| format!("{mark}{rate:.0}"));
    // Leaked goroutines wait too: the target itself has called them leaked.
    let waiting = of_status(Status::Waiting).zip(of_status(Status::Leaked)).map(|(w, leaked)| w + leaked);
    [
        known(total),
        status(Status::Running),
        status(Status::Runnable),
        status(Status::Syscall),
        known(waiting),
        waits(WaitClass::Chan),
        waits(WaitClass::Select),
        waits(WaitClass::Lock),
        waits(WaitClass::Io),
        waits(WaitClass::Sleep),
        waits(WaitClass::Other),
        known(tick.global_run_queue),
        known(tick.local_run_queue),
        known(tick.gomaxprocs),
        known(tick.idle_processors),
        known(tick.idle_machines),
        known(tick.spinning_machines),
        rate(tick.created_per_s),
        rate(tick.ended_per_s),
        format!("{:.1}", tick.torn_share * 100.0),
        format!("{:.1}", tick.snapshot_us as f64 / 1000.0),
    ]
}
