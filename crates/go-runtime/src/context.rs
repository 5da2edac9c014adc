//! What one look at a process works with, where one goroutine is dealt with at a time.

use process_memory::ProcessMemory;
use rustc_hash::FxHashMap;
use snapshot::{Address, Cohort, FrameId, GapCause, GapSubject, GoroutineId, StackId, StackState, Status};

use crate::cohorts::{CohortId, Cohorts};
use crate::gaps::Gaps;
use crate::header::Header;
use crate::limits::Limits;
use crate::program::Program;
use crate::stacks::Taken;
use crate::symbols::{OfRuntime, StackPc, Symbols, TableFiller};
use crate::wait_reasons::WaitReasons;

/// The runtime starts `runtime.main` first.
const MAIN_GOROUTINE: GoroutineId = GoroutineId(1);
/// Distinct stacks, label sets, frames or strings beyond which the tables are started over.
const TABLES_MAX: usize = 1 << 20;

/// What was looked up once and holds for the whole session: symbols, and what ids mean.
#[derive(Debug, Default)]
pub(crate) struct Vocabulary {
    pub(crate) symbols: Symbols,
    pub(crate) filler: TableFiller,
    pub(crate) reasons: WaitReasons,
    pub(crate) cohorts: Cohorts,
    origins: FxHashMap<(Address, Address), Origin>,
    /// How often ids have lost their meaning.
    pub(crate) generation: u64,
}

/// Where goroutines come from that were started at the same place.
#[derive(Debug, Clone, Copy)]
struct Origin {
    entry: Option<FrameId>,
    created_by: Option<FrameId>,
    of_runtime: OfRuntime,
}

impl Vocabulary {
    /// Nothing but the words for wait reasons is known yet.
    pub(crate) fn of(reasons: WaitReasons) -> Self {
        Vocabulary { reasons, ..Vocabulary::default() }
    }

    /// Begins another look. Returns whether all ids have lost their meaning because there were too many.
    pub(crate) fn begin(&mut self) -> bool {
        let tables = &self.filler.tables;
        let largest =
            [tables.stacks.len(), tables.label_sets.len(), tables.frames.len(), tables.strings.len()];
        let start_over = largest.into_iter().any(|len| len > TABLES_MAX) || self.origins.len() > TABLES_MAX;
        if start_over {
            self.filler = TableFiller::default();
            self.cohorts = Cohorts::default();
            self.origins.clear();
            self.generation += 1;
        }
        self.reasons.begin(start_over);
        start_over
    }
}

/// What one look at a process works with.
pub(crate) struct Context<'a, M> {
    pub(crate) program: &'a Program,
    pub(crate) memory: &'a M,
    pub(crate) limits: &'a Limits,
    pub(crate) words: &'a mut Vocabulary,
    pub(crate) gaps: &'a mut Gaps,
    /// Room for the stack that is being unwound.
    pub(crate) pcs: Vec<StackPc>,
}

impl<M: ProcessMemory> Context<'_, M> {
    /// The id of a stack given by its pcs, innermost first.
    pub(crate) fn stack(&mut self, pcs: &[StackPc], complete: bool) -> StackId {
        let Vocabulary { filler, symbols, .. } = &mut *self.words;
        filler.stack(symbols, self.program, self.memory, pcs, complete)
    }

    /// The cohort of a goroutine, of which everything else is known by now. `stacks` says whether stacks were
    /// asked for.
    pub(crate) fn cohort(&mut self, taken: &mut Taken, stacks: bool) -> CohortId {
        let header = taken.header;
        let wait_reason = self.wait_reason(taken);
        let origin = self.origin(&header);
        let tables = &self.words.filler.tables;
        let is_runtime = match origin.of_runtime {
            OfRuntime::Yes => true,
            OfRuntime::No => false,
            OfRuntime::UnlessCallingOut => {
                let mut frames = tables.frames_of(taken.stack);
                !frames.any(|frame| !tables.text(frame.function).starts_with("runtime."))
            }
        };
        self.words.cohorts.id(Cohort {
            status: header.status().unwrap_or(Status::Dead),
            wait_reason,
            stack: taken.stack,
            stack_state: match taken.state {
                StackState::Torn if !stacks => StackState::NotTaken,
                state => state,
            },
            labels: taken.labels,
            created_by: origin.created_by.filter(|_| header.id != MAIN_GOROUTINE),
            entry: origin.entry,
            is_runtime,
            locked_to_thread: !header.locked_m.is_null(),
        })
    }

    fn wait_reason(&mut self, taken: &mut Taken) -> Option<snapshot::StringId> {
        let header = &taken.header;
        if !header.is_parked() {
            return None;
        }
        let strings = &mut self.words.filler.tables.strings;
        let reasons = &mut self.words.reasons;
        let reason = reasons.id(header.wait_reason, self.program, self.memory, self.limits, strings);
        if reason.is_none() {
            self.gaps.add(GapSubject::WaitReason, GapCause::Unreadable, Some(header.id), Some(header.at));
            taken.flawed = true;
        }
        reason.filter(|id| *id != snapshot::StringId::default())
    }

    fn origin(&mut self, header: &Header) -> Origin {
        let key = (header.startpc, header.gopc);
        if let Some(known) = self.words.origins.get(&key) {
            return *known;
        }
        let Vocabulary { symbols, filler, .. } = &mut *self.words;
        let entry = symbols.entry(self.program, self.memory, header.startpc).cloned();
        let of_runtime = entry.as_ref().map_or(OfRuntime::No, |entry| entry.of_runtime);
        let entry = entry.map(|entry| filler.frame(&entry.frame, header.startpc.0, 0));
        // The main goroutine's `gopc` is in the assembly that starts the runtime: nobody wrote a `go` there.
        let creator = symbols.creator(self.program, self.memory, header.gopc);
        let creator = creator.filter(|_| !header.gopc.is_null() && header.id != MAIN_GOROUTINE);
        let created_by = creator.map(|(entry, frame)| {
            let offset = header.gopc.0.wrapping_sub(*entry);
            filler.frame(frame, header.gopc.0, offset)
        });
        let origin = Origin { entry, created_by, of_runtime };
        self.words.origins.insert(key, origin);
        origin
    }
}
