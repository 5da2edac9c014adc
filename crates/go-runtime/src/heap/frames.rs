//! The pointers on a stack: by the compiler's maps of the frames, and where there is none, by every word.
//!
//! The rules are those of `scanstack` and `scanframeworker` (`runtime/mgcmark.go`). A variable whose address is taken
//! counts only if a pointer to it is found.

use std::rc::Rc;

use go_binary::{FrameMaps, PointerMask};
use process_memory::ProcessMemory;
use rustc_hash::FxHashMap;
use snapshot::{Address, Architecture};

use crate::header::Start;
use crate::limits::Limits;
use crate::program::Program;
use crate::symbols::{StackPc, Symbols};
use crate::unwind::{End, PhysicalFrame, StackCopy, unwind};

/// Bytes of arguments that are looked at where their number is not known.
const ARGUMENTS_MAX: u64 = 512;

/// What is known of frames, by where they stand.
#[derive(Debug, Default)]
pub(super) struct Frames {
    symbols: Symbols,
    maps: FxHashMap<StackPc, Option<Rc<FrameMaps>>>,
}

/// A variable on the stack that is looked into once somebody points to it.
struct StackVariable {
    start: u64,
    size: u64,
    pointers: Option<PointerMask>,
    scanned: bool,
}

/// Where on a stack a pointer is.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Origin {
    /// The frame that it is in, or from which a variable on the stack was reached that it is in.
    pub(super) frame: Option<StackPc>,
    /// Whether a map says that it is a pointer.
    pub(super) by_map: bool,
}

/// One walk over one stack.
struct Walk<'s, F> {
    stack: StackCopy<'s>,
    variables: Vec<StackVariable>,
    /// Pointers into the stack that have not been followed.
    inside: Vec<(Origin, u64)>,
    /// Where the walk is.
    origin: Origin,
    visit: F,
}

impl<F: FnMut(Origin, u64)> Walk<'_, F> {
    fn value(&mut self, value: u64) {
        let offset = value.wrapping_sub(self.stack.at);
        if offset < self.stack.bytes.len() as u64 {
            self.inside.push((self.origin, value));
        } else {
            (self.visit)(self.origin, value);
        }
    }

    fn words(&mut self, from: u64, to: u64) {
        let mut at = from.max(self.stack.at).next_multiple_of(8);
        while at < to {
            let Some(word) = self.stack.word(at) else { break };
            self.value(word);
            at += 8;
        }
    }

    fn masked(&mut self, from: u64, mask: &PointerMask) {
        for index in mask.pointers() {
            if let Some(word) = self.stack.word(from.wrapping_add(index * 8)) {
                self.value(word);
            }
        }
    }

    /// Follows pointers from variable to variable.
    fn follow(&mut self) {
        self.variables.sort_unstable_by_key(|variable| variable.start);
        while let Some((origin, at)) = self.inside.pop() {
            let behind = self.variables.partition_point(|variable| variable.start <= at);
            let variable = behind.checked_sub(1).and_then(|index| self.variables.get_mut(index));
            let Some(variable) = variable.filter(|v| !v.scanned && at - v.start < v.size) else { continue };
            variable.scanned = true;
            let (start, size) = (variable.start, variable.size);
            self.origin = origin;
            match variable.pointers.take() {
                Some(mask) => self.masked(start, &mask),
                None => self.words(start, start.saturating_add(size)),
            }
        }
    }
}

impl Frames {
    /// Shows `visit` each pointer out of a stack that lies still. `extra` are values that count as if they were on
    /// it. Returns whether the walk came to the stack's end; if not, all words of the rest were shown.
    #[allow(clippy::too_many_arguments, reason = "two describe the program, three the stack")]
    pub(super) fn pointers<M: ProcessMemory>(
        &mut self,
        program: &Program,
        memory: &M,
        limits: &Limits,
        start: Start,
        stack: StackCopy<'_>,
        extra: &[u64],
        mut visit: impl FnMut(u64),
    ) -> bool {
        let visit = |_, value| visit(value);
        self.pointers_by_frame(program, memory, limits, start, stack, extra, |_| {}, visit)
    }

    /// As [`Frames::pointers`], with the frame that each pointer is in. `enter` is shown the frames, innermost first.
    #[allow(clippy::too_many_arguments, reason = "two describe the program, three the stack, two the result")]
    pub(super) fn pointers_by_frame<M: ProcessMemory>(
        &mut self,
        program: &Program,
        memory: &M,
        limits: &Limits,
        start: Start,
        stack: StackCopy<'_>,
        extra: &[u64],
        mut enter: impl FnMut(StackPc),
        visit: impl FnMut(Origin, u64),
    ) -> bool {
        let mut frames = Vec::new();
        let max = limits.frames_max;
        let end = unwind(program, &mut self.symbols, memory, start, false, stack, max, |frame| {
            frames.push(frame);
        });
        let mut walk =
            Walk { stack, variables: Vec::new(), inside: Vec::new(), origin: Origin::default(), visit };
        extra.iter().for_each(|value| walk.value(*value));
        let mut interrupted = false;
        for frame in &frames {
            enter(frame.at);
            self.frame(program, memory, frame, interrupted, &mut walk);
            // Where its caller was interrupted there is no map, and registers were saved in this very frame.
            interrupted = frame.injected;
        }
        if end != End::Top {
            walk.origin = Origin::default();
            let from = frames.last().map_or(stack.at, |frame| frame.end.unwrap_or(frame.sp));
            walk.words(from, stack.at.saturating_add(stack.bytes.len() as u64));
        }
        walk.follow();
        end == End::Top
    }

    /// The pointers in the innermost frame of a function; `None` if it is not on the stack.
    pub(super) fn pointers_in<M: ProcessMemory>(
        &mut self,
        program: &Program,
        memory: &M,
        limits: &Limits,
        start: Start,
        stack: StackCopy<'_>,
        function: &str,
    ) -> Option<Vec<u64>> {
        let mut frames = Vec::new();
        let max = limits.frames_max;
        unwind(program, &mut self.symbols, memory, start, false, stack, max, |frame| frames.push(frame));
        let frame =
            frames.iter().find(|frame| name_of(program, memory, frame.at).as_deref() == Some(function))?;
        let mut found = Vec::new();
        let visit = |_, value| found.push(value);
        let mut walk =
            Walk { stack, variables: Vec::new(), inside: Vec::new(), origin: Origin::default(), visit };
        self.frame(program, memory, frame, false, &mut walk);
        // What lies on the stack itself counts as well.
        let inside = std::mem::take(&mut walk.inside);
        found.extend(inside.into_iter().map(|(_, value)| value));
        Some(found)
    }

    fn frame<M: ProcessMemory, F: FnMut(Origin, u64)>(
        &mut self,
        program: &Program,
        memory: &M,
        frame: &PhysicalFrame,
        interrupted: bool,
        walk: &mut Walk<'_, F>,
    ) {
        walk.origin = Origin { frame: Some(frame.at), by_map: false };
        let Some(end) = frame.end else { return };
        // On amd64 the return address lies there, on arm64 the caller's link register; then come the arguments. The
        // frame pointer is saved just below.
        let (saved, arguments) = (end, end.wrapping_add(8));
        let locals_end = if saved > frame.sp { saved.wrapping_sub(8) } else { saved };
        let maps = if frame.injected || interrupted { None } else { self.maps(program, memory, frame.at) };
        // A function that does not know its arguments is a stub of package reflect, with locals of its own kind.
        let known = maps.as_deref().and_then(|maps| Some((maps, maps.arguments.as_ref()?)));
        let Some((maps, argument_mask)) = known else {
            return walk.words(frame.sp, arguments.saturating_add(ARGUMENTS_MAX));
        };
        walk.origin.by_map = true;
        let has_locals = locals_end.saturating_sub(frame.sp) > minimal_frame(program.architecture());
        match &maps.locals {
            Some(mask) if has_locals => walk.masked(locals_end.wrapping_sub(mask.words() * 8), mask),
            None if has_locals => walk.words(frame.sp, locals_end),
            _ => {}
        }
        walk.masked(arguments, argument_mask);
        for object in &maps.objects {
            let base = if object.offset < 0 { locals_end } else { arguments };
            let start = base.wrapping_add_signed(object.offset.into());
            // What lies below the stack pointer has not come to life yet.
            if start >= frame.sp {
                let (size, pointers) = (object.size.into(), object.pointers.clone());
                walk.variables.push(StackVariable { start, size, pointers, scanned: false });
            }
        }
    }

    /// The maps of the function that stands at `at`; `None` if it is unknown.
    fn maps<M: ProcessMemory>(
        &mut self,
        program: &Program,
        memory: &M,
        at: StackPc,
    ) -> Option<Rc<FrameMaps>> {
        let look_up = || {
            let located = program.locate(memory, Address(at.pc))?;
            let (module, function) = (located.module, located.function);
            let fixed = module.bias.fixed(Address(at.pc));
            let back = if fixed == function.entry { 0 } else { 1 };
            let call = fixed.offset(0_u64.wrapping_sub(back));
            let read =
                |tables: &dyn go_binary::StaticMemory| module.functions.frame_maps(tables, &function, call);
            program.with_tables(memory, module, read).ok().map(Rc::new)
        };
        self.maps.entry(at).or_insert_with(look_up).clone()
    }
}

/// The function that physically stands at a pc.
pub(super) fn name_of<M: ProcessMemory>(program: &Program, memory: &M, at: StackPc) -> Option<String> {
    let located = program.locate(memory, Address(at.pc))?;
    let read =
        |tables: &dyn go_binary::StaticMemory| located.module.functions.name(tables, &located.function);
    program.with_tables(memory, located.module, read).ok()
}

/// Frames up to this have no local variables, and no map of them (`getStackMap`).
fn minimal_frame(architecture: Architecture) -> u64 {
    match architecture {
        Architecture::Amd64 => 0,
        Architecture::Arm64 => 16,
    }
}
