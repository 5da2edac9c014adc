//! Layouts out of the DWARF of an executable that was not stripped.
//!
//! Go's linker puts the types of the whole program into a compilation unit named `runtime` (Go 1.19 to
//! 1.27, both linking modes, DWARF 4 up to Go 1.24 and DWARF 5 from 1.25). There are some dozens of that name,
//! one for each assembly file of the runtime, and the types need not be in the one that has the
//! runtime's constants. So those are read, and of their entries only the top level and what is wanted.
//!
//! Names are written into the entries themselves; `.debug_str` is needed only where a later
//! tool (`dwz`) moved them.

mod sections;
mod type_unit;
mod units;

use thiserror::Error;

use super::Layouts;
pub use sections::{Sections, SectionsError};
use type_unit::TypeUnit;
use units::RuntimeUnits;

/// Members looked at in one executable, all types together: some 30 times what Go 1.27 has.
const MEMBERS_MAX: usize = 200_000;

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
    /// More units, or members of types, than any Go program has: made to keep us busy.
    #[error("the DWARF is absurdly large")]
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
    let units = RuntimeUnits::find(sections)?;
    let mut layouts = Layouts::default();
    let mut members_left = MEMBERS_MAX;
    for (header, abbreviations) in units.iter() {
        layouts
            .complete_from(TypeUnit::new(header, abbreviations, units.strings(), &mut members_left).read()?);
    }
    // A file that has these two was read as it was meant; one that has not is no Go program.
    match ["runtime.g", "runtime.m"].into_iter().find(|name| layouts.get(name).is_none()) {
        Some(name) => Err(DwarfError::NoType(name)),
        None => Ok(layouts),
    }
}
