//! Offsets in the structures that describe the heap: spans, types, specials.

use go_binary::layout::Layouts;

use super::Structure;

/// Everything that marking needs.
#[derive(Debug, Clone)]
pub(crate) struct HeapFields {
    /// `mheap.allspans`, a slice.
    pub(crate) all_spans: usize,
    /// `mheap.sweepgen`.
    pub(crate) sweep_generation: usize,
    pub(crate) span: SpanFields,
    pub(crate) types: TypeFields,
    pub(crate) special: SpecialFields,
    /// Only where pointers of the heap are kept by arena (up to Go 1.21).
    pub(crate) arena: Option<ArenaFields>,
    /// `g._defer`.
    pub(crate) g_defer: usize,
    /// Bytes of `runtime._defer`, and its `link`.
    pub(crate) defer_size: usize,
    pub(crate) defer_link: usize,
}

/// `runtime.mspan`.
#[derive(Debug, Clone)]
pub(crate) struct SpanFields {
    pub(crate) size: usize,
    pub(crate) start: usize,
    pub(crate) pages: usize,
    pub(crate) elements: Counter,
    pub(crate) free_index: Counter,
    pub(crate) alloc_bits: usize,
    pub(crate) sweep_generation: usize,
    pub(crate) class: usize,
    pub(crate) state: usize,
    pub(crate) element_size: usize,
    pub(crate) specials: usize,
    /// The type of the one object of a large span (Go 1.22 and later).
    pub(crate) large_type: Option<usize>,
    /// Whether a user arena lies in it.
    pub(crate) user_arena: Option<usize>,
    /// `mSpanInUse`.
    pub(crate) in_use: u8,
}

/// A number of elements: eight bytes wide at first, two since Go 1.22.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Counter {
    pub(crate) at: usize,
    pub(crate) bytes: u32,
}

/// `internal/abi.Type`, which was `runtime._type` up to Go 1.20.
#[derive(Debug, Clone)]
pub(crate) struct TypeFields {
    pub(crate) size: usize,
    pub(crate) bytes: usize,
    pub(crate) pointer_bytes: usize,
    pub(crate) flags: usize,
    pub(crate) kind: usize,
    pub(crate) mask: usize,
}

/// `runtime.special` and those kinds of it that keep objects alive.
#[derive(Debug, Clone)]
pub(crate) struct SpecialFields {
    pub(crate) next: usize,
    pub(crate) offset: Counter,
    pub(crate) kind: usize,
    /// Bytes of the general part.
    pub(crate) size: usize,
    /// Bytes of the largest of the kinds below.
    pub(crate) size_max: usize,
    pub(crate) finalizer: Option<i64>,
    pub(crate) weak_handle: Option<i64>,
    pub(crate) cleanup: Option<i64>,
    pub(crate) profile: Option<i64>,
}

/// `runtime.heapArena` with a bitmap.
#[derive(Debug, Clone)]
pub(crate) struct ArenaFields {
    /// `mheap.arenas[0]`: a pointer to the table of arenas.
    pub(crate) table: usize,
    /// What is added to an address before it is divided: `arenaBaseOffset`, negated.
    pub(crate) base: u64,
    /// Bytes of heap in an arena.
    pub(crate) bytes: u64,
    pub(crate) bitmap: usize,
    /// Words of heap that a byte of the bitmap describes.
    pub(crate) words_per_byte: u64,
}

impl HeapFields {
    pub(super) fn bind(layouts: &Layouts) -> Option<Self> {
        let heap = Structure { layouts, name: "runtime.mheap" };
        let record = Structure { layouts, name: "runtime._defer" };
        Some(HeapFields {
            all_spans: heap.has("allspans.array")?,
            sweep_generation: heap.has("sweepgen")?,
            span: SpanFields::bind(layouts)?,
            types: TypeFields::bind(layouts)?,
            special: SpecialFields::bind(layouts)?,
            arena: ArenaFields::bind(layouts),
            g_defer: layouts.offset("runtime.g", "_defer")? as usize,
            defer_size: record.size().ok()?,
            defer_link: record.has("link")?,
        })
    }
}

fn counter(structure: &Structure<'_>, field: &str) -> Option<Counter> {
    let field = structure.layouts.field(structure.name, field)?;
    Some(Counter { at: field.offset as usize, bytes: field.size })
}

impl SpanFields {
    fn bind(layouts: &Layouts) -> Option<Self> {
        let span = Structure { layouts, name: "runtime.mspan" };
        Some(SpanFields {
            size: span.size().ok()?,
            start: span.has("startAddr")?,
            pages: span.has("npages")?,
            elements: counter(&span, "nelems")?,
            free_index: counter(&span, "freeindex")?,
            alloc_bits: span.has("allocBits")?,
            sweep_generation: span.has("sweepgen")?,
            class: span.has("spanclass")?,
            state: span.has("state")?,
            element_size: span.has("elemsize")?,
            specials: span.has("specials")?,
            large_type: span.has("largeType"),
            user_arena: span.has("isUserArenaChunk"),
            in_use: u8::try_from(layouts.constant("runtime.mSpanInUse")?).ok()?,
        })
    }
}

impl TypeFields {
    fn bind(layouts: &Layouts) -> Option<Self> {
        let names = ["internal/abi.Type", "runtime._type"];
        let name = names.into_iter().find(|name| layouts.get(name).is_some_and(|t| !t.fields.is_empty()))?;
        let of = Structure { layouts, name };
        Some(TypeFields {
            size: of.size().ok()?,
            bytes: of.any(&["Size_", "size"])?,
            pointer_bytes: of.any(&["PtrBytes", "ptrdata"])?,
            flags: of.any(&["TFlag", "tflag"])?,
            kind: of.any(&["Kind_", "kind"])?,
            mask: of.any(&["GCData", "gcdata"])?,
        })
    }
}

impl SpecialFields {
    fn bind(layouts: &Layouts) -> Option<Self> {
        let special = Structure { layouts, name: "runtime.special" };
        let kind = |name: &str| layouts.constant(&format!("runtime._KindSpecial{name}"));
        let sizes = ["runtime.specialfinalizer", "runtime.specialCleanup"].map(|name| layouts.size(name));
        let size = special.size().ok()?;
        Some(SpecialFields {
            next: special.has("next")?,
            offset: counter(&special, "offset")?,
            kind: special.has("kind")?,
            size,
            // A weak handle is one pointer.
            size_max: sizes.into_iter().flatten().map(|size| size as usize).fold(size + 8, usize::max),
            finalizer: kind("Finalizer"),
            weak_handle: kind("WeakHandle"),
            cleanup: kind("Cleanup"),
            profile: kind("Profile"),
        })
    }
}

impl ArenaFields {
    fn bind(layouts: &Layouts) -> Option<Self> {
        let arena = Structure { layouts, name: "runtime.heapArena" };
        let bytes = u64::try_from(layouts.constant("runtime.heapArenaBytes")?).ok()?;
        let bitmap = layouts.field(arena.name, "bitmap")?;
        Some(ArenaFields {
            table: layouts.offset("runtime.mheap", "arenas")? as usize,
            base: layouts.constant("runtime.arenaBaseOffsetUintptr")?.cast_unsigned(),
            bytes,
            bitmap: bitmap.offset as usize,
            words_per_byte: (bytes / 8)
                .checked_div(bitmap.size.into())
                .filter(|words| [4, 8].contains(words))?,
        })
    }
}
