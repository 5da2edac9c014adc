//! What gostat costs, against the target's own profile and `debug=2` fetched in the same run.
//!
//! `cargo bench -p gostat` (or `make bench`) prints tables with ratios and writes the figures as JSON.
//! `GOSTAT_BENCH_GOROUTINES=1000,100000` leaves out the million. Ratios within a run mean something on a noisy
//! machine; times do not.

#![allow(clippy::print_stdout, reason = "the table is what this program is for")]

mod dumps;
mod moving;
mod stalls;
mod table;
mod ticks;
mod torn;

use std::path::PathBuf;

use anyhow::{Context, Result};
use serde_json::{Map, Value};
use target_programs::{Build, Program, Running, Variant, releases};

/// Goroutines of the targets, if the environment does not say otherwise.
const GOROUTINES: &str = "1000,100000,1000000";

fn main() -> Result<()> {
    // `cargo test --benches` only wants to know whether it builds.
    if std::env::args().any(|argument| argument == "--test") {
        return Ok(());
    }
    let sizes = std::env::var("GOSTAT_BENCH_GOROUTINES").unwrap_or_else(|_| GOROUTINES.into());
    let release = releases()?.into_iter().max().context("no Go release")?;
    let mut figures = Map::new();
    figures.insert("machine".into(), table::machine());
    println!("{}, {release}\n", table::machine().as_str().unwrap_or_default());
    table::heading();
    for size in sizes.split(',') {
        let count: usize =
            size.trim().parse().with_context(|| format!("{size} is no number of goroutines"))?;
        let build = Build::amd64(Program::Many, release, Variant::Stripped).build()?;
        let mut target = Running::start(&build, &[&count.to_string()])?;
        println!("{count} parked goroutines");
        let mut of_size = Map::new();
        let profile = dumps::measure(&mut target, count, &mut of_size)?;
        ticks::measure(&target, count, profile, &mut of_size)?;
        of_size.insert("stalls".into(), stalls::measure(&mut target, count)?);
        figures.insert(format!("goroutines_{count}"), Value::Object(of_size));
    }
    figures.insert("moving".into(), moving::measure(release)?);
    figures.insert("churn".into(), torn::measure(release)?);
    let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("against_go.json");
    std::fs::write(&path, serde_json::to_vec_pretty(&Value::Object(figures))?)?;
    println!("\nwritten: {}", path.display());
    Ok(())
}
