//! What has changed between two moments, wherever they were noted: groups that are new, gone, grown or shrunk.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use rustc_hash::FxHashMap;
use snapshot::{Frame, FrameId, FunctionRole, Snapshot, Tables};

use crate::fingerprint::{FRAMES_COMPARED, Fingerprint, is_internal};
use crate::normal_name::normal_name;

/// A place in a program.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CodePlace {
    /// The function, as Go's tools print it.
    pub function: String,
    /// Its source file; empty if unknown.
    pub file: String,
    /// Line; 0 if unknown.
    pub line: u32,
}

/// Goroutines that are alike in one note of a process.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Alike {
    /// Their stack, innermost first; a dump may leave the runtime's frames out.
    pub stack: Vec<CodePlace>,
    /// The `go` statement that started them.
    pub created_by: Option<CodePlace>,
    /// Their status, in the words of JSON (`waiting`); none if the note has no statuses.
    pub status: Option<String>,
    /// The runtime's words for why they wait.
    pub wait_reason: Option<String>,
    /// How many.
    pub count: u64,
}

/// Goroutines of a process at one moment, by stack and creator. Those of the runtime itself have no part in it: most
/// kinds of dumps leave them out.
#[derive(Debug, Clone, Default)]
pub struct Population {
    /// All of them.
    pub counts: StateCounts,
    has_creators: bool,
    groups: FxHashMap<(Option<Fingerprint>, Option<String>), Kind>,
}

/// How many there are, and what they do.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct StateCounts {
    /// How many.
    pub total: u64,
    /// By status; empty if the note has no statuses.
    pub by_status: BTreeMap<String, u64>,
    /// By the runtime's words for why they wait.
    pub by_wait_reason: BTreeMap<String, u64>,
}

#[derive(Debug, Clone, Default)]
struct Kind {
    stack: Vec<CodePlace>,
    created_by: Option<CodePlace>,
    counts: StateCounts,
}

/// What happened to a group.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ChangeKind {
    /// There was none of them before.
    New,
    /// There is none of them any more.
    Gone,
    /// There are more.
    Grown,
    /// There are fewer.
    Shrunk,
}

impl ChangeKind {
    /// A word for outputs.
    pub fn name(self) -> &'static str {
        match self {
            ChangeKind::New => "new",
            ChangeKind::Gone => "gone",
            ChangeKind::Grown => "grown",
            ChangeKind::Shrunk => "shrunk",
        }
    }
}

/// A group of which there are more or fewer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GroupChange {
    /// What happened to it.
    pub kind: ChangeKind,
    /// Its stack in the later note, or in the earlier one if it is gone.
    pub stack: Vec<CodePlace>,
    /// The `go` statement that started it.
    pub created_by: Option<CodePlace>,
    /// What its stack has in common; none for goroutines without one.
    pub fingerprint: Option<Fingerprint>,
    /// How many there were.
    pub before: StateCounts,
    /// How many there are.
    pub after: StateCounts,
}

/// What has changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// The largest change first.
    pub groups: Vec<GroupChange>,
    /// Groups of which there are as many as before.
    pub unchanged_groups: u64,
    /// Whether groups are told apart by their creators, which profiles do not have.
    pub by_creator: bool,
    /// Whether both notes have statuses and wait reasons, which profiles do not have.
    pub by_state: bool,
}

impl Population {
    /// Counts the goroutines of a snapshot.
    pub fn of(snapshot: &Snapshot) -> Population {
        let tables = &snapshot.tables;
        let mut population = Population::default();
        for (cohort, count) in snapshot.census(&snapshot.goroutines).cohorts {
            if cohort.is_runtime {
                continue;
            }
            population.add(Alike {
                stack: tables.frames_of(cohort.stack).filter_map(|frame| place(tables, frame)).collect(),
                created_by: creator(tables, cohort.created_by),
                status: Some(cohort.status.name().to_owned()),
                wait_reason: cohort.wait_reason.map(|reason| tables.text(reason).to_owned()),
                count,
            });
        }
        population
    }

    /// Counts further goroutines.
    pub fn add(&mut self, alike: Alike) {
        let Alike { stack, created_by, status, wait_reason, count } = alike;
        self.has_creators |= created_by.is_some();
        let creator = created_by.as_ref().map(|at| normal_name(&at.function).into_owned());
        let kind = self.groups.entry((fingerprint(&stack), creator)).or_default();
        if kind.counts.total == 0 {
            (kind.stack, kind.created_by) = (stack, created_by);
        }
        for counts in [&mut kind.counts, &mut self.counts] {
            counts.total = counts.total.saturating_add(count);
            let words = [(&status, &mut counts.by_status), (&wait_reason, &mut counts.by_wait_reason)];
            for (word, by_word) in words {
                if let Some(word) = word {
                    let counted = by_word.entry(word.clone()).or_default();
                    *counted = counted.saturating_add(count);
                }
            }
        }
    }

    /// What has changed from this one to a later one.
    pub fn difference(self, later: Population) -> Difference {
        let by_creator =
            (self.has_creators || self.groups.is_empty()) && (later.has_creators || later.groups.is_empty());
        let by_state = self.counts.has_states() && later.counts.has_states();
        let mut both: FxHashMap<_, (Kind, Kind)> = FxHashMap::default();
        for (population, is_later) in [(self, false), (later, true)] {
            for ((fingerprint, creator), kind) in population.groups {
                let pair = both.entry((fingerprint, creator.filter(|_| by_creator))).or_default();
                if is_later { &mut pair.1 } else { &mut pair.0 }.join(kind);
            }
        }
        let groups = both.len();
        let changed = both.into_iter().filter_map(|((fingerprint, _), (before, after))| {
            let kind = match (before.counts.total, after.counts.total) {
                (before, after) if before == after => return None,
                (0, _) => ChangeKind::New,
                (_, 0) => ChangeKind::Gone,
                (before, after) if before < after => ChangeKind::Grown,
                _ => ChangeKind::Shrunk,
            };
            let shown = if kind == ChangeKind::Gone { &before } else { &after };
            let (stack, created_by) = (shown.stack.clone(), shown.created_by.clone());
            let (before, after) = (before.counts, after.counts);
            let created_by = created_by.filter(|_| by_creator);
            Some(GroupChange { kind, stack, created_by, fingerprint, before, after })
        });
        let mut changed: Vec<GroupChange> = changed.collect();
        changed.sort_by_cached_key(|group| {
            let creator = group.created_by.as_ref().map(|at| at.function.clone());
            let (before, after) = (group.before.total, group.after.total);
            (Reverse(before.abs_diff(after)), Reverse(before.max(after)), group.fingerprint, creator)
        });
        let unchanged_groups = (groups - changed.len()) as u64;
        Difference { groups: changed, unchanged_groups, by_creator, by_state }
    }
}

impl StateCounts {
    fn has_states(&self) -> bool {
        self.total == 0 || !self.by_status.is_empty()
    }
}

impl Kind {
    fn join(&mut self, other: Kind) {
        if self.counts.total < other.counts.total {
            (self.stack, self.created_by) = (other.stack, other.created_by);
        }
        self.counts.total = self.counts.total.saturating_add(other.counts.total);
        let words = [
            (&mut self.counts.by_status, other.counts.by_status),
            (&mut self.counts.by_wait_reason, other.counts.by_wait_reason),
        ];
        for (into, from) in words {
            for (word, count) in from {
                let counted = into.entry(word).or_default();
                *counted = counted.saturating_add(count);
            }
        }
    }
}

/// As [`Fingerprint::of`], of a stack that is not in tables, and of which a dump may not show the runtime's frames: a
/// stack of nothing else counts as none.
fn fingerprint(stack: &[CodePlace]) -> Option<Fingerprint> {
    let names = stack.iter().map(|place| place.function.as_str()).filter(|name| !is_internal(name));
    let names: Vec<_> = names.take(FRAMES_COMPARED).map(normal_name).collect();
    (!names.is_empty()).then(|| Fingerprint::of_names(names.iter().map(|name| name.as_ref())))
}

fn creator(tables: &Tables, id: Option<FrameId>) -> Option<CodePlace> {
    let frame = tables.frames.get(id?)?;
    tables.is_shown_as_creator(frame).then(|| place(tables, frame))?
}

fn place(tables: &Tables, frame: &Frame) -> Option<CodePlace> {
    let text = |id| tables.text(id).to_owned();
    let is_code = frame.role == FunctionRole::Ordinary;
    is_code.then(|| CodePlace { function: text(frame.function), file: text(frame.file), line: frame.line })
}
