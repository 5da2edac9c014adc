//! The pointers in an object: by what the allocator has noted of it, and where it has noted nothing, by every word.
//!
//! Since Go 1.22 small objects have a bitmap at the end of their span, middle-sized ones begin with a pointer to
//! their type, and a large one's type is noted in its span (`runtime/mbitmap.go`). Before, there are bitmaps for
//! whole arenas.

use go_binary::Bytes;
use go_binary::layout::Release;
use process_memory::ProcessMemory;
use snapshot::Address;

use super::copy::HeapCopy;
use super::spans::Span;
use super::type_masks::TypeMasks;
use crate::fields::HeapFields;

/// `gc.MinSizeForMallocHeader`: larger objects begin with a pointer to their type.
const IN_SPAN_MAX: u64 = 512;
/// Mark bits that the collector of Go 1.26 and later has at the very end of such spans (`spanInlineMarkBits`).
const INLINE_MARKS: u64 = 128;
/// Objects smaller than this have no marks there.
const INLINE_MARKS_MIN: u64 = 16;

/// Looks at objects of a copy.
pub(super) struct Objects<'c, M> {
    pub(super) copy: &'c HeapCopy,
    memory: &'c M,
    fields: &'c HeapFields,
    types: TypeMasks,
    /// Bytes at the end of spans of small objects, behind their bitmap.
    inline_marks: u64,
}

impl<'c, M: ProcessMemory> Objects<'c, M> {
    pub(super) fn of(copy: &'c HeapCopy, memory: &'c M, fields: &'c HeapFields, release: Release) -> Self {
        let has = fields.span.large_type.is_some() && has_inline_marks(&copy.spans.list);
        let inline_marks = if has { INLINE_MARKS } else { 0 };
        Objects { copy, memory, fields, types: TypeMasks::of(release), inline_marks }
    }

    /// Shows `visit` the value of each pointer in an object: of each word, where it is not known which are pointers.
    pub(super) fn pointers(&mut self, index: usize, element: u32, mut visit: impl FnMut(u64)) {
        let Some(span) = self.copy.spans.list.get(index) else { return };
        let Some(contents) = self.copy.contents(index, span) else { return };
        let begin = u64::from(element) * span.element;
        let end = begin + span.element;
        let word = |offset: u64| usize::try_from(offset).ok().and_then(|at| contents.u64_at(at));
        if span.user_arena {
            // Its bitmap has a form of its own.
        } else if let Some(bitmaps) = &self.copy.bitmaps {
            if let Some(offsets) = bitmaps.pointers(index, begin, end) {
                return offsets.filter_map(word).for_each(visit);
            }
        } else if self.fields.span.large_type.is_none() {
            // No arenas, and no types: an unknown form.
        } else if span.element <= IN_SPAN_MAX && !span.large {
            return self.by_bitmap_in_span(span, contents, begin, end, visit);
        } else {
            let header = if span.large { 0 } else { 8 };
            let of = if span.large { span.large_type } else { Address(word(begin).unwrap_or_default()) };
            if let Some(mask) =
                self.types.get(self.memory, of, &self.fields.types, span.element.saturating_sub(header))
            {
                let mut value = begin + header;
                // An array of values; behind the last one there is nothing but zeros.
                while value < end && !mask.pointers.is_empty() {
                    let offsets = mask.pointers.iter().map(|pointer| value + u64::from(*pointer) * 8);
                    offsets.take_while(|at| *at < end).filter_map(word).for_each(&mut visit);
                    value += mask.size;
                }
                return;
            }
        }
        (begin..end).step_by(8).filter_map(word).for_each(visit);
    }

    fn by_bitmap_in_span(
        &self,
        span: &Span,
        contents: &[u8],
        begin: u64,
        end: u64,
        mut visit: impl FnMut(u64),
    ) {
        let marks = if span.element >= INLINE_MARKS_MIN { self.inline_marks } else { 0 };
        let bitmap = (span.bytes - span.bytes / 64).saturating_sub(marks);
        for word in begin / 8..end / 8 {
            let bits = usize::try_from(bitmap + word / 8).ok().and_then(|at| contents.u8_at(at)).unwrap_or(0);
            if bits >> (word % 8) & 1 != 0 {
                let value = usize::try_from(word * 8).ok().and_then(|at| contents.u64_at(at));
                value.into_iter().for_each(&mut visit);
            }
        }
    }
}

/// Whether spans of small objects end with marks: of some sizes fewer objects fit into them then. It is an option of
/// builds (`GOEXPERIMENT=greenteagc`), so no release tells.
fn has_inline_marks(spans: &[Span]) -> bool {
    spans.iter().any(|span| {
        let small = !span.noscan && (INLINE_MARKS_MIN..=IN_SPAN_MAX).contains(&span.element);
        let room = span.bytes - span.bytes / 64;
        let fit = |room: u64| room.checked_div(span.element) == Some(span.elements.into());
        small && fit(room.saturating_sub(INLINE_MARKS)) && !fit(room)
    })
}
