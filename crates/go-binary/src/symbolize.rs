//! From a pc to the calls that were inlined there: names, files, lines.
//!
//! `FUNCDATA_InlTree` lists the calls inlined into a function, `PCDATA_InlTreeIndex` says which of them a
//! pc belongs to; numbers and forms as in `runtime/symtabinl.go`. Two forms are known: Go 1.20 and later
//! give the pc of each call in its parent, earlier ones the file and line.

use crate::address::StaticAddress;
use crate::bytes::Bytes;
use crate::function_table::{Function, FunctionTable, text_at};
use crate::pclntab::PclntabVersion;
use crate::source::{SourceError, StaticMemory};

/// `abi.FUNCDATA_InlTree`.
const INLINE_TREE: u8 = 3;
/// `abi.PCDATA_InlTreeIndex`.
const INLINE_INDEX: u32 = 2;
/// Deeper inlining than this is damage: the compiler stops far earlier.
const DEPTH_MAX: usize = 256;
/// Stretches of inlined code in one function that are looked at.
const STRETCHES_MAX: usize = 1 << 14;
/// `abi.FuncIDWrapper` by release: (last minor release that it holds for, number).
const WRAPPER_IDS: [(u16, u8); 3] = [(21, 21), (24, 22), (u16::MAX, 23)];

/// One function call at a pc.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogicalFrame {
    /// The function's name as Go's tools print it: type arguments as `[...]`.
    pub function: String,
    /// The linker's name, where it is not the same: with the compiler's type arguments.
    pub symbol: Option<String>,
    /// Source file as the compiler recorded it.
    pub file: String,
    /// Line; 0 if unknown.
    pub line: u32,
    /// Whether it was inlined into the next frame.
    pub inlined: bool,
    /// Whether the compiler made it up to adapt a call.
    pub wrapper: bool,
}

impl FunctionTable {
    /// The calls at `pc` in `function`, innermost first; the last one is `function` itself.
    ///
    /// `pc` is that of an instruction inside the call, so callers pass one less than a return address.
    /// `minor` is the Go minor release (23 for Go 1.23).
    ///
    /// # Errors
    /// When a table is damaged or cannot be read.
    pub fn frames<M: StaticMemory + ?Sized>(
        &self,
        memory: &M,
        function: &Function,
        pc: StaticAddress,
        minor: u16,
    ) -> Result<Vec<LogicalFrame>, SourceError> {
        let wrapper = |id| WRAPPER_IDS.iter().find(|(last, _)| minor <= *last).is_some_and(|(_, w)| *w == id);
        let tree = self.function_data(memory, function, INLINE_TREE)?;
        let mut frames = Vec::new();
        let mut index = self.inline_index(memory, function, tree, pc)?;
        let (mut file, mut line) = self.file_and_line(memory, function, pc)?;
        while let (Some(call), Some(tree)) = (index, tree) {
            if frames.len() >= DEPTH_MAX {
                break;
            }
            let call = self.inlined_call(memory, tree, call)?;
            let (name, symbol) = names(self.name_at(memory, call.name)?);
            let wrapper = wrapper(call.id);
            frames.push(LogicalFrame { function: name, symbol, file, line, inlined: true, wrapper });
            let parent_pc = function.entry.offset(u64::from(call.parent_pc));
            (file, line) = match call.position {
                Some((file, line)) => (self.file(memory, function, file)?, line),
                None => self.file_and_line(memory, function, parent_pc)?,
            };
            index = self.inline_index(memory, function, Some(tree), parent_pc)?;
        }
        let wrapper = wrapper(function.id);
        let (name, symbol) = names(self.name(memory, function)?);
        frames.push(LogicalFrame { function: name, symbol, file, line, inlined: false, wrapper });
        Ok(frames)
    }

    /// Where in a function calls were inlined: the first instruction of each stretch of code that came from one.
    /// [`FunctionTable::frames`] says what stands there.
    ///
    /// # Errors
    /// As [`FunctionTable::frames`].
    pub fn inlined_stretches<M: StaticMemory + ?Sized>(
        &self,
        memory: &M,
        function: &Function,
    ) -> Result<Vec<StaticAddress>, SourceError> {
        let mut stretches = Vec::new();
        self.pc_data_runs(memory, function, INLINE_INDEX, |from, _, call| {
            if call >= 0 {
                stretches.push(from);
            }
            stretches.len() < STRETCHES_MAX
        })?;
        Ok(stretches)
    }

    fn inline_index<M: StaticMemory + ?Sized>(
        &self,
        memory: &M,
        function: &Function,
        tree: Option<StaticAddress>,
        pc: StaticAddress,
    ) -> Result<Option<u32>, SourceError> {
        if tree.is_none() {
            return Ok(None);
        }
        let index = self.pc_data(memory, function, INLINE_INDEX, pc)?;
        Ok(index.and_then(|index| u32::try_from(index).ok()))
    }

    fn inlined_call<M: StaticMemory + ?Sized>(
        &self,
        memory: &M,
        tree: StaticAddress,
        index: u32,
    ) -> Result<InlinedCall, SourceError> {
        let mut bytes = [0; 20];
        let word = |bytes: &[u8], at| bytes.u32_at(at).unwrap_or_default();
        match self.version() {
            PclntabVersion::Go120 => {
                let bytes = &mut bytes[..16];
                memory.read_static(tree.offset(u64::from(index) * 16), bytes)?;
                let id = bytes.u8_at(0).unwrap_or_default();
                Ok(InlinedCall { id, name: word(bytes, 4), parent_pc: word(bytes, 8), position: None })
            }
            PclntabVersion::Go118 => {
                memory.read_static(tree.offset(u64::from(index) * 20), &mut bytes)?;
                let position = Some((word(&bytes, 4).cast_signed(), word(&bytes, 8)));
                let id = bytes.u8_at(2).unwrap_or_default();
                Ok(InlinedCall { id, name: word(&bytes, 12), parent_pc: word(&bytes, 16), position })
            }
        }
    }

    /// File and line of the instruction at `pc`.
    ///
    /// # Errors
    /// When a table is damaged or cannot be read.
    pub fn file_and_line<M: StaticMemory + ?Sized>(
        &self,
        memory: &M,
        function: &Function,
        pc: StaticAddress,
    ) -> Result<(String, u32), SourceError> {
        let file = self.value(memory, function, function.pcfile, pc)?;
        let line = self.value(memory, function, function.pcline, pc)?;
        let file = file.map_or(Ok("?".into()), |file| self.file(memory, function, file))?;
        Ok((file, line.and_then(|line| u32::try_from(line).ok()).unwrap_or(0)))
    }

    fn file<M: StaticMemory + ?Sized>(
        &self,
        memory: &M,
        function: &Function,
        index: i32,
    ) -> Result<String, SourceError> {
        let Ok(index) = u32::try_from(index) else { return Ok("?".into()) };
        let unit = u64::from(function.compilation_unit) + u64::from(index);
        match memory.read_static_u32(self.compilation_units.offset(unit * 4))? {
            u32::MAX => Ok("?".into()),
            offset => text_at(memory, self.files.offset(u64::from(offset))),
        }
    }
}

/// An entry of the inline tree.
struct InlinedCall {
    id: u8,
    name: u32,
    /// Offset from the entry of the physical function of an instruction of the call's parent.
    parent_pc: u32,
    /// Where the call is (file index, line); before Go 1.20 only.
    position: Option<(i32, u32)>,
}

/// A function's name as the runtime prints it, and the linker's where it differs: type arguments, which are
/// the compiler's shape types, are printed as `[...]` (`funcNameForPrint`).
fn names(symbol: String) -> (String, Option<String>) {
    match (symbol.find('['), symbol.rfind(']')) {
        (Some(open), Some(close)) if open < close => {
            let (head, tail) = (symbol.get(..open), symbol.get(close + 1..));
            let function = format!("{}[...]{}", head.unwrap_or_default(), tail.unwrap_or_default());
            (function, Some(symbol))
        }
        _ => (symbol, None),
    }
}

#[cfg(test)]
mod tests {
    use super::names;

    #[test]
    fn type_arguments_are_elided_as_the_runtime_does() {
        for (name, expected) in [
            ("main.main", "main.main"),
            ("main.(*queue[go.shape.int]).put", "main.(*queue[...]).put"),
            ("main.f[go.shape.struct { a [2]int }].func1", "main.f[...].func1"),
            ("main.odd]name[", "main.odd]name["),
        ] {
            let (function, symbol) = names(name.into());
            assert_eq!(function, expected);
            assert_eq!(symbol.as_deref(), (name != expected).then_some(name));
        }
    }
}
