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
    /// Its id in the process's own pid namespace, as the runtime knows it.
    pub tid: u32,
    /// Its stack pointer.
    pub sp: Address,
    /// All that is in its registers.
    pub registers: Vec<u64>,
}

/// Everything in registers of `threads` that run goroutines; and, of those that are not on a goroutine's stack but on
/// the thread's or in a signal handler, on that stack as well. Threads that run none hold only what is left of earlier
/// work.
pub(super) fn words<M: ProcessMemory>(
    program: &Program,
    memory: &M,
    goroutines: &Goroutines,
    threads: &[StandingThread],
) -> Vec<u64> {
    let running = goroutines.list.iter().filter(|goroutine| {
        let status = goroutine.header.status();
        !goroutine.header.m.is_null() && matches!(status, Some(Status::Running | Status::Copystack))
    });
    let mut words = Vec::new();
    for goroutine in running {
        let header = &goroutine.header;
        let Ok(tid) = memory.read_u64(header.m.offset(program.fields.m.procid as u64)) else { continue };
        let Some(thread) = threads.iter().find(|thread| u64::from(thread.tid) == tid) else { continue };
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
