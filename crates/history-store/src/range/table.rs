//! The table of a range: a value for each group and slot.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::ops::Range;

use crate::block::{Block, Facet, Key, Point, Values, added_up};
use crate::query::Value;
use crate::range::{Grid, GroupKey, Grouping};

/// Cells that are worked on at once: as many as stay in the processor's cache. A day of every tick and figure has half a
/// million, and having the kernel find memory for all of these would take longer than everything else.
const CELLS_AT_ONCE: usize = 1 << 16;

/// The table while it is being filled, process by process, some groups at a time.
pub(crate) struct Table<'g> {
    grouping: &'g Grouping,
    groups: Vec<GroupKey>,
    slots: usize,
    /// The ticks of the process that is being added.
    looks: Vec<Looks>,
    /// The groups that are being added, and their cells.
    current: Range<usize>,
    cells: Vec<Vec<Cell>>,
    points_seen: u64,
    /// Of all processes before it; empty if there is none.
    values: Vec<Vec<Option<Value>>>,
}

/// What a process was in a slot.
#[derive(Debug, Clone, Copy, Default)]
struct Cell {
    /// Ticks that are in the other figures.
    ticks: u64,
    sum: i64,
    /// Least and most; none where they are not known exactly.
    bounds: Option<(i64, i64)>,
    last: i64,
    /// The number of the point that `last` is from, and 0 if there is none.
    last_point: u64,
}

/// The ticks of a process in a slot that say something about the range's subject.
#[derive(Debug, Clone, Copy, Default)]
struct Looks {
    ticks: u64,
    last_point: u64,
    last_looked: bool,
}

impl<'g> Table<'g> {
    /// An empty table for these groups.
    pub(crate) fn new(grouping: &'g Grouping, groups: Vec<GroupKey>, slots: usize) -> Table<'g> {
        Table {
            grouping,
            slots,
            looks: vec![Looks::default(); slots],
            current: 0..0,
            cells: Vec::new(),
            points_seen: 0,
            values: vec![Vec::new(); groups.len()],
            groups,
        }
    }

    /// Begins a process.
    pub(crate) fn begin_process(&mut self) {
        self.looks.fill(Looks::default());
        self.current = 0..0;
        self.points_seen = 0;
    }

    /// Takes in when a block of the process had ticks; blocks come in the order in which they were written, here and in
    /// [`Table::add`].
    pub(crate) fn look(&mut self, block: &Block, grid: &mut Grid) {
        for point in &block.points {
            self.points_seen += 1;
            if let Some(slot) = grid.slot_at(point.at_ms) {
                self.look_at(point, slot, grid);
            }
        }
    }

    /// Goes on to the next groups of the process; false if there are none. All blocks are to be added for each: where that
    /// is costly, all groups are added at once.
    pub(crate) fn next_groups(&mut self, all: bool) -> bool {
        self.end_groups();
        let at_once = if all { self.groups.len() } else { (CELLS_AT_ONCE / self.slots.max(1)).max(1) };
        let first = self.current.end;
        self.current = first..first.saturating_add(at_once).min(self.groups.len());
        self.cells.resize_with(self.current.len(), Vec::new);
        for cells in &mut self.cells {
            cells.clear();
            cells.resize(self.slots, Cell::default());
        }
        self.points_seen = 0;
        !self.current.is_empty()
    }

    /// Adds a block to the current groups.
    pub(crate) fn add(&mut self, block: &Block, rolled_up: bool, grid: &Grid) {
        let slots: Vec<Option<usize>> = block.points.iter().map(|point| grid.slot_at(point.at_ms)).collect();
        let first_point = self.points_seen + 1;
        self.points_seen += block.points.len() as u64;
        for (group, members) in self.members(block) {
            let columns = Columns::of(block, self.groups.get(group).copied(), &members, rolled_up);
            let Some(cells) = self.cells.get_mut(group - self.current.start) else { continue };
            columns.each_sample(block, self.grouping.needs_stacks(), |index, sample| {
                let slot = slots.get(index as usize).copied().flatten();
                if let Some(cell) = slot.and_then(|slot| cells.get_mut(slot)) {
                    cell.add(&sample, first_point + u64::from(index));
                }
            });
        }
    }

    fn look_at(&mut self, point: &Point, slot: usize, grid: &mut Grid) {
        let needs_stacks = self.grouping.needs_stacks();
        if let Some(looks) = self.looks.get_mut(slot) {
            looks.ticks += if needs_stacks { point.full } else { point.ticks };
            looks.last_point = self.points_seen;
            looks.last_looked = point.last_full || !needs_stacks;
        }
        if let Some(slot) = grid.slots.get_mut(slot) {
            slot.ticks += point.ticks;
            slot.counts_only += point.ticks.saturating_sub(point.full);
            slot.unread = slot.unread.max(point.unread);
        }
    }

    /// The series of a block in the current groups, by the index of the group.
    fn members(&self, block: &Block) -> BTreeMap<usize, Vec<Key>> {
        let places: BTreeMap<GroupKey, usize> =
            self.groups.iter().enumerate().map(|(index, group)| (*group, index)).collect();
        let rest = places.get(&GroupKey::Rest);
        let mut members: BTreeMap<usize, Vec<Key>> = BTreeMap::new();
        for (key, _) in block.columns.keys() {
            let Some(group) = self.grouping.group(*key) else { continue };
            if let Some(&index) = places.get(&group).or(rest).filter(|index| self.current.contains(index)) {
                let keys = members.entry(index).or_default();
                // The columns of a series are neighbours.
                if keys.last() != Some(key) {
                    keys.push(*key);
                }
            }
        }
        members
    }

    /// Ends the current groups: what the process was is added to what the others were.
    fn end_groups(&mut self) {
        let groups = self.groups.iter().zip(&mut self.values).skip(self.current.start);
        for ((group, values), cells) in groups.zip(&self.cells).take(self.current.len()) {
            let found = cells.iter().zip(&self.looks).map(|(cell, looks)| match group {
                GroupKey::Measure(..) => cell.measured(looks),
                _ => cell.counted(looks),
            });
            if values.is_empty() {
                values.extend(found);
            } else {
                values.iter_mut().zip(found).for_each(|(value, found)| *value = added(*value, found));
            }
        }
    }

    /// The groups with their values.
    pub(crate) fn into_series(self) -> impl Iterator<Item = (GroupKey, Vec<Option<Value>>)> {
        let slots = self.slots;
        let unknown = move |(group, values): (_, Vec<_>)| {
            (group, if values.is_empty() { vec![None; slots] } else { values })
        };
        self.groups.into_iter().zip(self.values).map(unknown)
    }
}

/// The columns of one group in one block.
struct Columns<'b> {
    last: Cow<'b, Values>,
    sum: Option<Cow<'b, Values>>,
    bounds: Option<(&'b Values, &'b Values)>,
    seen: Option<&'b Values>,
    is_counter: bool,
}

struct Sample {
    ticks: u64,
    sum: i64,
    bounds: Option<(i64, i64)>,
    last: Option<i64>,
}

impl<'b> Columns<'b> {
    fn of(block: &'b Block, group: Option<GroupKey>, members: &[Key], rolled_up: bool) -> Columns<'b> {
        let column = |key, facet| block.columns.get(&(key, facet));
        let added = |facet| match members {
            [one] => column(*one, facet).map_or_else(Cow::default, Cow::Borrowed),
            _ => Cow::Owned(added_up(members.iter().filter_map(|key| column(*key, facet)))),
        };
        let last = added(Facet::Last);
        let is_counter = matches!(members, [Key::Counter { .. }]);
        if !rolled_up || is_counter {
            return Columns { last, sum: None, bounds: None, seen: None, is_counter };
        }
        // What the group adds up to was stored, unless it has one member only.
        let sum_key = group
            .and_then(GroupKey::rolled_up)
            .filter(|key| column(*key, Facet::Sum).is_some())
            .or(if let [one] = members { Some(*one) } else { None });
        let bounds = sum_key.and_then(|key| column(key, Facet::Min).zip(column(key, Facet::Max)));
        let seen = sum_key.and_then(|key| column(key, Facet::Seen));
        Columns { last, sum: Some(added(Facet::Sum)), bounds, seen, is_counter }
    }

    /// What each point says; points that do not have the group are left out.
    fn each_sample(&self, block: &Block, needs_stacks: bool, mut visit: impl FnMut(u32, Sample)) {
        let Some(sums) = &self.sum else {
            for &(index, value) in self.last.iter() {
                let bounds = (!self.is_counter).then_some((value, value));
                visit(index, Sample { ticks: 1, sum: value, bounds, last: Some(value) });
            }
            return;
        };
        for &(index, sum) in sums.iter() {
            let at = |values: &Values| {
                let found = values.binary_search_by_key(&index, |(index, _)| *index).ok()?;
                values.get(found).map(|(_, value)| *value)
            };
            let point = block.points.get(index as usize).copied().unwrap_or_default();
            let ticks = match self.seen {
                Some(seen) => at(seen).unwrap_or(0).cast_unsigned(),
                None if needs_stacks => point.full,
                None => point.ticks,
            };
            let bounds = self.bounds.and_then(|(min, max)| Some((at(min)?, at(max)?)));
            visit(index, Sample { ticks, sum, bounds, last: at(&self.last) });
        }
    }
}

impl Cell {
    fn add(&mut self, sample: &Sample, point: u64) {
        self.bounds = match (self.ticks, self.bounds, sample.bounds) {
            (0, _, bounds) => bounds,
            (_, Some((min, max)), Some((other_min, other_max))) => {
                Some((min.min(other_min), max.max(other_max)))
            }
            _ => None,
        };
        self.ticks += sample.ticks;
        self.sum = self.sum.saturating_add(sample.sum);
        if let Some(last) = sample.last {
            self.last = last;
            self.last_point = point;
        }
    }

    /// The value of a count: where a tick that looked does not have it, nobody did it.
    fn counted(&self, looks: &Looks) -> Option<Value> {
        if looks.ticks == 0 {
            return None;
        }
        let (min, max) = match (self.ticks, self.bounds) {
            (0, _) => (Some(0), Some(0)),
            (ticks, Some((min, max))) if ticks < looks.ticks => (Some(min.min(0)), Some(max)),
            (_, bounds) => (bounds.map(|bounds| bounds.0), bounds.map(|bounds| bounds.1)),
        };
        let last = if self.last_point == looks.last_point { self.last } else { 0 };
        Some(Value {
            last: looks.last_looked.then_some(last),
            mean: Some(self.sum as f64 / looks.ticks as f64),
            min,
            max,
        })
    }

    /// The value of a measure: where a tick does not have it, it is not known.
    fn measured(&self, looks: &Looks) -> Option<Value> {
        let last = (self.last_point > 0 && self.last_point == looks.last_point).then_some(self.last);
        let (min, max) = self.bounds.unzip();
        let mean = self.bounds.map(|_| self.sum as f64 / self.ticks as f64);
        // Of a counter there is nothing but the last.
        (last.is_some() || mean.is_some()).then_some(Value { last, mean, min, max })
    }
}

/// The sum over processes. Their ticks are not from the same moments: nothing is known of least and most.
fn added(one: Option<Value>, other: Option<Value>) -> Option<Value> {
    let (Some(a), Some(b)) = (one, other) else { return one.or(other) };
    let last = match (a.last, b.last) {
        (Some(a), Some(b)) => Some(a.saturating_add(b)),
        (a, b) => a.or(b),
    };
    let mean = a.mean.zip(b.mean).map(|(a, b)| a + b);
    Some(Value { last, mean, min: None, max: None })
}
