//! `gostat stat`: one line a tick, like vmstat.

use anyhow::Result;
use capture::Options;
use report::{MemoryTable, StatSteady, StatTable, StatTick};

use crate::arguments::StatOptions;
use crate::output::deliver;
use crate::series::Series;
use crate::target;
use crate::ticks::heading_every;

/// Runs `gostat stat`.
pub(crate) fn run(options: &StatOptions) -> Result<()> {
    let mut source = target::open(&options.target, &options.moment)?;
    if options.pace {
        target::require_recording(&source, "--pace", &options.target)?;
    }
    let mut series = Series::new(&source, options.interval, options.count, options.pace)?;
    source.set_workers(options.reading.threads());
    let (mut table, mut memory) = (StatTable::new(heading_every()), MemoryTable::new(heading_every()));
    // States and queues need no stacks, which are most of the work.
    let wanted = Options { memory: options.memory || options.json, ..Options::COUNTS };
    if options.steady {
        table = table.steady();
    }
    let mut steady = options.steady.then(StatSteady::default);
    let mut previous = None;
    while series.next(&mut source)? {
        let census = source.census(&wanted)?;
        let mut tick = StatTick::new(previous.as_ref(), &census);
        if let Some(began) = series.began(census.taken_at_monotonic_ns) {
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
