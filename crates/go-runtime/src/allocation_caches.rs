//! Objects that Ps have allocated and not yet added to the counters of all.
//!
//! A P allocates from spans of its own (`runtime.mcache`). The common counters learn of it when a span is full, or at a
//! collection; `runtime.ReadMemStats` has all Ps hand over what they have, with the world stopped. From outside, what
//! they have is added.

use go_binary::Bytes;
use process_memory::{ProcessMemory, ReadError, ReadValues};
use snapshot::{Address, GapCause, GapSubject};

use crate::bulk::Batch;
use crate::fields::CacheFields;
use crate::gaps::Gaps;
use crate::limits::Limits;

/// What all Ps together have in hand.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(crate) struct InHand {
    /// Objects in spans, blocks of tiny ones included.
    pub(crate) objects: u64,
    /// Their bytes.
    pub(crate) bytes: u64,
    /// Tiny objects, several to a block.
    pub(crate) tiny: u64,
}

/// Reads the caches of these Ps.
pub(crate) fn read<M: ProcessMemory>(
    fields: &CacheFields,
    memory: &M,
    limits: &Limits,
    processors: &[Address],
    gaps: &mut Gaps,
) -> Result<InHand, ReadError> {
    let mut pointers = Batch::default();
    let slots: Vec<_> = processors.iter().map(|p| pointers.push(p.offset(fields.of_p as u64), 8)).collect();
    pointers.read(memory);
    let mut caches = Batch::default();
    let mut slots_of_caches = Vec::with_capacity(slots.len());
    for slot in slots {
        let at = pointers.get(slot)?.address_at(0).unwrap_or_default();
        // A P that is not in use has none.
        if !at.is_null() {
            slots_of_caches.push(caches.push(at, fields.size));
        }
    }
    caches.read(memory);
    let mut in_hand = InHand::default();
    let mut spans: Vec<Address> = Vec::new();
    let (first, array) = fields.spans;
    for slot in slots_of_caches {
        let cache = caches.get(slot)?;
        in_hand.tiny = in_hand.tiny.wrapping_add(cache.u64_at(fields.tiny_allocs).unwrap_or_default());
        let cached =
            (0..array.len as usize).filter_map(|n| cache.address_at(first + n * array.stride as usize));
        spans.extend(cached.filter(|at| !at.is_null()));
    }
    // All places without a span share one that stays empty.
    spans.sort_unstable();
    spans.dedup();
    if spans.len() > limits.cached_spans_max {
        gaps.of(GapSubject::MemoryStatistics, GapCause::BudgetSpent);
        spans.truncate(limits.cached_spans_max);
    }
    add_spans(fields, memory, &spans, &mut in_hand)?;
    Ok(in_hand)
}

fn add_spans<M: ProcessMemory>(
    fields: &CacheFields,
    memory: &M,
    spans: &[Address],
    in_hand: &mut InHand,
) -> Result<(), ReadError> {
    let mut batch = Batch::default();
    let slots = batch.push_each(spans.iter().copied(), fields.span_size);
    batch.read(memory);
    let mut alone = Vec::new();
    for slot in slots {
        let span = batch.get_or_reread(slot, memory, &mut alone)?;
        let count = |at| span.u16_at(at).unwrap_or_default();
        // A span that leaves the cache in between has its second count cleared.
        let objects = u64::from(count(fields.span_allocs).saturating_sub(count(fields.span_allocs_before)));
        let size = span.u64_at(fields.span_element_size).unwrap_or_default();
        in_hand.objects = in_hand.objects.wrapping_add(objects);
        in_hand.bytes = in_hand.bytes.wrapping_add(objects.wrapping_mul(size));
    }
    Ok(())
}

/// Addresses of all Ps.
pub(crate) fn processors<M: ProcessMemory>(
    memory: &M,
    allp: Address,
    limits: &Limits,
) -> Result<Vec<Address>, ReadError> {
    let slice = memory.read_vec(allp, 16)?;
    let (array, len) = (slice.address_at(0).unwrap_or_default(), slice.u64_at(8).unwrap_or_default());
    let bounded = usize::try_from(len).unwrap_or(usize::MAX).min(limits.threads_max);
    let pointers = memory.read_vec(array, bounded * 8)?;
    Ok(pointers.chunks_exact(8).filter_map(|pointer| pointer.address_at(0)).collect())
}
