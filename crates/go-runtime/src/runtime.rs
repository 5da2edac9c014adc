//! An attached runtime, and how a snapshot of it is made.

use std::time::Instant;

use process_memory::{ProcessMemory, ReadError};
use rustc_hash::FxHashMap;
use snapshot::{Address, Cost, Gap, GapCause, GapSubject, Goroutine, Snapshot, Target};

use crate::error::AttachError;
use crate::gaps::Gaps;
use crate::limits::Limits;
use crate::program::Program;
use crate::records::Builder;
use crate::running::RunningThreads;
use crate::stacks::{Context, Taken, Tally};
use crate::symbols::{Symbols, TableFiller};
use crate::waits::Found;
use crate::{goroutine_list, scheduler, self_test, wait_reasons};

/// What a snapshot should contain besides the states of all goroutines.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Options {
    /// Stacks. Without them a snapshot is several times cheaper.
    pub stacks: bool,
    /// What goroutines wait on.
    pub wait_objects: bool,
    /// pprof labels.
    pub labels: bool,
}

impl Default for Options {
    fn default() -> Self {
        Options { stacks: true, wait_objects: true, labels: true }
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

/// A runtime that passed its self-test, and what is remembered of it between snapshots.
pub struct Runtime {
    program: Program,
    limits: Limits,
    wait_reasons: Vec<String>,
    symbols: Symbols,
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
                Ok(Runtime { program, limits, wait_reasons, symbols: Symbols::default() })
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

    /// Takes a snapshot. `target` is what the snapshot will say it is of.
    ///
    /// # Errors
    /// Only if not even the list of goroutines can be read: the process is gone. Everything else that
    /// cannot be read is a gap in the snapshot.
    pub fn snapshot<M: ProcessMemory>(
        &mut self,
        memory: &M,
        target: &Target,
        options: &Options,
        moment: Moment,
        threads: Option<&dyn RunningThreads>,
    ) -> Result<Snapshot, ReadError> {
        let began = Instant::now();
        let traffic = memory.traffic();
        let mut gaps = Gaps::default();
        let mut filler = TableFiller::default();
        let all = goroutine_list::read(memory, &self.program.globals, &self.limits, &mut gaps)?;
        let mut taken = goroutine_list::read_headers(&self.program, memory, &all, &mut gaps)?;
        self.know_wait_reasons(memory, &taken);
        let headers_us = micros(began);

        let mut context = Context {
            program: &self.program,
            memory,
            limits: &self.limits,
            symbols: &mut self.symbols,
            filler: &mut filler,
            gaps: &mut gaps,
        };
        let ids: scheduler::Ids = taken.iter().map(|g| (g.header.at, g.header.id)).collect();
        let machinery = scheduler::read(&self.program, memory, &self.limits, &ids, context.gaps);
        let machinery = machinery.unwrap_or_default();
        let threads = threads.filter(|_| options.stacks);
        // First of all, before those that run now have been replaced by others; and once more for those that began
        // to run while the stacks of the others were taken.
        if let Some(threads) = threads {
            context.take_running(&mut taken, &machinery, threads);
        }
        let tally = if options.stacks { context.take_stacks(&mut taken) } else { Tally::default() };
        taken.retain(|goroutine| goroutine_list::is_live(&goroutine.header));
        if let Some(threads) = threads {
            context.take_running(&mut taken, &machinery, threads);
        }
        let mut found = Found::default();
        if options.wait_objects {
            found = context.find_wait_objects(&taken, &self.wait_reasons);
        }
        let stacks_us = micros(began) - headers_us;
        let labels = if options.labels { context.read_labels(&taken) } else { FxHashMap::default() };

        let order: FxHashMap<Address, usize> = all.iter().enumerate().map(|(i, at)| (*at, i)).collect();
        let mut builder = Builder {
            context,
            wait_reasons: &self.wait_reasons,
            machinery: &machinery,
            moment,
            wait_objects: Vec::new(),
            bubbles: FxHashMap::default(),
            options,
        };
        let mut indexed: Vec<(usize, Goroutine)> = Vec::with_capacity(taken.len());
        for (index, goroutine) in taken.iter().enumerate() {
            let objects = found.remove(&index).unwrap_or_default();
            let labels = labels.get(&goroutine.header.labels).copied().unwrap_or_default();
            let place = order.get(&goroutine.header.at).copied().unwrap_or(usize::MAX);
            indexed.push((place, builder.goroutine(goroutine, objects, labels)));
        }
        indexed.sort_unstable_by_key(|(place, _)| *place);
        let wait_objects = builder.wait_objects;
        if filler.nameless > 0 {
            gaps.of(GapSubject::Symbols, GapCause::Corrupt);
        }
        let now = memory.traffic();
        let gaps: Vec<Gap> = gaps.finish();
        let scheduler_read = !machinery.scheduler.processors.is_empty();
        Ok(Snapshot {
            target: target.clone(),
            taken_at_unix_ms: moment.unix_ms,
            taken_at_monotonic_ns: u64::try_from(moment.monotonic_ns).unwrap_or_default(),
            goroutines: indexed.into_iter().map(|(_, goroutine)| goroutine).collect(),
            wait_objects,
            scheduler: scheduler_read.then_some(machinery.scheduler),
            tables: filler.tables,
            cost: Cost {
                attach_us: 0,
                headers_us,
                stacks_us,
                total_us: micros(began),
                bytes_read: now.bytes - traffic.bytes,
                read_calls: now.calls - traffic.calls,
                stacks_read: tally.read,
                retried: tally.retried,
                torn: tally.torn,
            },
            gaps,
        })
    }
}

impl Runtime {
    /// Reads the words for wait reasons again if there are goroutines with one beyond those known: reading
    /// them stopped short when it failed.
    fn know_wait_reasons<M: ProcessMemory>(&mut self, memory: &M, goroutines: &[Taken]) {
        let parked = goroutines.iter().filter(|goroutine| goroutine.header.is_parked());
        let highest = parked.map(|goroutine| usize::from(goroutine.header.wait_reason)).max();
        if highest.is_some_and(|highest| highest >= self.wait_reasons.len()) {
            let words = wait_reasons::read(&self.program, memory, &self.limits);
            if words.len() > self.wait_reasons.len() {
                self.wait_reasons = words;
            }
        }
    }
}

fn micros(since: Instant) -> u64 {
    u64::try_from(since.elapsed().as_micros()).unwrap_or(u64::MAX)
}
