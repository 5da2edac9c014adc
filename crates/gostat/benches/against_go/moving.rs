//! Ticks of a session while 5 % of the goroutines move between any two.

use anyhow::{Result, ensure};
use capture::Session;
use serde_json::{Value, json};
use target_programs::{Build, GoRelease, Program, Running, Variant};

use crate::table::Timed;
use crate::ticks::WATCHED;

const GOROUTINES: usize = 10_000;
/// More than it takes until each goroutine has moved twice.
const TICKS: usize = 50;

/// Prints and returns what ticks cost.
pub(crate) fn measure(release: GoRelease) -> Result<Value> {
    let build = Build::amd64(Program::Waves, release, Variant::Stripped).build()?;
    let mut target = Running::start(&build, &[&GOROUTINES.to_string()])?;
    let mut session = Session::attach(target.pid())?;
    session.set_workers(2);
    let (mut profile, mut timed) = (Timed::named("its own profile (debug=0)"), Timed::named("tick"));
    session.census(&WATCHED)?;
    let (mut read, mut stale) = (0, 0);
    for tick in 0..TICKS {
        target.ask("wave")?;
        let census = timed.time(|| session.census(&WATCHED))?;
        (read, stale) = (read + census.cost.stacks_read, stale + census.cost.stale);
        if tick % 5 == 0 {
            ensure!(!profile.time(|| target.ask("pprof0"))?.is_empty());
        }
    }
    println!(
        "{GOROUTINES} goroutines, 5 % of which move between ticks; {} stacks read a tick",
        read / TICKS as u64
    );
    let base = profile.median();
    let (profile, tick) = (profile.print(base), timed.print(base));
    Ok(json!({ "profile": profile, "tick": tick, "stacks_read": read, "stale": stale, "ticks": TICKS }))
}
