//! Which series of a block belong together, and which groups are largest.

use std::collections::BTreeMap;

use crate::block::{Block, Facet, Key, SumKey, place};
use crate::tick::MeasureKind;

/// What a series of the answer is about, in ids of the catalogue.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum GroupKey {
    Sum(SumKey),
    /// Those without the label that was asked for.
    NoLabel,
    /// Those of which it is not known, since a tick had too many different ones.
    BeyondLimit,
    Measure(u64, MeasureKind),
    Rest,
}

impl GroupKey {
    /// What it is called in blocks that are rolled up.
    pub(crate) fn rolled_up(self) -> Option<Key> {
        match self {
            GroupKey::Sum(sum) => Some(Key::Sum(sum)),
            GroupKey::BeyondLimit => Some(Key::Sum(SumKey::Place(place::BEYOND_LIMIT))),
            GroupKey::NoLabel | GroupKey::Measure(..) | GroupKey::Rest => None,
        }
    }
}

/// What a range is about, in ids of the catalogue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Grouping {
    Total,
    Place,
    Status,
    Reason,
    /// By the values of this label, with the value of each label set that has it.
    Label {
        key: u64,
        values: BTreeMap<u64, u64>,
    },
    /// These names; all if there is none.
    Measures(Option<Vec<u64>>),
}

impl Grouping {
    /// The group of a series; none for those that the range is not about.
    pub(crate) fn group(&self, key: Key) -> Option<GroupKey> {
        let (place, status, reason, labels) = match (key, self) {
            (Key::Count { place, status, reason, labels }, _) => (place, status, reason, labels),
            (Key::Counter { name }, Grouping::Measures(names)) => {
                return wanted(names, name).then_some(GroupKey::Measure(name, MeasureKind::Counter));
            }
            (Key::Gauge { name }, Grouping::Measures(names)) => {
                return wanted(names, name).then_some(GroupKey::Measure(name, MeasureKind::Gauge));
            }
            _ => return None,
        };
        match self {
            Grouping::Measures(_) => None,
            Grouping::Total => Some(GroupKey::Sum(SumKey::Total)),
            Grouping::Status => Some(GroupKey::Sum(SumKey::Status(status))),
            Grouping::Place | Grouping::Label { .. } if place == place::COUNTS_ONLY => None,
            Grouping::Place => Some(GroupKey::Sum(SumKey::Place(place))),
            Grouping::Reason | Grouping::Label { .. } if place == place::BEYOND_LIMIT => {
                Some(GroupKey::BeyondLimit)
            }
            Grouping::Reason => Some(GroupKey::Sum(SumKey::Reason(reason))),
            Grouping::Label { key, values } => Some(match values.get(&labels) {
                Some(&value) => GroupKey::Sum(SumKey::Label { key: *key, value }),
                None => GroupKey::NoLabel,
            }),
        }
    }

    /// Whether a series says something about it: a member of a group, or what its members add up to.
    pub(crate) fn needs(&self, key: Key) -> bool {
        match key {
            Key::Sum(SumKey::Total) => matches!(self, Grouping::Total),
            Key::Sum(SumKey::Status(_)) => matches!(self, Grouping::Status),
            Key::Sum(SumKey::Reason(_)) => matches!(self, Grouping::Reason),
            Key::Sum(SumKey::Place(place::BEYOND_LIMIT)) => {
                matches!(self, Grouping::Place | Grouping::Reason | Grouping::Label { .. })
            }
            Key::Sum(SumKey::Place(_)) => matches!(self, Grouping::Place),
            Key::Sum(SumKey::Label { key: of, .. }) => {
                matches!(self, Grouping::Label { key, .. } if *key == of)
            }
            _ => self.group(key).is_some(),
        }
    }

    /// Whether ticks that looked at statuses only say nothing about it.
    pub(crate) fn needs_stacks(&self) -> bool {
        matches!(self, Grouping::Place | Grouping::Label { .. })
    }
}

fn wanted(names: &Option<Vec<u64>>, name: u64) -> bool {
    names.as_ref().is_none_or(|names| names.contains(&name))
}

/// How large each group is over the whole range.
#[derive(Debug, Default)]
pub(crate) struct Ranking(BTreeMap<GroupKey, i64>);

impl Ranking {
    /// Adds what a block has.
    pub(crate) fn add(&mut self, block: &Block, rolled_up: bool, grouping: &Grouping) {
        let facet = if rolled_up { Facet::Sum } else { Facet::Last };
        for ((key, found), values) in &block.columns {
            if let Some(group) = grouping.group(*key) {
                let size = self.0.entry(group).or_default();
                if *found == facet {
                    *size = values.iter().fold(*size, |size, (_, value)| size.saturating_add(*value));
                }
            }
        }
    }

    /// How many groups there are.
    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    /// The largest groups, largest first; then the rest, if there is one.
    pub(crate) fn top(&self, count: usize) -> Vec<GroupKey> {
        let mut groups: Vec<GroupKey> = self.0.keys().copied().collect();
        groups.sort_by_key(|group| match group {
            // Figures of different units cannot be compared: by age of their names.
            GroupKey::Measure(..) => std::cmp::Reverse(0),
            group => std::cmp::Reverse(self.0.get(group).copied().unwrap_or_default()),
        });
        let adds_up = groups.first().is_some_and(|group| !matches!(group, GroupKey::Measure(..)));
        if adds_up && groups.len() > count {
            groups.truncate(count);
            groups.push(GroupKey::Rest);
        }
        groups
    }
}
