//! Share of reads that are torn while goroutines live for microseconds.

use std::process::{Command, Stdio};

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};
use target_programs::{Build, GoRelease, Program, Running, Variant};

/// Dumps of the churning program.
const DUMPS: usize = 100;

/// Prints and returns how many stacks were read, read again, and given up.
pub(crate) fn measure(release: GoRelease) -> Result<Value> {
    let build = Build::amd64(Program::Churn, release, Variant::Stripped).build()?;
    let target = Running::start(&build, &[])?;
    let (mut read, mut retried, mut torn, mut goroutines) = (0, 0, 0, 0);
    for _ in 0..DUMPS {
        let output = Command::new(env!("CARGO_BIN_EXE_gostat"))
            .args(["dump", "--json", &target.pid().to_string()])
            .stderr(Stdio::inherit())
            .output()?;
        ensure!(output.status.success(), "gostat failed: {}", output.status);
        let dump: Value = serde_json::from_slice(&output.stdout)?;
        let cost = |name: &str| dump.pointer(&format!("/snapshot/{name}")).and_then(Value::as_u64);
        read += cost("stacks_read").context("no stacks_read")?;
        retried += cost("retried").context("no retried")?;
        torn += cost("torn").context("no torn")?;
        goroutines += dump.get("goroutines").and_then(Value::as_array).map_or(0, Vec::len) as u64;
    }
    let share = |n: u64| 100.0 * n as f64 / read.max(1) as f64;
    println!(
        "churn: {read} stacks read in {DUMPS} dumps, {:.2} % retried, {:.2} % given up as torn",
        share(retried),
        share(torn)
    );
    Ok(
        json!({ "dumps": DUMPS, "goroutines": goroutines, "stacks_read": read, "retried": retried, "torn": torn }),
    )
}
