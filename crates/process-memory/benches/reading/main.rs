//! What ways of reading the goroutines of a Go process cost, against gostat's own in the same run.
//!
//! `cargo bench -p process-memory` starts a program with 100,000 goroutines; `cargo bench -p process-memory --
//! PID` looks at one that runs already: one's own only, since some ways read gaps that were never touched, which
//! makes the kernel map pages there. docs/reading-costs.md says what came of it. Ratios within a run mean
//! something on a noisy machine, and of these processor time more than time: times alone do not.

#![allow(clippy::print_stdout, reason = "the table is what this program is for")]

mod plan;
mod target;
mod ways;

use anyhow::{Context, Result};
use target_programs::{Build, Program, Running, Variant, releases};

use crate::plan::{RANGES_MAX, Range, byte_per_page, calls, each, pair_per_two_pages, runs};
use crate::target::Target;
use crate::ways::{How, Way};

/// Goroutines of the program that is started.
const GOROUTINES: &str = "100000";
/// One of each way per round, so that a disturbance hits all of them.
const ROUNDS: usize = 11;
/// Today's: gaps that a run spans, and bytes of headers and of stacks that are read at once
/// (`go-runtime`: `bulk.rs`, `sweep.rs`, `stacks.rs`).
const GAP: u64 = 1024;
const HEADERS: usize = 1024;
const STACKS: usize = 64;
const STACK_BYTES: usize = 256 << 10;
/// Pages of the runtime: spans of descriptors are as long.
const SPAN: u64 = 8192;

fn main() -> Result<()> {
    // `cargo test --benches` only wants to know whether it builds.
    if std::env::args().any(|argument| argument == "--test") {
        return Ok(());
    }
    if let Some(pid) = std::env::args().skip(1).find_map(|argument| argument.parse().ok()) {
        return compare(&Target::of(pid)?);
    }
    let release = releases()?.into_iter().max().context("no Go release")?;
    let build = Build::amd64(Program::Many, release, Variant::Plain).build()?;
    let running = Running::start(&build, &[GOROUTINES])?;
    compare(&Target::of(running.pid())?)
}

fn compare(target: &Target) -> Result<()> {
    target.settle(headers(target).swap_remove(0))?;
    println!("{}", target.description()?);
    let columns = ["calls", "ranges", "pages", "MB", "wall ms", "CPU ms", "wall", "CPU"];
    for (title, mut ways) in
        [("headers", headers(target)), ("stacks", stacks(target)), ("floor", floor(target))]
    {
        println!("\n{title:<46} {}", columns.map(|column| format!("{column:>8}")).join(" "));
        for _ in 0..ROUNDS {
            ways.iter_mut().try_for_each(|way| way.measure(target.pid))?;
        }
        ways.iter().for_each(|way| print(way, ways.first().unwrap_or(way)));
        if title == "floor" {
            print_costs(&ways);
        }
    }
    Ok(())
}

/// The first is today's.
fn headers(target: &Target) -> Vec<Way> {
    let all = each(&target.descriptors, target.slot);
    let merged = |gap| runs(all.iter().copied(), gap);
    let today = merged(GAP);
    let bytes = HEADERS * target.slot;
    // gostat merges the descriptors of a chunk; over the whole list that makes some runs longer.
    let chunks: Vec<_> = all.chunks(HEADERS).map(|chunk| runs(chunk.iter().copied(), GAP)).collect();
    let vectored = |name: String, ranges: &[Range], ranges_max, bytes_max| {
        Way::new(name, How::Vectored, calls(ranges, ranges_max, bytes_max))
    };
    let mut ways = vec![
        Way::new("today: runs, gaps to 1 KiB, 1024 headers a call", How::ReadBatch, chunks.clone()),
        Way::new("the same, into one buffer", How::Vectored, chunks.clone()),
        Way::new("the same, 2 threads", How::ReadBatch, chunks.clone()).on_threads(2),
        Way::new("/proc/PID/mem: a pread a run", How::Pread, chunks.clone()),
        Way::new("/proc/PID/mem: a preadv a run", How::Preadv, chunks),
    ];
    for len in [target.slot, 400, 200, 40] {
        let name = format!("a range a goroutine: {len} bytes");
        ways.push(vectored(name, &each(&target.descriptors, len), RANGES_MAX, bytes));
    }
    for (name, gap) in [("0", 0), ("4 KiB", 4 << 10), ("64 KiB", 64 << 10)] {
        ways.push(vectored(format!("runs, gaps to {name}"), &merged(gap), RANGES_MAX, bytes));
    }
    let spans = runs(all.iter().map(|range| range.aligned(SPAN)), 0);
    ways.push(vectored("whole spans".into(), &spans, RANGES_MAX, bytes));
    for ranges_max in [1, 4, 16, 64, 256, 1024] {
        ways.push(vectored(format!("runs, {ranges_max} ranges a call"), &today, ranges_max, usize::MAX));
    }
    for kib in [64, 256, 1024, 4096, 65536] {
        ways.push(vectored(format!("runs, {kib} KiB a call"), &today, RANGES_MAX, kib << 10));
    }
    ways
}

/// The first is today's, without the headers before and after.
fn stacks(target: &Target) -> Vec<Way> {
    let used = &target.stacks;
    let mut sorted = used.clone();
    sorted.sort_unstable_by_key(|range| range.at);
    let grouped = |name: &str, how, ranges: &[Range]| Way::new(name, how, calls(ranges, STACKS, STACK_BYTES));
    let aligned: Vec<Range> = used.iter().map(|range| range.aligned(plan::PAGE)).collect();
    let mut ways = vec![
        grouped("today: [sp, hi), 64 a call", How::ReadBatch, used),
        grouped("the same, into one buffer", How::Vectored, used),
        Way::new("the same, 2 threads", How::ReadBatch, calls(used, STACKS, STACK_BYTES)).on_threads(2),
        grouped("/proc/PID/mem: a pread a stack", How::Pread, used),
        grouped("by address", How::Vectored, &sorted),
        grouped("whole pages", How::Vectored, &aligned),
    ];
    for ranges_max in [1, 16, 256, 1024] {
        let name = format!("[sp, hi), {ranges_max} a call");
        ways.push(Way::new(name, How::Vectored, calls(used, ranges_max, usize::MAX)));
    }
    for (name, gap) in [("1 KiB", 1 << 10), ("4 KiB", 4 << 10), ("64 KiB", 64 << 10)] {
        let neighbours = runs(sorted.iter().copied(), gap);
        ways.push(grouped(&format!("runs of neighbours, gaps to {name}"), How::Vectored, &neighbours));
    }
    let first_kib: Vec<Range> =
        used.iter().map(|range| Range { len: range.len.min(1024), ..*range }).collect();
    ways.push(grouped("the first KiB of each", How::Vectored, &first_kib));
    ways
}

/// What a range, a page and a byte cost, from reads that have much of one and little of the others.
fn floor(target: &Target) -> Vec<Way> {
    let all = each(&target.descriptors, target.slot);
    let today = runs(all.iter().copied(), GAP);
    let chunks: Vec<_> = all.chunks(HEADERS).map(|chunk| runs(chunk.iter().copied(), GAP)).collect();
    let bytes = byte_per_page(&today);
    let same_page = vec![bytes.first().copied().unwrap_or(Range { at: 0, len: 0 }); bytes.len()];
    let pages: Vec<Range> = bytes.iter().map(|byte| byte.aligned(plan::PAGE)).collect();
    let dealt = |name: &str, ranges: &[Range]| Way::new(name, How::Vectored, calls(ranges, 128, usize::MAX));
    vec![
        Way::new("today: headers in runs", How::ReadBatch, chunks.clone()),
        dealt("1 byte of the same page, as often", &same_page),
        dealt("1 byte of each page", &bytes),
        dealt("2 bytes of 2 neighbouring pages", &pair_per_two_pages(&today)),
        dealt("each page whole, a range each", &pages),
        dealt("each page whole, in runs", &runs(pages.iter().copied(), 0)),
        Way::new("as many bytes of our own memory", How::OwnMemory, chunks),
    ]
}

/// What the floor is made of, by the ways of [`floor`] in their order.
fn print_costs(ways: &[Way]) {
    let [today, _, byte, pair, .., own] = ways else { return };
    let cpu_us = |way: &Way| median(&way.cpu) * 1e3;
    let [[_, ranges, pages, bytes], [_, singles, _, _], [_, pairs, _, _]] =
        [today, byte, pair].map(|way| way.amounts().map(|amount| amount as f64));
    // A range of one page costs range + page, one of two pages costs range + 2 pages.
    let page = cpu_us(pair) / pairs - cpu_us(byte) / singles;
    let range = cpu_us(byte) / singles - page;
    let pinning = range * ranges + page * pages;
    println!(
        "\na range {range:.2} us, a page {page:.2} us: {:.1} ms of {:.1}; copying {:.3} us a KiB, {:.3} of our own",
        pinning / 1e3,
        cpu_us(today) / 1e3,
        (cpu_us(today) - pinning) / bytes * 1024.0,
        cpu_us(own) / bytes * 1024.0,
    );
}

fn print(way: &Way, today: &Way) {
    let [calls, ranges, pages, bytes] = way.amounts();
    println!(
        "{:<46} {calls:>8} {ranges:>8} {pages:>8} {:>8.1} {:>8.2} {:>8.2} {:>7.2}x {:>7.2}x",
        way.name,
        bytes as f64 / 1e6,
        median(&way.wall),
        median(&way.cpu),
        median(&today.wall) / median(&way.wall),
        median(&today.cpu) / median(&way.cpu),
    );
}

fn median(values: &[f64]) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted.get(sorted.len() / 2).copied().unwrap_or_default()
}
