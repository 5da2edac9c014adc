//! Walking a copy of a goroutine's stack by the tables that Go's own tracebacks use.
//!
//! The rules are those of `runtime/traceback.go` (`unwinder`). Frame pointers are not used: they lose frames
//! in system calls up to Go 1.22, under preemption and across C code.

use go_binary::Bytes;
use process_memory::ProcessMemory;
use snapshot::Architecture;

use crate::header::Start;
use crate::program::Program;
use crate::symbols::{StackPc, Symbols};

/// A copy of the memory from some stack address up.
#[derive(Debug, Clone, Copy)]
pub(crate) struct StackCopy<'s> {
    pub(crate) at: u64,
    pub(crate) bytes: &'s [u8],
}

impl StackCopy<'_> {
    pub(crate) fn word(&self, at: u64) -> Option<u64> {
        self.bytes.u64_at(usize::try_from(at.checked_sub(self.at)?).ok()?)
    }
}

/// How unwinding ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum End {
    /// At a function that stacks end with.
    Top,
    /// The next frame is not in the copy, or the tables do not describe this one.
    Lost,
    /// There were more frames than are taken.
    Limit,
}

/// A physical frame.
#[derive(Debug, Clone, Copy)]
pub(crate) struct PhysicalFrame {
    pub(crate) at: StackPc,
    /// Its stack pointer.
    pub(crate) sp: u64,
    /// Where what the function itself has put on the stack ends; `None` if the tables do not say.
    pub(crate) end: Option<u64>,
    /// Whether the runtime made this function seem to be called by the next one.
    pub(crate) injected: bool,
}

/// Unwinds from `start` and shows `visit` each frame: innermost first, without the function that ends every stack.
/// `interrupted` says that the first pc is the very instruction that was to run next, not a return address.
#[allow(clippy::too_many_arguments, reason = "three describe the program, three the stack, two the result")]
pub(crate) fn unwind<M: ProcessMemory>(
    program: &Program,
    symbols: &mut Symbols,
    memory: &M,
    start: Start,
    interrupted: bool,
    stack: StackCopy<'_>,
    frames_max: usize,
    mut visit: impl FnMut(PhysicalFrame),
) -> End {
    let link_register = program.architecture() == Architecture::Arm64;
    let Start { mut pc, mut sp, mut lr } = start;
    let (mut innermost, mut exact) = (true, interrupted);
    let mut frames = 0;
    loop {
        if frames >= frames_max {
            break End::Limit;
        }
        let Some(step) = symbols.step(program, memory, pc) else {
            visit(PhysicalFrame { at: StackPc { pc, exact }, sp, end: None, injected: false });
            break End::Lost;
        };
        if step.top {
            break End::Top;
        }
        let delta = step.delta.and_then(|delta| u64::try_from(delta).ok());
        let end = delta.map(|delta| sp.wrapping_add(delta));
        // A function that has not run yet stands at its entry, which no call returns to.
        let at = StackPc { pc, exact: exact || pc == step.entry };
        visit(PhysicalFrame { at, sp, end, injected: step.injected });
        frames += 1;
        if step.writes_stack_pointer && !innermost {
            break End::Lost;
        }
        let Some(frame_end) = end else { break End::Lost };
        let caller = if link_register {
            let saved = (innermost && sp < frame_end) || lr == 0;
            let caller = if saved { stack.word(sp) } else { Some(lr) };
            sp = frame_end;
            caller
        } else {
            sp = frame_end.wrapping_add(8);
            stack.word(frame_end)
        };
        let Some(caller) = caller.filter(|pc| *pc != 0) else { break End::Lost };
        pc = caller;
        (lr, innermost, exact) = (0, false, step.injected);
        if link_register && step.injected {
            // The interrupted function's own link register was pushed first.
            let pushed = stack.word(sp);
            sp = sp.wrapping_add(16);
            let frameless = symbols.step(program, memory, pc).is_some_and(|step| step.delta == Some(0));
            lr = pushed.filter(|_| frameless).unwrap_or(0);
        }
    }
}
