//! Which file a goroutine in `IO wait` waits for: the poll descriptor that names it as its waiter.

use go_binary::Bytes;
use process_memory::ProcessMemory;
use rustc_hash::FxHashSet;
use snapshot::{Address, GoroutineId};

use super::copy::HeapCopy;
use crate::bulk::Batch;
use crate::program::Program;
use crate::wait_reasons::WaitReasons;

/// The innermost frames (`gopark`, `netpollblock`) have a pointer to the descriptor within so many words.
const WORDS_MAX: usize = 64;
/// Goroutines for which it is found out.
const GOROUTINES_MAX: usize = 1 << 17;

/// (goroutine, descriptor number), ascending. `runtime.pollDesc` has the address of the goroutine that waits for it,
/// so what is found is right whichever word led to it.
pub(super) fn of_waiting<M: ProcessMemory>(
    program: &Program,
    memory: &M,
    copy: &HeapCopy,
    reasons: &WaitReasons,
) -> Vec<(GoroutineId, u64)> {
    let Some(fields) = program.fields.blocking.poll else { return Vec::new() };
    let mut found = Vec::new();
    let waiting = copy.goroutines.list.iter().filter(|goroutine| {
        let reason = reasons.words.get(usize::from(goroutine.header.wait_reason));
        goroutine.header.is_parked() && reason.is_some_and(|reason| &**reason == "IO wait")
    });
    let mut batch = Batch::default();
    for goroutine in waiting.take(GOROUTINES_MAX) {
        let Some(stack) = goroutine.stack else { continue };
        let words = stack.bytes(&copy.goroutines.stacks).chunks_exact(8).take(WORDS_MAX);
        let words: FxHashSet<u64> = words.filter_map(|word| word.u64_at(0)).collect();
        let outside = |word: &u64| {
            // It is no heap object, and not on the stack either.
            *word > 1 << 16
                && word.is_multiple_of(8)
                && copy.spans.span_of(*word).is_none()
                && !(goroutine.header.stack_lo..goroutine.header.stack_hi).contains(word)
        };
        let words: Vec<u64> = words.into_iter().filter(outside).collect();
        batch.clear();
        // It may point to the descriptor, or to the field with the waiter.
        let starts = words.iter().flat_map(|word| {
            [0, fields.waiters[0], fields.waiters[1]].map(|back| Address(word.wrapping_sub(back as u64)))
        });
        let slots: Vec<_> = starts.map(|at| batch.push(at, fields.size)).collect();
        batch.read(memory);
        let file = slots.into_iter().find_map(|slot| {
            let bytes = batch.get(slot).ok()?;
            let waits = |at: usize| bytes.u64_at(at) == Some(goroutine.header.at.0);
            fields.waiters.into_iter().any(waits).then(|| bytes.u64_at(fields.file))?
        });
        // Numbers of files are small.
        found.extend(file.filter(|file| *file < 1 << 31).map(|file| (goroutine.header.id, file)));
    }
    found.sort_unstable();
    found.dedup_by_key(|(goroutine, _)| *goroutine);
    found
}
