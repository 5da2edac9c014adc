//! Offsets in the structures that count memory. A release that lacks a field of a group lacks the group.

use go_binary::layout::{ArrayLayout, Layouts};

use super::Structure;

/// All groups.
#[derive(Debug, Clone)]
pub(crate) struct MemoryFields {
    pub(crate) heap: Option<HeapStatsFields>,
    pub(crate) collections: Option<CollectionFields>,
    pub(crate) controller: Option<ControllerFields>,
    pub(crate) cache: Option<CacheFields>,
}

/// `memstats.heapStats`: counters in several generations, whose sum counts.
#[derive(Debug, Clone)]
pub(crate) struct HeapStatsFields {
    /// Where the generations begin in `runtime.mstats`.
    pub(crate) start: usize,
    pub(crate) generations: ArrayLayout,
    /// Which generation is written to, in `runtime.mstats`.
    pub(crate) generation: usize,
    pub(crate) in_stacks: usize,
    pub(crate) tiny_allocs: usize,
    pub(crate) large_allocs: usize,
    pub(crate) large_frees: usize,
    pub(crate) small_allocs: (usize, ArrayLayout),
    pub(crate) small_frees: (usize, ArrayLayout),
}

/// Collections in `runtime.mstats`.
#[derive(Debug, Clone)]
pub(crate) struct CollectionFields {
    pub(crate) cycles: usize,
    pub(crate) pause_total_ns: usize,
    pub(crate) pauses_ns: (usize, ArrayLayout),
}

/// `runtime.gcControllerState`.
#[derive(Debug, Clone)]
pub(crate) struct ControllerFields {
    pub(crate) size: usize,
    pub(crate) heap_in_use: usize,
    pub(crate) heap_free: usize,
    pub(crate) heap_released: usize,
    pub(crate) total_alloc: usize,
    pub(crate) total_free: usize,
    pub(crate) memory_limit: usize,
    pub(crate) gc_percent_goal: usize,
    pub(crate) sweep_distance_trigger: usize,
    pub(crate) triggered: usize,
}

/// `runtime.mcache`, and the spans cached in it.
#[derive(Debug, Clone)]
pub(crate) struct CacheFields {
    /// In `runtime.p`.
    pub(crate) of_p: usize,
    pub(crate) size: usize,
    pub(crate) tiny_allocs: usize,
    pub(crate) spans: (usize, ArrayLayout),
    pub(crate) span_size: usize,
    pub(crate) span_allocs: usize,
    pub(crate) span_allocs_before: usize,
    pub(crate) span_element_size: usize,
}

impl MemoryFields {
    pub(super) fn bind(layouts: &Layouts) -> Self {
        MemoryFields {
            heap: HeapStatsFields::bind(layouts),
            collections: CollectionFields::bind(layouts),
            controller: ControllerFields::bind(layouts),
            cache: CacheFields::bind(layouts),
        }
    }
}

/// Offset, stride and length of a field that is an array.
fn array(layouts: &Layouts, structure: &str, field: &str) -> Option<(usize, ArrayLayout)> {
    let field = layouts.field(structure, field)?;
    Some((field.offset as usize, field.array?))
}

impl HeapStatsFields {
    fn bind(layouts: &Layouts) -> Option<Self> {
        let delta = Structure { layouts, name: "runtime.heapStatsDelta" };
        let consistent = "runtime.consistentHeapStats";
        let start = layouts.offset("runtime.mstats", "heapStats")? as usize;
        let (first, generations) = array(layouts, consistent, "stats")?;
        Some(HeapStatsFields {
            start: start + first,
            generations,
            generation: start + layouts.offset(consistent, "gen")? as usize,
            in_stacks: delta.has("inStacks")?,
            tiny_allocs: delta.has("tinyAllocCount")?,
            large_allocs: delta.has("largeAllocCount")?,
            large_frees: delta.has("largeFreeCount")?,
            small_allocs: array(layouts, delta.name, "smallAllocCount")?,
            small_frees: array(layouts, delta.name, "smallFreeCount")?,
        })
    }

    /// Bytes of `runtime.mstats` in which all of it is.
    pub(crate) fn size(&self) -> usize {
        let len = self.generations.len as usize * self.generations.stride as usize;
        (self.start + len).max(self.generation + 4)
    }
}

impl CollectionFields {
    fn bind(layouts: &Layouts) -> Option<Self> {
        let mstats = Structure { layouts, name: "runtime.mstats" };
        Some(CollectionFields {
            cycles: mstats.has("numgc")?,
            pause_total_ns: mstats.has("pause_total_ns")?,
            pauses_ns: array(layouts, mstats.name, "pause_ns")?,
        })
    }

    /// Bytes of `runtime.mstats` in which all of it is.
    pub(crate) fn size(&self) -> usize {
        let (pauses, array) = self.pauses_ns;
        let pauses_end = pauses + array.len as usize * array.stride as usize;
        pauses_end.max(self.cycles + 4).max(self.pause_total_ns + 8)
    }
}

impl ControllerFields {
    fn bind(layouts: &Layouts) -> Option<Self> {
        let controller = Structure { layouts, name: "runtime.gcControllerState" };
        Some(ControllerFields {
            size: controller.size().ok()?,
            heap_in_use: controller.has("heapInUse")?,
            heap_free: controller.has("heapFree")?,
            heap_released: controller.has("heapReleased")?,
            total_alloc: controller.has("totalAlloc")?,
            total_free: controller.has("totalFree")?,
            memory_limit: controller.has("memoryLimit")?,
            gc_percent_goal: controller.has("gcPercentHeapGoal")?,
            sweep_distance_trigger: controller.has("sweepDistMinTrigger")?,
            triggered: controller.has("triggered")?,
        })
    }
}

impl CacheFields {
    fn bind(layouts: &Layouts) -> Option<Self> {
        let cache = Structure { layouts, name: "runtime.mcache" };
        let span = Structure { layouts, name: "runtime.mspan" };
        Some(CacheFields {
            of_p: layouts.offset("runtime.p", "mcache")? as usize,
            size: cache.size().ok()?,
            tiny_allocs: cache.has("tinyAllocs")?,
            spans: array(layouts, cache.name, "alloc")?,
            span_size: span.size().ok()?,
            span_allocs: span.has("allocCount")?,
            span_allocs_before: span.has("allocCountBeforeCache")?,
            span_element_size: span.has("elemsize")?,
        })
    }
}
