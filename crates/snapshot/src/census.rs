//! How many goroutines do what: a snapshot without the individuals.

use indexmap::IndexMap;

use crate::goroutine::{Goroutine, GoroutineId, StackState, Status, WaitingSince};
use crate::memory_statistics::MemoryStatistics;
use crate::scheduler::Scheduler;
use crate::stack::{FrameId, LabelSetId, StackId, StringId, Tables};
use crate::target::Target;
use crate::{Cost, Gap, Snapshot};

/// What goroutines have in common that are counted together. Ids are into the tables of whoever made it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Cohort {
    /// What they are doing.
    pub status: Status,
    /// The runtime's words for why they wait.
    pub wait_reason: Option<StringId>,
    /// Their stack; the empty one where it could not be had.
    pub stack: StackId,
    /// How that stack was had, or why not.
    pub stack_state: StackState,
    /// pprof labels.
    pub labels: LabelSetId,
    /// The `go` statement that started them.
    pub created_by: Option<FrameId>,
    /// The function that they were started with.
    pub entry: Option<FrameId>,
    /// Whether they are the runtime's own.
    pub is_runtime: bool,
    /// Whether they are tied to a thread.
    pub locked_to_thread: bool,
}

impl Goroutine {
    /// What it has in common with others.
    pub fn cohort(&self) -> Cohort {
        Cohort {
            status: self.status,
            wait_reason: self.wait_reason,
            stack: self.stack,
            stack_state: self.stack_state,
            labels: self.labels,
            created_by: self.created_by,
            entry: self.entry,
            is_runtime: self.is_runtime,
            locked_to_thread: self.locked_to_thread,
        }
    }
}

/// All goroutines of a process at one moment, counted. Every number is exact for that look at the process,
/// however many goroutines there are; its size depends on how many different things they do.
#[derive(Debug, Clone)]
pub struct Census<'s> {
    /// The process that was read.
    pub target: &'s Target,
    /// Wall-clock time at which reading began, in milliseconds since the Unix epoch.
    pub taken_at_unix_ms: u64,
    /// The same moment by the monotonic clock (`CLOCK_MONOTONIC`), nanoseconds.
    pub taken_at_monotonic_ns: u64,
    /// Who does what, and how many of them (at least one).
    pub cohorts: Vec<(Cohort, u64)>,
    /// Ps, Ms and queues; `None` where they could not be read (then there is a gap that says why).
    pub scheduler: Option<Scheduler>,
    /// Memory and garbage collections; `None` where they were not asked for, or could not be found.
    pub memory: Option<MemoryStatistics>,
    /// What the cohorts' ids mean. They mean the same in later censuses of the same generation.
    pub tables: &'s Tables,
    /// Changes when the tables have been started over to bound their size: then ids mean something else.
    pub generation: u64,
    /// What it cost.
    pub cost: Cost,
    /// What could not be read.
    pub gaps: Vec<Gap>,
}

/// A goroutine of a census, where every single one was asked for: what it does not have in common with others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Individual {
    /// Where it is in the runtime's list: a descriptor keeps its place for ever, and may be used by one goroutine
    /// after the other.
    pub place: u32,
    /// Its `goid`.
    pub id: GoroutineId,
    /// Index in [`Census::cohorts`].
    pub cohort: u32,
    /// Id of the P that it runs on, or that has it in its queue.
    pub p: Option<i32>,
    /// How long it has been waiting, if anybody knows.
    pub waiting_since: Option<WaitingSince>,
}

impl Snapshot {
    /// Counts some of the goroutines of this snapshot.
    pub fn census<'s, 'g>(&'s self, goroutines: impl IntoIterator<Item = &'g Goroutine>) -> Census<'s> {
        let mut cohorts: IndexMap<Cohort, u64> = IndexMap::new();
        for goroutine in goroutines {
            *cohorts.entry(goroutine.cohort()).or_default() += 1;
        }
        Census {
            target: &self.target,
            taken_at_unix_ms: self.taken_at_unix_ms,
            taken_at_monotonic_ns: self.taken_at_monotonic_ns,
            cohorts: cohorts.into_iter().collect(),
            scheduler: self.scheduler.clone(),
            memory: self.memory,
            tables: &self.tables,
            generation: 0,
            cost: self.cost,
            gaps: self.gaps.clone(),
        }
    }
}
