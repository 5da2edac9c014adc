//! Stacks of running goroutines, from the registers of their threads.
//!
//! A running goroutine has no saved registers. Whoever can see its thread's (the kernel's sampling, or the
//! place at which a blocked thread entered the kernel) hands them in here.

use process_memory::{ProcessMemory, ReadValues};
use snapshot::{Address, StackState};

use crate::context::Context;
use crate::header::{Header, Start};
use crate::scheduler::Machinery;
use crate::stacks::Taken;
use crate::unwind::{End, StackCopy, unwind};

/// Registers of a thread at one moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ThreadRegisters {
    /// Thread id.
    pub tid: u32,
    /// Program counter.
    pub pc: Address,
    /// Stack pointer.
    pub sp: Address,
    /// Link register; 0 where there is none.
    pub lr: u64,
    /// The register in which Go keeps the current goroutine, where the source has it.
    pub g: Option<Address>,
    /// Bytes of the stack from `sp` up, copied at that same moment; `None` for a thread that is blocked, whose
    /// stack lies still.
    pub stack: Option<Vec<u8>>,
}

/// A way to see threads' registers.
pub trait RunningThreads {
    /// Registers of those of the threads that could be seen, within some budget of time. The target is
    /// never stopped.
    fn registers(&self, tids: &[u32]) -> Vec<ThreadRegisters>;

    /// Whether a blocked thread still is where it was.
    fn still_blocked(&self, registers: &ThreadRegisters) -> bool;
}

impl<M: ProcessMemory> Context<'_, M> {
    /// Adds stacks to those running goroutines whose threads can be seen.
    pub(crate) fn take_running(
        &mut self,
        goroutines: &mut [Taken],
        machinery: &Machinery,
        threads: &dyn RunningThreads,
    ) {
        let mut running: Vec<(u32, usize)> = Vec::new();
        for (index, goroutine) in goroutines.iter().enumerate() {
            if goroutine.state == StackState::Running
                && let Some(machine) = machinery.machine(goroutine.header.m).filter(|m| m.tid != 0)
            {
                running.push((machine.tid, index));
            }
        }
        if running.is_empty() {
            return;
        }
        let tids: Vec<u32> = running.iter().map(|(tid, _)| *tid).collect();
        for registers in threads.registers(&tids) {
            // By the time of the sample the thread may run another goroutine: the register decides.
            let index = running.iter().find(|(tid, index)| match registers.g {
                Some(g) => goroutines.get(*index).is_some_and(|goroutine| goroutine.header.at == g),
                None => *tid == registers.tid,
            });
            if let Some(goroutine) = index.and_then(|(_, index)| goroutines.get_mut(*index)) {
                self.accept_running(goroutine, &registers, threads);
            }
        }
    }

    fn accept_running(
        &mut self,
        goroutine: &mut Taken,
        registers: &ThreadRegisters,
        threads: &dyn RunningThreads,
    ) {
        let header = goroutine.header;
        let sp = registers.sp.0;
        if !(header.stack_lo < sp && sp <= header.stack_hi) {
            return;
        }
        let read;
        let (bytes, state) = match &registers.stack {
            Some(bytes) => {
                let len = usize::try_from(header.stack_hi - sp).unwrap_or(usize::MAX).min(bytes.len());
                (bytes.get(..len).unwrap_or_default(), StackState::Sampled)
            }
            None => {
                let len = (header.stack_hi - sp).min(self.limits.stack_bytes_max);
                match self.memory.read_vec(registers.sp, usize::try_from(len).unwrap_or_default()) {
                    Ok(bytes) if threads.still_blocked(registers) => read = bytes,
                    _ => return,
                }
                (read.as_slice(), StackState::BlockedThread)
            }
        };
        let start = Start { pc: registers.pc.0, sp, lr: registers.lr };
        let interrupted = state == StackState::Sampled;
        let stack = StackCopy { at: sp, bytes };
        let (program, max) = (self.program, self.limits.frames_max);
        let mut pcs = Vec::new();
        let symbols = &mut self.words.symbols;
        let end =
            unwind(program, symbols, self.memory, start, interrupted, stack, max, |frame| pcs.push(frame.at));
        // It has to be the same goroutine still: descriptors are reused.
        let now = self.memory.read_vec(header.at, program.fields.g.size).ok();
        let now = now.and_then(|bytes| Header::decode(&bytes, header.at, &program.fields.g));
        if now.is_none_or(|now| now.id != header.id) {
            return;
        }
        goroutine.stack = self.stack(&pcs, end == End::Top);
        goroutine.state = state;
    }
}
