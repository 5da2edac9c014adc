//! A moment of the past as text, as `gostat dump --group` shows the present.

use std::collections::BTreeMap;
use std::fmt::Display;
use std::io::{self, Write};

use agent::history::{FrameJson, GroupJson, MomentAnswer, MomentState};
use report::short_duration;
use snapshot::Printable;

use super::text::{heading_of, time};

/// Writes each process with its groups.
pub(super) fn write(answer: &MomentAnswer, out: &mut dyn Write) -> io::Result<()> {
    for state in &answer.states {
        write_state(answer.at_ms, state, out)?;
    }
    Ok(())
}

fn write_state(at_ms: u64, state: &MomentState, out: &mut dyn Write) -> io::Result<()> {
    let before = short_duration(at_ms.saturating_sub(state.looked_at_ms));
    writeln!(
        out,
        "{}: looked at {}, {before} before {}",
        heading_of(&state.process),
        time(state.looked_at_ms),
        time(at_ms)
    )?;
    if state.counts_only {
        writeln!(out, "that look took no stacks")?;
    }
    if state.unread > 0 {
        writeln!(out, "{} goroutines could not be read", state.unread)?;
    }
    writeln!(out)?;
    for group in &state.groups {
        write_group(group, out)?;
        writeln!(out)?;
    }
    match state.groups_total - state.groups.len() {
        0 => Ok(()),
        more => writeln!(out, "and {more} groups more; --top N shows more of them\n"),
    }
}

fn write_group(group: &GroupJson, out: &mut dyn Write) -> io::Result<()> {
    let noun = if group.count == 1 { "goroutine" } else { "goroutines" };
    let runtime = group.stack.as_ref().is_some_and(|stack| stack.is_runtime);
    let runtime = if runtime { " of the runtime" } else { "" };
    write!(out, "{} {noun}{runtime}: {}", group.count, listed(&group.by_status))?;
    if !group.by_wait_reason.is_empty() {
        write!(out, " ({})", listed(&group.by_wait_reason))?;
    }
    writeln!(out)?;
    let Some(stack) = &group.stack else {
        let why = if group.kind == "no_stack" {
            "their stacks were not taken"
        } else {
            "beyond the limit of a look"
        };
        return writeln!(out, "    {why}");
    };
    // As tracebacks of Go have them: without the runtime's inner functions, if there are others.
    let is_inner = |frame: &FrameJson| {
        let name = frame.function.strip_prefix("runtime.");
        name.is_some_and(|name| !name.starts_with(|first: char| first.is_ascii_uppercase()))
    };
    let shows_inner = stack.is_runtime || stack.frames.iter().all(is_inner);
    for frame in stack.frames.iter().filter(|frame| shows_inner || !is_inner(frame)) {
        write_frame("", frame, out)?;
    }
    if !stack.complete {
        writeln!(out, "    ...more frames")?;
    }
    stack.created_by.iter().try_for_each(|frame| write_frame("created by ", frame, out))
}

fn write_frame(before: &str, frame: &FrameJson, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "    {before}{}", Printable(&frame.function))?;
    writeln!(out, "        {}:{}", Printable(&frame.file), frame.line.unwrap_or_default())
}

fn listed<K: AsRef<str>>(counts: &BTreeMap<K, u64>) -> impl Display {
    let each: Vec<String> = match counts.iter().collect::<Vec<_>>().as_slice() {
        [(name, _)] => vec![Printable(name.as_ref()).to_string()],
        several => {
            several.iter().map(|(name, count)| format!("{count} {}", Printable(name.as_ref()))).collect()
        }
    };
    each.join(", ")
}
