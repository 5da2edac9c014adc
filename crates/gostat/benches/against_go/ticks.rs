//! Ticks of a session, as a watcher does them all day.

use anyhow::{Result, ensure};
use capture::{Options, Session};
use serde_json::{Map, Value, json};
use target_programs::Running;

use crate::table::{Timed, status_kib};

/// What a watcher asks for at every tick.
pub(crate) const WATCHED: Options = Options { stacks: true, labels: true, ..Options::COUNTS };
/// Looks after which a goroutine that does not move is believed not to.
pub(crate) const SETTLING: usize = 3;
const TICKS: usize = 10;

/// Prints and notes what ticks cost. `profile` is the median time of the target's own profile.
pub(crate) fn measure(
    target: &Running,
    count: usize,
    profile: f64,
    figures: &mut Map<String, Value>,
) -> Result<()> {
    for (threads, name) in [(2, "tick"), (1, "tick with one thread")] {
        let before = status_kib(std::process::id(), "VmRSS");
        let mut session = Session::attach(target.pid())?;
        session.set_workers(threads);
        let mut timed = Timed::named(name);
        for _ in 0..SETTLING {
            session.census(&WATCHED)?;
        }
        for _ in 0..TICKS {
            let census = timed.time(|| session.census(&WATCHED))?;
            let seen: u64 = census.cohorts.iter().map(|(_, members)| members).sum();
            ensure!(seen >= count as u64, "{seen} of {count} goroutines");
        }
        let grown = status_kib(std::process::id(), "VmRSS").saturating_sub(before);
        timed.peak_kib = Some(grown);
        figures.insert(name.into(), timed.print(profile));
        if threads == 2 {
            figures.insert("bytes_per_goroutine".into(), json!(grown * 1024 / count as u64));
        }
    }
    Ok(())
}
