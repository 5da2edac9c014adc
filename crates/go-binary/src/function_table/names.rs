//! Names of functions, and functions by name.

use memchr::memmem;

use super::{Function, FunctionTable};
use crate::address::StaticAddress;
use crate::bytes::Bytes;
use crate::error::BinaryError;
use crate::source::{SourceError, StaticMemory};

/// The longest name or path that is believed.
const NAME_MAX: usize = 4096;

impl FunctionTable {
    /// Name of a function as it stands in the table.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn name<M: StaticMemory + ?Sized>(
        &self,
        memory: &M,
        function: &Function,
    ) -> Result<String, SourceError> {
        self.name_at(memory, function.name)
    }

    pub(crate) fn name_at<M: StaticMemory + ?Sized>(
        &self,
        memory: &M,
        offset: u32,
    ) -> Result<String, SourceError> {
        text_at(memory, self.names.offset(u64::from(offset)))
    }

    /// The functions with these names, in that order. Reads the whole table once, and keeps none of it.
    ///
    /// # Errors
    /// When the table cannot be read.
    pub fn named<M: StaticMemory + ?Sized, const N: usize>(
        &self,
        memory: &M,
        wanted: [&str; N],
    ) -> Result<[Option<Function>; N], BinaryError> {
        let whole = |at, len| memory.read_static_vec(at, usize::try_from(len).unwrap_or_default());
        let names = whole(self.names, self.names_len)?;
        let offsets = wanted.map(|name| {
            let terminated = [b"\0", name.as_bytes(), b"\0"].concat();
            memmem::find(&names, &terminated).and_then(|at| u32::try_from(at + 1).ok())
        });
        drop(names);
        let records = whole(self.records, self.records_len)?;
        let mut found = [None; N];
        for index in 0..self.len() {
            let Some((_, record)) = self.entry(index) else { break };
            let Some(name) = records.u32_at(record as usize + 4) else { continue };
            for (slot, _) in found.iter_mut().zip(&offsets).filter(|(_, offset)| **offset == Some(name)) {
                *slot = self.function(memory, index)?;
            }
        }
        Ok(found)
    }
}

/// A zero-terminated text.
pub(crate) fn text_at<M: StaticMemory + ?Sized>(
    memory: &M,
    at: StaticAddress,
) -> Result<String, SourceError> {
    let mut text = Vec::new();
    while text.len() < NAME_MAX {
        let mut chunk = [0; 64];
        // The table may end within the chunk: then the rest is read byte by byte.
        let got = match memory.read_static(at.offset(text.len() as u64), &mut chunk) {
            Ok(()) => chunk.as_slice(),
            Err(error) => {
                let (one, _) = chunk.split_at_mut(1);
                memory.read_static(at.offset(text.len() as u64), one).map_err(|_| error)?;
                one
            }
        };
        match memchr::memchr(0, got) {
            Some(end) => {
                text.extend_from_slice(got.get(..end).unwrap_or_default());
                break;
            }
            None => text.extend_from_slice(got),
        }
    }
    Ok(String::from_utf8_lossy(&text).into_owned())
}
