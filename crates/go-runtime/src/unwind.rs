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
    fn word(&self, at: u64) -> Option<u64> {
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

/// Unwinds from `start` into `pcs`: innermost first, without the function that ends every stack. `interrupted`
/// says that the first pc is the very instruction that was to run next, not a return address.
#[allow(clippy::too_many_arguments, reason = "three describe the program, three the stack, two the result")]
pub(crate) fn unwind<M: ProcessMemory>(
    program: &Program,
    symbols: &mut Symbols,
    memory: &M,
    start: Start,
    interrupted: bool,
    stack: StackCopy<'_>,
    frames_max: usize,
    pcs: &mut Vec<StackPc>,
) -> End {
    let link_register = program.architecture() == Architecture::Arm64;
    let Start { mut pc, mut sp, mut lr } = start;
    let (mut innermost, mut exact) = (true, interrupted);
    pcs.clear();
    loop {
        if pcs.len() >= frames_max {
            break End::Limit;
        }
        let Some(step) = symbols.step(program, memory, pc) else {
            pcs.push(StackPc { pc, exact });
            break End::Lost;
        };
        if step.top {
            break End::Top;
        }
        // A function that has not run yet stands at its entry, which no call returns to.
        pcs.push(StackPc { pc, exact: exact || pc == step.entry });
        if step.writes_stack_pointer && !innermost {
            break End::Lost;
        }
        let Some(delta) = step.delta.and_then(|delta| u64::try_from(delta).ok()) else { break End::Lost };
        let frame_end = sp.wrapping_add(delta);
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
