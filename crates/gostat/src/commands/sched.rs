//! `gostat sched`: what the scheduler does, as `GODEBUG=schedtrace` prints it, from outside.

use anyhow::Result;
use capture::Options;
use report::{SchedTable, SchedTick, write_detail};

use crate::arguments::SchedOptions;
use crate::output::deliver;
use crate::series::Series;
use crate::target;
use crate::ticks::heading_every;

/// Runs `gostat sched`.
pub(crate) fn run(options: &SchedOptions) -> Result<()> {
    let mut source = target::open(&options.target, &options.moment)?;
    if options.pace {
        target::require_recording(&source, "--pace", &options.target)?;
    }
    let mut series = Series::new(&source, options.interval, options.count, options.pace)?;
    let mut table = SchedTable::new(if options.detail { 1 } else { heading_every() });
    let wanted = Options { threads: options.detail || options.json, ..Options::SCHEDULER };
    let mut previous = None;
    while series.next(&mut source)? {
        let snapshot = source.snapshot(&wanted)?;
        series.began(snapshot.taken_at_monotonic_ns);
        let tick = SchedTick::new(previous.as_ref(), &snapshot);
        deliver(None, |mut writer| {
            if options.json {
                return tick.write_json(&mut writer);
            }
            table.write(&tick, &mut writer)?;
            if options.detail { write_detail(&tick, &mut writer) } else { Ok(()) }
        })?;
        previous = Some(snapshot);
    }
    Ok(())
}
