//! From pcs to what unwinding and snapshots need to know of them, each pc looked up once.
//!
//! A program has a few thousand pcs that ever show up in stacks: the tables are kept as long as the session.

use go_binary::LogicalFrame;
use process_memory::ProcessMemory;
use rustc_hash::FxHashMap;
use snapshot::{Address, Frame, FrameId, FunctionRole, StackId, StackTrace, Tables};

use crate::program::Program;

/// `abi.FuncID_cgocallback`: it changes stacks, but both ends look as if it had not.
const CGO_CALLBACK: u8 = 4;
/// Functions that the runtime makes a goroutine seem to have called: their caller's pc is where it was
/// interrupted, not behind a call.
const INJECTED: [&str; 4] =
    ["runtime.asyncPreempt", "runtime.sigpanic", "runtime.debugCallV2", "runtime.sigpanic0"];
/// Physical stacks and pcs kept before the cache starts over.
const CACHED_MAX: usize = 1 << 20;

/// A pc in a stack, and whether it is the very instruction (or a return address behind it).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct StackPc {
    pub(crate) pc: u64,
    pub(crate) exact: bool,
}

/// What unwinding needs to know of a pc.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Step {
    /// Bytes that its function has put on the stack there; `None` if the tables do not say.
    pub(crate) delta: Option<i32>,
    /// Stacks end at this function.
    pub(crate) top: bool,
    /// The function moves the stack pointer where the tables do not follow.
    pub(crate) writes_stack_pointer: bool,
    /// Its caller did not call it.
    pub(crate) injected: bool,
    /// First instruction of its function.
    pub(crate) entry: u64,
}

/// What the snapshot says of the function that a goroutine was started with.
#[derive(Debug, Clone)]
pub(crate) struct Entry {
    pub(crate) frame: LogicalFrame,
    /// Whether the runtime counts such goroutines as its own.
    pub(crate) of_runtime: OfRuntime,
}

/// Whether a goroutine with some entry function is the runtime's own (`isSystemGoroutine`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum OfRuntime {
    No,
    Yes,
    /// Unless it runs code of the program at the moment: finalizers, cleanups.
    UnlessCallingOut,
}

/// Caches by pc.
#[derive(Debug, Default)]
pub(crate) struct Symbols {
    steps: FxHashMap<u64, Option<Step>>,
    frames: FxHashMap<StackPc, Option<(u64, Vec<LogicalFrame>)>>,
    entries: FxHashMap<u64, Option<Entry>>,
    creators: FxHashMap<u64, Option<(u64, LogicalFrame)>>,
}

impl Symbols {
    /// Unwinding facts of a pc; `None` if it is not Go code.
    pub(crate) fn step<M: ProcessMemory>(&mut self, program: &Program, memory: &M, pc: u64) -> Option<Step> {
        if let Some(known) = self.steps.get(&pc) {
            return *known;
        }
        if self.steps.len() >= CACHED_MAX {
            self.steps.clear();
        }
        let step = look_up_step(program, memory, pc);
        self.steps.insert(pc, step);
        step
    }

    /// The logical frames of a pc, innermost first, with the entry of their physical function.
    fn frames<M: ProcessMemory>(
        &mut self,
        program: &Program,
        memory: &M,
        at: StackPc,
    ) -> Option<&(u64, Vec<LogicalFrame>)> {
        if self.frames.len() >= CACHED_MAX {
            self.frames.clear();
        }
        let look_up = || look_up_frames(program, memory, at);
        self.frames.entry(at).or_insert_with(look_up).as_ref()
    }

    /// The function that a goroutine was started with.
    pub(crate) fn entry<M: ProcessMemory>(
        &mut self,
        program: &Program,
        memory: &M,
        startpc: Address,
    ) -> Option<&Entry> {
        let look_up = || {
            let at = StackPc { pc: startpc.0, exact: true };
            let (_, frames) = look_up_frames(program, memory, at)?;
            let frame = frames.into_iter().next_back()?;
            let of_runtime = of_runtime(&frame.function);
            Some(Entry { frame, of_runtime })
        };
        self.entries.entry(startpc.0).or_insert_with(look_up).as_ref()
    }

    /// The `go` statement at `gopc`, as a frame of the physical function around it (which is what the
    /// runtime prints), and its entry.
    pub(crate) fn creator<M: ProcessMemory>(
        &mut self,
        program: &Program,
        memory: &M,
        gopc: Address,
    ) -> Option<&(u64, LogicalFrame)> {
        let look_up = || {
            let at = StackPc { pc: gopc.0, exact: false };
            let (entry, frames) = look_up_frames(program, memory, at)?;
            let (first, last) = (frames.first()?.clone(), frames.last()?.clone());
            Some((entry, LogicalFrame { file: first.file, line: first.line, ..last }))
        };
        self.creators.entry(gopc.0).or_insert_with(look_up).as_ref()
    }
}

fn look_up_step<M: ProcessMemory>(program: &Program, memory: &M, pc: u64) -> Option<Step> {
    let located = program.locate(memory, Address(pc))?;
    let (module, function) = (located.module, located.function);
    let fixed = module.bias.fixed(Address(pc));
    program.with_tables(memory, module, |tables| {
        let name = module.functions.name(tables, &function).ok()?;
        Some(Step {
            delta: module.functions.stack_delta(tables, &function, fixed).ok().flatten(),
            top: function.is_top(),
            writes_stack_pointer: function.writes_stack_pointer() && function.id != CGO_CALLBACK,
            injected: INJECTED.contains(&name.as_str()),
            entry: module.bias.live(function.entry).0,
        })
    })
}

fn look_up_frames<M: ProcessMemory>(
    program: &Program,
    memory: &M,
    at: StackPc,
) -> Option<(u64, Vec<LogicalFrame>)> {
    let located = program.locate(memory, Address(at.pc))?;
    let (module, function) = (located.module, located.function);
    let fixed = module.bias.fixed(Address(at.pc));
    // A return address lies behind the call; the call itself is what is meant.
    let back = if at.exact || fixed == function.entry { 0 } else { 1 };
    let looked_up = fixed.offset(0_u64.wrapping_sub(back));
    let frames = program.with_tables(memory, module, |tables| {
        module.functions.frames(tables, &function, looked_up, program.release.minor)
    });
    Some((module.bias.live(function.entry).0, frames.ok()?))
}

/// `isSystemGoroutine` of `runtime/traceback.go`, by name instead of by function number.
fn of_runtime(function: &str) -> OfRuntime {
    match function {
        "runtime.main" | "runtime.corostart" | "runtime.handleAsyncEvent" => OfRuntime::No,
        "runtime.runfinq" | "runtime.runFinalizers" | "runtime.runCleanups" => OfRuntime::UnlessCallingOut,
        name if name.starts_with("runtime.") => OfRuntime::Yes,
        _ => OfRuntime::No,
    }
}

/// Puts stacks and frames into the tables of a session.
#[derive(Debug, Default)]
pub(crate) struct TableFiller {
    pub(crate) tables: Tables,
    frames: FxHashMap<StackPc, Vec<FrameId>>,
    /// Complete ones, and those of which outer frames are missing.
    stacks: [FxHashMap<Box<[StackPc]>, StackId>; 2],
    /// Frames whose names could not be read.
    pub(crate) nameless: u64,
}

impl TableFiller {
    /// The id of a stack given by its pcs, innermost first.
    pub(crate) fn stack<M: ProcessMemory>(
        &mut self,
        symbols: &mut Symbols,
        program: &Program,
        memory: &M,
        pcs: &[StackPc],
        complete: bool,
    ) -> StackId {
        let [of_whole, of_cut] = &self.stacks;
        if let Some(id) = if complete { of_whole } else { of_cut }.get(pcs) {
            return *id;
        }
        let mut frames = Vec::with_capacity(pcs.len() * 2);
        for at in pcs {
            if !self.frames.contains_key(at) {
                let ids = self.physical(symbols, program, memory, *at);
                self.frames.insert(*at, ids);
            }
            frames.extend_from_slice(self.frames.get(at).map(Vec::as_slice).unwrap_or_default());
        }
        let id = self.tables.stacks.intern(StackTrace { frames: frames.into(), complete });
        let [of_whole, of_cut] = &mut self.stacks;
        if complete { of_whole } else { of_cut }.insert(pcs.into(), id);
        id
    }

    fn physical<M: ProcessMemory>(
        &mut self,
        symbols: &mut Symbols,
        program: &Program,
        memory: &M,
        at: StackPc,
    ) -> Vec<FrameId> {
        match symbols.frames(program, memory, at) {
            Some((entry, frames)) => {
                let offset = at.pc.wrapping_sub(*entry);
                frames.iter().map(|frame| self.frame(frame, at.pc, offset)).collect()
            }
            None => {
                self.nameless += 1;
                let function = self.tables.strings.intern_str(&format!("{:#x}", at.pc));
                let file = self.tables.strings.intern_str("?");
                let role = FunctionRole::Foreign;
                let frame = Frame { function, file, role, pc: at.pc, ..Frame::default() };
                vec![self.tables.frames.intern(frame)]
            }
        }
    }

    /// The id of one logical frame.
    pub(crate) fn frame(&mut self, frame: &LogicalFrame, pc: u64, pc_offset: u64) -> FrameId {
        let function = self.tables.strings.intern_str(&frame.function);
        let symbol = self.tables.strings.intern_str(frame.symbol.as_deref().unwrap_or_default());
        let file = self.tables.strings.intern_str(&frame.file);
        let role = if frame.wrapper { FunctionRole::Wrapper } else { FunctionRole::Ordinary };
        let (line, inlined) = (frame.line, frame.inlined);
        self.tables.frames.intern(Frame { function, symbol, file, line, inlined, role, pc, pc_offset })
    }
}
