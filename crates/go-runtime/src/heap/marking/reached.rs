//! Objects that have been reached, and whom that wakes.

use rustc_hash::FxHashMap;

use crate::heap::bits::Bits;
use crate::heap::copy::HeapCopy;

/// What has been reached.
pub(super) struct Reached<'c> {
    pub(super) copy: &'c HeapCopy,
    pub(super) marks: Bits,
    /// Reached objects that have not been looked into: span and element.
    pub(super) open: Vec<(usize, u32)>,
    /// Objects that goroutines wait for.
    pub(super) awaited: Bits,
    pub(super) waiting_for: FxHashMap<u64, Vec<usize>>,
    /// Goroutines that something reached could wake.
    pub(super) woken: Vec<usize>,
    /// Bytes of objects since this was last set to zero.
    pub(super) bytes: u64,
}

impl<'c> Reached<'c> {
    /// Nothing yet.
    pub(super) fn nothing_of(copy: &'c HeapCopy) -> Self {
        Reached {
            copy,
            marks: Bits::new(copy.spans.objects),
            open: Vec::new(),
            awaited: Bits::new(copy.spans.objects),
            waiting_for: FxHashMap::default(),
            woken: Vec::new(),
            bytes: 0,
        }
    }

    /// An object by an address in it: span, element, and its number among all.
    pub(super) fn object(&self, at: u64) -> Option<(usize, u32, u64)> {
        let (index, element) = self.copy.spans.find(at)?;
        let span = self.copy.spans.list.get(index)?;
        Some((index, element, span.first_object + u64::from(element)))
    }

    pub(super) fn reach(&mut self, at: u64) {
        let Some((index, element, number)) = self.object(at) else { return };
        if self.marks.contains(number) {
            return;
        }
        let Some(span) = self.copy.spans.list.get(index) else { return };
        if !self.copy.is_allocated(index, span, element) {
            return;
        }
        self.marks.insert(number);
        self.bytes += span.element;
        if self.awaited.contains(number) {
            self.woken.extend(self.waiting_for.remove(&number).unwrap_or_default());
        }
        if !span.noscan {
            self.open.push((index, element));
        }
    }
}
