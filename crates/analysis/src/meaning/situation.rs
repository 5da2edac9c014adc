//! What goroutines are doing that are in one situation: decided once for all of them.

use std::cell::RefCell;
use std::sync::Arc;

use rustc_hash::{FxHashMap, FxHashSet};
use snapshot::{Cohort, FrameId, FunctionRole, LabelSetId, StackId, Status, StringId, Tables, Target};

use super::Rules;
use super::conditions::{Facts, ObjectKinds};
use super::decide::Understanding;
use super::derive::{Call, is_standard};
use super::function_patterns::Matches;
use crate::fingerprint::is_internal;

/// All that a decision depends on.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Situation {
    pub(super) stack: StackId,
    pub(super) created_by: Option<FrameId>,
    pub(super) entry: Option<FrameId>,
    pub(super) wait_reason: Option<StringId>,
    pub(super) labels: LabelSetId,
    pub(super) status: Status,
    pub(super) objects: ObjectKinds,
    pub(super) is_runtime: bool,
}

impl Situation {
    /// That of the members of a cohort, who wait on objects of these kinds.
    pub(super) fn of(cohort: &Cohort, objects: ObjectKinds) -> Situation {
        Situation {
            stack: cohort.stack,
            created_by: cohort.created_by,
            entry: cohort.entry,
            wait_reason: cohort.wait_reason,
            labels: cohort.labels,
            status: cohort.status,
            objects,
            is_runtime: cohort.is_runtime,
        }
    }
}

/// Decides by rules and by what the tables of a target say.
#[derive(Debug)]
pub(super) struct Decider<'a> {
    rules: &'a Rules,
    target: &'a Target,
    tables: &'a Tables,
    known: RefCell<Known>,
}

#[derive(Default)]
struct Known {
    situations: FxHashMap<Situation, Arc<Understanding>>,
    /// Each understanding once, so that those of many situations are the same one.
    understandings: FxHashSet<Arc<Understanding>>,
    functions: FxHashMap<StringId, Arc<Matches>>,
    /// Of all frames of a stack.
    stacks: FxHashMap<StackId, Arc<Matches>>,
}

impl Known {
    fn remember(&mut self, situation: Situation, decided: Understanding) -> Arc<Understanding> {
        let understanding = match self.understandings.get(&decided) {
            Some(same) => Arc::clone(same),
            None => Arc::new(decided),
        };
        self.understandings.insert(Arc::clone(&understanding));
        self.situations.insert(situation, Arc::clone(&understanding));
        understanding
    }
}

impl std::fmt::Debug for Known {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} situations", self.situations.len())
    }
}

impl<'a> Decider<'a> {
    pub(super) fn new(rules: &'a Rules, target: &'a Target, tables: &'a Tables) -> Self {
        Decider { rules, target, tables, known: RefCell::default() }
    }

    /// What goroutines in a situation are doing: a look into a table for all but the first in each.
    pub(super) fn of(&self, situation: Situation) -> Arc<Understanding> {
        let mut known = self.known.borrow_mut();
        if let Some(understanding) = known.situations.get(&situation) {
            return Arc::clone(understanding);
        }
        // Programs may label each request: what the frames say is decided without labels, once for all of these.
        let unlabelled = Situation { labels: LabelSetId::default(), ..situation };
        let by_frames = match known.situations.get(&unlabelled) {
            Some(understanding) => Arc::clone(understanding),
            None => {
                let decided = self.decide(&unlabelled, &mut known);
                known.remember(unlabelled, decided)
            }
        };
        let label = |key: &str| self.label(situation.labels, key);
        let derive = &self.rules.derivations;
        match (derive.route_by_label(label), derive.pool_by_label(label)) {
            (None, None) => {
                known.situations.insert(situation, Arc::clone(&by_frames));
                by_frames
            }
            (route, pool) => {
                let understanding = Understanding {
                    rule: by_frames.rule.clone(),
                    owner: by_frames.owner.clone(),
                    route: route.or_else(|| by_frames.route.clone()),
                    pool: pool.or_else(|| by_frames.pool.clone()),
                };
                known.remember(situation, understanding)
            }
        }
    }

    /// The innermost frame of the owner's package.
    pub(super) fn place(&self, stack: StackId, understood: &Understanding) -> Option<FrameId> {
        let owner = understood.owner.as_deref()?;
        let is_owners = |id: &&FrameId| {
            let frame = self.tables.frames.get(**id);
            frame.is_some_and(|frame| {
                crate::package_of(self.tables.text(frame.function)).as_deref() == Some(owner)
            })
        };
        self.tables.stacks.get(stack)?.frames.iter().find(is_owners).copied()
    }

    fn decide(&self, situation: &Situation, known: &mut Known) -> Understanding {
        let tables = self.tables;
        let name = |id: FrameId| tables.frames.get(id).map(|frame| frame.function);
        let frames: Vec<(StringId, Arc<Matches>)> = tables
            .frames_of(situation.stack)
            .filter(|frame| frame.role == FunctionRole::Ordinary)
            .map(|frame| (frame.function, self.matches(frame.function, known)))
            .collect();
        let functions = Arc::clone(known.stacks.entry(situation.stack).or_insert_with(|| {
            let mut all = Matches::default();
            frames.iter().for_each(|(_, matches)| all.add(matches));
            Arc::new(all)
        }));
        let none = Arc::new(Matches::default());
        let mut of = |frame: Option<FrameId>| {
            frame.and_then(name).map_or_else(|| Arc::clone(&none), |function| self.matches(function, known))
        };
        let creator = of(situation.created_by);
        // `go f(x)` starts a wrapper that the compiler makes; `f` is then the outermost frame.
        let mut entry = Matches::clone(&of(situation.entry));
        if let Some((_, outermost)) = frames.last() {
            entry.add(outermost);
        }
        let innermost = frames.iter().find(|(function, _)| is_of_program(tables.text(*function)));
        let caller = frames.iter().find(|(function, _)| !is_standard(tables.text(*function)));
        let facts = Facts {
            reason: situation.wait_reason.map(|reason| tables.text(reason)),
            status: situation.status,
            objects: situation.objects,
            is_runtime: situation.is_runtime,
            functions: &functions,
            innermost: innermost.map_or(&none, |(_, matches)| matches),
            caller: caller.map_or(&none, |(_, matches)| matches),
            entry: &entry,
            creator: &creator,
        };
        let rule = self.rules.rules.iter().find(|rule| rule.conditions.hold(&facts));

        let call =
            |(function, matches): &'_ (StringId, Arc<Matches>)| (tables.text(*function), Arc::clone(matches));
        let calls: Vec<(&str, Arc<Matches>)> = frames.iter().map(call).collect();
        let calls: Vec<Call<'_>> =
            calls.iter().map(|(function, matches)| Call { function, matches }).collect();
        let created_by = situation.created_by.and_then(name);
        let created_by =
            created_by.map(|function| Call { function: tables.text(function), matches: &creator });
        let derive = &self.rules.derivations;
        let module = self.target.module.as_deref();
        Understanding {
            rule: rule.cloned(),
            owner: derive.owner(&calls, created_by, module, situation.is_runtime),
            route: derive.route(&calls),
            pool: derive.pool(&calls),
        }
    }

    fn label(&self, labels: LabelSetId, key: &str) -> Option<&'a str> {
        let labels = &self.tables.label_sets.get(labels)?.0;
        let found = labels.iter().find(|(name, _)| self.tables.text(*name) == key);
        found.map(|(_, value)| self.tables.text(*value))
    }

    fn matches(&self, function: StringId, known: &mut Known) -> Arc<Matches> {
        let found = || Arc::new(self.rules.patterns.of(self.tables.text(function)));
        Arc::clone(known.functions.entry(function).or_insert_with(found))
    }
}

/// Whether a function is neither the runtime's nor a stub for one (`sync.runtime_Semacquire`).
fn is_of_program(function: &str) -> bool {
    !is_internal(function) && !function.contains(".runtime_")
}
