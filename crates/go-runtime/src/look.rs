//! One look at everything: list, scheduler, running goroutines, then a sweep over all.

use std::time::Instant;

use process_memory::{ProcessMemory, ReadError, Traffic};
use snapshot::{Cost, GapCause, GapSubject, MemoryStatistics, Scheduler, Status};

use crate::cohorts::{CohortId, Cohorts};
use crate::context::Context;
use crate::gaps::Gaps;
use crate::header::Header;
use crate::known::Quality;
use crate::running::RunningThreads;
use crate::runtime::{Moment, Options, Runtime};
use crate::scheduler::Machinery;
use crate::stacks::{Taken, Tally};
use crate::sweep::{Seen, Sweep, Swept};
use crate::{goroutine_list, memory_statistics, scheduler};

/// One look at everything.
pub(crate) struct Look {
    pub(crate) all: Vec<Seen>,
    pub(crate) memory: Option<MemoryStatistics>,
    pub(crate) machinery: Machinery,
    pub(crate) gaps: Gaps,
    pub(crate) tally: Tally,
    pub(crate) began: Instant,
    pub(crate) traffic: Traffic,
    pub(crate) scheduler_us: u64,
}

impl Runtime {
    /// Looks at every goroutine, and brings what is known of them up to date. `all` says whether every single
    /// one is wanted.
    pub(crate) fn look<M: ProcessMemory>(
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
        if options.every_goroutine {
            let list = goroutine_list::read(memory, &self.program.globals, &self.limits, &mut gaps)?;
            if self.known.update(list) {
                self.words.cohorts = Cohorts::default();
            }
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

    pub(crate) fn note_nameless(&self, gaps: &mut Gaps) {
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
    pub(crate) fn into_scheduler(self) -> Option<Scheduler> {
        Some(self.scheduler).filter(|scheduler| !scheduler.processors.is_empty())
    }
}

impl Look {
    pub(crate) fn cost(&self, now: Traffic) -> Cost {
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
