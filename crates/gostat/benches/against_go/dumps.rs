//! Whole runs of `gostat dump`: start, attach, read, symbolize, write.

use std::process::{Command, Stdio};
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use serde_json::{Map, Value};
use target_programs::Running;

use crate::table::{Timed, status_kib};

/// Prints and notes the costs of dumps of a target, and returns the median time of its own profile.
pub(crate) fn measure(target: &mut Running, count: usize, figures: &mut Map<String, Value>) -> Result<f64> {
    let rounds = if count > 10_000 { 5 } else { 15 };
    let mut ways = [
        (Timed::named("gostat dump --format pprof"), vec!["dump", "--format", "pprof"]),
        (Timed::named("  the same with one thread"), vec!["dump", "--format", "pprof", "--threads", "1"]),
        (Timed::named("gostat dump --format text"), vec!["dump"]),
        (Timed::named("gostat dump --json"), vec!["dump", "--json"]),
        (Timed::named("gostat dump --group"), vec!["dump", "--group"]),
    ];
    let mut profile = Timed::named("its own profile (debug=0)");
    // One of each per round, so that a disturbance hits all of them.
    for _ in 0..rounds {
        ensure!(!profile.time(|| target.ask("pprof0"))?.is_empty());
        for (timed, arguments) in &mut ways {
            let status =
                timed.time(|| gostat(arguments, target.pid()).status()).context("starting gostat")?;
            ensure!(status.success(), "gostat failed: {status}");
        }
    }
    for (timed, arguments) in &mut ways {
        timed.peak_kib = Some(peak_of_gostat(arguments, target.pid())?);
    }
    let mut debug2 = Timed::named("its own debug=2");
    // It stops the world meanwhile; a million take minutes.
    for _ in 0..(match count {
        0..=10_000 => rounds,
        10_001..=200_000 => 1,
        _ => 0,
    }) {
        ensure!(!debug2.time(|| target.ask("debug2"))?.is_empty());
    }
    let base = profile.median();
    for timed in [&profile, &debug2].into_iter().filter(|timed| !timed.ms.is_empty()) {
        figures.insert(timed.name.clone(), timed.print(base));
    }
    for (timed, _) in &ways {
        figures.insert(timed.name.trim().into(), timed.print(base));
    }
    Ok(base)
}

/// Runs gostat once; its largest resident set in KiB as seen twice a millisecond. Not timed: looking costs.
fn peak_of_gostat(arguments: &[&str], pid: u32) -> Result<u64> {
    let mut child = gostat(arguments, pid).spawn().context("starting gostat")?;
    let mut peak = 0;
    while child.try_wait()?.is_none() {
        peak = peak.max(status_kib(child.id(), "VmHWM"));
        std::thread::sleep(Duration::from_micros(500));
    }
    Ok(peak)
}

fn gostat(arguments: &[&str], pid: u32) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_gostat"));
    command.args(arguments).args(["-o", "/dev/null", &pid.to_string()]).stdout(Stdio::null());
    command
}
