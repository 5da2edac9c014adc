//! Which objects refer to which: a search upwards through a copy of the heap, from what is wanted.

use process_memory::ProcessMemory;
use rustc_hash::{FxHashMap, FxHashSet};

use super::bits::Bits;
use super::copy::HeapCopy;
use super::objects::Objects;

/// So far upwards is searched: each step looks through the whole copy once.
const STEPS_MAX: u32 = 4;
/// Objects that refer to one object, of which are kept.
const REFERRERS_MAX: usize = 1 << 17;
/// References that are kept altogether.
const ALL_MAX: usize = 1 << 22;
/// Objects that are searched through for all that are wanted together.
pub(super) const ABOVE_ALL_MAX: usize = 1 << 23;
/// Once these are used up, so many are for each one.
const ABOVE_MAX: usize = 256;

/// References between heap objects, by their numbers.
#[derive(Debug, Default)]
pub(super) struct Referrers {
    by_object: FxHashMap<u64, Vec<u64>>,
    /// Objects to which more refer than is known.
    unfinished: FxHashSet<u64>,
    /// All objects that came up.
    pub(super) all: FxHashSet<u64>,
}

/// The object around an address, by its number among all objects.
pub(super) fn object_at(copy: &HeapCopy, at: u64) -> Option<u64> {
    let (index, element) = copy.spans.find(at)?;
    Some(copy.spans.list.get(index)?.first_object + u64::from(element))
}

impl Referrers {
    /// Searches upwards from `wanted`. References in objects that are in `ignored` do not count.
    pub(super) fn search<M: ProcessMemory>(
        objects: &mut Objects<'_, M>,
        wanted: impl Iterator<Item = u64>,
        ignored: &Bits,
    ) -> Self {
        let mut found = Referrers { all: wanted.collect(), ..Referrers::default() };
        let mut open: Vec<u64> = found.all.iter().copied().collect();
        let mut kept = 0;
        for _ in 0..STEPS_MAX {
            if open.is_empty() {
                return found;
            }
            let mut level = Bits::new(objects.copy.spans.objects);
            for object in open.drain(..) {
                level.insert(object);
            }
            each_reference(objects, &level, ignored, |from, to| {
                let referrers = found.by_object.entry(to).or_default();
                if referrers.last() == Some(&from) {
                    return;
                }
                if referrers.len() >= REFERRERS_MAX || kept >= ALL_MAX {
                    found.unfinished.insert(to);
                    return;
                }
                kept += 1;
                referrers.push(from);
                if found.all.insert(from) {
                    open.push(from);
                }
            });
        }
        found.unfinished.extend(open);
        found
    }

    /// Shows `visit` an object and all that refer to it, nearest first, with the number of steps in between. Returns
    /// whether these are all. `left` is what is left of [`ABOVE_ALL_MAX`].
    pub(super) fn above(&self, object: u64, left: &mut usize, mut visit: impl FnMut(u64, u32)) -> bool {
        let max = ABOVE_MAX.max(*left);
        let mut seen = FxHashSet::from_iter([object]);
        let (mut level, mut complete) = (vec![object], true);
        for depth in 0..=STEPS_MAX {
            let mut next = Vec::new();
            for object in level {
                visit(object, depth);
                complete &= !self.unfinished.contains(&object);
                for referrer in self.by_object.get(&object).into_iter().flatten() {
                    if seen.len() >= max {
                        complete = false;
                    } else if seen.insert(*referrer) {
                        next.push(*referrer);
                    }
                }
            }
            level = next;
        }
        *left = left.saturating_sub(seen.len());
        complete && level.is_empty()
    }
}

/// Shows `visit` each pointer from an object that counts to one of `wanted`, but for those to itself.
fn each_reference<M: ProcessMemory>(
    objects: &mut Objects<'_, M>,
    wanted: &Bits,
    ignored: &Bits,
    mut visit: impl FnMut(u64, u64),
) {
    let copy = objects.copy;
    for (index, span) in copy.spans.list.iter().enumerate().filter(|(_, span)| !span.noscan) {
        for element in 0..span.elements {
            let from = span.first_object + u64::from(element);
            if ignored.contains(from) || !copy.is_allocated(index, span, element) {
                continue;
            }
            objects.pointers(index, element, |value| {
                if let Some(to) = object_at(copy, value).filter(|to| *to != from && wanted.contains(*to)) {
                    visit(from, to);
                }
            });
        }
    }
}
