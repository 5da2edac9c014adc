//! An attached runtime, and how a snapshot of it is made.

use std::time::Instant;

use go_binary::Bytes;
use go_binary::layout::LabelForm;
use process_memory::{ProcessMemory, ReadError, ReadValues};
use rustc_hash::FxHashMap;
use snapshot::{
    Address, Cost, Gap, GapCause, GapSubject, Goroutine, GoroutineId, LabelSet, LabelSetId, Snapshot,
    StackState, Status, Target, WaitingSince,
};

use crate::bulk::Batch;
use crate::error::AttachError;
use crate::gaps::Gaps;
use crate::header::Header;
use crate::limits::Limits;
use crate::program::Program;
use crate::running::RunningThreads;
use crate::scheduler::Machinery;
use crate::stacks::{Context, Taken, Tally};
use crate::symbols::{OfRuntime, Symbols, TableFiller};
use crate::waits::Found;
use crate::{goroutine_list, labels, scheduler, self_test};

/// Headers of one batch: a few megabytes of buffer.
const HEADERS_PER_BATCH: usize = 8192;
/// `waitReasonStrings` has about fifty entries.
const WAIT_REASONS_MAX: usize = 128;

/// The runtime starts `runtime.main` first.
const MAIN_GOROUTINE: GoroutineId = GoroutineId(1);

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
                let wait_reasons = read_wait_reasons(&program, memory, &limits);
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
        let mut taken = read_headers(&self.program, memory, &all, &mut gaps)?;
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
        let tally = if options.stacks { context.take_stacks(&mut taken) } else { Tally::default() };
        taken.retain(|goroutine| is_live(&goroutine.header));
        let ids: scheduler::Ids = taken.iter().map(|g| (g.header.at, g.header.id)).collect();
        let machinery = scheduler::read(&self.program, memory, &self.limits, &ids, context.gaps);
        let machinery = machinery.unwrap_or_default();
        if let Some(threads) = threads.filter(|_| options.stacks) {
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
            let words = read_wait_reasons(&self.program, memory, &self.limits);
            if words.len() > self.wait_reasons.len() {
                self.wait_reasons = words;
            }
        }
    }
}

fn micros(since: Instant) -> u64 {
    u64::try_from(since.elapsed().as_micros()).unwrap_or(u64::MAX)
}

fn is_live(header: &Header) -> bool {
    !matches!(header.status(), None | Some(Status::Dead | Status::Idle))
}

/// Headers of all live goroutines, sorted by address.
fn read_headers<M: ProcessMemory>(
    program: &Program,
    memory: &M,
    all: &[Address],
    gaps: &mut Gaps,
) -> Result<Vec<Taken>, ReadError> {
    let mut sorted = all.to_vec();
    sorted.sort_unstable();
    sorted.dedup();
    let fields = &program.fields.g;
    let (mut batch, mut alone) = (Batch::default(), Vec::new());
    let mut taken = Vec::new();
    for chunk in sorted.chunks(HEADERS_PER_BATCH) {
        batch.clear();
        let slots = batch.push_each(chunk.iter().copied(), fields.size);
        batch.read(memory);
        for (at, slot) in chunk.iter().zip(slots) {
            match batch.get_or_reread(slot, memory, &mut alone) {
                Ok(bytes) => match Header::decode(bytes, *at, fields) {
                    Some(header) if header.status().is_none() => {
                        gaps.add(GapSubject::Goroutine, GapCause::Corrupt, Some(header.id), Some(*at));
                    }
                    Some(header) if is_live(&header) => taken.push(Taken::wanted(header)),
                    Some(_) => {}
                    // A descriptor that is being set up has its self-pointer cleared for an instant; until
                    // then it is no goroutine.
                    None if bytes.u64_at(fields.sched_g) == Some(0) => {}
                    None => gaps.add(GapSubject::Goroutine, GapCause::Corrupt, None, Some(*at)),
                },
                Err(error) if error.cause == process_memory::ReadFailure::ProcessExited => return Err(error),
                Err(error) => gaps.add(GapSubject::Goroutine, error.cause.into(), None, Some(*at)),
            }
        }
    }
    Ok(taken)
}

/// The runtime's words for its wait reasons, by number: they were renumbered in Go 1.26, so they are read
/// from the target.
fn read_wait_reasons<M: ProcessMemory>(program: &Program, memory: &M, limits: &Limits) -> Vec<String> {
    let mut words = Vec::new();
    for index in 0..WAIT_REASONS_MAX {
        let Ok(header) = memory.read_vec(program.globals.wait_reasons.offset(index as u64 * 16), 16) else {
            break;
        };
        let (at, len) = (header.address_at(0).unwrap_or_default(), header.u64_at(8).unwrap_or_default());
        // The array ends where what follows is not a short string; its first entry is the empty one.
        if len > 64.min(limits.text_max as u64) || (len == 0 && index > 0) {
            break;
        }
        let text = memory.read_vec(at, usize::try_from(len).unwrap_or_default());
        match text.ok().and_then(|text| String::from_utf8(text).ok()) {
            Some(word) if word.chars().all(|c| c.is_ascii_graphic() || c == ' ') => words.push(word),
            _ => break,
        }
    }
    words
}

impl<M: ProcessMemory> Context<'_, M> {
    /// The label sets that goroutines point to, each read once.
    fn read_labels(&mut self, goroutines: &[Taken]) -> FxHashMap<Address, LabelSetId> {
        let form = self.program.layouts.label_form();
        let mut holders: FxHashMap<Address, Vec<&Header>> = FxHashMap::default();
        for goroutine in goroutines.iter().filter(|g| !g.header.labels.is_null()) {
            holders.entry(goroutine.header.labels).or_default().push(&goroutine.header);
        }
        let mut sets = FxHashMap::default();
        for (at, holders) in holders {
            // One that lets go of the set while it is read says nothing about the others.
            let tries = holders.iter().take(self.limits.retries_max as usize + 1);
            let mut read = Err(GapCause::Torn);
            for holder in tries {
                read = self.read_label_set(form, holder);
                if read != Err(GapCause::Torn) {
                    break;
                }
            }
            match read {
                Ok(set) => _ = sets.insert(at, set),
                Err(cause) => {
                    for holder in holders {
                        self.gaps.add(GapSubject::Labels, cause, Some(holder.id), Some(at));
                    }
                }
            }
        }
        sets
    }

    fn read_label_set(&mut self, form: Option<LabelForm>, header: &Header) -> Result<LabelSetId, GapCause> {
        let form = form.ok_or(GapCause::NotRecorded)?;
        let pairs = labels::read(self.memory, form, header.labels, self.limits)?;
        // A set lives as long as a goroutine points to it: it has to do so still.
        let fields = &self.program.fields.g;
        let now = self.memory.read_address(header.at.offset(fields.labels as u64));
        let id = self.memory.read_u64(header.at.offset(fields.goid as u64));
        if now != Ok(header.labels) || id != Ok(header.id.0) {
            return Err(GapCause::Torn);
        }
        let strings = &mut self.filler.tables.strings;
        let pairs = pairs.iter().map(|(key, value)| (strings.intern_str(key), strings.intern_str(value)));
        let pairs = pairs.collect();
        Ok(self.filler.tables.label_sets.intern(LabelSet(pairs)))
    }
}

/// Turns what was taken into records of the snapshot.
struct Builder<'a, M> {
    context: Context<'a, M>,
    wait_reasons: &'a [String],
    machinery: &'a Machinery,
    moment: Moment,
    options: &'a Options,
    wait_objects: Vec<snapshot::WaitObject>,
    bubbles: FxHashMap<Address, Option<u64>>,
}

impl<M: ProcessMemory> Builder<'_, M> {
    fn goroutine(
        &mut self,
        taken: &Taken,
        objects: Vec<snapshot::WaitObject>,
        labels: LabelSetId,
    ) -> Goroutine {
        let header = &taken.header;
        let machine = self.machinery.machine(header.m);
        let reason = self.wait_reasons.get(usize::from(header.wait_reason)).filter(|_| header.is_parked());
        if reason.is_none() && header.is_parked() {
            let (id, at) = (Some(header.id), Some(header.at));
            self.context.gaps.add(GapSubject::WaitReason, GapCause::Unreadable, id, at);
        }
        let reason = reason.filter(|reason| !reason.is_empty());
        let first_object = u32::try_from(self.wait_objects.len()).unwrap_or(u32::MAX);
        let objects_len = u32::try_from(objects.len()).unwrap_or_default();
        self.wait_objects.extend(objects);
        let Context { program, memory, symbols, filler, .. } = &mut self.context;
        let entry = symbols.entry(program, *memory, header.startpc).cloned();
        let is_runtime = match entry.as_ref().map(|entry| entry.of_runtime) {
            Some(OfRuntime::Yes) => true,
            Some(OfRuntime::UnlessCallingOut) => {
                let tables = &filler.tables;
                !tables
                    .frames_of(taken.stack)
                    .any(|frame| !tables.text(frame.function).starts_with("runtime."))
            }
            Some(OfRuntime::No) | None => false,
        };
        let entry = entry.map(|entry| filler.frame(&entry.frame, header.startpc.0, 0));
        // The main goroutine's `gopc` is in the assembly that starts the runtime: nobody wrote a `go` there.
        let created = !header.gopc.is_null() && header.id != MAIN_GOROUTINE;
        let creator = symbols.creator(program, *memory, header.gopc).filter(|_| created);
        let created_by = creator.map(|(entry, frame)| {
            let offset = header.gopc.0.wrapping_sub(*entry);
            filler.frame(frame, header.gopc.0, offset)
        });
        let wait_reason = reason.map(|reason| filler.tables.strings.intern_str(reason));
        Goroutine {
            id: header.id,
            address: header.at,
            status: header.status().unwrap_or(Status::Dead),
            scanning: header.scanning(),
            wait_reason,
            waiting_since: self.waiting_since(header),
            parent_id: header.parent_id.filter(|parent| *parent != GoroutineId(0)),
            created_by,
            entry,
            m: machine.map(|m| m.id),
            p: machine.and_then(|m| m.p),
            tid: machine.map(|m| m.tid).filter(|tid| *tid != 0),
            locked_to_thread: !header.locked_m.is_null(),
            is_runtime,
            labels,
            waiting_on: (first_object, objects_len),
            stack: taken.stack,
            stack_state: if self.options.stacks || taken.state != StackState::Torn {
                taken.state
            } else {
                StackState::NotTaken
            },
            bubble: self.bubble(header.bubble),
        }
    }

    /// The runtime notes when a GC first saw the goroutine blocked; 0 until then.
    fn waiting_since(&self, header: &Header) -> Option<WaitingSince> {
        let blocked = header.is_parked() || header.status() == Some(Status::Syscall);
        if !blocked || header.wait_since_ns <= 0 {
            return None;
        }
        let waited = self.moment.monotonic_ns.checked_sub(header.wait_since_ns)?;
        Some(WaitingSince::AtLeastMs(u64::try_from(waited).ok()? / 1_000_000))
    }

    fn bubble(&mut self, at: Address) -> Option<u64> {
        if at.is_null() {
            return None;
        }
        let (memory, field) = (self.context.memory, self.context.program.fields.bubble_id);
        *self.bubbles.entry(at).or_insert_with(|| memory.read_u64(at.offset(field? as u64)).ok())
    }
}
