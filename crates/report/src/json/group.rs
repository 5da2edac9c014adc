//! A group of goroutines as JSON.

use std::collections::BTreeMap;

use analysis::{AwaitedKind, Group};
use serde::{Serialize, Serializer};
use serde_json::value::RawValue;
use snapshot::{Snapshot, StackId, WaitingSince};

use crate::grouped::IDS_LISTED;

use super::goroutine::{PlaceJson, stack_json};
use super::stack_state_name;
use super::understanding::{RuleJson, UnderstandingJson};
use super::wait_object::WaitObjectJson;

#[derive(Serialize)]
pub(super) struct GroupJson<'a> {
    count: u64,
    by_status: BTreeMap<&'static str, u64>,
    by_wait_reason: BTreeMap<&'a str, u64>,
    longest_wait_ms: Option<u64>,
    median_wait_ms: Option<u64>,
    #[serde(flatten)]
    understanding: UnderstandingJson,
    #[serde(flatten)]
    rule: RuleJson<'a>,
    object: Option<WaitObjectJson>,
    objects: BTreeMap<&'static str, u64>,
    fingerprint: Option<String>,
    distinct_stacks: u64,
    ids: Vec<u64>,
    is_runtime: bool,
    created_by: Option<PlaceJson<'a>>,
    entry: Option<PlaceJson<'a>>,
    stack: StackJson<'a>,
    stack_complete: bool,
    stack_state: &'static str,
}

impl<'a> GroupJson<'a> {
    pub(super) fn new(snapshot: &'a Snapshot, group: &'a Group) -> Self {
        let tables = &snapshot.tables;
        let reason = |&(reason, count): &(_, u64)| (tables.text(reason), count);
        let stack = tables.stacks.get(group.stack);
        GroupJson {
            count: group.count,
            by_status: group.statuses.iter().map(|(status, count)| (status.name(), *count)).collect(),
            by_wait_reason: group.wait_reasons.iter().map(reason).collect(),
            longest_wait_ms: group.longest_wait.map(WaitingSince::ms),
            median_wait_ms: group.median_wait_ms,
            understanding: UnderstandingJson::new(&group.understanding),
            rule: RuleJson::new(&group.understanding),
            object: group.awaited.shared.as_ref().map(WaitObjectJson::new),
            objects: group
                .awaited
                .distinct
                .iter()
                .map(|(kind, count)| (object_name(*kind), *count))
                .collect(),
            fingerprint: group.fingerprint.map(|fingerprint| fingerprint.to_string()),
            distinct_stacks: group.distinct_stacks,
            ids: group.ids.iter().take(IDS_LISTED).map(|id| id.0).collect(),
            is_runtime: group.is_runtime,
            created_by: PlaceJson::of(snapshot, group.created_by),
            entry: PlaceJson::of(snapshot, group.entry),
            stack: StackJson(snapshot, group.stack),
            stack_complete: stack.is_some_and(|stack| stack.complete && !stack.frames.is_empty()),
            stack_state: stack_state_name(group.stack_state),
        }
    }
}

/// The key of a kind of objects.
fn object_name(kind: AwaitedKind) -> &'static str {
    match kind {
        AwaitedKind::ChannelReceive => "channel_receive",
        AwaitedKind::ChannelSend => "channel_send",
        AwaitedKind::Nothing => "nothing",
        AwaitedKind::Mutex => "mutex",
        AwaitedKind::RwMutex => "rwmutex",
        AwaitedKind::WaitGroup => "waitgroup",
        AwaitedKind::Cond => "cond",
        AwaitedKind::Semaphore => "semaphore",
        AwaitedKind::Timer => "timer",
        AwaitedKind::Network => "network",
    }
}

struct StackJson<'a>(&'a Snapshot, StackId);

impl Serialize for StackJson<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let stack: Box<RawValue> = stack_json(self.0, self.1).map_err(serde::ser::Error::custom)?;
        stack.serialize(serializer)
    }
}
