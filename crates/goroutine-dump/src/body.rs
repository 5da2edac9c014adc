//! The lines below a goroutine's header: frames, or why there are none, and who created it.

use std::fmt::{self, Write};

use snapshot::{Frame, FrameId, FunctionRole, Goroutine, Printable, Snapshot, StackState, StackTrace};

/// Innermost frames printed of a long stack (`tracebackInnerFrames`).
const INNER_FRAMES: usize = 50;
/// Outermost frames printed of a long stack (`tracebackOuterFrames`).
const OUTER_FRAMES: usize = 50;

/// What the runtime prints instead of frames. Tools look for exactly this beginning, whatever the cause.
const UNAVAILABLE: &str = "\tgoroutine running on other thread; stack unavailable";

/// Appends the frames of a goroutine's stack: those that the runtime shows by default, or all of them.
pub(crate) fn write_stack(
    out: &mut String,
    snapshot: &Snapshot,
    goroutine: &Goroutine,
    all_frames: bool,
) -> fmt::Result {
    let tables = &snapshot.tables;
    let stack = tables.stacks.get(goroutine.stack);
    if stack.is_none_or(|stack| stack.frames.is_empty()) {
        return write_unavailable(out, goroutine.stack_state);
    }
    let frames =
        if all_frames { snapshot.frames(goroutine).collect() } else { tables.shown_frames(goroutine.stack) };
    // The rule of `traceback1` since Go 1.21; releases before stopped after 100 frames.
    let (inner, rest) = frames.split_at_checked(INNER_FRAMES).unwrap_or((&frames, &[]));
    let elided = rest.len().saturating_sub(OUTER_FRAMES);
    for frame in inner {
        write_frame(out, snapshot, frame)?;
    }
    if elided > 0 {
        writeln!(out, "...{elided} frames elided...")?;
    }
    for frame in rest.iter().skip(elided) {
        write_frame(out, snapshot, frame)?;
    }
    if stack.is_some_and(|stack: &StackTrace| !stack.complete) {
        // We could not see how many: the words of the releases that did not count them.
        out.push_str("...additional frames elided...\n");
    }
    Ok(())
}

/// Appends who created a goroutine, up to where ` in goroutine N` belongs, and then the place.
/// `None` where the runtime does not say it either.
pub(crate) fn creator(
    snapshot: &Snapshot,
    created_by: FrameId,
    all_frames: bool,
) -> Option<(String, String)> {
    let frame = snapshot.tables.frames.get(created_by)?;
    if !(all_frames || snapshot.tables.is_shown_as_creator(frame)) {
        return None;
    }
    let name = format!("created by {}", Printable(printed_name(snapshot, frame)));
    let mut place = String::new();
    write_place(&mut place, snapshot, &Frame { inlined: false, ..*frame }).ok()?;
    Some((name, place))
}

fn write_frame(out: &mut String, snapshot: &Snapshot, frame: &Frame) -> fmt::Result {
    if frame.role == FunctionRole::Foreign {
        return writeln!(out, "non-Go function at pc={:#x}", frame.pc);
    }
    writeln!(out, "{}(...)", Printable(printed_name(snapshot, frame)))?;
    write_place(out, snapshot, frame)
}

fn write_place(out: &mut String, snapshot: &Snapshot, frame: &Frame) -> fmt::Result {
    write!(out, "\t{}:{}", Printable(snapshot.tables.text(frame.file)), frame.line)?;
    if !frame.inlined && frame.pc_offset > 0 {
        write!(out, " +{:#x}", frame.pc_offset)?;
    }
    out.push('\n');
    Ok(())
}

/// `printFuncName`: users know `runtime.gopanic` as `panic`.
fn printed_name<'a>(snapshot: &'a Snapshot, frame: &Frame) -> &'a str {
    match snapshot.tables.text(frame.function) {
        "runtime.gopanic" => "panic",
        name => name,
    }
}

fn write_unavailable(out: &mut String, state: StackState) -> fmt::Result {
    let cause = match state {
        StackState::Running => "",
        StackState::Secret => " (inside runtime/secret, not read)",
        StackState::Torn => " (kept moving while it was read)",
        StackState::Unreadable => " (its memory could not be read)",
        StackState::NotTaken => " (not asked for)",
        StackState::Saved | StackState::Sampled | StackState::BlockedThread => " (no frames were found)",
    };
    writeln!(out, "{UNAVAILABLE}{cause}")
}
