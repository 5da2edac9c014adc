//! The builder: places the program, hands out heap, and writes the runtime's variables at the end.

use snapshot::Address;

use crate::elf_file::{self, Part};
use crate::function_table::{FUNCTION_BYTES, FUNCTIONS, FunctionTable, entry_offset, return_offset};
use crate::image::Image;
use crate::layout::Layout;
use crate::wait::Waiter;

const TEXT: Address = Address(0x40_1000);
const FUNCTION_TABLE: Address = Address(0x50_0000);
const DATA: Address = Address(0x60_0000);
const WAIT_REASONS: Address = Address(0x60_1000);
const MODULE_DATA: Address = Address(0x60_4000);
const DATA_END: Address = Address(0x60_5000);
const BSS: Address = Address(0x70_0000);
const BSS_BYTES: usize = 0x2_0000;
const NO_POINTER_BSS: Address = Address(0x72_0000);
const HEAP: Address = Address(0xc0_0000_0000);

/// Where the runtime's variables are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Variables {
    /// `runtime.allglen`
    pub allglen: Address,
    /// `runtime.allgptr`
    pub allgptr: Address,
    /// `runtime.allp`, a slice
    pub allp: Address,
    /// `runtime.allm`
    pub allm: Address,
    /// `runtime.sched`
    pub sched: Address,
    /// `runtime.semtable`
    pub semtable: Address,
    /// `runtime.waitReasonStrings`
    pub wait_reasons: Address,
    /// `runtime.firstmoduledata`
    pub module_data: Address,
    /// `runtime.allfin`
    pub allfin: Address,
    /// `runtime.mheap_`. Nothing is mapped there: whoever wants a heap maps it.
    pub mheap: Address,
    /// Where `bss` begins, a part of which is free for variables: see [`FREE_BSS`].
    pub bss: Address,
}

/// The part of `bss` that no variable of the runtime takes, in bytes from its start.
pub const FREE_BSS: std::ops::Range<u64> = 0x1_0000..0x2_0000;

const VARIABLES: Variables = Variables {
    allglen: NO_POINTER_BSS,
    allgptr: BSS,
    allp: Address(BSS.0 + 0x40),
    allm: Address(BSS.0 + 0x60),
    sched: Address(BSS.0 + 0x8000),
    semtable: Address(BSS.0 + 0x1000),
    wait_reasons: WAIT_REASONS,
    module_data: MODULE_DATA,
    allfin: Address(NO_POINTER_BSS.0 + 0x40),
    mheap: Address(0x80_0000),
    bss: BSS,
};

/// A process that never ran.
#[derive(Debug, Clone)]
pub struct Process {
    /// The ELF file that it was started from, not relocated.
    pub executable: Vec<u8>,
    /// Its memory.
    pub memory: Image,
    /// How its structures are laid out.
    pub layout: &'static Layout,
    /// Where the runtime's variables are.
    pub variables: Variables,
}

/// Puts a process together.
#[derive(Debug)]
pub struct ProcessBuilder {
    pub(crate) layout: &'static Layout,
    pub(crate) memory: Image,
    pub(crate) goroutines: Vec<Address>,
    pub(crate) processors: Vec<Address>,
    pub(crate) last_machine: Address,
    pub(crate) highest_id: u64,
    pub(crate) semaphores: Vec<Waiter>,
    executable: Vec<u8>,
}

impl ProcessBuilder {
    /// A process with its program loaded and nothing going on.
    pub fn new(layout: &'static Layout) -> Self {
        let table = FunctionTable::write();
        let data = data_segment(layout, &table);
        let text = vec![0xcc; FUNCTIONS.len() * FUNCTION_BYTES as usize];
        let mut memory = Image::default();
        for (at, bytes) in [(TEXT, &text), (FUNCTION_TABLE, &table.bytes), (DATA, &data)] {
            memory.map(at, bytes.len());
            memory.put(at, bytes);
        }
        memory.map(BSS, BSS_BYTES);
        memory.map(NO_POINTER_BSS, 0x1000);
        memory.map(HEAP, 0x1000);
        let symbols = [
            ("runtime.allglen", VARIABLES.allglen),
            ("runtime.allgptr", VARIABLES.allgptr),
            ("runtime.allp", VARIABLES.allp),
            ("runtime.allm", VARIABLES.allm),
            ("runtime.sched", VARIABLES.sched),
            ("runtime.semtable", VARIABLES.semtable),
            ("runtime.waitReasonStrings", VARIABLES.wait_reasons),
            ("runtime.firstmoduledata", VARIABLES.module_data),
            ("runtime.allfin", VARIABLES.allfin),
            ("runtime.mheap_", VARIABLES.mheap),
        ];
        let part = |section, at, bytes, flags| Part { section, at, bytes, flags };
        let parts = vec![
            part(".text", TEXT, text, 5),
            part(".gopclntab", FUNCTION_TABLE, table.bytes, 4),
            part(".data", DATA, data, 6),
        ];
        let mut inside = vec![(".go.buildinfo", DATA, 0x1000)];
        // The module data got a section of its own in Go 1.26, with the naming of semaphores.
        if layout.semaphores_named {
            inside.push((".go.module", MODULE_DATA, 0x1000));
        }
        ProcessBuilder {
            layout,
            memory,
            goroutines: Vec::new(),
            processors: Vec::new(),
            last_machine: Address::NULL,
            highest_id: 0,
            semaphores: Vec::new(),
            executable: elf_file::write(parts, &inside, &symbols),
        }
    }

    /// `len` bytes of heap, zeroed.
    pub fn allocate(&mut self, len: usize) -> Address {
        self.memory.append(len.next_multiple_of(16))
    }

    /// The memory so far.
    pub fn memory(&mut self) -> &mut Image {
        &mut self.memory
    }

    /// A Go string in the heap: its (pointer, length).
    pub(crate) fn string(&mut self, text: &str) -> (Address, u64) {
        let at = self.allocate(text.len().max(1));
        self.memory.put(at, text.as_bytes());
        (at, text.len() as u64)
    }

    /// Where a call in the function of that name returns to.
    ///
    /// # Panics
    /// When the synthetic program has no such function.
    pub fn return_address(&self, function: &str) -> Address {
        TEXT.offset(return_offset(function))
    }

    /// The first instruction of the function of that name.
    ///
    /// # Panics
    /// When the synthetic program has no such function.
    pub fn entry(&self, function: &str) -> Address {
        TEXT.offset(entry_offset(function))
    }

    /// Writes the runtime's variables.
    pub fn build(mut self) -> Process {
        self.write_semaphores();
        let (goroutines, processors) = (self.goroutines.clone(), self.processors.clone());
        for (list, pointer) in [(goroutines, VARIABLES.allgptr), (processors, VARIABLES.allp)] {
            let array = self.allocate(list.len().max(1) * 8);
            for (index, at) in list.iter().enumerate() {
                self.memory.put_address(array.offset(index as u64 * 8), *at);
            }
            self.memory.put_address(pointer, array);
            if pointer == VARIABLES.allp {
                // A slice: its length and capacity follow.
                self.memory.put_u64(pointer.offset(8), list.len() as u64);
                self.memory.put_u64(pointer.offset(16), list.len() as u64);
            } else {
                self.memory.put_u64(VARIABLES.allglen, list.len() as u64);
            }
        }
        self.memory.put_address(VARIABLES.allm, self.last_machine);
        let sched = VARIABLES.sched.offset(self.layout.sched.goidgen);
        self.memory.put_u64(sched, self.highest_id.next_multiple_of(16));
        let ProcessBuilder { layout, memory, executable, .. } = self;
        Process { executable, memory, layout, variables: VARIABLES }
    }
}

/// Build information, wait reasons and module data.
fn data_segment(layout: &Layout, table: &FunctionTable) -> Vec<u8> {
    let mut data = b"\xff Go buildinf:\x08\x02".to_vec();
    data.resize(32, 0);
    data.push(u8::try_from(layout.version.len()).expect("a short version"));
    data.extend(layout.version.as_bytes());
    data.push(0); // no module information
    data.resize(offset_in_data(WAIT_REASONS), 0);
    let mut text: Vec<u8> = Vec::new();
    let text_at = WAIT_REASONS.offset(0x1000);
    for reason in layout.wait_reasons {
        data.extend((text_at.0 + text.len() as u64).to_le_bytes());
        data.extend((reason.len() as u64).to_le_bytes());
        text.extend(reason.as_bytes());
    }
    data.resize(offset_in_data(text_at), 0);
    data.extend(text);
    data.resize(offset_in_data(MODULE_DATA), 0);
    data.extend(module_data(layout, table));
    data.resize(offset_in_data(DATA_END), 0);
    data
}

fn offset_in_data(at: Address) -> usize {
    usize::try_from(at.0 - DATA.0).expect("a small segment")
}

fn module_data(layout: &Layout, table: &FunctionTable) -> Vec<u8> {
    let mut bytes = vec![0; usize::try_from(layout.module.size).expect("a small structure")];
    let mut put = |at: u64, value: u64| {
        let at = usize::try_from(at).expect("a small structure");
        bytes.splice(at..at + 8, value.to_le_bytes());
    };
    put(0, FUNCTION_TABLE.0);
    let functions = FUNCTIONS.len() as u64 + 1;
    // funcnametab, cutab (of 32-bit elements), filetab, pctab, pclntable, ftab (of pairs)
    let slices = [
        (table.names.0, table.names.1),
        (table.units.0, table.units.1 / 4),
        (table.files.0, table.files.1),
        (table.pc_values.0, table.pc_values.1),
        (table.records.0, table.records.1),
        (table.records.0, functions),
    ];
    for ((offset, len), at) in slices.into_iter().zip((8..).step_by(24)) {
        put(at, FUNCTION_TABLE.0 + offset);
        put(at + 8, len);
        put(at + 16, len);
    }
    let text_end = TEXT.0 + FUNCTIONS.len() as u64 * u64::from(FUNCTION_BYTES);
    // findfunctab minpc maxpc text etext noptrdata enoptrdata data edata bss ebss noptrbss enoptrbss
    let ranges = [
        0,
        TEXT.0,
        text_end,
        TEXT.0,
        text_end,
        MODULE_DATA.0,
        DATA_END.0,
        DATA.0,
        MODULE_DATA.0,
        BSS.0,
        BSS.0 + BSS_BYTES as u64,
        NO_POINTER_BSS.0,
        NO_POINTER_BSS.0 + 0x1000,
    ];
    for (value, at) in ranges.into_iter().zip((152..).step_by(8)) {
        put(at, value);
    }
    put(layout.module.end, NO_POINTER_BSS.0 + 0x1000);
    put(layout.module.types, DATA.0);
    put(layout.module.etypes, DATA.0);
    put(layout.module.rodata, FUNCTION_TABLE.0);
    put(layout.module.gofunc, FUNCTION_TABLE.0);
    put(layout.module.hasmain, 1);
    bytes
}
