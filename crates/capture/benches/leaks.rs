//! What looking for leaks costs on a large heap, against the runtime's own leak profile of the same process.
//!
//! `cargo bench -p capture --bench leaks`; `GOSTAT_BENCH_HEAP=1024` says how many megabytes of the target's heap live,
//! `GOSTAT_BENCH_GOROUTINES=100000` how many goroutines have leaked. Ratios within a run mean something on a noisy
//! machine; times do not.

#![allow(clippy::print_stdout, reason = "the table is what this program is for")]

use std::error::Error;
use std::time::{Duration, Instant};

use capture::{CaptureError, LeakSearch, Session};
use target_programs::{Build, NEWEST, Program, Running, Variant};

fn main() -> Result<(), Box<dyn Error>> {
    // `cargo test --benches` only wants to know whether it builds.
    if std::env::args().any(|argument| argument == "--test") {
        return Ok(());
    }
    let number = |name, default: &str| std::env::var(name).unwrap_or_else(|_| default.into());
    let (heap, goroutines) =
        (number("GOSTAT_BENCH_HEAP", "1024"), number("GOSTAT_BENCH_GOROUTINES", "100000"));
    let built = Build::amd64(Program::Large, NEWEST, Variant::Stripped).build()?;
    let mut target = Running::start(&built, &[&heap, &goroutines])?;
    println!(
        "go{NEWEST}, {heap} MiB, {goroutines} leaked goroutines; the target has {} MiB",
        peak(target.pid())
    );
    let mut session = Session::attach(target.pid())?;
    let minute = Duration::from_secs(60);
    let searches = [
        ("one copy while it runs", 1, LeakSearch { passes: 1, freeze: None }),
        ("three copies", 1, LeakSearch { passes: 3, freeze: None }),
        ("frozen", 1, LeakSearch { passes: 1, freeze: Some(minute) }),
        ("frozen, 2 threads copy", 2, LeakSearch { passes: 1, freeze: Some(minute) }),
    ];
    let mut times = Vec::new();
    for (name, workers, search) in searches {
        session.set_workers(workers);
        let began = Instant::now();
        let found =
            session.find_leaks(&search, |_| (), |_, asleep| vec![asleep.iter().map(|one| one.id).collect()]);
        if let Err(CaptureError::NotPermitted(_)) = found {
            println!("{name:24} not permitted");
            continue;
        }
        let ((_, found), took) = (found?, began.elapsed());
        println!(
            "{name:24} {took:>8.2?}  stopped {:>8.2?}  found {}  proven {}  copied {} MiB  our peak {} MiB",
            found.frozen.unwrap_or_default(),
            found.asleep.len(),
            found.proven,
            found.copied_bytes >> 20,
            peak(std::process::id()),
        );
        times.push((name, took));
    }
    for answer in ["first", "second"] {
        let began = Instant::now();
        let leaked = target.leaked()?.map_or(0, |leaked| leaked.len());
        let took = began.elapsed();
        println!("the runtime's {answer} profile {took:>8.2?}  found {leaked}");
        for (name, ours) in &times {
            println!("  {name}: {:.2} times that", ours.as_secs_f64() / took.as_secs_f64());
        }
    }
    Ok(())
}

/// The most memory that a process has had, in MiB.
fn peak(pid: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let number = line.and_then(|line| line.trim().trim_end_matches("kB").trim().parse::<u64>().ok());
    number.unwrap_or_default() >> 10
}
