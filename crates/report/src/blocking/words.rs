//! Goroutines and what they wait for, in words.

use analysis::blocking::{BlockingGraph, BlockingObject};
use snapshot::{Frame, Goroutine, Printable, Snapshot, WaitDirection, WaitObjectKind};

use crate::duration::short_duration;

/// The frame that says most: the innermost one of the program's own code or of a library's, if there is any.
pub(crate) fn place<'s>(snapshot: &'s Snapshot, goroutine: &Goroutine) -> Option<&'s Frame> {
    let shown = snapshot.tables.shown_frames(goroutine.stack);
    let own = |frame: &&&Frame| is_own(snapshot.tables.text(frame.function));
    shown.iter().find(own).or_else(|| shown.first()).copied()
}

/// Import paths of the standard library have no dot in their first part.
fn is_own(function: &str) -> bool {
    function.starts_with("main.") || function.split_once('/').is_some_and(|(first, _)| first.contains('.'))
}

/// `main.f /src/f.go:12`
pub(crate) fn place_words(snapshot: &Snapshot, frame: &Frame) -> String {
    let text = |id| Printable(snapshot.tables.text(id));
    format!("{} {}:{}", text(frame.function), text(frame.file), frame.line)
}

/// `goroutine 7 [chan receive, 3m12s] main.f /src/f.go:12 {route=/x}`
pub(crate) fn goroutine_words(snapshot: &Snapshot, goroutine: &Goroutine) -> String {
    let state = snapshot.wait_reason(goroutine).unwrap_or(goroutine.status.name());
    let mut text = format!("goroutine {} [{}", goroutine.id.0, Printable(state));
    if let Some(since) = goroutine.waiting_since {
        text += &format!(", {}", short_duration(since.ms()));
    }
    text += "]";
    if let Some(frame) = place(snapshot, goroutine) {
        text += &format!(" {}", place_words(snapshot, frame));
    }
    let labels: Vec<String> = snapshot
        .labels(goroutine)
        .map(|(key, value)| format!("{}={}", Printable(key), Printable(value)))
        .collect();
    if !labels.is_empty() {
        text += &format!(" {{{}}}", labels.join(", "));
    }
    text
}

/// What an object is: `mutex 0xc000012345`.
pub(crate) fn object_name(object: &BlockingObject) -> String {
    let kind = match object.object.kind {
        WaitObjectKind::Channel(way, _) | WaitObjectKind::UnreadableChannel(way) => match way {
            WaitDirection::Receive => "receive from channel",
            WaitDirection::Send => "send to channel",
        },
        WaitObjectKind::NilChannel(WaitDirection::Receive) => "receive from a nil channel",
        WaitObjectKind::NilChannel(WaitDirection::Send) => "send to a nil channel",
        WaitObjectKind::EmptySelect => "select without cases",
        WaitObjectKind::Semaphore => "semaphore",
        WaitObjectKind::Mutex { .. } => "mutex",
        WaitObjectKind::RwMutex { writing: true, .. } => "write to rwmutex",
        WaitObjectKind::RwMutex { writing: false, .. } => "read from rwmutex",
        WaitObjectKind::WaitGroup { .. } => "wait group",
        WaitObjectKind::Cond => "condition",
        WaitObjectKind::Timer { .. } => "timer",
        WaitObjectKind::Network => "network",
    };
    let address = object.object.address;
    if address.is_null() { kind.into() } else { format!("{kind} {address}") }
}

/// Its state: `locked`, `cap 20, len 0`.
pub(crate) fn object_state(graph: &BlockingGraph<'_>, object: &BlockingObject) -> Vec<String> {
    let mut state = Vec::new();
    match object.object.kind {
        WaitObjectKind::Channel(_, channel) => {
            state.push(match channel.cap {
                0 => "unbuffered".into(),
                cap => format!("{} of {cap} in buffer", channel.len),
            });
            if channel.closed {
                state.push("closed".into());
            }
        }
        WaitObjectKind::Mutex { state: word } => {
            state.push(if word & 1 == 0 { "unlocked".into() } else { "locked".into() });
            if word & 4 != 0 {
                state.push("starving".into());
            }
        }
        WaitObjectKind::RwMutex { reader_count, reader_wait, .. } => {
            // A pending writer takes 2^30 off the count of readers.
            let readers = if reader_count < 0 { reader_count.wrapping_add(1 << 30) } else { reader_count };
            state.push(format!("{readers} reading or waiting to"));
            if reader_count < 0 {
                state.push(format!("a writer waits for {reader_wait} of them, or writes"));
            }
        }
        WaitObjectKind::WaitGroup { counter, .. } => state.push(format!("counter {counter}")),
        WaitObjectKind::Timer { when_ns: Some(when) } => state.push(fires(graph, when)),
        _ => {}
    }
    state.extend(object.deadline_ns.map(|when| fires(graph, when)));
    state
}

/// When a timer fires, from the snapshot on.
fn fires(graph: &BlockingGraph<'_>, when_ns: i64) -> String {
    match remaining_ms(graph, when_ns) {
        Some(ms) => format!("fires in {}", short_duration(ms)),
        None => "is due".into(),
    }
}

/// Milliseconds until a moment of the monotonic clock; `None` if it has passed.
pub(crate) fn remaining_ms(graph: &BlockingGraph<'_>, when_ns: i64) -> Option<u64> {
    let when = u64::try_from(when_ns).ok()?;
    Some(when.checked_sub(graph.snapshot.taken_at_monotonic_ns)? / 1_000_000)
}

/// `1 goroutine`, `2 goroutines`.
pub(crate) fn counted(count: u64, noun: &str) -> String {
    if count == 1 { format!("1 {noun}") } else { format!("{count} {noun}s") }
}
