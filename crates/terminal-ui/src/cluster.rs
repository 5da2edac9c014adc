//! Goroutines with equal stacks as a row of a table, comparable from look to look.

use std::hash::{Hash, Hasher};
use std::sync::Arc;

use analysis::{Group, Meanings, group, own_function};
use report::{ShownStack, awaited_text, write_stack};
use rustc_hash::{FxHashMap, FxHasher};
use snapshot::{FrameId, Goroutine, GoroutineId, Snapshot, Status, Tables, WaitingSince};

use crate::text::{lines, printable};

/// Texts of stacks that are kept though no cluster of the last look has them.
const STACKS_KEPT: usize = 5000;

/// What tells a cluster from others, in all looks at a process: places in the source, not ids of tables.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ClusterKey(pub u64);

/// Goroutines with equal stacks that were started at the same place. All texts are safe to show.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cluster {
    /// Which it is.
    pub key: ClusterKey,
    /// How many there are.
    pub count: u64,
    /// What most of them do.
    pub status: Status,
    /// Counts by status and by wait reason, most frequent first: `chan receive 3, running 1`.
    pub doing: String,
    /// The longest wait among them, as far as known.
    pub longest_wait: Option<WaitingSince>,
    /// The name of what they are doing.
    pub meaning: String,
    /// The same in words, for whom, and what to do about it.
    pub meant: Vec<String>,
    /// The function that stands for the stack.
    pub function: String,
    /// The stack, as `gostat dump --group` prints it.
    pub stack: Arc<[String]>,
    /// The first of their ids.
    pub ids: Vec<GoroutineId>,
    /// Whether they are the runtime's own.
    pub is_runtime: bool,
}

/// Texts of stacks, each once for all looks.
#[derive(Debug, Default)]
pub struct StackTexts(FxHashMap<ClusterKey, Arc<[String]>>);

impl StackTexts {
    fn of(&mut self, snapshot: &Snapshot, key: ClusterKey, stack: &ShownStack) -> Arc<[String]> {
        if self.0.len() > STACKS_KEPT {
            self.0.retain(|_, text| Arc::strong_count(text) > 1);
        }
        let text = self.0.entry(key).or_insert_with(|| stack_lines(snapshot, stack).into());
        Arc::clone(text)
    }
}

/// A stack as text.
pub(crate) fn stack_lines(snapshot: &Snapshot, stack: &ShownStack) -> Vec<String> {
    let mut text = Vec::new();
    // Writing to memory does not fail.
    let _ = write_stack(snapshot, stack, &mut text);
    lines(&text).iter().map(|line| line.strip_prefix("    ").unwrap_or(line).to_owned()).collect()
}

/// The key of the cluster that a stack makes.
pub(crate) fn key_of(tables: &Tables, shown: &ShownStack) -> ClusterKey {
    let mut hasher = FxHasher::default();
    let place = |id: Option<FrameId>, hasher: &mut FxHasher| {
        if let Some(frame) = id.and_then(|id| tables.frames.get(id)) {
            (tables.text(frame.function), tables.text(frame.file), frame.line).hash(hasher);
        }
    };
    let mut frames = 0_u32;
    for frame in tables.frames_of(shown.stack) {
        (tables.text(frame.function), tables.text(frame.file), frame.line).hash(&mut hasher);
        frames += 1;
    }
    (frames, shown.is_runtime, tables.stacks.get(shown.stack).is_some_and(|stack| stack.complete))
        .hash(&mut hasher);
    place(shown.created_by, &mut hasher);
    if frames == 0 {
        shown.stack_state.hash(&mut hasher);
        place(shown.entry, &mut hasher);
    }
    ClusterKey(hasher.finish())
}

/// The clusters of some goroutines, the largest first.
pub(crate) fn clusters<'g>(
    meanings: &Meanings<'_>,
    goroutines: impl IntoIterator<Item = &'g Goroutine>,
    stacks: &mut StackTexts,
) -> Vec<Cluster> {
    let groups = group(meanings, goroutines);
    groups.iter().map(|group| cluster(meanings.snapshot(), group, stacks)).collect()
}

fn cluster(snapshot: &Snapshot, group: &Group, stacks: &mut StackTexts) -> Cluster {
    let tables = &snapshot.tables;
    let shown = ShownStack::from(group);
    let key = key_of(tables, &shown);
    let text = |id: Option<FrameId>| {
        id.and_then(|id| tables.frames.get(id)).map(|frame| tables.text(frame.function))
    };
    let function = own_function(tables, group.stack).or_else(|| text(group.entry)).unwrap_or("(no stack)");
    Cluster {
        key,
        count: group.count,
        status: group.statuses.first().map_or(Status::Dead, |(status, _)| *status),
        doing: doing(tables, group),
        longest_wait: group.longest_wait,
        meaning: group.understanding.name().map(printable).unwrap_or_default(),
        meant: meant(group),
        function: printable(function),
        stack: stacks.of(snapshot, key, &shown),
        ids: group.ids.iter().take(10).copied().collect(),
        is_runtime: group.is_runtime,
    }
}

fn doing(tables: &Tables, group: &Group) -> String {
    let mut parts: Vec<(String, u64)> =
        group.wait_reasons.iter().map(|(reason, count)| (printable(tables.text(*reason)), *count)).collect();
    let waiting: u64 = parts.iter().map(|(_, count)| count).sum();
    let others = group
        .statuses
        .iter()
        .filter(|(status, count)| !matches!(status, Status::Waiting | Status::Leaked) || *count > waiting);
    parts.extend(others.map(|(status, count)| (status.name().to_owned(), *count)));
    parts.sort_by(|(_, a), (_, b)| b.cmp(a));
    match parts.as_slice() {
        [(only, _)] => only.clone(),
        several => {
            several.iter().map(|(what, count)| format!("{what} {count}")).collect::<Vec<_>>().join(", ")
        }
    }
}

fn meant(group: &Group) -> Vec<String> {
    let understanding = &group.understanding;
    let mut lines = Vec::new();
    if let Some(rule) = &understanding.rule {
        lines.push(printable(&rule.title));
    }
    let derived =
        [("owner", &understanding.owner), ("route", &understanding.route), ("pool", &understanding.pool)];
    let derived: Vec<String> = derived
        .iter()
        .filter_map(|(what, text)| text.as_ref().map(|text| format!("{what} {}", printable(text))))
        .collect();
    if !derived.is_empty() && !group.is_runtime {
        lines.push(derived.join("; "));
    }
    lines.extend(awaited_text(group).map(|text| printable(&text)));
    match (understanding.healthy(), &understanding.rule) {
        (Some(healthy), _) => lines.push(format!("healthy: {}", printable(healthy))),
        (None, Some(rule)) if group.count > 1 => lines.push(format!("if many: {}", printable(&rule.advice))),
        _ => {}
    }
    lines
}
