//! What `gostat dump` costs, against the target's own profile and `debug=2` fetched in the same run.
//!
//! `cargo bench -p gostat` (or `make bench`) prints a table with ratios and writes the figures as JSON. Every
//! figure is of the whole gostat process: start, attach, read, symbolize, write. Ratios within a run mean
//! something on a noisy machine; times do not.

#![allow(clippy::print_stdout, reason = "the table is what this program is for")]

use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};
use target_programs::{Build, GoRelease, Program, Running, Variant, releases};

/// Dumps of the churning program.
const CHURN_DUMPS: usize = 100;

fn main() -> Result<()> {
    // `cargo test --benches` only wants to know whether it builds.
    if std::env::args().any(|argument| argument == "--test") {
        return Ok(());
    }
    let release = releases()?.into_iter().max().context("no Go release")?;
    let mut figures = serde_json::Map::new();
    println!("{:<34} {:>12} {:>12} {:>12} {:>10}", "", "best ms", "median ms", "vs profile", "max RSS");
    for (count, rounds) in [(1_000, 15), (100_000, 5)] {
        let build = Build::amd64(Program::Many, release, Variant::Stripped).build()?;
        let mut target = Running::start(&build, &[&count.to_string()])?;
        figures.insert(format!("goroutines_{count}"), against_profile(&mut target, count, rounds)?);
    }
    figures.insert("churn".into(), under_churn(release)?);
    let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("against_go.json");
    std::fs::write(&path, serde_json::to_vec_pretty(&Value::Object(figures))?)?;
    println!("\nwritten: {}", path.display());
    Ok(())
}

/// Times of one way to see all goroutines.
struct Timed {
    name: String,
    ms: Vec<f64>,
    rss_kib: Option<u64>,
}

impl Timed {
    fn best(&self) -> f64 {
        self.ms.iter().copied().fold(f64::INFINITY, f64::min)
    }

    fn median(&self) -> f64 {
        let mut sorted = self.ms.clone();
        sorted.sort_by(f64::total_cmp);
        sorted.get(sorted.len() / 2).copied().unwrap_or_default()
    }

    fn print(&self, profile: f64) -> Value {
        let ratio = profile / self.median();
        let rss = self.rss_kib.map_or("-".into(), |kib| format!("{} MiB", kib / 1024));
        println!(
            "{:<34} {:>12.2} {:>12.2} {:>11.1}x {:>10}",
            self.name,
            self.best(),
            self.median(),
            ratio,
            rss
        );
        json!({ "best_ms": self.best(), "median_ms": self.median(), "ratio_to_profile": ratio, "max_rss_kib": self.rss_kib })
    }
}

fn against_profile(target: &mut Running, count: usize, rounds: usize) -> Result<Value> {
    let dump = |format| vec!["dump", "--format", format, "-o", "/dev/null"];
    let ways = [
        ("gostat dump --format pprof", dump("pprof")),
        ("gostat dump --format text", dump("text")),
        ("gostat dump --json", dump("json")),
        ("gostat dump --group", vec!["dump", "--group", "-o", "/dev/null"]),
    ];
    let own = |question: &str, rounds: usize, target: &mut Running| -> Result<Timed> {
        let mut ms = Vec::new();
        for _ in 0..rounds {
            let began = Instant::now();
            ensure!(!target.ask(question)?.is_empty());
            ms.push(began.elapsed().as_secs_f64() * 1e3);
        }
        let name = if question == "pprof0" { "its own profile (debug=0)" } else { "its own debug=2" };
        Ok(Timed { name: name.into(), ms, rss_kib: None })
    };
    let mut timed: Vec<Timed> =
        ways.iter().map(|(name, _)| Timed { name: (*name).into(), ms: Vec::new(), rss_kib: None }).collect();
    let mut profile = Timed { name: "its own profile (debug=0)".into(), ms: Vec::new(), rss_kib: None };
    // One of each per round, so that a disturbance hits all of them.
    for _ in 0..rounds {
        profile.ms.extend(own("pprof0", 1, target)?.ms);
        for ((_, arguments), timed) in ways.iter().zip(&mut timed) {
            timed.ms.push(run_gostat(arguments, target.pid())?);
        }
    }
    for ((_, arguments), timed) in ways.iter().zip(&mut timed) {
        timed.rss_kib = Some(peak_of_gostat(arguments, target.pid())?);
    }
    let debug2 = own("debug2", if count > 10_000 { 1 } else { rounds }, target)?;
    println!("{count} parked goroutines");
    let base = profile.median();
    let mut figures = serde_json::Map::new();
    for timed in [&profile, &debug2].into_iter().chain(&timed) {
        figures.insert(timed.name.clone(), timed.print(base));
    }
    Ok(Value::Object(figures))
}

/// Runs gostat once; milliseconds.
fn run_gostat(arguments: &[&str], pid: u32) -> Result<f64> {
    let began = Instant::now();
    let status = gostat(arguments, pid).status().context("starting gostat")?;
    ensure!(status.success(), "gostat failed: {status}");
    Ok(began.elapsed().as_secs_f64() * 1e3)
}

/// Runs gostat once; its largest resident set in KiB as seen twice a millisecond. Not timed: looking costs.
fn peak_of_gostat(arguments: &[&str], pid: u32) -> Result<u64> {
    let mut child = gostat(arguments, pid).spawn().context("starting gostat")?;
    let status = format!("/proc/{}/status", child.id());
    let mut peak = 0;
    while child.try_wait()?.is_none() {
        let text = std::fs::read_to_string(&status).unwrap_or_default();
        let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        peak = peak.max(line.and_then(|line| line.trim().trim_end_matches(" kB").parse().ok()).unwrap_or(0));
        std::thread::sleep(Duration::from_micros(500));
    }
    Ok(peak)
}

fn gostat(arguments: &[&str], pid: u32) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_gostat"));
    command.args(arguments).arg(pid.to_string()).stdout(Stdio::null());
    command
}

/// Share of reads that were torn while goroutines live for microseconds.
fn under_churn(release: GoRelease) -> Result<Value> {
    let build = Build::amd64(Program::Churn, release, Variant::Stripped).build()?;
    let target = Running::start(&build, &[])?;
    let (mut read, mut retried, mut torn, mut goroutines) = (0, 0, 0, 0);
    for _ in 0..CHURN_DUMPS {
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
        "churn: {read} stacks read in {CHURN_DUMPS} dumps, {:.2} % retried, {:.2} % given up as torn",
        share(retried),
        share(torn)
    );
    Ok(
        json!({ "dumps": CHURN_DUMPS, "goroutines": goroutines, "stacks_read": read, "retried": retried, "torn": torn }),
    )
}
