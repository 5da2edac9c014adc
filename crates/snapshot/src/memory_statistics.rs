//! What the runtime counts of memory and garbage collections.

use serde::{Deserialize, Serialize};

/// The runtime's own numbers, as `runtime.MemStats` has them. `None` where the release or the build does not say.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct MemoryStatistics {
    /// Bytes of heap objects, unreachable ones that have not been swept yet included (`HeapAlloc`).
    pub heap_alloc_bytes: Option<u64>,
    /// Bytes of heap spans in use (`HeapInuse`).
    pub heap_in_use_bytes: Option<u64>,
    /// Bytes of heap spans that hold nothing (`HeapIdle`).
    pub heap_idle_bytes: Option<u64>,
    /// Bytes of these that were given back to the system (`HeapReleased`).
    pub heap_released_bytes: Option<u64>,
    /// Bytes of stack spans in use (`StackInuse`).
    pub stack_in_use_bytes: Option<u64>,
    /// Objects allocated so far (`Mallocs`).
    pub mallocs: Option<u64>,
    /// Objects freed so far (`Frees`).
    pub frees: Option<u64>,
    /// Whether nothing was handed from a P to the common counters while both were read. If not, `mallocs` may lack
    /// what was handed over meanwhile (it never is too high), and `heap_alloc_bytes` be off by it.
    pub counts_settled: bool,
    /// Completed garbage collections (`NumGC`).
    pub gc_cycles: Option<u64>,
    /// Time that the world was stopped for all of them, nanoseconds (`PauseTotalNs`).
    pub gc_pause_total_ns: Option<u64>,
    /// The same of the last one; none before the first.
    pub gc_pause_last_ns: Option<u64>,
    /// Size of the heap at which the next collection is to be done, bytes (`NextGC`). None with `GOGC=off`, and
    /// none where a memory limit is set, which takes a part in it.
    pub heap_goal_bytes: Option<u64>,
    /// `GOMEMLIMIT`, bytes; none if there is no limit.
    pub memory_limit_bytes: Option<u64>,
}
