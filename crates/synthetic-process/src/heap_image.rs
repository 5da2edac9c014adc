//! A heap beside a process that was built by hand: spans with objects, and variables that refer to them.
//!
//! Offsets are from `DW_AT_data_member_location` of programs built by the toolchains, forms from `runtime/mbitmap.go`.

use process_memory::ProcessMemory;
use snapshot::Address;

use crate::layout::{GO_1_23, Layout};
use crate::process::{FREE_BSS, Process};

const PAGE: u64 = 8192;
/// Where spans of the test lie, one behind the other.
const SPANS: Address = Address(0xd0_0000_0000);
/// Records of spans, types, masks and bits: outside the heap.
const RECORDS: Address = Address(0x9000_0000);
const RECORDS_BYTES: usize = 1 << 20;
/// The heap that the builder hands out.
const BUILT: Address = Address(0xc0_0000_0000);

/// `runtime.mheap`, the same in 1.23 and 1.27.
const MHEAP_BYTES: usize = 0x1_2000;
const ALL_SPANS: u64 = 65_864;
/// `runtime.mspan`, too.
const SPAN_BYTES: u64 = 160;
const SPECIALS: u64 = 128;
/// `runtime.finblock`: the link of all blocks, how many records are in use, and where they begin.
const FINALIZER_BLOCK: [u64; 4] = [4096, 0, 16, 24];

/// Bits of the mask of `bss`, and where they are, in `runtime.moduledata`.
fn bss_mask(layout: &Layout) -> (u64, u64) {
    if layout.version == GO_1_23.version { (552, 560) } else { (536, 544) }
}

/// Where the kind is in `runtime.special`, bytes of that, and the numbers of kinds: finalizer, cleanup, weak handle,
/// profile.
fn special(layout: &Layout) -> (u64, u64, [Option<u8>; 4]) {
    match layout.version == GO_1_23.version {
        true => (10, 16, [Some(1), None, Some(2), Some(3)]),
        false => (16, 24, [Some(2), Some(7), Some(3), Some(4)]),
    }
}

/// What the objects of a span are like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ObjectKind {
    /// Small, with a bitmap at the end of the span: 48 bytes.
    Small,
    /// With a pointer to its type before it: 1,024 bytes.
    Typed,
    /// One object, whose type the span has: 32 KiB.
    Large,
    /// Without pointers: 64 bytes.
    NoPointers,
}

impl ObjectKind {
    fn element(self) -> u64 {
        match self {
            ObjectKind::Small => 48,
            ObjectKind::Typed => 1024,
            ObjectKind::Large => 4 * PAGE,
            ObjectKind::NoPointers => 64,
        }
    }

    /// Words of an object that are pointers, of those that tests write.
    pub fn pointer_words(self) -> &'static [u64] {
        match self {
            ObjectKind::Small => &[1, 4],
            // Behind the header, every eight words of the type.
            ObjectKind::Typed => &[1 + 2, 1 + 5, 1 + 8 + 2, 1 + 104 + 5],
            ObjectKind::Large => &[2, 5, 8 + 2, 4088 + 5],
            ObjectKind::NoPointers => &[],
        }
    }

    /// Words that are none, though they look so.
    pub fn other_words(self) -> &'static [u64] {
        match self {
            ObjectKind::Small => &[0, 2, 3, 5],
            ObjectKind::Typed => &[1, 1 + 3, 1 + 104 + 6],
            ObjectKind::Large => &[0, 3, 4088 + 6],
            ObjectKind::NoPointers => &[0, 7],
        }
    }
}

/// Adds spans to a process.
pub(crate) struct HeapImage<'p> {
    process: &'p mut Process,
    records: u64,
    spans: Vec<Address>,
    next: u64,
    type_at: Address,
    /// Where all that describes the heap is.
    pub(crate) places: Vec<Address>,
}

impl<'p> HeapImage<'p> {
    /// A heap that has what the builder handed out, as objects of 16 bytes without pointers.
    pub(crate) fn new(process: &'p mut Process, built_bytes: u64) -> Self {
        process.memory.map(process.variables.mheap, MHEAP_BYTES);
        process.memory.map(RECORDS, RECORDS_BYTES);
        let type_at = Address::NULL;
        let mut heap =
            HeapImage { process, records: 0, spans: Vec::new(), next: 0, type_at, places: Vec::new() };
        // `abi.Type` of 64 bytes with pointers in words 2 and 5: Size_, PtrBytes, and GCData.
        let (at, mask) = (heap.record(48), heap.record(8));
        heap.process.memory.put_u64(at, 64);
        heap.process.memory.put_u64(at.offset(8), 48);
        heap.process.memory.put_u8(at.offset(23), 25);
        heap.process.memory.put_address(at.offset(32), mask);
        heap.process.memory.put_u8(mask, 1 << 2 | 1 << 5);
        heap.type_at = at;
        assert!(built_bytes.is_multiple_of(PAGE));
        let elements = (built_bytes - built_bytes / 64) / 16;
        heap.span(BUILT, built_bytes, 16, elements, 2 << 1, elements);
        heap
    }

    fn record(&mut self, bytes: u64) -> Address {
        let at = RECORDS.offset(self.records);
        self.records += bytes.next_multiple_of(16);
        self.places.push(at);
        at
    }

    fn span(&mut self, start: Address, bytes: u64, element: u64, elements: u64, class: u8, free_index: u64) {
        let at = self.record(SPAN_BYTES);
        let bits = self.record(elements.div_ceil(8));
        let memory = &mut self.process.memory;
        for (offset, word) in
            [(24, start.0), (32, bytes / PAGE), (64, bits.0), (104, element), (152, self.type_at.0)]
        {
            memory.put_u64(at.offset(offset), word);
        }
        for (offset, number) in [(48, free_index), (50, elements)] {
            let number = u16::try_from(number).expect("few objects");
            memory.put(at.offset(offset), &number.to_le_bytes());
        }
        memory.put_u8(at.offset(98), class);
        memory.put_u8(at.offset(99), 1);
        self.spans.push(at);
    }

    /// A span of its own for one object, which is its first element if it is `allocated` and its second if not: that
    /// one is free. Returns where the object is.
    pub(crate) fn object(&mut self, kind: ObjectKind, allocated: bool) -> Address {
        let bytes = if kind == ObjectKind::Large { 4 * PAGE } else { PAGE };
        let start = SPANS.offset(self.next);
        self.next += bytes;
        self.process.memory.map(start, usize::try_from(bytes).expect("a small span"));
        let element = kind.element();
        let room = if kind == ObjectKind::Small { bytes - bytes / 64 } else { bytes };
        let class = match kind {
            ObjectKind::Large => 0,
            ObjectKind::NoPointers => 10 << 1 | 1,
            ObjectKind::Small | ObjectKind::Typed => 10 << 1,
        };
        self.span(start, bytes, element, room / element, class, 1);
        let number = u64::from(!allocated && kind != ObjectKind::Large);
        let at = start.offset(number * element);
        match kind {
            ObjectKind::Small => {
                for word in kind.pointer_words() {
                    let bit = (number * element / 8) + word;
                    let byte = start.offset(room + bit / 8);
                    let set = self.byte(byte) | 1 << (bit % 8);
                    self.process.memory.put_u8(byte, set);
                }
            }
            ObjectKind::Typed => self.process.memory.put_address(at, self.type_at),
            ObjectKind::Large | ObjectKind::NoPointers => {}
        }
        at
    }

    /// Attaches records to the object at `object`, the first in the span that was made last: one of each kind that the
    /// release has, all words of which are `keeps`.
    pub(crate) fn specials(&mut self, object: Address, keeps: Address) {
        let Some(span) = self.spans.last().copied() else { return };
        let (kind_at, size, kinds) = special(self.process.layout);
        let mut link = span.offset(SPECIALS);
        for kind in kinds.into_iter().flatten() {
            let at = self.record(size + 32);
            let memory = &mut self.process.memory;
            memory.put_address(link, at);
            memory.put_u8(at.offset(kind_at), kind);
            for word in 0..4 {
                memory.put_address(at.offset(size + word * 8), if word == 1 { object } else { keeps });
            }
            link = at;
        }
    }

    /// Two blocks of finalizers that are to run, the first with one record all words of which are `keeps`.
    pub(crate) fn finalizers(&mut self, keeps: Address) {
        let [size, link, number, records] = FINALIZER_BLOCK;
        let (full, empty) = (self.record(size), self.record(size));
        let memory = &mut self.process.memory;
        memory.put_address(self.process.variables.allfin, full);
        memory.put_address(full.offset(link), empty);
        memory.put_u32(full.offset(number), 1);
        for word in 0..5 {
            memory.put_address(full.offset(records + word * 8), keeps);
        }
    }

    fn byte(&self, at: Address) -> u8 {
        let mut byte = [0];
        self.process.memory.read(at, &mut byte).expect("a byte of the heap");
        byte[0]
    }

    /// Writes the list of spans, and variables: words of free `bss`, and which of them are pointers.
    pub(crate) fn finish(mut self, variables: &[(u64, bool)]) -> Vec<Address> {
        let list = self.record(self.spans.len() as u64 * 8);
        for (index, at) in self.spans.iter().enumerate() {
            self.process.memory.put_address(list.offset(index as u64 * 8), *at);
        }
        let mheap = self.process.variables.mheap;
        self.process.memory.put_address(mheap.offset(ALL_SPANS), list);
        self.process.memory.put_u64(mheap.offset(ALL_SPANS + 8), self.spans.len() as u64);
        let free = FREE_BSS;
        let mask = self.record(free.end / 64);
        for (index, (value, is_pointer)) in variables.iter().enumerate() {
            let offset = free.start + index as u64 * 8;
            self.process.memory.put_u64(self.process.variables.bss.offset(offset), *value);
            if *is_pointer {
                let byte = mask.offset(offset / 64);
                let set = self.byte(byte) | 1 << (offset / 8 % 8);
                self.process.memory.put_u8(byte, set);
            }
        }
        let (bits, bytes) = bss_mask(self.process.layout);
        let module = self.process.variables.module_data;
        self.process.memory.put_u32(module.offset(bits), u32::try_from(free.end / 8).expect("few words"));
        self.process.memory.put_address(module.offset(bytes), mask);
        self.places.push(mheap.offset(ALL_SPANS));
        self.places
    }
}
