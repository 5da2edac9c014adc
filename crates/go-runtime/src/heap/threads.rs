//! What threads that were stopped in the middle of something hold.

use std::ops::Range;

use go_binary::Bytes;
use process_memory::{ProcessMemory, ReadError, ReadValues};
use rustc_hash::FxHashMap;
use snapshot::{Address, Status};

use super::goroutines::{CopiedGoroutine, Goroutines};
use crate::limits::Limits;
use crate::program::Program;

/// Bytes of a thread's own stack, or of that for signals, that are looked at, unless it ends before.
const STACK_MAX: usize = 32 << 10;
const PIECE: usize = 4096;

/// A thread of a process that stands still.
#[derive(Debug, Clone)]
pub struct StandingThread {
    /// Its stack pointer.
    pub sp: Address,
    /// All that is in its registers.
    pub registers: Vec<u64>,
}

/// Finds a thread by the id that the runtime knows it by (`m.procid`).
pub type StandingThreads<'t> = dyn Fn(u32) -> Option<StandingThread> + 't;

/// Why a copy may be of one moment.
#[derive(Clone, Copy)]
pub enum Stillness<'t> {
    /// The target was stopped before, and these are its threads.
    Stopped(&'t StandingThreads<'t>),
    /// It may run on. Asked at the end of the copy: has not one of its threads run since before the copy was begun?
    AtRest(&'t dyn Fn() -> bool),
}

/// Everything in registers of `threads` that run goroutines or could start one, as they have a P: some run timers, or wake
/// whom they found; and, of those that are not on a goroutine's stack but on the thread's or in a signal handler, on
/// that stack as well. Threads without a P can do neither, and hold only what is left of earlier work.
pub(super) fn words<M: ProcessMemory>(
    program: &Program,
    memory: &M,
    limits: &Limits,
    goroutines: &mut Goroutines,
    threads: &StandingThreads<'_>,
    missing: &mut u64,
) -> Vec<u64> {
    let mut words = Vec::new();
    let machines = machines_at_work(program, memory, limits, goroutines).unwrap_or_else(|_| {
        *missing += 1;
        FxHashMap::default()
    });
    for (machine, goroutine) in machines {
        let tid = memory.read_u64(machine.offset(program.fields.m.procid as u64)).ok();
        let Some(thread) = tid.and_then(|tid| threads(u32::try_from(tid).ok()?)) else {
            // It has ended, or is just being made.
            continue;
        };
        words.extend_from_slice(&thread.registers);
        let goroutine = goroutine.and_then(|index| goroutines.list.get_mut(index));
        let on_its_stack = |goroutine: &&mut CopiedGoroutine| {
            (goroutine.header.stack_lo..goroutine.header.stack_hi).contains(&thread.sp.0)
        };
        if let Some(goroutine) = goroutine.filter(on_its_stack) {
            goroutine.stack.iter_mut().for_each(|stack| stack.begin_at(thread.sp.0));
        } else {
            let [own, of_signals] = [program.fields.m.g0, program.fields.m.gsignal]
                .map(|field| stack_of(program, memory, machine, field?));
            // A new thread that has not run yet stands at the very end.
            let has_sp = |stack: &Range<u64>| (stack.start..=stack.end).contains(&thread.sp.0);
            match own.clone().into_iter().chain(of_signals).find(has_sp) {
                Some(stack) if own.as_ref() == Some(&stack) => {
                    words.extend(words_between(memory, thread.sp.0, stack.end));
                }
                Some(signal_stack) => {
                    let handler = words_between(memory, thread.sp.0, signal_stack.end);
                    // What the signal has interrupted may have been at work on the thread's own stack: then its stack
                    // pointer is among what was saved.
                    let own = own.unwrap_or_default();
                    let interrupted = handler.iter().copied().filter(|word| own.contains(word)).min();
                    words.extend(interrupted.map_or_else(Vec::new, |sp| words_between(memory, sp, own.end)));
                    words.extend(handler);
                }
                // A stack of C's, of which the runtime does not know the end.
                None => words.extend(words_between(memory, thread.sp.0, u64::MAX)),
            }
        }
    }
    words
}

/// The Ms that run goroutines, with the indexes of these, or could start one.
pub(super) fn machines_at_work<M: ProcessMemory>(
    program: &Program,
    memory: &M,
    limits: &Limits,
    goroutines: &Goroutines,
) -> Result<FxHashMap<Address, Option<usize>>, ReadError> {
    let between = machines_between_goroutines(program, memory, limits)?;
    let running = goroutines.list.iter().enumerate().filter(|(_, goroutine)| {
        let status = goroutine.header.status();
        !goroutine.header.m.is_null() && matches!(status, Some(Status::Running | Status::Copystack))
    });
    let running = running.map(|(index, goroutine)| (goroutine.header.m, Some(index)));
    Ok(between.into_iter().map(|machine| (machine, None)).chain(running).collect())
}

/// Where the stack of one of an M's own goroutines lies. What is behind it may be anybody's: stacks that the runtime
/// makes for its threads lie among those of goroutines.
fn stack_of<M: ProcessMemory>(
    program: &Program,
    memory: &M,
    machine: Address,
    field: usize,
) -> Option<Range<u64>> {
    let goroutine = memory.read_address(machine.offset(field as u64)).ok().filter(|at| !at.is_null())?;
    let fields = &program.fields.g;
    let bound = |field: usize| memory.read_u64(goroutine.offset(field as u64)).ok();
    Some(bound(fields.stack_lo)?..bound(fields.stack_hi)?)
}

/// Words of a stack from an address on, up to `end` or to where it can be seen to end.
fn words_between<M: ProcessMemory>(memory: &M, from: u64, end: u64) -> Vec<u64> {
    let mut words = Vec::new();
    let len = usize::try_from(end.saturating_sub(from)).unwrap_or(usize::MAX).min(STACK_MAX);
    for offset in (0..len).step_by(PIECE) {
        let at = Address(from.wrapping_add(offset as u64));
        let Ok(piece) = memory.read_vec(at, PIECE.min(len - offset)) else { break };
        words.extend(piece.chunks_exact(8).filter_map(|word| word.u64_at(0)));
    }
    words
}

/// The Ms of all Ps that have no goroutine. Where one has, but does not run it, that goroutine had it collect garbage or
/// stop the world: its hands are full of what it marks, and it wakes nobody whom this is about.
fn machines_between_goroutines<M: ProcessMemory>(
    program: &Program,
    memory: &M,
    limits: &Limits,
) -> Result<Vec<Address>, ReadError> {
    let slice = program.globals.allp;
    let (array, len) = (memory.read_address(slice)?, memory.read_u64(slice.offset(8))?);
    let len = usize::try_from(len).unwrap_or(usize::MAX).min(limits.threads_max);
    let pointers = memory.read_vec(array, len * 8)?;
    let mut machines = Vec::new();
    for processor in pointers.chunks_exact(8).filter_map(|pointer| pointer.address_at(0)) {
        let machine = memory.read_address(processor.offset(program.fields.p.m as u64))?;
        if !machine.is_null() && memory.read_address(machine.offset(program.fields.m.curg as u64))?.is_null()
        {
            machines.push(machine);
        }
    }
    Ok(machines)
}
