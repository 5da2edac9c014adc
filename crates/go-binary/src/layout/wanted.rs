//! Which of a Go program's types and constants are kept: those that describe its concurrency.

/// Full names of the types that are kept, where a program has them.
pub const TYPES: &[&str] = &[
    // goroutines, threads, processors
    "runtime.g",
    "runtime.m",
    "runtime.p",
    "runtime.schedt",
    "runtime.gobuf",
    "runtime.stack",
    "runtime.gList",
    "runtime.gQueue",
    "runtime.sysmontick",
    "runtime.mLockProfile",
    "runtime.libcall",
    "runtime.ancestorInfo",
    "runtime.coro",
    "runtime.synctestGroup",
    "runtime.synctestBubble",
    "runtime._defer",
    "runtime._panic",
    "runtime.xRegPerG",
    "runtime.xRegState",
    // what they wait on
    "runtime.hchan",
    "runtime.sudog",
    "runtime.waitq",
    "runtime.mutex",
    "runtime.note",
    "runtime.notifyList",
    "runtime.semaRoot",
    "runtime.semTable",
    "runtime.timer",
    "runtime.timers",
    "runtime.pollDesc",
    "runtime.pollCache",
    "sync.Mutex",
    "sync.RWMutex",
    "sync.WaitGroup",
    "sync.Cond",
    "sync.Once",
    "sync.notifyList",
    "internal/sync.Mutex",
    // profiler labels
    "runtime/pprof.labelMap",
    "runtime/pprof.LabelSet",
    "runtime/pprof.label",
    "internal/runtime/pprof/label.Set",
    "internal/runtime/pprof/label.Label",
    "hash<string,string>",
    "bucket<string,string>",
    "runtime.hmap",
    "runtime.bmap",
    // the program's tables
    "runtime.moduledata",
    "runtime.pcHeader",
    "runtime.functab",
    "runtime._func",
    "runtime.textsect",
    "runtime.inlinedCall",
    "runtime.itab",
    "runtime._type",
    "runtime.eface",
    "runtime.iface",
    "internal/abi.ITab",
    "internal/abi.Type",
    "internal/abi.UncommonType",
    // the heap
    "runtime.mheap",
    "runtime.heapArena",
    "runtime.mspan",
    "runtime.mSpanStateBox",
    "runtime.mcache",
    "runtime.mcentral",
    "runtime.special",
    "runtime.specialfinalizer",
    "runtime.specialCleanup",
    "runtime.linearAlloc",
    "runtime.arenaHint",
    "runtime.addrRange",
    "internal/runtime/maps.Map",
    "internal/runtime/maps.table",
    "internal/runtime/maps.groupReference",
    // counters
    "runtime.mstats",
    "runtime.consistentHeapStats",
    "runtime.heapStatsDelta",
    "runtime.gcControllerState",
];

/// Beginnings of the full names of the constants that are kept: statuses of G and P, wait reasons,
/// span states, kinds of specials, the shape of the heap's address space.
pub const CONSTANT_PREFIXES: &[&str] = &[
    "runtime._G",
    "runtime._P",
    "runtime._KindSpecial",
    "runtime._NumSizeClasses",
    "runtime.arena",
    "runtime.heapArena",
    "runtime.logHeapArenaBytes",
    "runtime.mSpan",
    "runtime.pagesPerArena",
    "runtime.semTabSize",
    "runtime.waitReason",
];

/// Whether a type of this name is kept.
pub(super) fn is_wanted_type(name: &str) -> bool {
    TYPES.contains(&name)
}

/// Whether a constant of this name is kept.
pub(super) fn is_wanted_constant(name: &str) -> bool {
    CONSTANT_PREFIXES.iter().any(|prefix| name.starts_with(prefix))
}
