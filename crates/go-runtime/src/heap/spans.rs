//! The heap's spans: which object an address is in.

use go_binary::Bytes;
use process_memory::{ProcessMemory, ReadError, ReadValues};
use rustc_hash::FxHashMap;
use snapshot::Address;

use crate::bulk::Batch;
use crate::fields::{Counter, HeapFields, SpanFields};
use crate::limits::Limits;

/// Bytes of a page of the Go heap, whatever the machine's.
pub(super) const PAGE: u64 = 8192;
/// Addresses of the heap with the same number above this bit share a page table.
const ARENA_BITS: u32 = 26;
const ARENA_PAGES: usize = 1 << (ARENA_BITS - 13);
/// All spans together are not longer than this; what is beyond counts as missing.
const BYTES_MAX: u64 = 1 << 40;
/// Nor do they have more objects: each costs us some bits.
const OBJECTS_MAX: u64 = 1 << 33;
/// The smallest size class (`internal/runtime/gc`, `SizeClassToSize`).
const ELEMENT_MIN: u64 = 8;

/// A run of pages with objects of one size.
#[derive(Debug, Clone)]
pub(super) struct Span {
    pub(super) start: u64,
    /// Bytes of all its pages.
    pub(super) bytes: u64,
    pub(super) element: u64,
    pub(super) elements: u32,
    /// `2^32 / element`, rounded up: multiplying with it divides.
    reciprocal: u64,
    /// Its objects have no pointers.
    pub(super) noscan: bool,
    /// One object only, and no size class.
    pub(super) large: bool,
    pub(super) user_arena: bool,
    pub(super) large_type: Address,
    pub(super) specials: Address,
    /// Elements below are in use.
    pub(super) free_index: u32,
    pub(super) alloc_bits: Address,
    /// It was being swept: its bits are between two states.
    pub(super) being_swept: bool,
    /// Number of its first object among all objects.
    pub(super) first_object: u64,
}

impl Span {
    fn decode(bytes: &[u8], fields: &SpanFields, sweep_generation: u32) -> Option<Self> {
        let element = bytes.u64_at(fields.element_size)?;
        let elements = number(bytes, fields.elements)?;
        let len = bytes.u64_at(fields.pages)?.checked_mul(PAGE)?;
        let (start, class) = (bytes.u64_at(fields.start)?, bytes.u8_at(fields.class)?);
        let in_use = bytes.u8_at(fields.state)? == fields.in_use;
        let possible = element >= ELEMENT_MIN
            && elements != 0
            && u64::from(elements).checked_mul(element).is_some_and(|used| used <= len)
            && start.is_multiple_of(PAGE)
            && start.checked_add(len).is_some();
        if !(in_use && possible) {
            return None;
        }
        Some(Span {
            start,
            bytes: len,
            element,
            elements,
            reciprocal: (1_u64 << 32).div_ceil(element),
            noscan: class & 1 != 0,
            large: class >> 1 == 0,
            user_arena: fields.user_arena.and_then(|at| bytes.u8_at(at)).unwrap_or(0) != 0,
            large_type: fields.large_type.and_then(|at| bytes.address_at(at)).unwrap_or_default(),
            specials: bytes.address_at(fields.specials)?,
            free_index: number(bytes, fields.free_index)?,
            alloc_bits: bytes.address_at(fields.alloc_bits)?,
            being_swept: bytes.u32_at(fields.sweep_generation)? == sweep_generation.wrapping_sub(1),
            first_object: 0,
        })
    }

    /// The element that `at` is in; `None` behind the last one.
    pub(super) fn element_of(&self, at: u64) -> Option<u32> {
        let offset = at.wrapping_sub(self.start);
        // Exact for offsets in spans of more than one element, which are far shorter than 4 GiB.
        let index = if self.elements == 1 { 0 } else { offset.wrapping_mul(self.reciprocal) >> 32 };
        u32::try_from(index).ok().filter(|index| *index < self.elements && offset < self.bytes)
    }
}

fn number(bytes: &[u8], counter: Counter) -> Option<u32> {
    match counter.bytes {
        2 => bytes.u16_at(counter.at).map(u32::from),
        _ => bytes.u64_at(counter.at).and_then(|number| u32::try_from(number).ok()),
    }
}

/// All spans that are in use, by address.
#[derive(Debug, Default)]
pub(super) struct Spans {
    pub(super) list: Vec<Span>,
    /// By arena: for each page, one more than the index of its span.
    pages: FxHashMap<u64, Box<[u32]>>,
    /// Number of all objects.
    pub(super) objects: u64,
}

impl Spans {
    /// Reads them all.
    ///
    /// # Errors
    /// When the list cannot be read. Single spans that cannot be read are left out: `missing` counts them.
    pub(super) fn read<M: ProcessMemory>(
        memory: &M,
        heap: Address,
        fields: &HeapFields,
        limits: &Limits,
        missing: &mut u64,
    ) -> Result<Self, ReadError> {
        let mut addresses = list(memory, heap, fields, limits, missing)?;
        addresses.sort_unstable();
        addresses.dedup();
        let sweep_generation = memory.read_u32(heap.offset(fields.sweep_generation as u64))?;
        let mut batch = Batch::default();
        let mut spans = Vec::with_capacity(addresses.len());
        let slots = batch.push_each(addresses, fields.span.size);
        batch.read(memory);
        let mut alone = Vec::new();
        for slot in slots {
            match batch.get_or_reread(slot, memory, &mut alone) {
                Ok(bytes) => spans.extend(Span::decode(bytes, &fields.span, sweep_generation)),
                Err(_) => *missing += 1,
            }
        }
        Ok(Self::of(spans, missing))
    }

    fn of(mut list: Vec<Span>, missing: &mut u64) -> Self {
        list.sort_unstable_by_key(|span| span.start);
        let (mut bytes_left, mut objects_left) = (BYTES_MAX, OBJECTS_MAX);
        list.retain(|span| {
            let objects = objects_left.checked_sub(span.elements.into());
            match (bytes_left.checked_sub(span.bytes), objects) {
                (Some(bytes), Some(objects)) => {
                    (bytes_left, objects_left) = (bytes, objects);
                    true
                }
                _ => {
                    *missing += 1;
                    false
                }
            }
        });
        // A record that was reused while the list was read describes pages that another one describes as well.
        list.dedup_by(|later, earlier| later.start < earlier.start + earlier.bytes);
        let mut spans = Spans::default();
        for (index, span) in list.iter_mut().enumerate() {
            span.first_object = spans.objects;
            spans.objects += u64::from(span.elements);
            for page in (span.start >> 13)..((span.start + span.bytes) >> 13) {
                let arena = page >> (ARENA_BITS - 13);
                let table = spans.pages.entry(arena).or_insert_with(|| vec![0; ARENA_PAGES].into());
                if let Some(entry) = table.get_mut(place_of(page)) {
                    *entry = u32::try_from(index + 1).unwrap_or(0);
                }
            }
        }
        spans.list = list;
        spans
    }

    /// Index of the span that an address is in.
    pub(super) fn span_of(&self, at: u64) -> Option<usize> {
        let table = self.pages.get(&(at >> ARENA_BITS))?;
        let entry = *table.get(place_of(at >> 13))?;
        (entry as usize).checked_sub(1)
    }

    /// The object that an address is in: its span, and which element it is.
    pub(super) fn find(&self, at: u64) -> Option<(usize, u32)> {
        let index = self.span_of(at)?;
        Some((index, self.list.get(index)?.element_of(at)?))
    }
}

/// Where a page is in its arena's table.
fn place_of(page: u64) -> usize {
    usize::try_from(page % ARENA_PAGES as u64).unwrap_or_default()
}

/// Addresses of all spans, in use or not.
fn list<M: ProcessMemory>(
    memory: &M,
    heap: Address,
    fields: &HeapFields,
    limits: &Limits,
    missing: &mut u64,
) -> Result<Vec<Address>, ReadError> {
    let slice = heap.offset(fields.all_spans as u64);
    let mut last = None;
    // The array is freed when a larger one replaces it.
    for _ in 0..4 {
        let (array, len) = (memory.read_address(slice)?, memory.read_u64(slice.offset(8))?);
        let all = usize::try_from(len).unwrap_or(usize::MAX);
        let len = all.min(limits.heap_spans_max);
        let bytes = memory.read_vec(array, len.saturating_mul(8));
        if memory.read_address(slice)? == array {
            *missing += u64::from(len < all);
            return Ok(bytes?.chunks_exact(8).filter_map(|word| word.address_at(0)).collect());
        }
        last = bytes.err();
    }
    Err(last.unwrap_or(ReadError {
        at: slice,
        wanted: 8,
        obtained: 0,
        cause: process_memory::ReadFailure::NotAttempted,
    }))
}
