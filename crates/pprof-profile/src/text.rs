//! Writing a goroutine profile as the text that `/debug/pprof/goroutine?debug=1` serves.

use std::fmt::Write as _;
use std::io;

use rustc_hash::FxHashMap;
use snapshot::{Census, FrameId, LabelSetId, StackId, StackState, Status, Tables};

use crate::build::leaf_without_stack;

/// Columns of a tab.
const TAB: usize = 8;

/// Goroutines that one record of the text counts.
type Key = (StackId, LabelSetId, Option<(StackState, Option<FrameId>)>);

/// Writes goroutines as Go's `debug=1` text, which `go tool pprof` reads as well. The runtime's own are left out, as
/// there. `name` is the profile's: `goroutine` or `goroutineleak`.
///
/// Differences from the runtime's text: inlined calls have the address of the call that they are part of, and goroutines
/// whose stack could not be had have none.
///
/// # Errors
/// Only if `out` fails.
pub fn write_text(census: &Census<'_>, name: &str, out: &mut impl io::Write) -> io::Result<()> {
    let tables = census.tables;
    let mut counts: FxHashMap<Key, u64> = FxHashMap::default();
    for (cohort, members) in &census.cohorts {
        if cohort.status == Status::Dead || cohort.is_runtime {
            continue;
        }
        let has_stack = tables.frames_of(cohort.stack).next().is_some();
        let missing = (!has_stack).then_some((cohort.stack_state, cohort.entry));
        *counts.entry((cohort.stack, cohort.labels, missing)).or_default() += members;
    }
    // Stacks may differ in what the profile does not show.
    let mut records: FxHashMap<String, u64> = FxHashMap::default();
    for ((stack, labels, missing), count) in counts {
        *records.entry(record(tables, stack, labels, missing)).or_default() += count;
    }
    let mut records: Vec<_> = records.into_iter().collect();
    records.sort_unstable_by(|(a, count_a), (b, count_b)| count_b.cmp(count_a).then_with(|| a.cmp(b)));
    let total: u64 = records.iter().map(|(_, count)| count).sum();
    writeln!(out, "{name} profile: total {total}")?;
    records.iter().try_for_each(|(record, count)| writeln!(out, "{count} {record}"))
}

/// A record without its count. Formatting into a `String` does not fail.
fn record(
    tables: &Tables,
    stack: StackId,
    labels: LabelSetId,
    missing: Option<(StackState, Option<FrameId>)>,
) -> String {
    let mut text = "@".to_owned();
    let mut last = None;
    for frame in tables.profiled_frames(stack) {
        if last.replace(frame.pc) != Some(frame.pc) {
            let _ = write!(text, " {:#x}", frame.pc);
        }
    }
    text.push('\n');
    text.push_str(&labels_line(tables, labels));
    let mut cells: Vec<[String; 3]> = tables
        .profiled_frames(stack)
        .into_iter()
        .map(|frame| {
            [
                // The call, not where it returns to.
                format!("{:#x}", frame.pc.saturating_sub(1)),
                format!("{}+{:#x}", one_line(tables.symbol(frame)), frame.pc_offset.saturating_sub(1)),
                format!("{}:{}", one_line(tables.text(frame.file)), frame.line),
            ]
        })
        .collect();
    // As Go: calls inside the runtime are left out, if there are others.
    let is_runtime = |cells: &[String; 3]| {
        let [_, function, _] = cells;
        function.starts_with("runtime.") || function.starts_with("internal/runtime/")
    };
    let hidden = cells.iter().take_while(|cells| is_runtime(cells)).count();
    if hidden < cells.len() {
        cells.drain(..hidden);
    }
    let width =
        |column: usize| cells.iter().filter_map(|row| Some(row.get(column)?.len())).max().unwrap_or(0);
    let (address, function) = (width(0), width(1));
    for [at, name, place] in &cells {
        let _ = writeln!(text, "#\t{at}{}{name}{}{place}", tabs(at, address), tabs(name, function));
    }
    if let Some((state, entry)) = missing {
        let _ = writeln!(text, "#\t{}", leaf_without_stack(state));
        if let Some(entry) = entry.and_then(|id| tables.frames.get(id)) {
            let (name, file) = (one_line(tables.symbol(entry)), one_line(tables.text(entry.file)));
            let _ = writeln!(text, "#\t{:#x}\t{name}\t{file}:{}", entry.pc, entry.line);
        }
    }
    text
}

/// What lies between a cell and the next one's column.
fn tabs(cell: &str, widest: usize) -> String {
    let column = (widest + 1).next_multiple_of(TAB);
    "\t".repeat((column - cell.len()).div_ceil(TAB).max(1))
}

fn labels_line(tables: &Tables, labels: LabelSetId) -> String {
    let set = tables.label_sets.get(labels);
    let mut pairs: Vec<String> = set
        .into_iter()
        .flat_map(|set| set.0.iter())
        .map(|&(key, value)| format!("{:?}:{:?}", tables.text(key), tables.text(value)))
        .collect();
    pairs.sort_unstable();
    if pairs.is_empty() { String::new() } else { format!("# labels: {{{}}}\n", pairs.join(", ")) }
}

/// Names come from the target, which may have made them up.
fn one_line(text: &str) -> String {
    text.chars().map(|c| if c.is_control() || c.is_whitespace() { '?' } else { c }).collect()
}
