//! Merging goroutines that do the same thing.

use std::sync::Arc;

use rustc_hash::FxHashMap;
use snapshot::{
    Frame, FrameId, Goroutine, GoroutineId, StackId, StackState, Status, StringId, Tables, WaitingSince,
};

use crate::awaited::{Awaited, Waiters};
use crate::fingerprint::Fingerprint;
use crate::meaning::{Meanings, Understanding};
use crate::similar::clusters_of_stacks;

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
    /// The median wait of those of whom it is known, milliseconds (of an even number, the longer of the middle two).
    pub median_wait_ms: Option<u64>,
    /// What most of them are doing, for whom.
    pub understanding: Arc<Understanding>,
    /// What they wait on.
    pub awaited: Awaited,
    /// The fingerprint of [`Group::stack`]; `None` if there is no stack.
    pub fingerprint: Option<Fingerprint>,
    /// How many different stacks they have: 1, unless the group was made by [`group_similar`].
    pub distinct_stacks: u64,
    /// Their ids, ascending.
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
    waits_ms: Vec<u64>,
    waiters: Waiters,
    /// By where the shared decision lies in memory: it is one for all in one situation.
    understandings: FxHashMap<*const Understanding, (u64, Arc<Understanding>)>,
}

/// Groups goroutines of a snapshot; the largest group comes first, equal ones in order of their ids.
pub fn group<'a>(meanings: &Meanings<'_>, goroutines: impl IntoIterator<Item = &'a Goroutine>) -> Vec<Group> {
    finish(meanings, gather(meanings, goroutines))
}

/// Groups goroutines whose stacks are nearly the same code (see [`clusters_of_stacks`]), whoever started them. A group
/// shows the stack of its largest part.
pub fn group_similar<'a>(
    meanings: &Meanings<'_>,
    goroutines: impl IntoIterator<Item = &'a Goroutine>,
) -> Vec<Group> {
    let mut parts = gather(meanings, goroutines);
    // The largest part of a cluster represents it, and the largest are compared if there are too many.
    parts.sort_by(|(a, _), (b, _)| b.count.cmp(&a.count).then_with(|| a.ids.cmp(&b.ids)));
    let stacks: Vec<StackId> = parts.iter().map(|(group, _)| group.stack).collect();
    let clusters = clusters_of_stacks(&meanings.snapshot().tables, &stacks);
    let mut positions: FxHashMap<(usize, bool), usize> = FxHashMap::default();
    let mut merged: Vec<(Group, Tally)> = Vec::new();
    for ((group, tally), cluster) in parts.into_iter().zip(clusters) {
        let next = merged.len();
        // The runtime's own goroutines stay apart, and those without a stack, as in the groups of equal ones.
        let known = cluster.map(|cluster| *positions.entry((cluster, group.is_runtime)).or_insert(next));
        match known.and_then(|at| merged.get_mut(at)) {
            Some((into, into_tally)) => merge(into, into_tally, group, tally),
            None => merged.push((group, tally)),
        }
    }
    finish(meanings, merged)
}

fn gather<'a>(
    meanings: &Meanings<'_>,
    goroutines: impl IntoIterator<Item = &'a Goroutine>,
) -> Vec<(Group, Tally)> {
    let tables = &meanings.snapshot().tables;
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
            add(meanings, group, tally, goroutine);
        }
    }
    groups
}

fn finish(meanings: &Meanings<'_>, groups: Vec<(Group, Tally)>) -> Vec<Group> {
    let finished = groups.into_iter().map(|(mut group, tally)| {
        group.ids.sort_unstable();
        Group {
            median_wait_ms: median(tally.waits_ms),
            understanding: most_frequent(tally.understandings),
            awaited: tally.waiters.awaited(),
            fingerprint: Fingerprint::of(&meanings.snapshot().tables, group.stack),
            statuses: most_frequent_first(tally.statuses),
            wait_reasons: most_frequent_first(tally.wait_reasons),
            ..group
        }
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
        median_wait_ms: None,
        understanding: Arc::default(),
        awaited: Awaited::default(),
        fingerprint: None,
        distinct_stacks: 1,
        ids: Vec::new(),
    }
}

fn add(meanings: &Meanings<'_>, group: &mut Group, tally: &mut Tally, goroutine: &Goroutine) {
    group.count += 1;
    *tally.statuses.entry(goroutine.status).or_default() += 1;
    if let Some(reason) = goroutine.wait_reason {
        *tally.wait_reasons.entry(reason).or_default() += 1;
    }
    tally.waits_ms.extend(goroutine.waiting_since.map(WaitingSince::ms));
    tally.waiters.add(meanings.snapshot().waiting_on(goroutine));
    let understanding = meanings.of(goroutine);
    tally.understandings.entry(Arc::as_ptr(&understanding)).or_insert((0, understanding)).0 += 1;
    note_wait(group, goroutine.waiting_since);
    group.ids.push(goroutine.id);
}

fn merge(group: &mut Group, tally: &mut Tally, other: Group, other_tally: Tally) {
    // The parts were told apart by their stacks, and by who started them.
    group.distinct_stacks += u64::from(other.stack != group.stack);
    group.count += other.count;
    for (status, count) in other_tally.statuses {
        *tally.statuses.entry(status).or_default() += count;
    }
    for (reason, count) in other_tally.wait_reasons {
        *tally.wait_reasons.entry(reason).or_default() += count;
    }
    tally.waits_ms.extend(other_tally.waits_ms);
    tally.waiters.merge(other_tally.waiters);
    for (key, (count, understanding)) in other_tally.understandings {
        tally.understandings.entry(key).or_insert((0, understanding)).0 += count;
    }
    note_wait(group, other.longest_wait);
    group.ids.extend(other.ids);
    if other.created_by != group.created_by {
        group.created_by = None;
    }
}

fn note_wait(group: &mut Group, wait: Option<WaitingSince>) {
    if wait.map(WaitingSince::ms) > group.longest_wait.map(WaitingSince::ms) {
        group.longest_wait = wait;
    }
}

fn median(mut waits_ms: Vec<u64>) -> Option<u64> {
    let middle = waits_ms.len() / 2;
    if waits_ms.is_empty() { None } else { Some(*waits_ms.select_nth_unstable(middle).1) }
}

/// What most members are doing; of equally frequent ones, the first by name, owner and route.
fn most_frequent(
    understandings: FxHashMap<*const Understanding, (u64, Arc<Understanding>)>,
) -> Arc<Understanding> {
    let order =
        |u: &Understanding| (u.name().map(str::to_owned), u.owner.clone(), u.route.clone(), u.pool.clone());
    let most = understandings
        .into_values()
        .max_by(|(a, left), (b, right)| a.cmp(b).then_with(|| order(right).cmp(&order(left))));
    most.map(|(_, understanding)| understanding).unwrap_or_default()
}

fn most_frequent_first<T: Ord + Copy>(counts: FxHashMap<T, u64>) -> Vec<(T, u64)> {
    let mut counts: Vec<_> = counts.into_iter().collect();
    counts.sort_by(|(a, count_a), (b, count_b)| count_b.cmp(count_a).then_with(|| a.cmp(b)));
    counts
}
