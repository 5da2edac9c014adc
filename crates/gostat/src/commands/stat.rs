//! `gostat stat`: one line a tick, like vmstat.

use anyhow::Result;
use capture::{Options, Pace, Session};
use linux_process::ProcessTable;
use report::{MemoryTable, StatSteady, StatTable, StatTick};

use crate::arguments::StatOptions;
use crate::output::deliver;
use crate::ticks::{Ticks, heading_every};
use crate::trouble::remark_on_release;

/// Runs `gostat stat`.
pub(crate) fn run(options: &StatOptions) -> Result<()> {
    let process = ProcessTable::default().find(&options.target)?;
    let mut session = Session::of(process)?;
    session.set_workers(options.reading.threads());
    remark_on_release(session.target());
    let mut pace = options.interval.map(|interval| Pace::new(interval.0)).transpose()?;
    let mut ticks = Ticks::new(if pace.is_some() { options.count } else { Some(1) })?;
    let (mut table, mut memory) = (StatTable::new(heading_every()), MemoryTable::new(heading_every()));
    // States and queues need no stacks, which are most of the work.
    let wanted = Options { memory: options.memory || options.json, ..Options::COUNTS };
    if options.steady {
        table = table.steady();
    }
    let mut steady = options.steady.then(StatSteady::default);
    let mut previous = None;
    while ticks.wait(pace.as_ref()) {
        let census = session.census(&wanted)?;
        let mut tick = StatTick::new(previous.as_ref(), &census);
        if let Some(pace) = &mut pace {
            let began = pace.began(census.taken_at_monotonic_ns);
            (tick.window, tick.late_us) = (Some(began.window), Some(began.late_ns / 1000));
        }
        tick.steady = steady.as_mut().and_then(|steady| steady.push(&tick));
        deliver(None, |mut writer| match options.json {
            true => tick.write_json(&mut writer),
            false if options.memory => memory.write(&tick, &mut writer),
            false => table.write(&tick, &mut writer),
        })?;
        previous = Some(tick);
    }
    Ok(())
}
