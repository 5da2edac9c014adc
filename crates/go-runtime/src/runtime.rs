//! An attached runtime, and what can be had of it: censuses and snapshots.

use std::cell::OnceCell;

use go_binary::memory_globals::MemoryGlobals;
use process_memory::{ProcessMemory, ReadError};
use rustc_hash::FxHashMap;
use snapshot::{Census, Goroutine, Individual, Snapshot, Target};

use crate::cohorts::Cohorts;
use crate::context::{Context, Vocabulary};
use crate::error::AttachError;
use crate::known::Known;
use crate::limits::Limits;
use crate::look::Look;
use crate::program::Program;
use crate::records::{Builder, waiting_since};
use crate::running::RunningThreads;
use crate::sweep::Seen;
use crate::wait_reasons::WaitReasons;
use crate::waits::Found;
use crate::{self_test, wait_reasons};

/// What a snapshot should contain besides the states of all goroutines.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Options {
    /// All goroutines; otherwise only those that an M runs or that are locked to one, without stacks.
    pub every_goroutine: bool,
    /// Stacks. Without them a snapshot is several times cheaper.
    pub stacks: bool,
    /// What goroutines wait on.
    pub wait_objects: bool,
    /// pprof labels.
    pub labels: bool,
    /// Counters of memory and garbage collections.
    pub memory: bool,
}

impl Default for Options {
    fn default() -> Self {
        Options { every_goroutine: true, stacks: true, wait_objects: true, labels: true, memory: false }
    }
}

/// When a snapshot is taken. Clocks are read by the caller.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Moment {
    /// Milliseconds since the Unix epoch.
    pub unix_ms: u64,
    /// The monotonic clock that the target's runtime uses as well (`CLOCK_MONOTONIC`), nanoseconds.
    pub monotonic_ns: i64,
}

impl Moment {
    fn monotonic_ns(&self) -> u64 {
        u64::try_from(self.monotonic_ns).unwrap_or_default()
    }
}

/// A runtime that passed its self-test, and what is remembered of it between looks.
pub struct Runtime {
    pub(crate) program: Program,
    pub(crate) limits: Limits,
    pub(crate) words: Vocabulary,
    pub(crate) known: Known,
    pub(crate) looks: u64,
    /// Looked for when first needed; `None` inside if it cannot be found.
    pub(crate) memory_globals: OnceCell<Option<MemoryGlobals>>,
}

impl Runtime {
    /// Attaches to the program in `memory` that was loaded from `executable` with `bias`.
    ///
    /// Layouts are tried in order of trust until one passes the self-test. `threads` lists the process's threads
    /// by the ids that they have in its own pid namespace; `None` where the system cannot be asked (recordings).
    ///
    /// # Errors
    /// The error of the most trusted layout if none passes.
    pub fn attach<M: ProcessMemory>(
        executable: go_binary::Executable,
        bias: go_binary::Bias,
        memory: &M,
        limits: Limits,
        threads: Option<&dyn Fn() -> Vec<u32>>,
    ) -> Result<Self, AttachError> {
        let candidates = Program::candidates(executable, bias, memory)?;
        let mut first_error = None;
        for program in candidates {
            let attached = program.and_then(|program| {
                let wait_reasons = wait_reasons::read(&program, memory, &limits);
                self_test::run(&program, memory, &limits, &wait_reasons, threads)?;
                let words = Vocabulary::of(WaitReasons::new(wait_reasons));
                Ok(Runtime {
                    program,
                    limits,
                    words,
                    known: Known::default(),
                    looks: 0,
                    memory_globals: OnceCell::new(),
                })
            });
            match attached {
                Ok(runtime) => return Ok(runtime),
                // Another layout does not help a process that is gone.
                Err(AttachError::Memory(error)) => return Err(error.into()),
                Err(error) => _ = first_error.get_or_insert(error),
            }
        }
        Err(first_error.unwrap_or(AttachError::NotStarted))
    }

    /// The program that it runs.
    pub fn program(&self) -> &Program {
        &self.program
    }

    /// Changes [`Limits::workers`].
    pub fn set_workers(&mut self, workers: usize) {
        self.limits.workers = workers;
    }

    /// Changes [`Limits::heap_bytes_max`].
    pub fn set_heap_bytes_max(&mut self, bytes: u64) {
        self.limits.heap_bytes_max = bytes;
    }

    /// Forgets what earlier looks found: the next one reads everything.
    pub fn forget(&mut self) {
        self.known = Known::default();
        self.words.cohorts = Cohorts::default();
    }

    /// Counts the goroutines by what they do. Stacks of those that have not moved since the last look are not
    /// read again: this is what to call over and over.
    ///
    /// # Errors
    /// Only if not even the list of goroutines can be read: the process is gone. Everything else that
    /// cannot be read is a gap.
    pub fn census<'r, M: ProcessMemory>(
        &'r mut self,
        memory: &M,
        target: &'r Target,
        options: &Options,
        moment: Moment,
        threads: Option<&dyn RunningThreads>,
    ) -> Result<Census<'r>, ReadError> {
        let look = self.look(memory, options, moment, threads, false)?;
        Ok(self.count(look, memory, target, moment))
    }

    /// A census with every single goroutine, in the order of the runtime's list.
    ///
    /// # Errors
    /// As [`Runtime::census`].
    pub fn roll<'r, M: ProcessMemory>(
        &'r mut self,
        memory: &M,
        target: &'r Target,
        options: &Options,
        moment: Moment,
        threads: Option<&dyn RunningThreads>,
    ) -> Result<(Census<'r>, Vec<Individual>), ReadError> {
        let mut look = self.look(memory, options, moment, threads, true)?;
        let all = std::mem::take(&mut look.all);
        let (machinery, index) = (&look.machinery, self.words.cohorts.places());
        let individual = |seen: &Seen| {
            let running_on = machinery.machine(seen.header.m).and_then(|machine| machine.p);
            Some(Individual {
                place: seen.place,
                id: seen.header.id,
                cohort: index.get(Cohorts::index(seen.cohort)).copied().flatten()?,
                p: running_on.or_else(|| machinery.queued.get(&seen.header.at).copied()),
                waiting_since: waiting_since(seen, moment),
            })
        };
        let mut individuals: Vec<Individual> = all.iter().filter_map(individual).collect();
        individuals.sort_unstable_by_key(|individual| individual.place);
        Ok((self.count(look, memory, target, moment), individuals))
    }

    /// The census of a look.
    fn count<'r, M: ProcessMemory>(
        &'r self,
        mut look: Look,
        memory: &M,
        target: &'r Target,
        moment: Moment,
    ) -> Census<'r> {
        self.note_nameless(&mut look.gaps);
        Census {
            target,
            taken_at_unix_ms: moment.unix_ms,
            taken_at_monotonic_ns: moment.monotonic_ns(),
            cohorts: self.words.cohorts.counted().copied().collect(),
            cost: look.cost(memory.traffic()),
            memory: look.memory,
            scheduler: look.machinery.into_scheduler(),
            tables: &self.words.filler.tables,
            generation: self.words.generation,
            gaps: look.gaps.finish(),
        }
    }

    /// Takes a snapshot: every single goroutine. `target` is what the snapshot will say it is of.
    ///
    /// # Errors
    /// As [`Runtime::census`].
    pub fn snapshot<M: ProcessMemory>(
        &mut self,
        memory: &M,
        target: &Target,
        options: &Options,
        moment: Moment,
        threads: Option<&dyn RunningThreads>,
    ) -> Result<Snapshot, ReadError> {
        let mut look = self.look(memory, options, moment, threads, true)?;
        let mut context = Context {
            program: &self.program,
            memory,
            limits: &self.limits,
            words: &mut self.words,
            gaps: &mut look.gaps,
            pcs: Vec::new(),
        };
        let mut found = Found::default();
        if options.wait_objects {
            found = context.find_wait_objects(&look.all);
        }
        let mut builder = Builder {
            context: &context,
            machinery: &look.machinery,
            moment,
            wait_objects: Vec::new(),
            bubbles: FxHashMap::default(),
        };
        let mut indexed: Vec<(u32, Goroutine)> = Vec::with_capacity(look.all.len());
        for (index, seen) in look.all.iter().enumerate() {
            let record = builder.goroutine(seen, found.remove(&index).unwrap_or_default());
            indexed.extend(record.map(|record| (seen.place, record)));
        }
        indexed.sort_unstable_by_key(|(place, _)| *place);
        let wait_objects = builder.wait_objects;
        self.note_nameless(&mut look.gaps);
        Ok(Snapshot {
            target: target.clone(),
            taken_at_unix_ms: moment.unix_ms,
            taken_at_monotonic_ns: moment.monotonic_ns(),
            goroutines: indexed.into_iter().map(|(_, goroutine)| goroutine).collect(),
            wait_objects,
            cost: look.cost(memory.traffic()),
            memory: look.memory,
            scheduler: look.machinery.into_scheduler(),
            tables: self.words.filler.tables.clone(),
            gaps: look.gaps.finish(),
        })
    }
}
