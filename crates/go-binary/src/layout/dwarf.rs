//! Layouts out of the DWARF of an executable that was not stripped.
//!
//! Go's linker puts the types of the whole program, and the constants of the runtime, into one
//! compilation unit, the one named `runtime` (Go 1.19 to 1.27, both linking modes, DWARF 4 up to Go 1.24 and
//! DWARF 5 from 1.25). The runtime's assembly has a unit of the same name before it. So only those are
//! read, and of their entries only the top level and what is wanted: milliseconds.
//!
//! Names are written into the entries themselves; `.debug_str` is needed only where a later
//! tool (`dwz`) moved them.

mod sections;
mod types;

use gimli::{DebugAbbrev, DebugInfo, DebugStr, EndianSlice, LittleEndian, UnitHeader, constants};
use thiserror::Error;

use super::Layouts;
pub use sections::{Sections, SectionsError};
use types::TypeUnit;

/// What the DWARF reader reads from.
type Slice<'a> = EndianSlice<'a, LittleEndian>;

/// No layouts could be had from DWARF.
#[derive(Debug, Error)]
pub enum DwarfError {
    /// The executable or its debug sections could not be read.
    #[error(transparent)]
    Sections(#[from] SectionsError),
    /// The debug sections contradict themselves.
    #[error("malformed DWARF: {0}")]
    Malformed(#[from] gimli::Error),
    /// There is DWARF, but not that of a Go program.
    #[error("the DWARF has no compilation unit of the Go runtime")]
    NoRuntime,
    /// The unit is there, and lacks a type that every Go program has.
    #[error("the DWARF of the Go runtime has no type {0}")]
    NoType(&'static str),
    /// More members than any Go program's types have: made to keep us busy.
    #[error("the DWARF of the Go runtime's types is absurdly large")]
    TooLarge,
}

/// Reads layouts from a whole ELF executable.
///
/// Stripped executables give [`SectionsError::NoDebugInfo`]; that is the ordinary case for which
/// [`super::table`] is there.
pub fn from_executable(file: &[u8]) -> Result<Layouts, DwarfError> {
    from_sections(&Sections::of_executable(file)?)
}

/// Reads layouts from debug sections that are already in memory, uncompressed.
pub fn from_sections(sections: &Sections<'_>) -> Result<Layouts, DwarfError> {
    let info = DebugInfo::new(&sections.info, LittleEndian);
    let abbreviations = DebugAbbrev::new(&sections.abbreviations, LittleEndian);
    let strings = DebugStr::new(&sections.strings, LittleEndian);
    let mut units = info.units();
    let mut found: Option<Layouts> = None;
    while let Some(header) = units.next()? {
        if !is_runtime(&header, &abbreviations, &strings)? {
            continue;
        }
        let abbreviations = header.abbreviations(&abbreviations)?;
        let layouts = found.get_or_insert_default();
        layouts.complete_from(TypeUnit::new(&header, &abbreviations, &strings).read()?);
        if layouts.get("runtime.g").is_some() {
            break;
        }
    }
    let layouts = found.ok_or(DwarfError::NoRuntime)?;
    // A file that has these two was read as it was meant; one that has not is no Go program.
    match ["runtime.g", "runtime.m"].into_iter().find(|name| layouts.get(name).is_none()) {
        Some(name) => Err(DwarfError::NoType(name)),
        None => Ok(layouts),
    }
}

/// Whether a unit is Go's and named `runtime`. Looks at its first entry only.
fn is_runtime(
    header: &UnitHeader<Slice<'_>>,
    abbreviations: &DebugAbbrev<Slice<'_>>,
    strings: &DebugStr<Slice<'_>>,
) -> gimli::Result<bool> {
    let abbreviations = header.abbreviations(abbreviations)?;
    let mut entries = header.entries_raw(&abbreviations, None)?;
    let Some(abbreviation) = entries.read_abbreviation()? else { return Ok(false) };
    if abbreviation.tag() != constants::DW_TAG_compile_unit {
        return Ok(false);
    }
    let (mut is_go, mut is_named_runtime) = (false, false);
    for spec in abbreviation.attributes() {
        let attribute = entries.read_attribute(*spec)?;
        match attribute.name() {
            constants::DW_AT_language => {
                is_go = attribute.value() == gimli::AttributeValue::Language(constants::DW_LANG_Go);
            }
            constants::DW_AT_name => {
                is_named_runtime = attribute.string_value(strings).is_some_and(|name| name.slice() == b"runtime");
            }
            _ => {}
        }
    }
    Ok(is_go && is_named_runtime)
}
