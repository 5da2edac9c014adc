//! `gostat sched`: what the scheduler does, as `GODEBUG=schedtrace` prints it, from outside.

use anyhow::Result;
use capture::{Options, Pace, Session};
use linux_process::ProcessTable;
use report::{SchedTable, SchedTick, write_detail};

use crate::arguments::SchedOptions;
use crate::output::deliver;
use crate::ticks::{Ticks, heading_every};
use crate::trouble::remark_on_release;

/// Runs `gostat sched`.
pub(crate) fn run(options: &SchedOptions) -> Result<()> {
    let process = ProcessTable::default().find(&options.target)?;
    let mut session = Session::of(process)?;
    remark_on_release(session.target());
    let mut pace = options.interval.map(|interval| Pace::new(interval.0)).transpose()?;
    let mut ticks = Ticks::new(if pace.is_some() { options.count } else { Some(1) })?;
    let mut table = SchedTable::new(if options.detail { 1 } else { heading_every() });
    let wanted = Options { threads: options.detail || options.json, ..Options::SCHEDULER };
    let mut previous = None;
    while ticks.wait(pace.as_ref()) {
        let snapshot = session.snapshot(&wanted)?;
        if let Some(pace) = &mut pace {
            pace.began(snapshot.taken_at_monotonic_ns);
        }
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
