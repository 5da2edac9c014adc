//! `gostat stat`: one line a tick, like vmstat.

use std::io::IsTerminal;
use std::time::Duration;

use anyhow::Result;
use capture::{Options, Session};
use linux_process::ProcessTable;
use report::{StatTable, StatTick};

use crate::arguments::StatOptions;
use crate::output::deliver;
use crate::ticks::Ticks;
use crate::trouble::remark_on_release;

/// On a terminal the heading comes again before it has scrolled away.
const LINES_PER_HEADING: u64 = 20;

/// Runs `gostat stat`.
pub(crate) fn run(options: &StatOptions) -> Result<()> {
    let process = ProcessTable::default().find(&options.target)?;
    let mut session = Session::of(process)?;
    remark_on_release(session.target());
    let (interval, count) = match options.interval {
        Some(interval) => (interval.0, options.count),
        None => (Duration::ZERO, Some(1)),
    };
    let mut ticks = Ticks::new(interval, count)?;
    let mut table = StatTable::new(if std::io::stdout().is_terminal() { LINES_PER_HEADING } else { 0 });
    let mut previous = None;
    while ticks.wait() {
        // States and queues need no stacks, which are most of the work.
        let snapshot = session.snapshot(&Options::COUNTS)?;
        let tick = StatTick::new(previous.as_ref(), &snapshot);
        deliver(None, |mut writer| match options.json {
            true => tick.write_json(&mut writer),
            false => table.write(&tick, &mut writer),
        })?;
        previous = Some(tick);
    }
    Ok(())
}
