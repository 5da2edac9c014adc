//! The table of a range: a value for each group and slot.

use std::borrow::Cow;
use std::collections::BTreeMap;

use crate::block::{Block, Facet, Key, Point, Values, added_up};
use crate::query::Value;
use crate::range::{Grid, GroupKey, Grouping};

/// The table while it is being filled, process by process.
pub(crate) struct Table<'g> {
    grouping: &'g Grouping,
    groups: Vec<GroupKey>,
    /// Of the process that is being added.
    cells: Vec<Vec<Cell>>,
    looks: Vec<Looks>,
    points_seen: u64,
    /// Of all processes before it.
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
            cells: vec![vec![Cell::default(); slots]; groups.len()],
            values: vec![vec![None; slots]; groups.len()],
            looks: vec![Looks::default(); slots],
            points_seen: 0,
            groups,
        }
    }

    /// Adds a block of the current process; blocks come in the order in which they were written.
    pub(crate) fn add(&mut self, block: &Block, rolled_up: bool, grid: &mut Grid) {
        let slots: Vec<Option<usize>> = block.points.iter().map(|point| grid.slot_at(point.at_ms)).collect();
        for (point, slot) in block.points.iter().zip(&slots) {
            self.points_seen += 1;
            if let Some(slot) = *slot {
                self.look(point, slot, grid);
            }
        }
        let first_point = self.points_seen + 1 - block.points.len() as u64;
        for (group, members) in self.members(block) {
            let columns = Columns::of(block, self.groups.get(group).copied(), &members, rolled_up);
            let Some(cells) = self.cells.get_mut(group) else { continue };
            columns.each_sample(block, self.grouping.needs_stacks(), |index, sample| {
                let slot = slots.get(index as usize).copied().flatten();
                if let Some(cell) = slot.and_then(|slot| cells.get_mut(slot)) {
                    cell.add(&sample, first_point + u64::from(index));
                }
            });
        }
    }

    fn look(&mut self, point: &Point, slot: usize, grid: &mut Grid) {
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

    /// The series of a block by the index of the group that they are in.
    fn members(&self, block: &Block) -> BTreeMap<usize, Vec<Key>> {
        let places: BTreeMap<GroupKey, usize> =
            self.groups.iter().enumerate().map(|(index, group)| (*group, index)).collect();
        let rest = places.get(&GroupKey::Rest);
        let mut members: BTreeMap<usize, Vec<Key>> = BTreeMap::new();
        for (key, _) in block.columns.keys() {
            let Some(group) = self.grouping.group(*key) else { continue };
            if let Some(&index) = places.get(&group).or(rest) {
                let keys = members.entry(index).or_default();
                // The columns of a series are neighbours.
                if keys.last() != Some(key) {
                    keys.push(*key);
                }
            }
        }
        members
    }

    /// Ends a process: what it was is added to what the others were.
    pub(crate) fn end_process(&mut self) {
        for ((group, cells), values) in self.groups.iter().zip(&mut self.cells).zip(&mut self.values) {
            for ((cell, looks), value) in cells.iter_mut().zip(&self.looks).zip(values) {
                let found = match group {
                    GroupKey::Measure(..) => cell.measured(looks),
                    _ => cell.counted(looks),
                };
                *value = added(*value, found);
                *cell = Cell::default();
            }
        }
        self.looks.fill(Looks::default());
        self.points_seen = 0;
    }

    /// The groups with their values.
    pub(crate) fn into_series(self) -> impl Iterator<Item = (GroupKey, Vec<Option<Value>>)> {
        self.groups.into_iter().zip(self.values)
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
