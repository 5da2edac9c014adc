//! Where all goroutines stood at one moment.

use std::collections::BTreeMap;
use std::sync::Arc;

use history_store::{Count, History, Place, Selection, Span, Stack, State};
use rustc_hash::FxHashMap;
use serde::Serialize;

use super::find::find;
use super::processes::past_process;
use super::range::{function, level_name, stack_json};
use super::{Past, PastError, PastProcess, StackJson};

/// What was known of some processes at a moment.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct MomentAnswer {
    /// The moment, Unix milliseconds.
    pub at_ms: u64,
    /// Each process that lived then by itself.
    pub states: Vec<MomentState>,
}

/// What was known of a process.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct MomentState {
    /// The process.
    pub process: PastProcess,
    /// When it was last looked at before the moment.
    pub looked_at_ms: u64,
    /// What still has that look: `looks`, `minutes` or `hours`.
    pub level: &'static str,
    /// Whether that look took no stacks.
    pub counts_only: bool,
    /// Goroutines that it could not read.
    pub unread: u64,
    /// Goroutines by stack, the most first.
    pub groups: Vec<GroupJson>,
    /// How many groups there are, those left out included.
    pub groups_total: usize,
    /// Counters and figures by name.
    pub measures: BTreeMap<String, i64>,
}

/// Goroutines on one stack.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct GroupJson {
    /// `stack`, `no_stack` or `beyond_limit`.
    pub kind: &'static str,
    /// How many.
    pub count: u64,
    /// How many are in which state.
    pub by_status: BTreeMap<&'static str, u64>,
    /// How many wait for what.
    pub by_wait_reason: BTreeMap<String, u64>,
    /// The function that stands for the stack.
    pub name: Option<String>,
    /// The stack.
    pub stack: Option<StackJson>,
}

impl Past {
    /// Where all goroutines of a target stood at a moment (Unix milliseconds): the `top` largest groups of each process
    /// that lived then.
    ///
    /// # Errors
    /// Nothing is called so, it was not seen then, or the history cannot be read.
    pub fn at(&self, target: &str, at_ms: u64, top: usize) -> Result<MomentAnswer, PastError> {
        let known = self.store.processes(&Selection::All)?;
        // Who was seen before and has not ended until then.
        let until_then = Span { from_ms: 0, to_ms: at_ms.saturating_add(1) };
        let lived: Vec<_> = known
            .iter()
            .filter(|process| {
                let ended = process.ended.filter(|ended| ended.how.is_end_of_process());
                ended.is_none_or(|ended| ended.at_ms >= at_ms)
            })
            .cloned()
            .collect();
        let processes = match find(&lived, target, until_then) {
            // Whoever has ended before is known, but was not there.
            Err(PastError::NoTarget { .. }) => {
                find(&known, target, Span { from_ms: at_ms, to_ms: at_ms.saturating_add(1) })?
            }
            found => found?,
        };
        let mut states = Vec::new();
        for process in processes {
            if let Some(state) = self.store.at(process.id, at_ms)? {
                states.push(moment_state(past_process(process), &state, top));
            }
        }
        Ok(MomentAnswer { at_ms, states })
    }
}

fn moment_state(process: PastProcess, state: &State, top: usize) -> MomentState {
    let mut groups: FxHashMap<&Place, Vec<&Count>> = FxHashMap::default();
    for count in &state.counts {
        groups.entry(&count.place).or_default().push(count);
    }
    let mut groups: Vec<(u64, &Place, Vec<&Count>)> = groups
        .into_iter()
        .map(|(place, counts)| (counts.iter().map(|count| count.count).sum(), place, counts))
        .collect();
    let order = |stack: &Arc<Stack>| function(stack);
    groups.sort_by_cached_key(|(count, place, _)| {
        let name = if let Place::Stack(stack) = place { order(stack) } else { None };
        (std::cmp::Reverse(*count), name)
    });
    MomentState {
        process,
        looked_at_ms: state.tick.at_ms,
        level: level_name(state.level),
        counts_only: state.tick.counts_only,
        unread: state.tick.unread,
        groups_total: groups.len(),
        groups: groups.into_iter().take(top).map(|(sum, place, counts)| group(sum, place, &counts)).collect(),
        measures: state.measures.iter().map(|measure| (measure.name.to_string(), measure.value)).collect(),
    }
}

fn group(count: u64, place: &Place, counts: &[&Count]) -> GroupJson {
    let (mut by_status, mut by_wait_reason) = (BTreeMap::new(), BTreeMap::new());
    for count in counts {
        *by_status.entry(count.status.name()).or_default() += count.count;
        if let Some(reason) = &count.wait_reason {
            *by_wait_reason.entry(reason.to_string()).or_default() += count.count;
        }
    }
    let (kind, name, stack) = match place {
        Place::Stack(stack) => ("stack", function(stack), Some(stack_json(stack))),
        Place::NotTaken => ("no_stack", None, None),
        Place::BeyondLimit => ("beyond_limit", None, None),
    };
    GroupJson { kind, count, by_status, by_wait_reason, name, stack }
}
