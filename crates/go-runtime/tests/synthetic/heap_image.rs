//! A heap beside a process that was built by hand: spans with objects, and variables that refer to them.
//!
//! Offsets are from `DW_AT_data_member_location` of programs built by the toolchains, forms from `runtime/mbitmap.go`.

use snapshot::Address;
use synthetic_process::Process;
use synthetic_process::layout::{GO_1_23, Layout};

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

/// Bits of the mask of `bss`, and where they are, in `runtime.moduledata`.
fn bss_mask(layout: &Layout) -> (u64, u64) {
    if layout.version == GO_1_23.version { (552, 560) } else { (536, 544) }
}

/// What a span's objects are like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Small, with a bitmap at the end of the span: 48 bytes.
    Small,
    /// With a pointer to its type before it: 1,024 bytes.
    Typed,
    /// One object, whose type the span has: 32 KiB.
    Large,
    /// Without pointers: 64 bytes.
    NoPointers,
}

impl Kind {
    fn element(self) -> u64 {
        match self {
            Kind::Small => 48,
            Kind::Typed => 1024,
            Kind::Large => 4 * PAGE,
            Kind::NoPointers => 64,
        }
    }

    /// Words of an object that are pointers, of those that tests write.
    pub(crate) fn pointer_words(self) -> &'static [u64] {
        match self {
            Kind::Small => &[1, 4],
            // Behind the header, every eight words of the type.
            Kind::Typed => &[1 + 2, 1 + 5, 1 + 8 + 2, 1 + 104 + 5],
            Kind::Large => &[2, 5, 8 + 2, 4088 + 5],
            Kind::NoPointers => &[],
        }
    }

    /// Words that are none, though they look so.
    pub(crate) fn other_words(self) -> &'static [u64] {
        match self {
            Kind::Small => &[0, 2, 3, 5],
            Kind::Typed => &[1, 1 + 3, 1 + 104 + 6],
            Kind::Large => &[0, 3, 4088 + 6],
            Kind::NoPointers => &[0, 7],
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
}

impl<'p> HeapImage<'p> {
    /// A heap that has what the builder handed out, as objects of 16 bytes without pointers.
    pub(crate) fn new(process: &'p mut Process, built_bytes: u64) -> Self {
        process.memory.map(process.variables.mheap, MHEAP_BYTES);
        process.memory.map(RECORDS, RECORDS_BYTES);
        let mut heap = HeapImage { process, records: 0, spans: Vec::new(), next: 0, type_at: Address::NULL };
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
        memory.put(at.offset(48), &u16::try_from(free_index).unwrap().to_le_bytes());
        memory.put(at.offset(50), &u16::try_from(elements).unwrap().to_le_bytes());
        memory.put_u8(at.offset(98), class);
        memory.put_u8(at.offset(99), 1);
        self.spans.push(at);
    }

    /// A span of its own for one object, which is its first element if it is `allocated` and its second if not: that
    /// one is free. Returns where the object is.
    pub(crate) fn object(&mut self, kind: Kind, allocated: bool) -> Address {
        let bytes = if kind == Kind::Large { 4 * PAGE } else { PAGE };
        let start = SPANS.offset(self.next);
        self.next += bytes;
        self.process.memory.map(start, usize::try_from(bytes).unwrap());
        let element = kind.element();
        let room = if kind == Kind::Small { bytes - bytes / 64 } else { bytes };
        let class = match kind {
            Kind::Large => 0,
            Kind::NoPointers => 10 << 1 | 1,
            Kind::Small | Kind::Typed => 10 << 1,
        };
        self.span(start, bytes, element, room / element, class, 1);
        let number = u64::from(!allocated && kind != Kind::Large);
        let at = start.offset(number * element);
        match kind {
            Kind::Small => {
                for word in kind.pointer_words() {
                    let bit = (number * element / 8) + word;
                    let byte = start.offset(room + bit / 8);
                    let set = self.byte(byte) | 1 << (bit % 8);
                    self.process.memory.put_u8(byte, set);
                }
            }
            Kind::Typed => self.process.memory.put_address(at, self.type_at),
            Kind::Large | Kind::NoPointers => {}
        }
        at
    }

    fn byte(&self, at: Address) -> u8 {
        let mut byte = [0];
        process_memory::ProcessMemory::read(&self.process.memory, at, &mut byte).unwrap();
        byte[0]
    }

    /// Writes the list of spans, and variables: words of free `bss`, and which of them are pointers.
    pub(crate) fn finish(mut self, variables: &[(u64, bool)]) {
        let list = self.record(self.spans.len() as u64 * 8);
        for (index, at) in self.spans.iter().enumerate() {
            self.process.memory.put_address(list.offset(index as u64 * 8), *at);
        }
        let mheap = self.process.variables.mheap;
        self.process.memory.put_address(mheap.offset(ALL_SPANS), list);
        self.process.memory.put_u64(mheap.offset(ALL_SPANS + 8), self.spans.len() as u64);
        let free = synthetic_process::FREE_BSS;
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
        self.process.memory.put_u32(module.offset(bits), u32::try_from(free.end / 8).unwrap());
        self.process.memory.put_address(module.offset(bytes), mask);
    }
}
