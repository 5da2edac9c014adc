//! `runtime.moduledata`: where a Go module's tables and variables are in the running process.
//!
//! The first 256 bytes are the same in all releases from Go 1.19 to 1.27; the few later fields that are
//! needed have their offsets in the layouts.

use snapshot::Address;

use crate::bytes::Bytes;
use crate::layout::Layouts;

/// The parts of a module, as addresses in the process.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ModuleData {
    /// Function names.
    pub names: Slice,
    /// File offsets of each compilation unit.
    pub compilation_units: Slice,
    /// File names.
    pub files: Slice,
    /// Tables of values by pc.
    pub pc_tables: Slice,
    /// Function records, behind the table of entries.
    pub records: Slice,
    /// Table of function entries.
    pub entries: Slice,
    /// Start of the code.
    pub text: Address,
    /// End of the code.
    pub text_end: Address,
    /// `noptrdata`, `data`, `bss`, `noptrbss`: where variables are, by kind.
    pub ranges: [(DataRange, Address, Address); 4],
    /// What function data offsets are relative to.
    pub function_data: Address,
    /// What offsets of pointer masks in function data are relative to.
    pub read_only_data: Address,
    /// Which words of `data` are pointers: a bit each.
    pub data_mask: Slice,
    /// Which words of `bss` are pointers: a bit each.
    pub bss_mask: Slice,
    /// The next module (plugins, shared libraries).
    pub next: Address,
}

/// A Go slice header.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Slice {
    /// First element.
    pub at: Address,
    /// Number of elements.
    pub len: u64,
}

/// Kinds of variables by section.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum DataRange {
    /// Initialised, without pointers.
    NoPointerData,
    /// Initialised, with pointers.
    Data,
    /// Zero at start, with pointers.
    Bss,
    /// Zero at start, without pointers.
    NoPointerBss,
}

impl ModuleData {
    /// Understands the bytes of a `runtime.moduledata`. `None` if they cannot be one.
    pub fn decode(bytes: &[u8], layouts: &Layouts) -> Option<Self> {
        let field = |name| layouts.offset("runtime.moduledata", name).map(|at| at as usize);
        let slice = |at| Some(Slice { at: bytes.address_at(at)?, len: bytes.u64_at(at + 8)? });
        // A bit vector is its number of bits and where they are.
        let mask = |bits, bytes_at| {
            Some(Slice { at: bytes.address_at(field(bytes_at)?)?, len: bytes.u32_at(field(bits)?)?.into() })
        };
        let range = |kind, at| Some((kind, bytes.address_at(at)?, bytes.address_at(at + 8)?));
        let module = ModuleData {
            names: slice(8)?,
            compilation_units: slice(32)?,
            files: slice(56)?,
            pc_tables: slice(80)?,
            records: slice(104)?,
            entries: slice(128)?,
            text: bytes.address_at(176)?,
            text_end: bytes.address_at(184)?,
            ranges: [
                range(DataRange::NoPointerData, 192)?,
                range(DataRange::Data, 208)?,
                range(DataRange::Bss, 224)?,
                range(DataRange::NoPointerBss, 240)?,
            ],
            function_data: bytes.address_at(field("gofunc")?)?,
            read_only_data: bytes.address_at(field("rodata")?)?,
            data_mask: mask("gcdatamask.n", "gcdatamask.bytedata")?,
            bss_mask: mask("gcbssmask.n", "gcbssmask.bytedata")?,
            next: bytes.address_at(field("next")?)?,
        };
        let ordered = module.ranges.iter().all(|(_, start, end)| start <= end);
        (module.text < module.text_end && ordered).then_some(module)
    }

    /// The kind of variable that lies at an address, if any of this module does.
    pub fn data_range(&self, at: Address) -> Option<DataRange> {
        self.ranges.iter().find(|(_, start, end)| (*start..*end).contains(&at)).map(|(kind, ..)| *kind)
    }

    /// Whether an address is in this module's code.
    pub fn has_code(&self, at: Address) -> bool {
        (self.text..self.text_end).contains(&at)
    }
}
