//! What the tables say of a function at a pc.

use super::{Function, FunctionTable};
use crate::address::StaticAddress;
use crate::source::{SourceError, StaticMemory};
use crate::varint;

impl FunctionTable {
    /// Bytes that the function has put on its stack at `pc`; `None` if its table does not say.
    ///
    /// # Errors
    /// When the table is damaged or cannot be read.
    pub fn stack_delta<M: StaticMemory + ?Sized>(
        &self,
        memory: &M,
        function: &Function,
        pc: StaticAddress,
    ) -> Result<Option<i32>, SourceError> {
        if function.pcsp == 0 { Ok(None) } else { self.value(memory, function, function.pcsp, pc) }
    }

    pub(crate) fn value<M: StaticMemory + ?Sized>(
        &self,
        memory: &M,
        function: &Function,
        table: u32,
        pc: StaticAddress,
    ) -> Result<Option<i32>, SourceError> {
        let at = self.pc_tables.offset(u64::from(table));
        varint::value_at(memory, at, self.pc_tables_end, self.quantum, function.entry, pc)
    }

    /// Value of the function's `PCDATA` table number `index` at `pc`.
    pub(crate) fn pc_data<M: StaticMemory + ?Sized>(
        &self,
        memory: &M,
        function: &Function,
        index: u32,
        pc: StaticAddress,
    ) -> Result<Option<i32>, SourceError> {
        if index >= function.pc_data_len {
            return Ok(None);
        }
        match memory.read_static_u32(function.pc_data.offset(u64::from(index) * 4))? {
            0 => Ok(None),
            table => self.value(memory, function, table, pc),
        }
    }

    /// Runs of the function's `PCDATA` table number `index`: where each begins and ends, and its value.
    pub(crate) fn pc_data_runs<M: StaticMemory + ?Sized>(
        &self,
        memory: &M,
        function: &Function,
        index: u32,
        visit: impl FnMut(StaticAddress, StaticAddress, i32) -> bool,
    ) -> Result<(), SourceError> {
        if index >= function.pc_data_len {
            return Ok(());
        }
        match memory.read_static_u32(function.pc_data.offset(u64::from(index) * 4))? {
            0 => Ok(()),
            table => {
                let at = self.pc_tables.offset(u64::from(table));
                varint::runs(memory, at, self.pc_tables_end, self.quantum, function.entry, visit)
            }
        }
    }

    /// Where the function's `FUNCDATA` number `index` is.
    pub(crate) fn function_data<M: StaticMemory + ?Sized>(
        &self,
        memory: &M,
        function: &Function,
        index: u8,
    ) -> Result<Option<StaticAddress>, SourceError> {
        if index >= function.function_data_len {
            return Ok(None);
        }
        let at = function.pc_data.offset((u64::from(function.pc_data_len) + u64::from(index)) * 4);
        match memory.read_static_u32(at)? {
            u32::MAX => Ok(None),
            offset => Ok(Some(self.function_data.offset(u64::from(offset)))),
        }
    }
}
