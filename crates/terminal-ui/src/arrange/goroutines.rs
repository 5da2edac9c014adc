//! Goroutines in the order that was asked for: a number for each, so that a million are sorted in no time.

use analysis::own_function;
use report::ShownStack;
use rustc_hash::FxHashMap;
use snapshot::{Goroutine, Snapshot, StackId, Status, WaitingSince};

use crate::cluster::{ClusterKey, key_of};
use crate::query::{GoroutineColumn, Query};

/// Indexes of the goroutines of a snapshot, in order.
pub(super) fn order(snapshot: &Snapshot, query: &Query, chosen: Option<&[&Goroutine]>) -> Vec<u32> {
    let keys = Keys::new(snapshot, query.goroutines.column);
    let mut member = Members { snapshot, cluster: query.cluster, known: FxHashMap::default() };
    // The chosen ones are in the order of the snapshot.
    let mut chosen = chosen.map(|chosen| chosen.iter().map(|goroutine| goroutine.id).peekable());
    let mut numbered: Vec<(u64, u32)> = Vec::new();
    for (index, goroutine) in (0_u32..).zip(&snapshot.goroutines) {
        let matches = match &mut chosen {
            None => true,
            Some(chosen) => chosen.next_if_eq(&goroutine.id).is_some(),
        };
        if matches && member.is(goroutine) {
            numbered.push((keys.of(goroutine), index));
        }
    }
    if query.goroutines.falling {
        // Of equals, the first comes first in both directions.
        numbered.iter_mut().for_each(|(key, _)| *key = !*key);
    }
    numbered.sort_unstable();
    numbered.into_iter().map(|(_, index)| index).collect()
}

/// Who is in the cluster that was asked for.
struct Members<'s> {
    snapshot: &'s Snapshot,
    cluster: Option<ClusterKey>,
    known: FxHashMap<ShownStack, bool>,
}

impl Members<'_> {
    fn is(&mut self, goroutine: &Goroutine) -> bool {
        let Some(cluster) = self.cluster else { return true };
        let shown = ShownStack::from(goroutine);
        *self.known.entry(shown).or_insert_with(|| key_of(&self.snapshot.tables, &shown) == cluster)
    }
}

/// Numbers that are in order as what they stand for.
struct Keys {
    column: GoroutineColumn,
    /// Of functions: the place of each stack's in the alphabet.
    stacks: FxHashMap<StackId, u64>,
    /// Of wait reasons, likewise.
    reasons: FxHashMap<snapshot::StringId, u64>,
}

impl Keys {
    fn new(snapshot: &Snapshot, column: GoroutineColumn) -> Self {
        let mut keys = Keys { column, stacks: FxHashMap::default(), reasons: FxHashMap::default() };
        let tables = &snapshot.tables;
        match column {
            GoroutineColumn::Function => {
                let mut named: Vec<(&str, StackId)> = tables
                    .stacks
                    .iter()
                    .map(|(id, _)| (own_function(tables, id).unwrap_or_default(), id))
                    .collect();
                named.sort_unstable();
                let mut rank = 0;
                let mut last: Option<&str> = None;
                for (name, id) in named {
                    rank += u64::from(last.is_some_and(|last| last != name));
                    last = Some(name);
                    keys.stacks.insert(id, rank);
                }
            }
            GoroutineColumn::Reason => {
                let mut reasons: Vec<_> = tables.strings.iter().map(|(id, text)| (text, id)).collect();
                reasons.sort();
                keys.reasons = reasons.into_iter().zip(1..).map(|((_, id), rank)| (id, rank)).collect();
            }
            _ => {}
        }
        keys
    }

    fn of(&self, goroutine: &Goroutine) -> u64 {
        match self.column {
            GoroutineColumn::Id => goroutine.id.0,
            GoroutineColumn::State => {
                Status::ALL.iter().position(|status| *status == goroutine.status).unwrap_or(0) as u64
            }
            GoroutineColumn::Age => {
                goroutine.waiting_since.map_or(0, |wait| WaitingSince::ms(wait).saturating_add(1))
            }
            GoroutineColumn::Reason => {
                goroutine.wait_reason.and_then(|id| self.reasons.get(&id)).copied().unwrap_or(0)
            }
            GoroutineColumn::Function => self.stacks.get(&goroutine.stack).copied().unwrap_or(0),
        }
    }
}
