//! A leak in one sentence, and what mends leaks of its class.

use analysis::AwaitedKind;
use snapshot::{Frame, FrameId, Snapshot};

use crate::boundary::BoundaryKind;
use crate::leaks::{Leak, Verdict, frame_to_look_at};

/// `25000 goroutines started by main.report (report.go:80) can never run again: they wait to send on channels that
/// nothing alive can reach, in main.collect (report.go:88).`
pub fn sentence(snapshot: &Snapshot, leak: &Leak) -> String {
    let many = leak.group.count != 1;
    let noun = if many { "goroutines" } else { "goroutine" };
    let mut text = format!("{} {noun}", leak.group.count);
    if let Some(creator) = place(snapshot, leak.group.created_by) {
        text += &format!(" started by {creator}");
    }
    if let Some(route) = &leak.group.understanding.route {
        text += &format!(" for {route}");
    }
    text += match (leak.verdict, many) {
        (Verdict::Proven, _) => " can never run again: ",
        (Verdict::Suspected, _) => " may have leaked: ",
    };
    text += if many { "they " } else { "it " };
    text += &waits(leak, many);
    if leak.verdict == Verdict::Proven && !waits_for_nothing(leak) {
        text += " that nothing alive can reach";
    }
    if let Some(place) = place(snapshot, frame_to_look_at(leak)) {
        text += &format!(", in {place}");
    }
    text + "."
}

/// What usually mends leaks of this kind.
pub fn fix(leak: &Leak) -> &'static str {
    let kind = leak.group.awaited.distinct.keys().next();
    match kind {
        Some(AwaitedKind::ChannelSend) => {
            "give the channel room for every send, or select on ctx.Done() beside it, so that a sender whose receiver has gone can leave"
        }
        Some(AwaitedKind::ChannelReceive) => {
            "close the channel when nobody will send any more, on every path, or select on ctx.Done() beside the receive"
        }
        Some(AwaitedKind::Nothing) => "make the channel before it is used; a nil channel blocks for ever",
        Some(AwaitedKind::Mutex | AwaitedKind::RwMutex) => {
            "unlock on every path (defer), and take locks in one order; who holds it has ended, or waits for them in turn"
        }
        Some(AwaitedKind::WaitGroup) => "call Done on every path (defer), as often as Add was told",
        Some(AwaitedKind::Cond) => {
            "call Broadcast or Signal on every path that changes the condition, the last one too"
        }
        Some(AwaitedKind::Semaphore) => "release on every path (defer)",
        Some(AwaitedKind::Network) => "set a deadline on the connection, or close it",
        Some(AwaitedKind::Timer) | None => match leak.boundary.as_ref().map(|boundary| boundary.kind) {
            Some(BoundaryKind::Timeout) => "give the wait a deadline",
            Some(BoundaryKind::Reference) => "cancel the context, or drop the reference that keeps it",
            _ => "look at what should have ended the wait",
        },
    }
}

fn waits_for_nothing(leak: &Leak) -> bool {
    matches!(leak.group.awaited.distinct.keys().next(), Some(AwaitedKind::Nothing) | None)
}

fn waits(leak: &Leak, many: bool) -> String {
    let wait = if many { "wait" } else { "waits" };
    let distinct = &leak.group.awaited.distinct;
    let objects = distinct.values().sum::<u64>();
    let s = if objects > 1 { "s" } else { "" };
    let a = if objects > 1 { "" } else { "a " };
    let mut kinds = distinct.keys();
    let Some(first) = kinds.next() else { return format!("{wait} for something unknown") };
    if kinds.any(|kind| kind.noun() == "channel") {
        return format!("{wait} in a select on channels");
    }
    match first {
        AwaitedKind::ChannelSend => format!("{wait} to send on {a}channel{s}"),
        AwaitedKind::ChannelReceive => format!("{wait} to receive from {a}channel{s}"),
        AwaitedKind::Nothing => format!("{wait} for a nil channel or in an empty select, which nothing ends"),
        AwaitedKind::Mutex if objects > 1 => format!("{wait} for mutexes"),
        AwaitedKind::RwMutex if objects > 1 => format!("{wait} for rwmutexes"),
        AwaitedKind::RwMutex => format!("{wait} for an rwmutex"),
        kind => format!("{wait} for {a}{}{s}", kind.noun()),
    }
}

fn place(snapshot: &Snapshot, frame: Option<FrameId>) -> Option<String> {
    let frame: &Frame = snapshot.tables.frames.get(frame?)?;
    let file = snapshot.tables.text(frame.file);
    let name = file.rsplit('/').next().unwrap_or(file);
    Some(format!("{} ({name}:{})", snapshot.tables.text(frame.function), frame.line))
}
