//! Folded stacks, which flame graph tools read.

use std::collections::BTreeMap;
use std::io;

use rustc_hash::FxHashMap;
use snapshot::{Census, FrameId, Printable, StackId, StackState, Status, Tables};

/// Why a goroutine has no stack, and the function that it was started with.
type Missing = (StackState, Option<FrameId>);

/// Writes one line for each distinct chain of functions: `main.main;main.work;runtime.gopark 17`,
/// outermost first, sorted. A goroutine without a stack counts under the function that it was started
/// with and a leaf in brackets. Wrappers are left out, as in Go's profiles. Fails only if `out` does.
pub fn folded(census: &Census<'_>, out: &mut impl io::Write) -> io::Result<()> {
    let tables = census.tables;
    let mut counts: FxHashMap<(StackId, Option<Missing>), u64> = FxHashMap::default();
    for (cohort, members) in census.cohorts.iter().filter(|(cohort, _)| cohort.status != Status::Dead) {
        let has_stack = tables.frames_of(cohort.stack).next().is_some();
        let missing = (!has_stack).then_some((cohort.stack_state, cohort.entry));
        *counts.entry((cohort.stack, missing)).or_default() += members;
    }
    // Stacks that differ only in lines have the same functions.
    let mut lines: BTreeMap<String, u64> = BTreeMap::new();
    for ((stack, missing), count) in counts {
        let line = match missing {
            None => functions(tables, stack),
            Some((state, entry)) => {
                let entry = entry.and_then(|id| tables.frames.get(id));
                let leaf = format!("[{}]", crate::json::stack_state_name(state));
                let names = entry.map(|frame| name(tables.text(frame.function))).into_iter();
                names.chain([leaf]).collect::<Vec<_>>().join(";")
            }
        };
        *lines.entry(line).or_default() += count;
    }
    for (line, count) in lines {
        writeln!(out, "{line} {count}")?;
    }
    Ok(())
}

fn functions(tables: &Tables, stack: StackId) -> String {
    let frames = tables.profiled_frames(stack);
    let names = frames.iter().rev().map(|frame| match tables.text(frame.function) {
        "" => format!("{:#x}", frame.pc),
        text => name(text),
    });
    names.collect::<Vec<_>>().join(";")
}

/// A semicolon in a name would be taken for a border between frames.
fn name(text: &str) -> String {
    Printable(text).to_string().replace(';', ":")
}
