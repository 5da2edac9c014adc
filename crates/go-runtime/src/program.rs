//! A Go program as loaded in a process: its tables, variables and layouts, and which pc is in which module.

use std::sync::Arc;

use go_binary::build_info::BuildInfo;
use go_binary::globals::{Code, Globals};
use go_binary::layout::{Layouts, Release};
use go_binary::memory_globals::MemoryGlobals;
use go_binary::queue_globals::QueueGlobals;
use go_binary::{
    Bias, BinaryError, Bytes, Executable, Function, FunctionTable, ModuleData, Pclntab, SourceError,
    StaticAddress, StaticMemory,
};
use memchr::memmem;
use process_memory::{ProcessMemory, ReadValues};
use snapshot::{Address, Architecture, LayoutSource};

use crate::error::AttachError;
use crate::fields::Fields;
use crate::layout_choice::LayoutCandidates;

/// `runtime.moduledata` fits into this in every release.
const MODULE_DATA_MAX: usize = 1024;
/// Modules in one process: the program and its plugins.
const MODULES_MAX: usize = 256;
/// Data segments are scanned for the module data in blocks of this size.
const BLOCK: u64 = 4 << 20;

/// Everything about a program that does not change while it runs.
pub struct Program {
    pub(crate) executable: Arc<Executable>,
    pub(crate) build_info: BuildInfo,
    pub(crate) release: Release,
    pub(crate) layout_source: LayoutSource,
    pub(crate) layouts: Layouts,
    pub(crate) fields: Fields,
    pub(crate) globals: Globals,
    pub(crate) modules: Vec<Module>,
}

/// One module: the program itself (its tables are in the file) or a plugin (they are in memory).
pub(crate) struct Module {
    pub(crate) functions: FunctionTable,
    pub(crate) data: ModuleData,
    pub(crate) bias: Bias,
    in_file: bool,
}

/// A function found by a pc.
pub(crate) struct Located<'p> {
    pub(crate) module: &'p Module,
    pub(crate) function: Function,
}

impl Program {
    /// The program as loaded with `bias`, once for each set of layouts that may be its own, the most trusted
    /// first. Each is made only when it is asked for.
    ///
    /// # Errors
    /// When the executable is not a Go program that can be read, or no layout is known.
    pub(crate) fn candidates<'m, M: ProcessMemory>(
        executable: Executable,
        bias: Bias,
        memory: &'m M,
    ) -> Result<impl Iterator<Item = Result<Self, AttachError>> + 'm, AttachError> {
        let build_info = BuildInfo::of(&executable)?;
        let release = build_info.release()?;
        let header = Pclntab::find(&executable)?;
        let executable = Arc::new(executable);
        let candidates = LayoutCandidates::of(&executable, &build_info, release)?;
        Ok(candidates.map(move |(layouts, layout_source)| {
            let (executable, build_info) = (Arc::clone(&executable), build_info.clone());
            let fields = Fields::bind(&layouts)?;
            let data = find_module_data(&executable, &header, bias, memory, &layouts)?;
            let functions = FunctionTable::new(&*executable, &header, &data, bias)?;
            let code = Code { executable: &executable, functions: &functions, module: &data, bias };
            let globals = Globals::find(&code, &layouts)?;
            let mut modules = vec![Module { functions, data, bias, in_file: true }];
            add_plugins(&mut modules, memory, executable.architecture(), &layouts);
            Ok(Program { executable, build_info, release, layout_source, layouts, fields, globals, modules })
        }))
    }

    /// Processor architecture of the program.
    pub fn architecture(&self) -> Architecture {
        self.executable.architecture()
    }

    /// Build information of the executable.
    pub fn build_info(&self) -> &BuildInfo {
        &self.build_info
    }

    /// The executable that the program was loaded from.
    pub fn executable(&self) -> &Executable {
        &self.executable
    }

    /// Where the layouts came from.
    pub fn layout_source(&self) -> &LayoutSource {
        &self.layout_source
    }

    /// Addresses of the runtime's variables.
    pub fn globals(&self) -> &Globals {
        &self.globals
    }

    /// Addresses of the variables that count memory.
    ///
    /// # Errors
    /// [`BinaryError`] names the one that cannot be found.
    pub(crate) fn memory_globals(&self) -> Result<MemoryGlobals, BinaryError> {
        MemoryGlobals::find(&self.code().ok_or(BinaryError::NoModuleData)?, &self.layouts)
    }

    /// Addresses of the queues of finalizers and cleanups.
    ///
    /// # Errors
    /// [`BinaryError`] names the one that cannot be found.
    pub(crate) fn queue_globals(&self) -> Result<QueueGlobals, BinaryError> {
        QueueGlobals::find(&self.code().ok_or(BinaryError::NoModuleData)?)
    }

    /// The program's own code.
    fn code(&self) -> Option<Code<'_>> {
        let Module { functions, data, bias, .. } = self.modules.first()?;
        Some(Code { executable: &self.executable, functions, module: data, bias: *bias })
    }

    /// The function that `pc` is in, if it is Go code.
    pub(crate) fn locate<M: ProcessMemory>(&self, memory: &M, pc: Address) -> Option<Located<'_>> {
        let module = self.modules.iter().find(|module| module.data.has_code(pc))?;
        let fixed = module.bias.fixed(pc);
        let function = self.with_tables(memory, module, |tables| module.functions.find(tables, fixed));
        Some(Located { module, function: function.ok().flatten()? })
    }

    /// Runs `use_tables` with the bytes of a module's tables: from the file, or from memory.
    pub(crate) fn with_tables<M: ProcessMemory, T>(
        &self,
        memory: &M,
        module: &Module,
        use_tables: impl FnOnce(&dyn StaticMemory) -> T,
    ) -> T {
        if module.in_file { use_tables(&*self.executable) } else { use_tables(&InMemory(memory)) }
    }
}

/// A module's tables in the process itself: static addresses are live ones.
struct InMemory<M>(M);

impl<M: ProcessMemory> StaticMemory for InMemory<M> {
    fn read_static(&self, at: StaticAddress, buf: &mut [u8]) -> Result<(), SourceError> {
        let outside = SourceError::OutOfRange { at: at.0, len: buf.len() as u64 };
        self.0.read(Address(at.0), buf).map_err(|_| outside)
    }
}

/// Finds `runtime.firstmoduledata` in the process: it begins with the address of the function table and
/// that of the function names in it.
fn find_module_data<M: ProcessMemory>(
    executable: &Executable,
    header: &Pclntab,
    bias: Bias,
    memory: &M,
    layouts: &Layouts,
) -> Result<ModuleData, AttachError> {
    let table = bias.live(header.address).0;
    let pattern = [table.to_le_bytes(), table.wrapping_add(header.names_offset).to_le_bytes()].concat();
    let decode = |at: Address| {
        let bytes = read_up_to(memory, at, MODULE_DATA_MAX)?;
        ModuleData::decode(&bytes, layouts)
    };
    // Since Go 1.26 it has a section of its own; before, it is somewhere in the data segment.
    let named = executable.section(".go.module").map(|section| (section.address, section.size));
    let segments = executable.segments().iter().filter(|s| s.writable).map(|s| (s.address, s.file_size));
    let mut last_error = None;
    for (start, size) in named.into_iter().chain(segments) {
        let mut offset = 0;
        while offset < size {
            let len = (size - offset).min(BLOCK);
            let at = bias.live(start.offset(offset));
            match memory.read_vec(at, usize::try_from(len).unwrap_or_default()) {
                Ok(block) => {
                    let hits = memmem::find_iter(&block, &pattern).filter(|hit| hit % 8 == 0);
                    let mut found = hits.map(|hit| at.offset(hit as u64));
                    if let Some(found) = found.find_map(decode) {
                        return Ok(found);
                    }
                }
                Err(error) => last_error = Some(error),
            }
            // Blocks overlap by the pattern, so that it is never cut in two.
            offset += len.checked_sub(8).filter(|_| len == BLOCK).unwrap_or(len);
        }
    }
    Err(last_error.map_or(BinaryError::NoModuleData.into(), AttachError::from))
}

/// As many bytes as are mapped, up to `len`.
fn read_up_to<M: ProcessMemory>(memory: &M, at: Address, len: usize) -> Option<Vec<u8>> {
    memory.read_vec(at, len).or_else(|_| memory.read_vec(at, 640)).ok()
}

/// Adds the modules behind the first: plugins, whose tables are read from memory. One that cannot be read
/// is left out: its frames will have no names.
fn add_plugins<M: ProcessMemory>(
    modules: &mut Vec<Module>,
    memory: &M,
    architecture: Architecture,
    layouts: &Layouts,
) {
    let mut next = modules.first().map_or(Address::NULL, |module| module.data.next);
    while !next.is_null() && modules.len() < MODULES_MAX {
        let Some(bytes) = read_up_to(memory, next, MODULE_DATA_MAX) else { return };
        let Some(data) = ModuleData::decode(&bytes, layouts) else { return };
        next = data.next;
        let Some(table) = bytes.u64_at(0) else { return };
        let Ok(header) = memory.read_vec(Address(table), 72) else { continue };
        let Some(header) = Pclntab::parse(&header, StaticAddress(table), architecture) else { continue };
        let tables = InMemory(memory);
        if let Ok(functions) = FunctionTable::new(&tables, &header, &data, Bias(0)) {
            modules.push(Module { functions, data, bias: Bias(0), in_file: false });
        }
    }
}
