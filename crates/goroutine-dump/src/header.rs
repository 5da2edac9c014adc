//! The first line of a goroutine: `goroutine 18 [chan receive, 3 minutes]:`.

use std::fmt::{self, Write};

use snapshot::{Goroutine, Printable, Snapshot, Status};

use crate::labels::{LabelForm, write_labels};

const MS_PER_MINUTE: u64 = 60_000;

/// Wait reasons at which `testing/synctest` counts a goroutine of a bubble as idle (`isIdleInSynctest` of
/// the runtime's runtime2.go); those that end in `(durable)` themselves are not repeated here.
const IDLE_IN_SYNCTEST: [&str; 8] = [
    "chan receive (nil chan)",
    "chan send (nil chan)",
    "select (no cases)",
    "sleep",
    "sync.Cond.Wait",
    "coroutine",
    "synctest.Run",
    "synctest.Wait",
];

/// Whether the runtime adds `(durable)` to a wait reason in a synctest bubble.
pub(crate) fn is_marked_durable(wait_reason: &str) -> bool {
    IDLE_IN_SYNCTEST.contains(&wait_reason)
}

/// Appends the header line of a goroutine, as the runtime's `goroutineheader` prints it.
pub(crate) fn write_header(
    out: &mut String,
    snapshot: &Snapshot,
    goroutine: &Goroutine,
    labels: Option<LabelForm>,
) -> fmt::Result {
    let waits = matches!(goroutine.status, Status::Waiting | Status::Leaked);
    let reason = snapshot.wait_reason(goroutine).filter(|reason| waits && !reason.is_empty());
    write!(out, "goroutine {} [", goroutine.id.0)?;
    match reason {
        Some(reason) => write!(out, "{}", Printable(reason))?,
        None => out.push_str(goroutine.status.name()),
    }
    if goroutine.status == Status::Leaked {
        out.push_str(" (leaked)");
    }
    if goroutine.scanning {
        out.push_str(" (scan)");
    }
    if goroutine.bubble.is_some()
        && goroutine.status == Status::Waiting
        && reason.is_some_and(is_marked_durable)
    {
        out.push_str(" (durable)");
    }
    let blocked = matches!(goroutine.status, Status::Waiting | Status::Syscall);
    let minutes = goroutine.waiting_since.map_or(0, |since| since.ms() / MS_PER_MINUTE);
    if blocked && minutes > 0 {
        write!(out, ", {minutes} minutes")?;
    }
    if goroutine.locked_to_thread {
        out.push_str(", locked to thread");
    }
    if let Some(bubble) = goroutine.bubble {
        write!(out, ", synctest bubble {bubble}")?;
    }
    let form = labels.filter(|_| snapshot.labels(goroutine).next().is_some());
    match form {
        None => out.push_str("]:\n"),
        Some(LabelForm::Inside) => {
            out.push_str(" labels:");
            write_labels(out, LabelForm::Inside, snapshot.labels(goroutine))?;
            out.push_str("]:\n");
        }
        Some(LabelForm::Behind) => {
            out.push_str("] ");
            write_labels(out, LabelForm::Behind, snapshot.labels(goroutine))?;
            out.push_str(":\n");
        }
    }
    Ok(())
}
