//! One pass over all goroutines: headers in runs, and the stacks of those that have moved.
//!
//! ```text
//! rows ──> headers of a chunk ──┬── unmoved, and seen so before ──> as known
//!  (per worker)                 └── others ──> [header][stack][header] ──> unwind ──> cohort, row
//! ```
//!
//! Workers read side by side; what they found is put into the session's tables one at a time.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Instant;

use go_binary::Bytes;
use process_memory::{ProcessMemory, ReadError, ReadFailure};
use rustc_hash::FxHashMap;
use snapshot::{Address, GapCause, GapSubject, StackState, Status};

use crate::bulk::Batch;
use crate::cohorts::CohortId;
use crate::context::Context;
use crate::header::Header;
use crate::known::{Quality, Rows};
use crate::limits::Limits;
use crate::program::Program;
use crate::runtime::Options;
use crate::stacks::{Taken, Tally};

/// Headers of one read: half a megabyte.
const CHUNK: usize = 1024;
/// A worker is not worth starting for fewer rows than this.
const ROWS_PER_WORKER: usize = 4 * CHUNK;
/// In each pass one block in so many is read again although nothing in it has moved.
const ROTATION: u64 = 64;
/// Rows of a block.
const BLOCK: usize = 64;

/// What all workers of a pass share.
pub(crate) struct Sweep<'s, 'c, M> {
    pub(crate) program: &'s Program,
    pub(crate) memory: &'s M,
    pub(crate) limits: &'s Limits,
    pub(crate) options: &'s Options,
    /// What only one may use at a time.
    context: Mutex<&'s mut Context<'c, M>>,
    /// Running goroutines whose threads have been sampled, by address.
    sampled: FxHashMap<Address, Taken>,
    /// Number of this pass in its session.
    pass: u64,
    now_ns: i64,
    stack_bytes_left: AtomicU64,
}

/// What a worker found.
#[derive(Debug, Default)]
pub(crate) struct Swept {
    pub(crate) tally: Tally,
    /// Goroutines that were running.
    pub(crate) running: Vec<Taken>,
    /// Every goroutine with its cohort, where all were asked for.
    pub(crate) all: Vec<Seen>,
}

/// A goroutine as it was seen in this pass.
#[derive(Debug, Clone)]
pub(crate) struct Seen {
    pub(crate) header: Header,
    pub(crate) cohort: CohortId,
    /// Index in the runtime's list.
    pub(crate) place: u32,
    pub(crate) since_ns: i64,
}

/// What the first header of a row says.
enum First {
    /// The same as before, which is believed.
    Known(Header),
    Look(Header),
    NoGoroutine,
    Failed(GapCause, Option<Header>),
}

impl<'s, 'c, M: ProcessMemory> Sweep<'s, 'c, M> {
    pub(crate) fn new(
        context: &'s mut Context<'c, M>,
        options: &'s Options,
        sampled: FxHashMap<Address, Taken>,
        pass: u64,
        now_ns: i64,
    ) -> Self {
        let (program, memory, limits) = (context.program, context.memory, context.limits);
        let stack_bytes_left = AtomicU64::new(limits.stacks_bytes_max);
        let context = Mutex::new(context);
        Sweep { program, memory, limits, options, context, sampled, pass, now_ns, stack_bytes_left }
    }

    /// What only one worker may use at a time. A worker that panicked has not left it half changed in a way
    /// that matters: tables only grow.
    pub(crate) fn context(&self) -> MutexGuard<'_, &'s mut Context<'c, M>> {
        self.context.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes from the budget for stacks; `false` if there is not enough left.
    pub(crate) fn spend(&self, bytes: u64) -> bool {
        let take = |left: u64| left.checked_sub(bytes);
        self.stack_bytes_left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, take).is_ok()
    }

    /// Looks at all rows. `all` says whether every single goroutine is wanted.
    ///
    /// # Errors
    /// When the process has gone.
    pub(crate) fn run(&self, rows: Rows<'_>, all: bool) -> Result<Swept, ReadError> {
        let workers = self.limits.workers.min(rows.len() / ROWS_PER_WORKER).max(1);
        let share = rows.len().div_ceil(workers);
        let mut parts = Vec::with_capacity(workers);
        let mut rest = rows;
        let mut first = 0;
        for _ in 1..workers {
            let (part, tail) = rest.split_at(share);
            parts.push((first, part));
            (first, rest) = (first + share, tail);
        }
        thread::scope(|scope| {
            let others: Vec<_> = parts
                .into_iter()
                .map(|(first, part)| scope.spawn(move || self.work(first, part, all)))
                .collect();
            let last = self.work(first, rest, all);
            let mut swept = Swept::default();
            for other in others {
                // A panic is a bug in a worker: it goes on here.
                let part = other.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
                swept.add(part?);
            }
            swept.add(last?);
            Ok(swept)
        })
    }

    /// The part of one worker, whose first row has the number `first`.
    fn work(&self, first: usize, rows: Rows<'_>, all: bool) -> Result<Swept, ReadError> {
        let mut swept = Swept::default();
        let (mut batch, mut alone) = (Batch::default(), Vec::new());
        let mut looks: Vec<Taken> = Vec::new();
        let mut seen: Vec<Seen> = Vec::new();
        let (mut rest, mut row_of_chunk) = (rows, first);
        while rest.len() > 0 {
            let (mut chunk, tail) = rest.split_at(CHUNK);
            rest = tail;
            let began = Instant::now();
            looks.clear();
            seen.clear();
            batch.clear();
            let addresses = chunk.addresses.iter().map(|at| Address(*at));
            let slots = batch.push_each(addresses, self.program.fields.g.size);
            batch.read(self.memory);
            let mut context = None;
            for (row, slot) in slots.into_iter().enumerate() {
                let at = Address(chunk.addresses.get(row).copied().unwrap_or_default());
                let bytes = batch.get_or_reread(slot, self.memory, &mut alone);
                match self.first(&chunk, row, row_of_chunk + row, at, bytes)? {
                    First::Known(header) => {
                        swept.tally.known += 1;
                        chunk.keep(row, header.mark());
                        if all {
                            seen.push(self.seen(&chunk, row, header));
                        }
                    }
                    First::Look(header) => looks.push(self.begin(header, row)),
                    other => {
                        let context = context.get_or_insert_with(|| self.context());
                        let before = chunk.ended(row);
                        context.words.cohorts.moved(before, CohortId::NONE);
                        if let First::Failed(cause, header) = other {
                            context.gaps.add(GapSubject::Goroutine, cause, header.map(|h| h.id), Some(at));
                        }
                    }
                }
            }
            drop(context);
            swept.tally.headers += began.elapsed();
            if self.options.stacks {
                self.take_stacks(&mut batch, &mut looks, &mut swept.tally);
            }
            self.note(&mut chunk, &mut looks, &mut swept.tally);
            if all {
                let live = looks.iter().filter(|taken| is_live(&taken.header));
                seen.extend(live.map(|taken| self.seen(&chunk, taken.row, taken.header)));
                swept.all.append(&mut seen);
            }
            let running = looks.iter().filter(|taken| taken.header.status() == Some(Status::Running));
            swept
                .running
                .extend(running.map(|taken| Taken { row: row_of_chunk + taken.row, ..taken.clone() }));
            row_of_chunk += chunk.len();
        }
        Ok(swept)
    }

    /// What the first header of a row says.
    fn first(
        &self,
        rows: &Rows<'_>,
        row: usize,
        number: usize,
        at: Address,
        bytes: Result<&[u8], ReadError>,
    ) -> Result<First, ReadError> {
        let fields = &self.program.fields.g;
        let bytes = match bytes {
            Ok(bytes) => bytes,
            Err(error) if error.cause == ReadFailure::ProcessExited => return Err(error),
            Err(error) => return Ok(First::Failed(error.cause.into(), None)),
        };
        Ok(match Header::decode(bytes, at, fields) {
            Some(header) if header.status().is_none() => First::Failed(GapCause::Corrupt, Some(header)),
            Some(header) if !is_live(&header) => First::NoGoroutine,
            Some(header) => {
                let turn = (number / BLOCK) as u64 % ROTATION == self.pass % ROTATION;
                let sure = if self.options.stacks {
                    rows.believed(row, &header) && !turn
                } else {
                    rows.unmoved(row, &header.mark()) && rows.flawless(row)
                };
                if sure { First::Known(header) } else { First::Look(header) }
            }
            // A descriptor that is being set up has its self-pointer cleared for an instant; until then it is no
            // goroutine.
            None if bytes.u64_at(fields.sched_g) == Some(0) => First::NoGoroutine,
            None => First::Failed(GapCause::Corrupt, None),
        })
    }

    fn begin(&self, header: Header, row: usize) -> Taken {
        let sampled = self
            .sampled
            .get(&header.at)
            .filter(|sampled| header.status() == Some(Status::Running) && sampled.header.id == header.id);
        match sampled {
            Some(sampled) => Taken { header, row, ..sampled.clone() },
            None => Taken::wanted(header, row),
        }
    }

    /// Puts what was found into the tables and the rows.
    fn note(&self, rows: &mut Rows<'_>, looks: &mut [Taken], tally: &mut Tally) {
        if looks.is_empty() {
            return;
        }
        let mut context = self.context();
        if self.options.labels {
            context.read_labels(looks);
        }
        for taken in looks {
            let believed = rows.believed(taken.row, &taken.header);
            if is_live(&taken.header) {
                let cohort = context.cohort(taken, self.options.stacks);
                let quality = match taken.state {
                    _ if taken.flawed => Quality::Flawed,
                    StackState::Saved => Quality::Stack,
                    _ => Quality::NoStack,
                };
                let before = rows.note(taken.row, &taken.header, cohort, quality, self.now_ns);
                context.words.cohorts.moved(before, cohort);
                let stack_of = |id| context.words.cohorts.get(id).map(|cohort| cohort.stack);
                tally.stale +=
                    u64::from(believed && quality == Quality::Stack && stack_of(before) != stack_of(cohort));
            } else {
                context.words.cohorts.moved(rows.ended(taken.row), CohortId::NONE);
            }
        }
    }

    fn seen(&self, rows: &Rows<'_>, row: usize, header: Header) -> Seen {
        let place = rows.places.get(row).copied().unwrap_or(u32::MAX);
        Seen { header, cohort: rows.cohort(row), place, since_ns: rows.since_ns(row) }
    }
}

impl Swept {
    fn add(&mut self, mut other: Swept) {
        self.tally.add(other.tally);
        self.running.append(&mut other.running);
        self.all.append(&mut other.all);
    }
}

/// Whether a descriptor is of a goroutine at the moment.
pub(crate) fn is_live(header: &Header) -> bool {
    !matches!(header.status(), None | Some(Status::Dead | Status::Idle))
}
