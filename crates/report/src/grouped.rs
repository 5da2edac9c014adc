//! Groups of equal stacks as text.

use std::io;

use analysis::Group;
use snapshot::{Frame, FrameId, FunctionRole, Goroutine, Printable, Snapshot, StackId, StackState};

use crate::awaited::awaited_text;
use crate::duration::short_duration;

/// How many ids are listed of a group: enough to look at a few of them.
pub(crate) const IDS_LISTED: usize = 10;

/// Writes groups for people: a line of counts, then the stack as the runtime's traceback shows it.
///
/// ```text
/// 3 goroutines: 2 waiting (chan receive), 1 runnable, longest wait 30m00s, median 12m00s, ids 18 19 30
///     CHANNEL_RECEIVE: waits until a channel is sent to or closed; owner main
///     on one channel 0xc000012345, cap 4, len 0
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
        if let Some(median) = group.median_wait_ms.filter(|median| group.count > 1 && *median != wait.ms()) {
            write!(out, ", median {}", short_duration(median))?;
        }
    }
    if group.distinct_stacks > 1 {
        write!(out, ", {} nearly equal stacks", group.distinct_stacks)?;
    }
    let ids: Vec<String> = group.ids.iter().take(IDS_LISTED).map(|id| id.0.to_string()).collect();
    let more = if group.count > ids.len() as u64 { " ..." } else { "" };
    writeln!(out, ", {} {}{more}", if ids.len() == 1 { "id" } else { "ids" }, ids.join(" "))?;

    write_understanding(group, out)?;
    write_stack(snapshot, &group.into(), out)
}

/// A stack to be shown, and what is said where there is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct ShownStack {
    /// The stack.
    pub stack: StackId,
    /// How it was had, or why not.
    pub stack_state: StackState,
    /// The function that the goroutine was started with.
    pub entry: Option<FrameId>,
    /// The `go` statement that started it.
    pub created_by: Option<FrameId>,
    /// Whether it is one of the runtime's own, of which all frames are shown.
    pub is_runtime: bool,
}

impl From<&Group> for ShownStack {
    fn from(group: &Group) -> Self {
        let Group { stack, stack_state, entry, created_by, is_runtime, .. } = *group;
        ShownStack { stack, stack_state, entry, created_by, is_runtime }
    }
}

impl From<&Goroutine> for ShownStack {
    fn from(goroutine: &Goroutine) -> Self {
        let Goroutine { stack, stack_state, entry, created_by, is_runtime, .. } = *goroutine;
        ShownStack { stack, stack_state, entry, created_by, is_runtime }
    }
}

/// Writes a stack as the runtime's traceback shows it, each frame on two lines, and what started it; indented by four
/// blanks. Fails only if `out` does.
pub fn write_stack(snapshot: &Snapshot, shown: &ShownStack, out: &mut impl io::Write) -> io::Result<()> {
    let tables = &snapshot.tables;
    let frames: Vec<&Frame> = if shown.is_runtime {
        tables.frames_of(shown.stack).collect()
    } else {
        tables.shown_frames(shown.stack)
    };
    if frames.is_empty() {
        writeln!(out, "    no stack: {}", crate::json::stack_state_name(shown.stack_state))?;
        if let Some(entry) = shown.entry.and_then(|id| tables.frames.get(id)) {
            write_frame(snapshot, "started with ", entry, out)?;
        }
    }
    for frame in frames {
        write_frame(snapshot, "", frame, out)?;
    }
    if tables.stacks.get(shown.stack).is_some_and(|stack| !stack.complete) {
        writeln!(out, "    ...outer frames could not be read...")?;
    }
    match shown.created_by.and_then(|id| tables.frames.get(id)) {
        Some(frame) => write_frame(snapshot, "created by ", frame, out),
        None => Ok(()),
    }
}

/// What they are doing, for whom, and on what they wait.
fn write_understanding(group: &Group, out: &mut impl io::Write) -> io::Result<()> {
    let understanding = &group.understanding;
    let mut parts = Vec::new();
    if let Some(rule) = &understanding.rule {
        parts.push(format!("{}: {}", Printable(&rule.name), Printable(&rule.title)));
    }
    let derived =
        [("owner", &understanding.owner), ("route", &understanding.route), ("pool", &understanding.pool)];
    // The runtime's own goroutines are said to be its own in the line above.
    let derived = derived.iter().filter(|_| !group.is_runtime);
    parts.extend(
        derived.filter_map(|(what, text)| text.as_ref().map(|text| format!("{what} {}", Printable(text)))),
    );
    if !parts.is_empty() {
        writeln!(out, "    {}", parts.join("; "))?;
    }
    if let Some(healthy) = understanding.healthy().filter(|_| !group.is_runtime) {
        writeln!(out, "    healthy: {}", Printable(healthy))?;
    }
    match awaited_text(group) {
        Some(text) => writeln!(out, "    {text}"),
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
