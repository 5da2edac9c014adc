//! When a rule fits: conditions, of which all that are given must hold.

use snapshot::{Goroutine, Snapshot, Status, WaitDirection, WaitObjectKind};

use super::function_patterns::{Matches, PatternId};

/// The conditions of a rule. An empty list asks nothing; of a list, one entry has to fit.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub(super) struct Conditions {
    /// Wait reasons; a `*` at the end stands for any rest.
    pub(super) reasons: Vec<String>,
    pub(super) statuses: Vec<Status>,
    pub(super) waits_on: ObjectKinds,
    /// Of any frame.
    pub(super) functions: Vec<PatternId>,
    pub(super) innermost: Vec<PatternId>,
    /// Of the innermost frame that is not of the standard library.
    pub(super) caller: Vec<PatternId>,
    pub(super) entry: Vec<PatternId>,
    pub(super) creator: Vec<PatternId>,
    /// Of no frame.
    pub(super) without: Vec<PatternId>,
    pub(super) runtime: Option<bool>,
}

/// What conditions look at.
#[derive(Debug)]
pub(super) struct Facts<'a> {
    pub(super) reason: Option<&'a str>,
    pub(super) status: Status,
    pub(super) objects: ObjectKinds,
    pub(super) is_runtime: bool,
    pub(super) functions: &'a Matches,
    pub(super) innermost: &'a Matches,
    pub(super) caller: &'a Matches,
    pub(super) entry: &'a Matches,
    pub(super) creator: &'a Matches,
}

impl Conditions {
    /// Whether nothing is asked.
    pub(super) fn are_none(&self) -> bool {
        *self == Conditions { without: self.without.clone(), ..Conditions::default() }
    }

    pub(super) fn hold(&self, facts: &Facts<'_>) -> bool {
        let any = |patterns: &[PatternId], of: &Matches| patterns.is_empty() || of.any(patterns);
        self.runtime.is_none_or(|runtime| runtime == facts.is_runtime)
            && (self.statuses.is_empty() || self.statuses.contains(&facts.status))
            && (self.reasons.is_empty() || facts.reason.is_some_and(|reason| self.has_reason(reason)))
            && (self.waits_on == ObjectKinds::default() || self.waits_on.overlap(facts.objects))
            && any(&self.functions, facts.functions)
            && any(&self.innermost, facts.innermost)
            && any(&self.caller, facts.caller)
            && any(&self.entry, facts.entry)
            && any(&self.creator, facts.creator)
            && !facts.functions.any(&self.without)
    }

    fn has_reason(&self, reason: &str) -> bool {
        // Waiting in a synctest bubble adds a mark to the same words (Go 1.25 and later).
        let reason = reason.trim_end_matches(" (durable)").trim_end_matches(" (synctest)");
        self.reasons.iter().any(|wanted| match wanted.strip_suffix('*') {
            Some(start) => reason.starts_with(start),
            None => wanted == reason,
        })
    }
}

/// A set of kinds of objects that are waited on.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub(super) struct ObjectKinds(u16);

const KINDS: [&str; 13] = [
    "channel_receive",
    "channel_send",
    "timer_channel",
    "nil_channel",
    "empty_select",
    "semaphore",
    "mutex",
    "rwmutex",
    "waitgroup",
    "cond",
    "timer",
    "network",
    "signal_channel",
];

impl ObjectKinds {
    /// What a rule file may say.
    pub(super) const EXPECTED: &'static str = "one of channel_receive, channel_send, timer_channel, signal_channel, \
        nil_channel, empty_select, semaphore, mutex, rwmutex, waitgroup, cond, timer, network";

    pub(super) fn named(name: &str) -> Option<ObjectKinds> {
        let bit = KINDS.iter().position(|kind| *kind == name)?;
        Some(ObjectKinds(1 << bit))
    }

    pub(super) fn add(&mut self, other: ObjectKinds) {
        self.0 |= other.0;
    }

    fn overlap(self, other: ObjectKinds) -> bool {
        self.0 & other.0 != 0
    }

    /// The kinds that a goroutine waits on.
    pub(super) fn of(snapshot: &Snapshot, goroutine: &Goroutine) -> ObjectKinds {
        let mut kinds = ObjectKinds::default();
        for object in snapshot.waiting_on(goroutine) {
            let name = match object.kind {
                WaitObjectKind::Channel(WaitDirection::Receive, channel) => {
                    match (channel.timer, channel.element_size) {
                        (true, _) => "timer_channel",
                        // Nothing to receive but that it is closed: what `Done` of a context is.
                        (false, 0) => "signal_channel",
                        _ => "channel_receive",
                    }
                }
                WaitObjectKind::UnreadableChannel(WaitDirection::Receive) => "channel_receive",
                WaitObjectKind::Channel(WaitDirection::Send, _)
                | WaitObjectKind::UnreadableChannel(WaitDirection::Send) => "channel_send",
                WaitObjectKind::NilChannel(_) => "nil_channel",
                WaitObjectKind::EmptySelect => "empty_select",
                WaitObjectKind::Semaphore => "semaphore",
                WaitObjectKind::Mutex { .. } => "mutex",
                WaitObjectKind::RwMutex { .. } => "rwmutex",
                WaitObjectKind::WaitGroup { .. } => "waitgroup",
                WaitObjectKind::Cond => "cond",
                WaitObjectKind::Timer { .. } => "timer",
                WaitObjectKind::Network => "network",
            };
            kinds.add(ObjectKinds::named(name).unwrap_or_default());
        }
        kinds
    }
}
