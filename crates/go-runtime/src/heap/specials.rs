//! Records that the runtime attaches to objects: finalizers and cleanups keep what they need alive.

use go_binary::Bytes;
use process_memory::{ProcessMemory, ReadValues};
use snapshot::Address;

use super::circles::Circle;
use super::spans::Spans;
use crate::bulk::Batch;
use crate::fields::{HeapFields, SpecialFields};

/// Records of one span; a longer list is taken for damage.
const RECORDS_MAX: u32 = 1 << 20;
/// Records of all spans that are kept.
const ALL_MAX: usize = 1 << 24;

/// A record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Special {
    pub(super) kind: SpecialKind,
    /// The object that it is attached to.
    pub(super) object: u64,
    /// What follows the general part: pointers, most of it.
    pub(super) words: [u64; 4],
}

/// The kinds that matter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum SpecialKind {
    /// Keeps all that the object refers to, and the function.
    Finalizer,
    /// Keeps the function and its argument.
    Cleanup,
    /// Keeps a handle.
    WeakHandle,
    /// Says where the object was allocated; keeps nothing.
    Profile,
}

/// Reads the records of all spans. A list that cannot be followed to its end is `missing`.
pub(super) fn read<M: ProcessMemory>(
    memory: &M,
    fields: &HeapFields,
    spans: &Spans,
    missing: &mut u64,
) -> Vec<Special> {
    let fields = &fields.special;
    let mut found = Vec::new();
    let with_records = spans.list.iter().filter(|span| !span.specials.is_null());
    let first = with_records.map(|span| (span.start, span.specials, Circle::default()));
    let mut open: Vec<(u64, Address, Circle)> = first.collect();
    let mut batch = Batch::default();
    // One record of each span at a time.
    for _ in 0..RECORDS_MAX {
        if open.is_empty() {
            return found;
        }
        if found.len() > ALL_MAX {
            break;
        }
        batch.clear();
        let slots: Vec<_> = open.iter().map(|(_, at, _)| batch.push(*at, fields.size_max)).collect();
        batch.read(memory);
        let mut next = Vec::with_capacity(open.len());
        for ((span, at, mut circle), slot) in open.into_iter().zip(slots) {
            if circle.closes(at.0) {
                *missing += 1;
                continue;
            }
            // Not every record is as long as the longest; there may be nothing behind it.
            let short = || memory.read_vec(at, fields.size + 8).ok();
            let Some(record) = batch.get(slot).ok().map(<[u8]>::to_vec).or_else(short) else {
                *missing += 1;
                continue;
            };
            found.extend(decode(&record, fields, span));
            let following = record.address_at(fields.next).unwrap_or_default();
            next.extend((!following.is_null()).then_some((span, following, circle)));
        }
        open = next;
    }
    *missing += open.len() as u64;
    found
}

fn decode(record: &[u8], fields: &SpecialFields, span: u64) -> Option<Special> {
    let kind = Some(i64::from(record.u8_at(fields.kind)?));
    let kind = match kind {
        kind if kind == fields.finalizer => SpecialKind::Finalizer,
        kind if kind == fields.cleanup => SpecialKind::Cleanup,
        kind if kind == fields.weak_handle => SpecialKind::WeakHandle,
        kind if kind == fields.profile => SpecialKind::Profile,
        _ => return None,
    };
    let offset = match fields.offset.bytes {
        2 => record.u16_at(fields.offset.at)?.into(),
        _ => record.u64_at(fields.offset.at)?,
    };
    let word = |n: usize| record.u64_at(fields.size + n * 8).unwrap_or_default();
    Some(Special { kind, object: span.wrapping_add(offset), words: [word(0), word(1), word(2), word(3)] })
}

impl Special {
    /// What a record of its kind keeps alive by itself.
    pub(super) fn keeps(&self) -> &[u64] {
        match self.kind {
            SpecialKind::Finalizer | SpecialKind::Cleanup => &self.words,
            SpecialKind::WeakHandle => self.words.get(..1).unwrap_or_default(),
            SpecialKind::Profile => &[],
        }
    }
}
