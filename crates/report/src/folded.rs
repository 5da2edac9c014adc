//! Folded stacks, which flame graph tools read.

use std::collections::BTreeMap;
use std::io;

use rustc_hash::FxHashMap;
use snapshot::{FrameId, Goroutine, Printable, Snapshot, StackId, StackState, Status};

/// Why a goroutine has no stack, and the function that it was started with.
type Missing = (StackState, Option<FrameId>);

/// Writes one line for each distinct chain of functions: `main.main;main.work;runtime.gopark 17`,
/// outermost first, sorted. A goroutine without a stack counts under the function that it was started
/// with and a leaf in brackets. Wrappers are left out, as in Go's profiles. Fails only if `out` does.
pub fn folded<'a>(
    snapshot: &'a Snapshot,
    goroutines: impl IntoIterator<Item = &'a Goroutine>,
    out: &mut impl io::Write,
) -> io::Result<()> {
    let mut counts: FxHashMap<(StackId, Option<Missing>), u64> = FxHashMap::default();
    for goroutine in goroutines.into_iter().filter(|goroutine| goroutine.status != Status::Dead) {
        let has_stack = snapshot.frames(goroutine).next().is_some();
        let missing = (!has_stack).then_some((goroutine.stack_state, goroutine.entry));
        *counts.entry((goroutine.stack, missing)).or_default() += 1;
    }
    // Stacks that differ only in lines have the same functions.
    let mut lines: BTreeMap<String, u64> = BTreeMap::new();
    for ((stack, missing), count) in counts {
        let line = match missing {
            None => functions(snapshot, stack),
            Some((state, entry)) => {
                let entry = entry.and_then(|id| snapshot.tables.frames.get(id));
                let leaf = format!("[{}]", crate::json::stack_state_name(state));
                let names = entry.map(|frame| name(snapshot.tables.text(frame.function))).into_iter();
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

fn functions(snapshot: &Snapshot, stack: StackId) -> String {
    let frames = snapshot.tables.profiled_frames(stack);
    let names = frames.iter().rev().map(|frame| match snapshot.tables.text(frame.function) {
        "" => format!("{:#x}", frame.pc),
        text => name(text),
    });
    names.collect::<Vec<_>>().join(";")
}

/// A semicolon in a name would be taken for a border between frames.
fn name(text: &str) -> String {
    Printable(text).to_string().replace(';', ":")
}
