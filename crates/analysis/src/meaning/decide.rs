//! Deciding what each goroutine of a snapshot is doing: once for all that are in the same situation.

use std::cell::RefCell;
use std::sync::Arc;

use rustc_hash::{FxHashMap, FxHashSet};
use snapshot::{
    FrameId, FunctionRole, Goroutine, LabelSetId, Snapshot, StackId, Status, StringId, WaitingSince,
};

use super::conditions::{Facts, ObjectKinds};
use super::derive::{Call, is_standard};
use super::function_patterns::Matches;
use super::{Rule, Rules};
use crate::fingerprint::is_internal;

/// What is known of goroutines in one situation.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct Understanding {
    /// What they are doing; `None` if no rule says.
    pub rule: Option<Arc<Rule>>,
    /// Path of the package that they belong to.
    pub owner: Option<Box<str>>,
    /// HTTP route, handler function or remote method that they serve.
    pub route: Option<Box<str>>,
    /// Pool of connections that they use or wait for.
    pub pool: Option<Box<str>>,
}

impl Understanding {
    /// The name of what they are doing: `DB_ACQUIRE`.
    pub fn name(&self) -> Option<&str> {
        self.rule.as_ref().map(|rule| rule.name.as_str())
    }

    /// Why they are as they should be, if a rule says so.
    pub fn healthy(&self) -> Option<&str> {
        self.rule.as_ref().and_then(|rule| rule.healthy.as_deref())
    }
}

/// All that a decision depends on.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
struct Situation {
    stack: StackId,
    created_by: Option<FrameId>,
    entry: Option<FrameId>,
    wait_reason: Option<StringId>,
    labels: LabelSetId,
    status: Status,
    objects: ObjectKinds,
    is_runtime: bool,
}

/// The goroutines of one snapshot by the light of some rules.
///
/// ```
/// # fn f(snapshot: &snapshot::Snapshot) {
/// use analysis::{Meanings, Rules};
/// let meanings = Meanings::new(Rules::built_in(), snapshot);
/// for goroutine in &snapshot.goroutines {
///     let understood = meanings.of(goroutine);
///     if let (Some("DB_ACQUIRE"), Some(owner)) = (understood.name(), &understood.owner) {
///         assert!(!owner.is_empty());
///     }
/// }
/// # }
/// ```
#[derive(Debug)]
pub struct Meanings<'a> {
    rules: &'a Rules,
    snapshot: &'a Snapshot,
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

impl<'a> Meanings<'a> {
    /// Prepares to look at a snapshot.
    pub fn new(rules: &'a Rules, snapshot: &'a Snapshot) -> Self {
        Meanings { rules, snapshot, known: RefCell::default() }
    }

    /// The snapshot that it looks at.
    pub fn snapshot(&self) -> &'a Snapshot {
        self.snapshot
    }

    /// What a goroutine of the snapshot is doing. Costs a look into a table for all but the first one in each
    /// situation: stack, creator, wait reason, status, labels and kinds of objects waited on.
    pub fn of(&self, goroutine: &Goroutine) -> Arc<Understanding> {
        let situation = Situation {
            stack: goroutine.stack,
            created_by: goroutine.created_by,
            entry: goroutine.entry,
            wait_reason: goroutine.wait_reason,
            labels: goroutine.labels,
            status: goroutine.status,
            objects: ObjectKinds::of(self.snapshot, goroutine),
            is_runtime: goroutine.is_runtime,
        };
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
        let label = |key: &str| {
            self.snapshot.labels(goroutine).find(|(name, _)| *name == key).map(|(_, value)| value)
        };
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

    /// How long a goroutine has been waiting, milliseconds.
    pub fn waited_ms(goroutine: &Goroutine) -> Option<u64> {
        goroutine.waiting_since.map(WaitingSince::ms)
    }

    /// The innermost frame that is the program's own: where somebody can change something.
    pub fn place(&self, goroutine: &Goroutine) -> Option<FrameId> {
        let tables = &self.snapshot.tables;
        let understood = self.of(goroutine);
        let owner = understood.owner.as_deref()?;
        let stack = tables.stacks.get(goroutine.stack)?;
        let is_owners = |id: &&FrameId| {
            let frame = tables.frames.get(**id);
            frame
                .is_some_and(|frame| crate::package_of(tables.text(frame.function)).as_deref() == Some(owner))
        };
        stack.frames.iter().find(is_owners).copied()
    }

    fn decide(&self, situation: &Situation, known: &mut Known) -> Understanding {
        let tables = &self.snapshot.tables;
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
        let module = self.snapshot.target.module.as_deref();
        Understanding {
            rule: rule.cloned(),
            owner: derive.owner(&calls, created_by, module, situation.is_runtime),
            route: derive.route(&calls),
            pool: derive.pool(&calls),
        }
    }

    fn matches(&self, function: StringId, known: &mut Known) -> Arc<Matches> {
        let found = || Arc::new(self.rules.patterns.of(self.snapshot.tables.text(function)));
        Arc::clone(known.functions.entry(function).or_insert_with(found))
    }
}

/// Whether a function is neither the runtime's nor a stub for one (`sync.runtime_Semacquire`).
fn is_of_program(function: &str) -> bool {
    !is_internal(function) && !function.contains(".runtime_")
}
