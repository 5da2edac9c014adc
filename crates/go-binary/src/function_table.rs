//! From a pc to its function, and from a function to the size of its frame.
//!
//! A record is `runtime._func`; its offsets have been the same since Go 1.18 but for the first line, which
//! Go 1.20 put before the last four bytes.

mod names;
mod tables;

use snapshot::Address;

pub(crate) use self::names::text_at;
use crate::address::{Bias, StaticAddress};
use crate::bytes::Bytes;
use crate::error::BinaryError;
use crate::module_data::{ModuleData, Slice};
use crate::pclntab::{Pclntab, PclntabVersion};
use crate::source::{SourceError, StaticMemory};

/// Names and records beyond this are damage: the largest known programs have a tenth of it.
const TABLE_MAX: u64 = 1 << 30;

/// The function tables of one module. Addresses are static; the bytes come from whoever holds them.
#[derive(Debug, Clone)]
pub struct FunctionTable {
    version: PclntabVersion,
    quantum: u8,
    text: StaticAddress,
    text_end: StaticAddress,
    /// (entry offset from `text`, record offset) pairs, ascending; the last one only ends the list.
    entries: Vec<u8>,
    records: StaticAddress,
    records_len: u64,
    names: StaticAddress,
    names_len: u64,
    pub(crate) compilation_units: StaticAddress,
    pub(crate) files: StaticAddress,
    pc_tables: StaticAddress,
    pc_tables_end: StaticAddress,
    function_data: StaticAddress,
    pub(crate) read_only_data: StaticAddress,
}

/// One function of the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Function {
    /// Its first instruction.
    pub entry: StaticAddress,
    /// Just behind its last instruction.
    pub end: StaticAddress,
    /// Special functions have numbers of their own (`internal/abi.FuncID`).
    pub id: u8,
    flags: u8,
    /// Bytes of its arguments on the stack; the top bit is set where its record does not say.
    pub(crate) arguments_size: u32,
    name: u32,
    pcsp: u32,
    pub(crate) pcfile: u32,
    pub(crate) pcline: u32,
    pub(crate) compilation_unit: u32,
    pc_data: StaticAddress,
    pc_data_len: u32,
    function_data_len: u8,
}

impl Function {
    /// Whether stacks end here (`goexit`, `mstart`, `rt0_go`).
    pub fn is_top(&self) -> bool {
        self.flags & 1 != 0
    }

    /// Whether it changes the stack pointer in a way that the tables do not describe.
    pub fn writes_stack_pointer(&self) -> bool {
        self.flags & 2 != 0
    }
}

impl FunctionTable {
    /// The tables of a module that has been found in a process, as static addresses.
    ///
    /// # Errors
    /// When the table of entries is damaged or cannot be read.
    pub fn new<M: StaticMemory + ?Sized>(
        memory: &M,
        header: &Pclntab,
        module: &ModuleData,
        bias: Bias,
    ) -> Result<Self, BinaryError> {
        let fixed = |at: Address| bias.fixed(at);
        let damaged = |what| BinaryError::BadFunctionTable { what };
        // The list has one entry more than there are functions.
        if module.entries.len.checked_sub(1) != Some(header.functions) {
            return Err(damaged("number of functions"));
        }
        let len = usize::try_from(module.entries.len * 8).map_err(|_| damaged("number of functions"))?;
        let entries = memory.read_static_vec(fixed(module.entries.at), len)?;
        let bounded = |slice: Slice| slice.len <= TABLE_MAX;
        if !(bounded(module.names) && bounded(module.records) && bounded(module.pc_tables)) {
            return Err(damaged("size"));
        }
        Ok(FunctionTable {
            version: header.version,
            quantum: header.quantum,
            text: fixed(module.text),
            text_end: fixed(module.text_end),
            entries,
            records: fixed(module.records.at),
            records_len: module.records.len,
            names: fixed(module.names.at),
            names_len: module.names.len,
            compilation_units: fixed(module.compilation_units.at),
            files: fixed(module.files.at),
            pc_tables: fixed(module.pc_tables.at),
            pc_tables_end: fixed(module.pc_tables.at).offset(module.pc_tables.len),
            function_data: fixed(module.function_data),
            read_only_data: fixed(module.read_only_data),
        })
    }

    /// Which form the tables have.
    pub fn version(&self) -> PclntabVersion {
        self.version
    }

    /// Size of the smallest instruction in bytes.
    pub fn quantum(&self) -> u8 {
        self.quantum
    }

    /// Number of functions.
    pub fn len(&self) -> usize {
        (self.entries.len() / 8).saturating_sub(1)
    }

    /// Whether there are no functions.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Entry and record of function `index`.
    fn entry(&self, index: usize) -> Option<(StaticAddress, u32)> {
        let at = index.checked_mul(8)?;
        Some((self.text.offset(u64::from(self.entries.u32_at(at)?)), self.entries.u32_at(at + 4)?))
    }

    /// The function that `pc` is in; `None` if it is in none of this module.
    ///
    /// # Errors
    /// When its record cannot be read.
    pub fn find<M: StaticMemory + ?Sized>(
        &self,
        memory: &M,
        pc: StaticAddress,
    ) -> Result<Option<Function>, SourceError> {
        if !(self.text..self.text_end).contains(&pc) {
            return Ok(None);
        }
        let (mut low, mut high) = (0, self.len());
        while low < high {
            let middle = usize::midpoint(low, high);
            match self.entry(middle) {
                Some((entry, _)) if entry <= pc => low = middle + 1,
                _ => high = middle,
            }
        }
        low.checked_sub(1).map_or(Ok(None), |index| self.function(memory, index))
    }

    fn function<M: StaticMemory + ?Sized>(
        &self,
        memory: &M,
        index: usize,
    ) -> Result<Option<Function>, SourceError> {
        let (Some((entry, record)), Some((end, _))) = (self.entry(index), self.entry(index + 1)) else {
            return Ok(None);
        };
        let at = self.records.offset(u64::from(record));
        let mut bytes = [0; 44];
        let size = match self.version {
            PclntabVersion::Go118 => 40,
            PclntabVersion::Go120 => 44,
        };
        let Some(bytes) = bytes.get_mut(..size) else { return Ok(None) };
        memory.read_static(at, bytes)?;
        let word = |offset| bytes.u32_at(offset).unwrap_or_default();
        let [id, flags, _, function_data_len] = bytes.array(size - 4).unwrap_or_default();
        Ok(Some(Function {
            entry,
            end,
            id,
            flags,
            arguments_size: word(8),
            name: word(4),
            pcsp: word(16),
            pcfile: word(20),
            pcline: word(24),
            pc_data_len: word(28),
            compilation_unit: word(32),
            pc_data: at.offset(size as u64),
            function_data_len,
        }))
    }
}
