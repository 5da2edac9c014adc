//! Groups of equal stacks as text.

use std::io;

use analysis::Group;
use snapshot::{Frame, FunctionRole, Printable, Snapshot};

use crate::duration::short_duration;

/// Writes groups for people: a line of counts, then the stack as the runtime's traceback shows it.
///
/// ```text
/// 3 goroutines: 2 waiting (chan receive), 1 runnable, longest wait 30m00s, ids 18 19 30
///     main.(*queue[...]).get
///         /src/main.go:7
///     created by main.main
///         /src/main.go:12
/// ```
///
/// Fails only if `out` does.
pub fn grouped(snapshot: &Snapshot, groups: &[Group], out: &mut impl io::Write) -> io::Result<()> {
    for (index, group) in groups.iter().enumerate() {
        if index > 0 {
            writeln!(out)?;
        }
        write_group(snapshot, group, out)?;
    }
    Ok(())
}

fn write_group(snapshot: &Snapshot, group: &Group, out: &mut impl io::Write) -> io::Result<()> {
    let tables = &snapshot.tables;
    let noun = if group.count == 1 { "goroutine" } else { "goroutines" };
    let runtime = if group.is_runtime { " of the runtime" } else { "" };
    write!(out, "{} {noun}{runtime}: ", group.count)?;
    let waiting: u64 = group.wait_reasons.iter().map(|(_, count)| count).sum();
    let statuses = group.statuses.iter().map(|(status, count)| {
        let mut text = format!("{count} {}", status.name());
        if *count == waiting {
            // Every reason belongs to this status: only waiting (or leaked) goroutines have one.
            let reasons: Vec<String> = match group.wait_reasons.as_slice() {
                [(reason, _)] => vec![Printable(tables.text(*reason)).to_string()],
                several => {
                    several.iter().map(|(r, n)| format!("{} {n}", Printable(tables.text(*r)))).collect()
                }
            };
            text += &format!(" ({})", reasons.join(", "));
        }
        text
    });
    write!(out, "{}", statuses.collect::<Vec<_>>().join(", "))?;
    if let Some(wait) = group.longest_wait {
        write!(out, ", longest wait {}", short_duration(wait.ms()))?;
    }
    let ids: Vec<String> = group.ids.iter().map(|id| id.0.to_string()).collect();
    let more = if group.count > ids.len() as u64 { " ..." } else { "" };
    writeln!(out, ", {} {}{more}", if ids.len() == 1 { "id" } else { "ids" }, ids.join(" "))?;

    let frames: Vec<&Frame> = if group.is_runtime {
        tables.frames_of(group.stack).collect()
    } else {
        tables.shown_frames(group.stack)
    };
    if frames.is_empty() {
        writeln!(out, "    no stack: {}", crate::json::stack_state_name(group.stack_state))?;
        if let Some(entry) = group.entry.and_then(|id| tables.frames.get(id)) {
            write_frame(snapshot, "started with ", entry, out)?;
        }
    }
    for frame in frames {
        write_frame(snapshot, "", frame, out)?;
    }
    if tables.stacks.get(group.stack).is_some_and(|stack| !stack.complete) {
        writeln!(out, "    ...outer frames could not be read...")?;
    }
    match group.created_by.and_then(|id| tables.frames.get(id)) {
        Some(frame) => write_frame(snapshot, "created by ", frame, out),
        None => Ok(()),
    }
}

fn write_frame(snapshot: &Snapshot, before: &str, frame: &Frame, out: &mut impl io::Write) -> io::Result<()> {
    if frame.role == FunctionRole::Foreign {
        return writeln!(out, "    {before}non-Go function at pc={:#x}", frame.pc);
    }
    let text = |id| Printable(snapshot.tables.text(id));
    writeln!(out, "    {before}{}\n        {}:{}", text(frame.function), text(frame.file), frame.line)
}
