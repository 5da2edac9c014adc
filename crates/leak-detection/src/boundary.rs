//! Which boundary a goroutine that does not end violates, and the frame that shows it.

use analysis::Meanings;
use snapshot::{Channel, FrameId, Goroutine, Status, WaitDirection, WaitObject, WaitObjectKind};

/// What should have let a goroutine end, and does not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum BoundaryKind {
    /// Something that lives still refers to what it waits on, and does not use it: a context that nobody cancels, a
    /// lock that is kept.
    Reference,
    /// It is blocked for good on something that nobody can or does use.
    Communication,
    /// The wait has no deadline, and no way to be given up.
    Timeout,
}

impl BoundaryKind {
    /// The word for it, as in outputs.
    pub fn name(self) -> &'static str {
        match self {
            BoundaryKind::Reference => "reference",
            BoundaryKind::Communication => "communication",
            BoundaryKind::Timeout => "timeout",
        }
    }
}

/// Who can reach what a goroutine waits on, by whoever has looked at the heap.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Reach {
    /// Nobody has looked.
    #[default]
    Unknown,
    /// Something that can still run.
    Alive,
    /// Nothing that can ever run.
    Nobody,
}

/// A boundary that is violated.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Boundary {
    /// Which.
    pub kind: BoundaryKind,
    /// The frame that shows it: the innermost one of the program's own code. `None` if there is none.
    pub frame: Option<FrameId>,
    /// Whether what it rests on leaves no other reading. Otherwise something was not visible: see the evidence.
    pub is_certain: bool,
    /// What it rests on, in words.
    pub evidence: Vec<String>,
}

/// The boundary that a goroutine violates; `None` for one that is not blocked, or whose wait ends by itself.
pub fn boundary(meanings: &Meanings<'_>, goroutine: &Goroutine, reach: Reach) -> Option<Boundary> {
    let snapshot = meanings.snapshot();
    let made = |kind, is_certain, evidence: &str| {
        let frame = meanings.place(goroutine);
        Some(Boundary { kind, frame, is_certain, evidence: vec![evidence.to_owned()] })
    };
    if goroutine.status == Status::Leaked {
        return made(BoundaryKind::Communication, true, "the target's own detector has called it leaked");
    }
    if goroutine.status != Status::Waiting {
        return None;
    }
    let objects = snapshot.waiting_on(goroutine);
    if !objects.is_empty() && objects.iter().all(is_nothing) {
        return made(
            BoundaryKind::Communication,
            true,
            "it waits on a nil channel or in a select without cases: nothing can wake it",
        );
    }
    if reach == Reach::Nobody {
        // A timer that is among it has been stopped, or the runtime would reach it.
        return made(BoundaryKind::Communication, true, "nothing that can run reaches what it waits on");
    }
    if objects.iter().any(is_timer) || snapshot.wait_reason(goroutine) == Some("sleep") {
        return None;
    }
    if reach == Reach::Alive {
        return made(BoundaryKind::Reference, true, "something that can run holds what it waits on");
    }
    let (kind, is_certain, evidence) = of_objects(objects, snapshot.wait_reason(goroutine)?)?;
    made(kind, is_certain, evidence)
}

/// What the objects alone say.
fn of_objects(objects: &[WaitObject], reason: &str) -> Option<(BoundaryKind, bool, &'static str)> {
    use BoundaryKind::{Communication, Reference, Timeout};
    if objects.iter().any(is_signal) {
        // What `Done` of a context looks like; a channel of one's own may do so, too.
        return Some((
            Reference,
            false,
            "a case of it can be ended by closing a channel, which nobody has done",
        ));
    }
    let found = match objects.first().map(|object| object.kind) {
        Some(WaitObjectKind::Channel(..) | WaitObjectKind::UnreadableChannel(_)) => {
            let readable = objects.iter().all(|o| !matches!(o.kind, WaitObjectKind::UnreadableChannel(_)));
            let evidence = match (objects.len(), objects.first().is_some_and(is_send)) {
                (1, true) => "a send with no deadline: no timer and no ctx.Done() beside it",
                (1, false) => "a receive with no deadline: no timer and no ctx.Done() beside it",
                _ => "a select with no deadline: no timer and no ctx.Done() among its cases",
            };
            (Timeout, readable, evidence)
        }
        Some(WaitObjectKind::Mutex { .. } | WaitObjectKind::RwMutex { .. }) => {
            (Reference, false, "somebody has kept the lock")
        }
        Some(WaitObjectKind::WaitGroup { .. }) => (Communication, false, "calls of Done are missing"),
        Some(WaitObjectKind::Cond) => (Communication, false, "nobody has called Signal or Broadcast"),
        Some(WaitObjectKind::Semaphore) => (Reference, false, "somebody has kept the semaphore"),
        Some(WaitObjectKind::Network) => {
            (Timeout, false, "a network wait; a deadline of it would not be visible")
        }
        Some(WaitObjectKind::Timer { .. }) => return None,
        Some(WaitObjectKind::NilChannel(_) | WaitObjectKind::EmptySelect) | None => {
            let evidence = match reason {
                "IO wait" => "a network wait; a deadline of it would not be visible",
                reason if reason.starts_with("chan ") || reason.starts_with("select") => {
                    "a channel wait whose channels could not be read"
                }
                _ => return None,
            };
            (Timeout, false, evidence)
        }
    };
    Some(found)
}

fn is_nothing(object: &WaitObject) -> bool {
    matches!(object.kind, WaitObjectKind::NilChannel(_) | WaitObjectKind::EmptySelect)
}

fn is_send(object: &WaitObject) -> bool {
    matches!(
        object.kind,
        WaitObjectKind::Channel(WaitDirection::Send, _)
            | WaitObjectKind::UnreadableChannel(WaitDirection::Send)
    )
}

/// Go before 1.23 does not mark the channels of timers: they hold one `time.Time`, 24 bytes.
fn is_timer(object: &WaitObject) -> bool {
    match object.kind {
        WaitObjectKind::Timer { .. } => true,
        WaitObjectKind::Channel(WaitDirection::Receive, Channel { timer, element_size, cap, .. }) => {
            timer || (element_size == 24 && cap == 1)
        }
        _ => false,
    }
}

/// A channel that tells nothing but that it was closed.
fn is_signal(object: &WaitObject) -> bool {
    matches!(
        object.kind,
        WaitObjectKind::Channel(WaitDirection::Receive, Channel { element_size: 0, cap: 0, .. })
    )
}
