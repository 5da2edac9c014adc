//! What one look at a target saw, in numbers: made from a census.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};

use analysis::{Fingerprint, normal_name, own_function};
use snapshot::{Census, MemoryStatistics, ProcessorStatus, Scheduler, StackState, Status, TimeHistogram};

use crate::thread_locks::ThreadLock;

/// The figures of one successful look. What it did not ask for, or could not read, is `None`.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Look {
    /// Goroutines; `None` where the list was not read.
    pub goroutines: Option<Goroutines>,
    /// The scheduler.
    pub scheduler: Option<SchedulerFigures>,
    /// Memory and garbage collections.
    pub memory: Option<MemoryStatistics>,
    /// Goroutines that are locked to threads; `None` where Ms were not read.
    pub thread_locks: Option<Vec<ThreadLock>>,
}

/// Goroutines, counted. The runtime's own are in [`Goroutines::system`] and in no other number, so that
/// [`Goroutines::count`] is what `runtime.NumGoroutine` says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Goroutines {
    /// All but the runtime's own.
    pub count: u64,
    /// The runtime's own: GC workers, the finalizer goroutine, …
    pub system: u64,
    /// By status; a status that is absent is one that nobody has.
    pub by_state: BTreeMap<Status, u64>,
    /// Blocked ones (waiting, or called leaked by the runtime) by the runtime's words for why.
    pub by_wait_reason: BTreeMap<String, u64>,
    /// Those that must stay on their thread (`runtime.LockOSThread`, cgo callbacks), by status.
    pub locked_by_state: BTreeMap<Status, u64>,
    /// By code; `None` where stacks were not asked for.
    pub stacks: Option<Stacks>,
}

/// Goroutines by the code that they execute.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Stacks {
    /// How many have the stacks of one fingerprint.
    pub by_fingerprint: HashMap<Fingerprint, StackCount>,
    /// How many have a stack that could not be had: running, torn, secret.
    pub unknown: u64,
}

/// How many goroutines execute the same code.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct StackCount {
    /// Their number.
    pub count: u64,
    /// The innermost function that is not of the standard library.
    pub function: String,
}

/// What the scheduler says of itself.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SchedulerFigures {
    /// Goroutines started since the process began, exact (Go 1.26 and later).
    pub goroutines_created: Option<u64>,
    /// Upper bound of the ids that were given out, of which each P holds up to 16 in stock.
    pub goroutine_id_limit: u64,
    /// Ps by what they do. Their sum is GOMAXPROCS.
    pub processors: BTreeMap<&'static str, u64>,
    /// Ms: threads that the runtime knows of.
    pub threads: u64,
    /// Ms that are parked for want of work.
    pub threads_idle: u64,
    /// Ms that wait for the goroutine locked to them to become runnable, if the release says.
    pub threads_idle_locked: Option<u64>,
    /// Ms that look for work.
    pub threads_spinning: u64,
    /// Goroutines on the global run queue.
    pub queued_globally: u64,
    /// Goroutines on the queues of all Ps.
    pub queued_locally: u64,
    /// Whether a GC is stopping or has stopped the world.
    pub gc_waiting: bool,
    /// How long goroutines waited to run, since the process began.
    pub times_to_run: Option<TimeHistogram>,
    /// How long the world was stopped for garbage collections since then.
    pub gc_pauses: Option<TimeHistogram>,
}

impl Look {
    /// The figures of a census. Stacks are counted where at least one was asked for.
    pub fn of(census: &Census<'_>) -> Look {
        Look {
            goroutines: Some(Goroutines::of(census)),
            scheduler: census.scheduler.as_ref().map(SchedulerFigures::of),
            memory: census.memory,
            thread_locks: census.scheduler.is_some().then(|| ThreadLock::all_of(census)),
        }
    }
}

impl Goroutines {
    /// Counts the goroutines of a census.
    pub fn of(census: &Census<'_>) -> Goroutines {
        let mut counted = Goroutines::default();
        for (cohort, members) in &census.cohorts {
            if cohort.is_runtime {
                counted.system += members;
                continue;
            }
            counted.count += members;
            *counted.by_state.entry(cohort.status).or_default() += members;
            if cohort.locked_to_thread {
                *counted.locked_by_state.entry(cohort.status).or_default() += members;
            }
            if let Some(reason) = cohort.wait_reason.map(|id| census.tables.text(id)) {
                *counted.by_wait_reason.entry(reason.to_owned()).or_default() += members;
            }
        }
        counted.stacks = Stacks::of(census);
        counted
    }

    /// How many are blocked, whatever the reason.
    pub fn blocked(&self) -> u64 {
        self.by_wait_reason.values().sum()
    }
}

impl Stacks {
    /// Counts by fingerprint; `None` if the census took no stacks.
    pub fn of(census: &Census<'_>) -> Option<Stacks> {
        let taken = |state: StackState| state != StackState::NotTaken;
        if !census.cohorts.is_empty() && !census.cohorts.iter().any(|(cohort, _)| taken(cohort.stack_state)) {
            return None;
        }
        let mut stacks = Stacks::default();
        // Many cohorts differ in labels or status only: each stack is hashed once.
        let mut by_stack = HashMap::new();
        for (cohort, members) in census.cohorts.iter().filter(|(cohort, _)| !cohort.is_runtime) {
            *by_stack.entry(cohort.stack).or_insert(0) += members;
        }
        for (stack, members) in by_stack {
            let Some(fingerprint) = Fingerprint::of(census.tables, stack) else {
                stacks.unknown += members;
                continue;
            };
            let function = own_function(census.tables, stack).map_or(Cow::Borrowed(""), normal_name);
            let counted = stacks.by_fingerprint.entry(fingerprint).or_default();
            counted.count += members;
            // Beyond the frames that are compared, stacks of one fingerprint may differ: the choice is not left to
            // the order of a hash map.
            if counted.function.is_empty() || *function < *counted.function {
                counted.function = function.into_owned();
            }
        }
        Some(stacks)
    }
}

impl SchedulerFigures {
    /// The figures of a scheduler.
    pub fn of(scheduler: &Scheduler) -> SchedulerFigures {
        let mut processors: BTreeMap<&'static str, u64> = [
            ProcessorStatus::Idle,
            ProcessorStatus::Running,
            ProcessorStatus::Syscall,
            ProcessorStatus::GcStop,
        ]
        .map(|status| (status.name(), 0))
        .into();
        for processor in &scheduler.processors {
            *processors.entry(processor.status.name()).or_default() += 1;
        }
        SchedulerFigures {
            goroutines_created: scheduler.goroutines_created,
            goroutine_id_limit: scheduler.goroutine_id_limit,
            processors,
            threads: scheduler.machine_count.unwrap_or(scheduler.machines.len() as u64),
            threads_idle: scheduler.idle_machines.into(),
            threads_idle_locked: scheduler.idle_locked_machines.map(u64::from),
            threads_spinning: scheduler.spinning_machines.into(),
            queued_globally: scheduler.global_run_queue.into(),
            queued_locally: scheduler.locally_queued(),
            gc_waiting: scheduler.gc_waiting,
            times_to_run: scheduler.times_to_run.clone(),
            gc_pauses: scheduler.gc_pauses.clone(),
        }
    }
}
