//! Merging goroutines that do the same thing.

use rustc_hash::FxHashMap;
use snapshot::{
    Frame, FrameId, Goroutine, GoroutineId, Snapshot, StackId, StackState, Status, StringId, Tables,
    WaitingSince,
};

/// How many ids a group lists: enough to look at a few of them.
pub const IDS_LISTED: usize = 10;

/// Goroutines with equal stacks that were started at the same place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    /// How many there are.
    pub count: u64,
    /// Their stack: that of the first of them. Stacks are equal if their functions, files and lines are.
    pub stack: StackId,
    /// How that stack was had; goroutines without one are grouped by why, and by [`Group::entry`].
    pub stack_state: StackState,
    /// The `go` statement that started them.
    pub created_by: Option<FrameId>,
    /// The function that they were started with.
    pub entry: Option<FrameId>,
    /// Whether they are the runtime's own.
    pub is_runtime: bool,
    /// Counts by status, most frequent first.
    pub statuses: Vec<(Status, u64)>,
    /// Counts by wait reason of those that wait, most frequent first.
    pub wait_reasons: Vec<(StringId, u64)>,
    /// The longest wait among them, as far as known.
    pub longest_wait: Option<WaitingSince>,
    /// The lowest of their ids, ascending, at most [`IDS_LISTED`].
    pub ids: Vec<GoroutineId>,
}

/// What makes a stack: places instead of addresses, so that two calls on one line are the same.
#[derive(PartialEq, Eq, Hash)]
struct Places(Vec<Place>, bool);

/// What makes a frame: function, file, line.
type Place = (StringId, StringId, u32);

#[derive(PartialEq, Eq, Hash)]
struct Key {
    stack: usize,
    missing: Option<(StackState, Option<Place>)>,
    created_by: Option<Place>,
    is_runtime: bool,
}

#[derive(Default)]
struct Tally {
    statuses: FxHashMap<Status, u64>,
    wait_reasons: FxHashMap<StringId, u64>,
}

/// Groups goroutines of a snapshot; the largest group comes first, equal ones in order of their ids.
pub fn group<'a>(snapshot: &Snapshot, goroutines: impl IntoIterator<Item = &'a Goroutine>) -> Vec<Group> {
    let tables = &snapshot.tables;
    let mut stacks: FxHashMap<StackId, usize> = FxHashMap::default();
    let mut places: FxHashMap<Places, usize> = FxHashMap::default();
    let mut positions: FxHashMap<Key, usize> = FxHashMap::default();
    let mut groups: Vec<(Group, Tally)> = Vec::new();

    for goroutine in goroutines {
        let stack = *stacks.entry(goroutine.stack).or_insert_with(|| {
            let next = places.len();
            *places.entry(places_of(tables, goroutine.stack)).or_insert(next)
        });
        let has_stack = tables.frames_of(goroutine.stack).next().is_some();
        let place = |id: Option<FrameId>| id.and_then(|id| tables.frames.get(id)).map(place);
        let key = Key {
            stack,
            missing: (!has_stack).then(|| (goroutine.stack_state, place(goroutine.entry))),
            created_by: place(goroutine.created_by),
            is_runtime: goroutine.is_runtime,
        };
        let position = *positions.entry(key).or_insert_with(|| {
            groups.push((empty_group(goroutine), Tally::default()));
            groups.len() - 1
        });
        if let Some((group, tally)) = groups.get_mut(position) {
            add(group, tally, goroutine);
        }
    }

    let finished = groups.into_iter().map(|(group, tally)| Group {
        statuses: most_frequent_first(tally.statuses),
        wait_reasons: most_frequent_first(tally.wait_reasons),
        ..group
    });
    let mut groups: Vec<Group> = finished.collect();
    groups.sort_by(|a, b| b.count.cmp(&a.count).then_with(|| a.ids.cmp(&b.ids)));
    groups
}

fn places_of(tables: &Tables, stack: StackId) -> Places {
    let complete = tables.stacks.get(stack).is_none_or(|stack| stack.complete);
    Places(tables.frames_of(stack).map(place).collect(), complete)
}

fn place(frame: &Frame) -> Place {
    (frame.function, frame.file, frame.line)
}

fn empty_group(first: &Goroutine) -> Group {
    Group {
        count: 0,
        stack: first.stack,
        stack_state: first.stack_state,
        created_by: first.created_by,
        entry: first.entry,
        is_runtime: first.is_runtime,
        statuses: Vec::new(),
        wait_reasons: Vec::new(),
        longest_wait: None,
        ids: Vec::new(),
    }
}

fn add(group: &mut Group, tally: &mut Tally, goroutine: &Goroutine) {
    group.count += 1;
    *tally.statuses.entry(goroutine.status).or_default() += 1;
    if let Some(reason) = goroutine.wait_reason {
        *tally.wait_reasons.entry(reason).or_default() += 1;
    }
    let wait = |since: Option<WaitingSince>| since.map(WaitingSince::ms);
    if wait(goroutine.waiting_since) > wait(group.longest_wait) {
        group.longest_wait = goroutine.waiting_since;
    }
    let at = group.ids.partition_point(|id| *id < goroutine.id);
    if at < IDS_LISTED {
        group.ids.insert(at, goroutine.id);
        group.ids.truncate(IDS_LISTED);
    }
}

fn most_frequent_first<T: Ord + Copy>(counts: FxHashMap<T, u64>) -> Vec<(T, u64)> {
    let mut counts: Vec<_> = counts.into_iter().collect();
    counts.sort_by(|(a, count_a), (b, count_b)| count_b.cmp(count_a).then_with(|| a.cmp(b)));
    counts
}
