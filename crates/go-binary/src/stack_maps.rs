//! Which words of a function's frame hold pointers: what the garbage collector knows of stacks.
//!
//! The tables are `FUNCDATA_ArgsPointerMaps`, `FUNCDATA_LocalsPointerMaps` and `FUNCDATA_StackObjects`, chosen by
//! `PCDATA_StackMapIndex`. Their numbers and forms are the same in all releases from Go 1.19 to 1.27
//! (`runtime/stkframe.go`, `runtime/stack.go`).

use crate::address::StaticAddress;
use crate::function_table::{Function, FunctionTable};
use crate::source::{SourceError, StaticMemory};

const ARGUMENTS: u8 = 0;
const LOCALS: u8 = 1;
const STACK_OBJECTS: u8 = 2;
const STACK_MAP_INDEX: u32 = 1;
/// The record does not say how large the arguments are (`abi.ArgsSizeUnknown`).
const UNKNOWN_SIZE: u32 = 0x8000_0000;
/// A frame with more words than this is damage.
const WORDS_MAX: u32 = 1 << 24;
/// More variables of one function than this are damage.
const OBJECTS_MAX: u64 = 1 << 16;

/// A bit for each word of a range of memory: whether it is a pointer.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PointerMask {
    words: u64,
    bits: Box<[u8]>,
}

impl PointerMask {
    /// A mask of so many words; missing bits are zero.
    pub fn new(words: u64, bits: impl Into<Box<[u8]>>) -> Self {
        PointerMask { words, bits: bits.into() }
    }

    /// Number of words that it describes.
    pub fn words(&self) -> u64 {
        self.words
    }

    /// Indexes of the words that are pointers, ascending.
    pub fn pointers(&self) -> impl Iterator<Item = u64> {
        let bytes = self.bits.iter().enumerate().filter(|(_, byte)| **byte != 0);
        let indexes = bytes.flat_map(|(at, &byte)| {
            (0..8_u64).filter(move |bit| byte >> bit & 1 != 0).map(move |bit| at as u64 * 8 + bit)
        });
        indexes.take_while(|index| *index < self.words)
    }
}

/// A variable on the stack whose address is taken: it lives as long as a pointer to it does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StackObject {
    /// Bytes from the end of the local variables if negative, else from the arguments.
    pub offset: i32,
    /// Bytes.
    pub size: u32,
    /// Which of its words are pointers; `None` if that is not known, so that each may be one.
    pub pointers: Option<PointerMask>,
}

/// What is known of a frame at some pc. A map is `None` if the function has none: any word may be a pointer.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FrameMaps {
    /// Words just below the end of the local variables.
    pub locals: Option<PointerMask>,
    /// Words from the first argument on.
    pub arguments: Option<PointerMask>,
    /// Variables whose address is taken.
    pub objects: Box<[StackObject]>,
}

impl FunctionTable {
    /// The maps of `function` where it stands at `pc`: the call for a caller, the entry before it has run.
    ///
    /// # Errors
    /// When the tables are damaged or cannot be read.
    pub fn frame_maps<M: StaticMemory + ?Sized>(
        &self,
        memory: &M,
        function: &Function,
        pc: StaticAddress,
    ) -> Result<FrameMaps, SourceError> {
        let mut index = None;
        if pc != function.entry {
            index = self.pc_data(memory, function, STACK_MAP_INDEX, pc)?;
        }
        // Without a value it stands in its prologue, where the first map holds (`getStackMap`).
        let index = index.filter(|index| *index != -1).unwrap_or(0);
        let map = |kind| self.stack_map(memory, function, kind, index);
        let arguments = match function.arguments_size {
            0 => Some(PointerMask::default()),
            size if size >= UNKNOWN_SIZE => None,
            _ => map(ARGUMENTS)?,
        };
        Ok(FrameMaps {
            locals: map(LOCALS)?,
            arguments,
            objects: self.stack_objects(memory, function)?.into(),
        })
    }

    /// Number `index` of a `runtime.stackmap`: how many maps, bits of each, and the maps.
    fn stack_map<M: StaticMemory + ?Sized>(
        &self,
        memory: &M,
        function: &Function,
        kind: u8,
        index: i32,
    ) -> Result<Option<PointerMask>, SourceError> {
        let Some(at) = self.function_data(memory, function, kind)? else { return Ok(None) };
        let (maps, words) = (memory.read_static_u32(at)?, memory.read_static_u32(at.offset(4))?);
        let Some(index) = u32::try_from(index).ok().filter(|index| *index < maps && words <= WORDS_MAX)
        else {
            return Ok(None);
        };
        let len = words.div_ceil(8);
        let bits = memory.read_static_vec(at.offset(8 + u64::from(index) * u64::from(len)), len as usize)?;
        Ok(Some(PointerMask::new(words.into(), bits)))
    }

    fn stack_objects<M: StaticMemory + ?Sized>(
        &self,
        memory: &M,
        function: &Function,
    ) -> Result<Vec<StackObject>, SourceError> {
        let Some(at) = self.function_data(memory, function, STACK_OBJECTS)? else { return Ok(Vec::new()) };
        let number = memory.read_static_u64(at)?.min(OBJECTS_MAX);
        let records = (0..number).map(|number| at.offset(8 + number * 16));
        records
            .map(|record| {
                let word = |at| memory.read_static_u32(record.offset(at));
                let (size, pointer_bytes) = (word(4)?, word(8)?);
                // A negative number of bytes says that there is a GC program instead of a mask (up to Go 1.23).
                let masked = pointer_bytes <= size && size / 8 <= WORDS_MAX;
                let pointers = if masked {
                    let words = pointer_bytes / 8;
                    let mask = self.read_only_data.offset(word(12)?.into());
                    let bits = memory.read_static_vec(mask, words.div_ceil(8) as usize)?;
                    Some(PointerMask::new(words.into(), bits))
                } else {
                    None
                };
                Ok(StackObject { offset: word(0)?.cast_signed(), size, pointers })
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pointers_are_the_bits_within_the_words() {
        let mask = PointerMask::new(10, [0b1000_0001, 0b1111_1110]);
        assert_eq!(mask.pointers().collect::<Vec<_>>(), [0, 7, 9]);
        assert_eq!(PointerMask::default().pointers().count(), 0);
        assert_eq!(PointerMask::new(100, [1]).pointers().collect::<Vec<_>>(), [0]);
    }
}
