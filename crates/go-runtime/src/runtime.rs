//! An attached runtime, and how it is looked at.

use std::cell::OnceCell;
use std::time::Instant;

use go_binary::memory_globals::MemoryGlobals;
use process_memory::{ProcessMemory, ReadError, Traffic};
use rustc_hash::FxHashMap;
use snapshot::{
    Census, Cost, GapCause, GapSubject, Goroutine, MemoryStatistics, Scheduler, Snapshot, Status, Target,
};

use crate::cohorts::{CohortId, Cohorts};
use crate::context::{Context, Vocabulary};
use crate::error::AttachError;
use crate::gaps::Gaps;
use crate::header::Header;
use crate::known::{Known, Quality};
use crate::limits::Limits;
use crate::program::Program;
use crate::records::Builder;
use crate::running::RunningThreads;
use crate::scheduler::Machinery;
use crate::stacks::{Taken, Tally};
use crate::sweep::{Seen, Sweep, Swept};
use crate::wait_reasons::WaitReasons;
use crate::waits::Found;
use crate::{goroutine_list, memory_statistics, scheduler, self_test, wait_reasons};

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
    program: Program,
    limits: Limits,
    words: Vocabulary,
    known: Known,
    looks: u64,
    /// Looked for when first needed; `None` inside if it cannot be found.
    memory_globals: OnceCell<Option<MemoryGlobals>>,
}

/// One look at everything.
struct Look {
    all: Vec<Seen>,
    memory: Option<MemoryStatistics>,
    machinery: Machinery,
    gaps: Gaps,
    tally: Tally,
    began: Instant,
    traffic: Traffic,
    scheduler_us: u64,
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
        let mut look = self.look(memory, options, moment, threads, false)?;
        self.note_nameless(&mut look.gaps);
        Ok(Census {
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
        })
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

    /// Looks at every goroutine, and brings what is known of them up to date. `all` says whether every single
    /// one is wanted.
    fn look<M: ProcessMemory>(
        &mut self,
        memory: &M,
        options: &Options,
        moment: Moment,
        threads: Option<&dyn RunningThreads>,
        all: bool,
    ) -> Result<Look, ReadError> {
        let (began, traffic) = (Instant::now(), memory.traffic());
        let mut gaps = Gaps::default();
        if self.words.begin() {
            self.known.forget();
        }
        if let Some(new) = self.words.cohorts.compact() {
            self.known.renumber(|id| new.get(Cohorts::index(id)).copied().unwrap_or(CohortId::NONE));
        }
        if options.every_goroutine
            && self.known.update(goroutine_list::read(
                memory,
                &self.program.globals,
                &self.limits,
                &mut gaps,
            )?)
        {
            self.words.cohorts = Cohorts::default();
        }
        let machinery = scheduler::read(&self.program, memory, &self.limits, &mut gaps).unwrap_or_default();
        let statistics = self.memory_statistics(memory, options, &mut gaps);
        let scheduler_us = micros(began);
        let mut context = Context {
            program: &self.program,
            memory,
            limits: &self.limits,
            words: &mut self.words,
            gaps: &mut gaps,
            pcs: Vec::new(),
        };
        if !options.every_goroutine {
            let all = context.of_scheduler(&machinery);
            let tally = Tally::default();
            return Ok(Look {
                all,
                memory: statistics,
                machinery,
                gaps,
                tally,
                began,
                traffic,
                scheduler_us,
            });
        }
        let threads = threads.filter(|_| options.stacks);
        // First of all, before those that run now have been replaced by others; and once more for those that began
        // to run while the stacks of the others were taken.
        let mut running = Vec::new();
        if let Some(threads) = threads {
            running = context.of_machines(&machinery);
            context.take_running(&mut running, &machinery, threads);
        }
        let sampled = running.into_iter().map(|taken| (taken.header.at, taken)).collect();
        let sweep = Sweep::new(&mut context, options, sampled, self.looks, moment.monotonic_ns);
        let mut swept = sweep.run(self.known.rows(), all)?;
        self.looks += 1;
        if let Some(threads) = threads {
            context.take_running(&mut swept.running, &machinery, threads);
            let mut rows = self.known.rows();
            for taken in &mut swept.running {
                let cohort = context.cohort(taken, true);
                let before =
                    rows.note(taken.row, &taken.header, cohort, Quality::NoStack, moment.monotonic_ns);
                context.words.cohorts.moved(before, cohort);
                let place = swept.all.binary_search_by_key(&taken.header.at, |seen| seen.header.at);
                if let Some(seen) = place.ok().and_then(|index| swept.all.get_mut(index)) {
                    seen.cohort = cohort;
                }
            }
        }
        let Swept { all, tally, .. } = swept;
        Ok(Look { all, memory: statistics, machinery, gaps, tally, began, traffic, scheduler_us })
    }

    /// Counters of memory, if they were asked for; `None` and a gap if their variables cannot be found.
    fn memory_statistics<M: ProcessMemory>(
        &self,
        memory: &M,
        options: &Options,
        gaps: &mut Gaps,
    ) -> Option<MemoryStatistics> {
        if !options.memory {
            return None;
        }
        let globals = self.memory_globals.get_or_init(|| self.program.memory_globals().ok());
        if globals.is_none() {
            gaps.of(GapSubject::MemoryStatistics, GapCause::Unreadable);
        }
        let globals = globals.as_ref()?;
        Some(memory_statistics::read(&self.program, globals, memory, &self.limits, gaps))
    }

    fn note_nameless(&self, gaps: &mut Gaps) {
        if self.words.filler.nameless > 0 {
            gaps.of(GapSubject::Symbols, GapCause::Corrupt);
        }
    }
}

impl<M: ProcessMemory> Context<'_, M> {
    /// The goroutines that the Ms say they run, before their stacks are taken.
    fn of_machines(&self, machinery: &Machinery) -> Vec<Taken> {
        let fields = &self.program.fields.g;
        let header = |at: snapshot::Address| {
            let bytes = process_memory::ReadValues::read_vec(self.memory, at, fields.size).ok()?;
            Header::decode(&bytes, at, fields).filter(|header| header.status() == Some(Status::Running))
        };
        let headers = machinery.goroutines.iter().filter_map(|at| header(*at));
        headers.map(|header| Taken::wanted(header, 0)).collect()
    }
}

impl<M: ProcessMemory> Context<'_, M> {
    /// The goroutines that Ms run or that are locked to them, as far as their headers say.
    fn of_scheduler(&mut self, machinery: &Machinery) -> Vec<Seen> {
        let seen = (0..).zip(&machinery.bound).map(|(place, header)| {
            let cohort = self.cohort(&mut Taken::wanted(*header, 0), false);
            Seen { header: *header, cohort, place, since_ns: 0 }
        });
        seen.collect()
    }
}

impl Machinery {
    fn into_scheduler(self) -> Option<Scheduler> {
        Some(self.scheduler).filter(|scheduler| !scheduler.processors.is_empty())
    }
}

impl Look {
    fn cost(&self, now: Traffic) -> Cost {
        let total_us = micros(self.began);
        let headers_us =
            self.scheduler_us + u64::try_from(self.tally.headers.as_micros()).unwrap_or(u64::MAX);
        Cost {
            attach_us: 0,
            headers_us,
            stacks_us: total_us.saturating_sub(headers_us),
            total_us,
            bytes_read: now.bytes - self.traffic.bytes,
            read_calls: now.calls - self.traffic.calls,
            stacks_read: self.tally.read,
            retried: self.tally.retried,
            torn: self.tally.torn,
            known: self.tally.known,
            stale: self.tally.stale,
        }
    }
}

fn micros(since: Instant) -> u64 {
    u64::try_from(since.elapsed().as_micros()).unwrap_or(u64::MAX)
}
