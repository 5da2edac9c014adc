//! Where Go 1.19 to 1.21 keep which words of the heap are pointers: a bitmap for each arena.
//!
//! Go 1.20 and 1.21 have a bit for each word. Go 1.19 has two bits a word, four words a byte: the low half says
//! pointer, the high half whether there are more to come; what is behind may be left from before
//! (`runtime/mbitmap.go`).

use go_binary::Bytes;
use process_memory::{ProcessMemory, ReadValues};
use rustc_hash::FxHashMap;
use snapshot::Address;

use super::ranges::Ranges;
use super::spans::Span;
use crate::fields::ArenaFields;

/// Bitmaps of spans.
#[derive(Debug, Default)]
pub(super) struct Bitmaps {
    copy: Ranges,
    /// Where the bitmap of a span (by index) is in the copy, and how long it is.
    by_span: FxHashMap<usize, (usize, usize)>,
    two_bits: bool,
}

impl Bitmaps {
    /// Reads the bitmaps of `spans` (with their indexes). One that cannot be read is left out.
    pub(super) fn read<'s, M: ProcessMemory>(
        memory: &M,
        heap: Address,
        fields: &ArenaFields,
        spans: impl Iterator<Item = (usize, &'s Span)>,
        workers: usize,
    ) -> Self {
        let mut arenas: FxHashMap<u64, Option<Address>> = FxHashMap::default();
        let table = memory.read_address(heap.offset(fields.table as u64)).unwrap_or_default();
        let (mut wanted, mut owners) = (Vec::new(), Vec::new());
        for (index, span) in spans {
            let from_base = span.start.wrapping_sub(fields.base);
            let (number, offset) = (from_base / fields.bytes.max(1), from_base % fields.bytes.max(1));
            // A large object may reach into further arenas; of its words each may be a pointer then.
            if offset + span.bytes > fields.bytes {
                continue;
            }
            let arena = arenas.entry(number).or_insert_with(|| {
                memory.read_address(table.offset(number.wrapping_mul(8))).ok().filter(|at| !at.is_null())
            });
            let Some(arena) = *arena else { continue };
            let bytes_per_byte = fields.words_per_byte * 8;
            let len = usize::try_from(span.bytes / bytes_per_byte).unwrap_or_default();
            wanted.push((arena.offset(fields.bitmap as u64 + offset / bytes_per_byte).0, len));
            owners.push((index, len));
        }
        let mut copy = Ranges::default();
        let begins = copy.append(memory, &wanted, workers);
        let found = owners.into_iter().zip(begins);
        let by_span = found.filter_map(|((index, len), begin)| Some((index, (begin?, len)))).collect();
        Bitmaps { copy, by_span, two_bits: fields.words_per_byte == 4 }
    }

    /// Offsets in bytes, from the start of the span, of the words from `from` to `to` that are pointers. `None`
    /// if nothing is known of the span.
    pub(super) fn pointers(&self, span: usize, from: u64, to: u64) -> Option<impl Iterator<Item = u64> + '_> {
        let (begin, len) = *self.by_span.get(&span)?;
        let bits = self.copy.get(begin, len)?;
        let two = self.two_bits;
        let more = move |word: &u64| !two || bit(bits, word / 4 * 8 + 4 + word % 4);
        let is_pointer = move |word: &u64| bit(bits, if two { word / 4 * 8 + word % 4 } else { *word });
        Some((from / 8..to / 8).take_while(more).filter(is_pointer).map(|word| word * 8))
    }
}

fn bit(bits: &[u8], index: u64) -> bool {
    let byte = usize::try_from(index / 8).ok().and_then(|at| bits.u8_at(at));
    byte.is_some_and(|byte| byte >> (index % 8) & 1 != 0)
}
