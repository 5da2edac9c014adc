//! Finding the module data in a file, for tests that have no process.

use go_binary::layout::Layouts;
use go_binary::{Executable, ModuleData, Pclntab};

/// The module data as the linker wrote it: it begins with the addresses of the function table and its names.
pub(crate) fn module_data(executable: &Executable, table: &Pclntab, layouts: &Layouts) -> Option<ModuleData> {
    let names = table.address.0 + table.names_offset;
    let pattern = [table.address.0.to_le_bytes(), names.to_le_bytes()].concat();
    executable.segments().iter().filter(|segment| segment.writable).find_map(|segment| {
        let bytes =
            executable.read_file(segment.file_offset, usize::try_from(segment.file_size).ok()?).ok()?;
        let mut hits = bytes.windows(pattern.len()).enumerate().step_by(8).filter(|(_, w)| *w == pattern);
        hits.find_map(|(at, _)| ModuleData::decode(bytes.get(at..)?.get(..1024)?, layouts))
    })
}
