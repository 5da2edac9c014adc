//! What threads that were stopped in the middle of something hold.

use go_binary::Bytes;
use process_memory::{ProcessMemory, ReadValues};
use snapshot::{Address, Status};

use super::goroutines::Goroutines;
use crate::program::Program;

/// Bytes of a thread's own stack, or of that for signals, that are looked at.
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

/// Everything in registers of `threads` that run goroutines; and, of those that are not on a goroutine's stack but on
/// the thread's or in a signal handler, on that stack as well. Threads that run none hold only what is left of earlier
/// work.
pub(super) fn words<M: ProcessMemory>(
    program: &Program,
    memory: &M,
    goroutines: &Goroutines,
    threads: &StandingThreads<'_>,
) -> Vec<u64> {
    let running = goroutines.list.iter().filter(|goroutine| {
        let status = goroutine.header.status();
        !goroutine.header.m.is_null() && matches!(status, Some(Status::Running | Status::Copystack))
    });
    let mut words = Vec::new();
    for goroutine in running {
        let header = &goroutine.header;
        let tid = memory.read_u64(header.m.offset(program.fields.m.procid as u64)).ok();
        let thread = tid.and_then(|tid| threads(u32::try_from(tid).ok()?));
        let Some(thread) = thread else { continue };
        words.extend_from_slice(&thread.registers);
        if !(header.stack_lo..header.stack_hi).contains(&thread.sp.0) {
            for offset in (0..STACK_MAX).step_by(PIECE) {
                // The stack may end before.
                let Ok(piece) = memory.read_vec(thread.sp.offset(offset as u64), PIECE) else { break };
                words.extend(piece.chunks_exact(8).filter_map(|word| word.u64_at(0)));
            }
        }
    }
    words
}
