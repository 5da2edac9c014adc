//! The runtime's counters of memory and garbage collections.
//!
//! What `runtime.ReadMemStats` computes with the world stopped is put together from the same counters while the target
//! runs. Counters of allocations have several generations: now and then one is added to another and cleared, during
//! which the sum is too high. So they are read before and after what Ps have in hand, and a sum that shrank was such.

use go_binary::Bytes;
use go_binary::layout::ArrayLayout;
use go_binary::memory_globals::MemoryGlobals;
use process_memory::{ProcessMemory, ReadError, ReadValues};
use snapshot::{Address, GapCause, GapSubject, MemoryStatistics};

use crate::allocation_caches::{self, InHand};
use crate::fields::{CollectionFields, ControllerFields, HeapStatsFields};
use crate::gaps::Gaps;
use crate::limits::Limits;
use crate::program::Program;

/// `math.MaxInt64`: no memory limit.
const NO_LIMIT: u64 = i64::MAX.cast_unsigned();
/// `minRunway` of `gcControllerState.heapGoalInternal`, the same in Go 1.19 to 1.27.
const MIN_RUNWAY: u64 = 64 << 10;

/// Reads all of them; what cannot be read is `None` and a gap.
pub(crate) fn read<M: ProcessMemory>(
    program: &Program,
    globals: &MemoryGlobals,
    memory: &M,
    limits: &Limits,
    gaps: &mut Gaps,
) -> MemoryStatistics {
    let mut statistics = MemoryStatistics::default();
    let fields = &program.fields.memory;
    let mut in_hand = InHand::default();
    let heap = fields.heap.as_ref().map(|heap| {
        settle(memory, globals.memstats, heap, limits, || {
            let Some(cache) = &fields.cache else { return Ok(InHand::default()) };
            let processors = allocation_caches::processors(memory, program.globals.allp, limits)?;
            allocation_caches::read(cache, memory, limits, &processors, gaps)
        })
    });
    match heap {
        Some(Ok(Some(settled))) => {
            let (heap, tiny) = (settled.heap, settled.in_hand.tiny);
            in_hand = settled.in_hand;
            statistics.stack_in_use_bytes = Some(heap.in_stacks);
            statistics.mallocs = Some(heap.allocs.wrapping_add(in_hand.objects).wrapping_add(tiny));
            statistics.frees = Some(heap.frees.wrapping_add(tiny));
            statistics.counts_settled = settled.unchanged;
        }
        Some(Ok(None)) => gaps.of(GapSubject::MemoryStatistics, GapCause::Torn),
        Some(Err(error)) => gaps.of(GapSubject::MemoryStatistics, error.cause.into()),
        None => {}
    }
    let others = [
        fields
            .controller
            .as_ref()
            .map(|fields| controller(memory, globals, fields, &in_hand, &mut statistics)),
        fields.collections.as_ref().map(|fields| collections(memory, globals, fields, &mut statistics)),
    ];
    for error in others.into_iter().flatten().filter_map(Result::err) {
        gaps.of(GapSubject::MemoryStatistics, error.cause.into());
    }
    if statistics.mallocs.is_none() {
        statistics.heap_alloc_bytes = None;
    }
    statistics
}

/// Sums over all generations of `memstats.heapStats`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct HeapSums {
    generation: u32,
    in_stacks: u64,
    /// Tiny ones included.
    allocs: u64,
    /// Tiny ones included: the runtime does not know when they are freed.
    frees: u64,
}

/// What was read together.
struct Settled {
    heap: HeapSums,
    in_hand: InHand,
    /// Whether nothing was handed over meanwhile.
    unchanged: bool,
}

/// Reads counters, what Ps have in hand, and counters again, until nothing was handed over in between. Where that
/// never happens, the last try counts, unless its sums were caught while generations were added up: then `None`.
fn settle<M: ProcessMemory>(
    memory: &M,
    memstats: Address,
    fields: &HeapStatsFields,
    limits: &Limits,
    mut in_hand: impl FnMut() -> Result<InHand, ReadError>,
) -> Result<Option<Settled>, ReadError> {
    let mut last = None;
    let mut before = HeapSums::read(memory, memstats, fields)?;
    for _ in 0..=limits.retries_max {
        let in_hand = in_hand()?;
        let after = HeapSums::read(memory, memstats, fields)?;
        let rising = before.allocs <= after.allocs && before.frees <= after.frees;
        if rising && before.generation == after.generation {
            let unchanged = before.allocs == after.allocs;
            last = Some(Settled { heap: before, in_hand, unchanged });
            if unchanged {
                break;
            }
        }
        before = after;
    }
    Ok(last)
}

impl HeapSums {
    fn read<M: ProcessMemory>(
        memory: &M,
        memstats: Address,
        fields: &HeapStatsFields,
    ) -> Result<Self, ReadError> {
        let bytes = memory.read_vec(memstats, fields.size())?;
        let sum = |field: usize| {
            elements(&bytes, fields.start + field, fields.generations).fold(0, u64::wrapping_add)
        };
        let sum_all = |(first, array): (usize, ArrayLayout)| {
            let fields = (0..array.len as usize).map(|n| first + n * array.stride as usize);
            fields.map(sum).fold(0, u64::wrapping_add)
        };
        let tiny = sum(fields.tiny_allocs);
        let total = |small, large| sum_all(small).wrapping_add(sum(large)).wrapping_add(tiny);
        Ok(HeapSums {
            generation: bytes.u32_at(fields.generation).unwrap_or_default(),
            in_stacks: sum(fields.in_stacks),
            allocs: total(fields.small_allocs, fields.large_allocs),
            frees: total(fields.small_frees, fields.large_frees),
        })
    }
}

/// Words at a stride.
fn elements(bytes: &[u8], first: usize, array: ArrayLayout) -> impl Iterator<Item = u64> {
    (0..array.len as usize).filter_map(move |n| bytes.u64_at(first + n * array.stride as usize))
}

fn controller<M: ProcessMemory>(
    memory: &M,
    globals: &MemoryGlobals,
    fields: &ControllerFields,
    in_hand: &InHand,
    statistics: &mut MemoryStatistics,
) -> Result<(), ReadError> {
    let bytes = memory.read_vec(globals.gc_controller, fields.size)?;
    let word = |at| bytes.u64_at(at).unwrap_or_default();
    let released = word(fields.heap_released);
    statistics.heap_in_use_bytes = Some(word(fields.heap_in_use));
    statistics.heap_released_bytes = Some(released);
    statistics.heap_idle_bytes = Some(word(fields.heap_free).wrapping_add(released));
    let alloc = word(fields.total_alloc).wrapping_add(in_hand.bytes);
    statistics.heap_alloc_bytes = alloc.checked_sub(word(fields.total_free));
    statistics.memory_limit_bytes = Some(word(fields.memory_limit)).filter(|limit| *limit != NO_LIMIT);
    if statistics.memory_limit_bytes.is_none() {
        let goal = word(fields.gc_percent_goal).max(word(fields.sweep_distance_trigger));
        // All ones: nothing has triggered a collection; no goal.
        let trigger = Some(word(fields.triggered)).filter(|triggered| *triggered != u64::MAX);
        let goal = goal.max(trigger.map_or(0, |triggered| triggered.saturating_add(MIN_RUNWAY)));
        statistics.heap_goal_bytes = Some(goal).filter(|goal| *goal != u64::MAX);
    }
    Ok(())
}

fn collections<M: ProcessMemory>(
    memory: &M,
    globals: &MemoryGlobals,
    fields: &CollectionFields,
    statistics: &mut MemoryStatistics,
) -> Result<(), ReadError> {
    let bytes = memory.read_vec(globals.memstats, fields.size())?;
    let cycles = bytes.u32_at(fields.cycles).unwrap_or_default();
    let (first, array) = fields.pauses_ns;
    // A ring of the last ones.
    let last = cycles.checked_sub(1).and_then(|last| last.checked_rem(array.len));
    statistics.gc_cycles = Some(cycles.into());
    statistics.gc_pause_total_ns = bytes.u64_at(fields.pause_total_ns);
    statistics.gc_pause_last_ns = last.and_then(|n| bytes.u64_at(first + n as usize * array.stride as usize));
    Ok(())
}
