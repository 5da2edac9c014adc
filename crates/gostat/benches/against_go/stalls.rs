//! What being watched does to the target: how late a ticker of 1 ms inside it comes at worst.

use std::thread::sleep;
use std::time::Duration;

use anyhow::Result;
use capture::Session;
use serde_json::{Value, json};
use target_programs::Running;

use crate::table::Timed;
use crate::ticks::{SETTLING, WATCHED};

/// Windows of each kind, one after the other in turns.
const ROUNDS: usize = 9;
/// How long a window is.
const WINDOW: Duration = Duration::from_millis(500);

/// Prints and returns the worst lateness in windows with and without something going on.
pub(crate) fn measure(target: &mut Running, count: usize) -> Result<Value> {
    let mut session = Session::attach(target.pid())?;
    session.set_workers(1);
    for _ in 0..SETTLING {
        session.census(&WATCHED)?;
    }
    let mut kinds = ["not watched", "a tick of gostat", "gostat, everything read again", "its own profile"]
        .map(Timed::named);
    target.ask("stall")?;
    for _ in 0..ROUNDS {
        for (kind, timed) in kinds.iter_mut().enumerate() {
            sleep(WINDOW / 2);
            match kind {
                0 => {}
                1 => _ = session.census(&WATCHED)?,
                2 => _ = Session::attach(target.pid())?.census(&WATCHED)?,
                _ => _ = target.ask("pprof0")?,
            }
            sleep(WINDOW / 2);
            timed.ms.push(worst(target)?);
        }
    }
    let mut debug2 = Timed::named("its own debug=2");
    if count <= 200_000 {
        target.ask("debug2")?;
        debug2.ms.push(worst(target)?);
    }
    println!(
        "  worst lateness of a 1 ms ticker in the target, in ms: best, median and worst window of each kind"
    );
    let mut figures = serde_json::Map::new();
    for timed in kinds.iter().chain([&debug2]).filter(|timed| !timed.ms.is_empty()) {
        let worst = timed.ms.iter().copied().fold(0.0, f64::max);
        let best = timed.ms.iter().copied().fold(f64::INFINITY, f64::min);
        println!("    {:<34} {best:>12.2} {:>12.2} {worst:>12.2}", timed.name, timed.median());
        let all = json!({ "best_ms": best, "median_ms": timed.median(), "worst_ms": worst });
        figures.insert(timed.name.clone(), all);
    }
    Ok(Value::Object(figures))
}

/// Milliseconds by which the ticker was late at worst since this was last asked.
fn worst(target: &mut Running) -> Result<f64> {
    let ns: f64 = target.ask_text("stall")?.trim().parse()?;
    Ok(ns / 1e6)
}
