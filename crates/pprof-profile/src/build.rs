//! From stacks to the locations of a profile.

use rustc_hash::FxHashMap;
use snapshot::{Cohort, Frame, FrameId, FunctionRole, StackId, StackState, Tables};

use crate::symbols::Symbols;

/// The mapping that all Go code belongs to.
pub(crate) const EXECUTABLE: u64 = 1;
/// No mapping.
const NO_MAPPING: u64 = 0;

/// Functions that a fault or preemption made the running code "call": the frame below them was
/// interrupted at its very program counter, which is no return address.
const INJECTED_CALLS: [&str; 4] =
    ["runtime.asyncPreempt", "runtime.asyncPreempt2", "runtime.sigpanic", "runtime.debugCallV2"];

/// Turns stacks into lists of location ids, each distinct stack once.
pub(crate) struct Stacks<'a> {
    tables: &'a Tables,
    known: FxHashMap<StackId, Vec<u64>>,
    missing: FxHashMap<(StackState, Option<FrameId>), Vec<u64>>,
}

impl<'a> Stacks<'a> {
    pub(crate) fn new(tables: &'a Tables) -> Self {
        Stacks { tables, known: FxHashMap::default(), missing: FxHashMap::default() }
    }

    /// The locations of goroutines' stack, leaf first.
    pub(crate) fn locations(&mut self, symbols: &mut Symbols, cohort: &Cohort) -> &[u64] {
        let tables = self.tables;
        if tables.frames_of(cohort.stack).next().is_none() {
            return self
                .missing
                .entry((cohort.stack_state, cohort.entry))
                .or_insert_with(|| missing_stack(symbols, tables, cohort));
        }
        self.known.entry(cohort.stack).or_insert_with(|| stack(symbols, tables, cohort.stack))
    }
}

/// One location for each physical frame, with a line for each call inlined into it, as runtime/pprof's
/// `pcDeck` puts them together.
fn stack(symbols: &mut Symbols, tables: &Tables, stack: StackId) -> Vec<u64> {
    let mut locations = Vec::new();
    let mut lines = Vec::new();
    let mut callee = "";
    let mut interrupted = false;
    let mut inlined: Option<&Frame> = None;
    for frame in tables.profiled_frames(stack) {
        let name = tables.symbol(frame);
        if let Some(last) = inlined.filter(|last| last.pc != frame.pc) {
            // The function that these calls were inlined into is a hidden wrapper.
            locations.push(symbols.location(mapping(last), call_address(last, interrupted), &lines));
            lines.clear();
            callee = "";
        }
        if lines.is_empty() {
            interrupted = INJECTED_CALLS.contains(&callee);
        }
        lines.push((
            symbols.function(&shown_name(name, frame), tables.text(frame.file)),
            i64::from(frame.line),
        ));
        inlined = frame.inlined.then_some(frame);
        if !frame.inlined {
            locations.push(symbols.location(mapping(frame), call_address(frame, interrupted), &lines));
            lines.clear();
            callee = name;
        }
    }
    if let Some(last) = inlined {
        locations.push(symbols.location(mapping(last), call_address(last, interrupted), &lines));
    }
    locations
}

fn mapping(frame: &Frame) -> u64 {
    if frame.role == FunctionRole::Foreign { NO_MAPPING } else { EXECUTABLE }
}

fn shown_name(name: &str, frame: &Frame) -> String {
    // C code has no name, but a line must have a function.
    if name.is_empty() { format!("{:#x}", frame.pc) } else { name.to_owned() }
}

/// The address of the call instruction, as `runtime.CallersFrames` gives it: one before the return
/// address, but the program counter itself where nothing was called yet.
fn call_address(frame: &Frame, interrupted: bool) -> u64 {
    let exact = interrupted || (frame.role != FunctionRole::Foreign && frame.pc_offset == 0);
    if exact { frame.pc } else { frame.pc.saturating_sub(1) }
}

/// A goroutine without a stack still counts: as a leaf that says so, on the function that it was started
/// with, which is the one frame that is known.
fn missing_stack(symbols: &mut Symbols, tables: &Tables, cohort: &Cohort) -> Vec<u64> {
    let leaf = symbols.function(leaf_without_stack(cohort.stack_state), "");
    let mut locations = vec![symbols.location(NO_MAPPING, 0, &[(leaf, 0)])];
    if let Some(entry) = cohort.entry.and_then(|entry| tables.frames.get(entry)) {
        let function = symbols.function(tables.text(entry.function), tables.text(entry.file));
        locations.push(symbols.location(EXECUTABLE, entry.pc, &[(function, i64::from(entry.line))]));
    }
    locations
}

/// What profiles say in place of a stack.
pub(crate) fn leaf_without_stack(state: StackState) -> &'static str {
    match state {
        StackState::Running => "[running: stack unavailable]",
        StackState::Secret => "[secret: stack not read]",
        StackState::Torn => "[moving: stack unavailable]",
        StackState::Unreadable => "[unreadable stack]",
        StackState::NotTaken => "[stack not taken]",
        StackState::Saved | StackState::Sampled | StackState::BlockedThread => "[no frames]",
    }
}
