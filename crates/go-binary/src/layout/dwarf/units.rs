//! Finds the units of the Go runtime among a program's many, looking at each one's first entry only.

use std::rc::Rc;

use gimli::{
    Abbreviations, DebugAbbrev, DebugAbbrevOffset, DebugInfo, DebugStr, EndianSlice, LittleEndian,
    UnitHeader, constants,
};

use super::{DwarfError, Sections};

/// What the DWARF reader reads from.
pub(super) type Slice<'a> = EndianSlice<'a, LittleEndian>;

/// Tables of abbreviations looked at. All of Go's units share one; each C unit of a cgo program has its own.
const TABLES_MAX: usize = 16_384;
/// As much of a table as is read. Go's has about 1,000 bytes; a larger one is of no unit of Go's.
/// Without this bound, many units with overlapping tables would cost the square of the file's size.
const TABLE_BYTES_MAX: usize = 16 << 10;

/// The units named `runtime` that are Go's.
pub(super) struct RuntimeUnits<'data> {
    units: Vec<(UnitHeader<Slice<'data>>, Rc<Abbreviations>)>,
    strings: DebugStr<Slice<'data>>,
}

impl<'data> RuntimeUnits<'data> {
    /// Looks through all units.
    pub(super) fn find(sections: &'data Sections<'_>) -> Result<Self, DwarfError> {
        let strings = DebugStr::new(&sections.strings, LittleEndian);
        let mut headers = DebugInfo::new(&sections.info, LittleEndian).units();
        let mut units = Vec::new();
        let mut table: Option<(usize, Rc<Abbreviations>)> = None;
        let mut tables_seen = 0;
        while let Some(header) = headers.next()? {
            let offset = header.debug_abbrev_offset().0;
            if table.as_ref().is_none_or(|(known, _)| *known != offset) {
                tables_seen += 1;
                if tables_seen > TABLES_MAX {
                    return Err(DwarfError::TooLarge);
                }
                // One that cannot be read, or is cut off here, is not Go's: the unit is passed over.
                table = abbreviations(&sections.abbreviations, offset).map(|table| (offset, Rc::new(table)));
            }
            let Some((_, table)) = &table else { continue };
            if is_runtime(&header, table, &strings)? {
                units.push((header, Rc::clone(table)));
            }
        }
        if units.is_empty() { Err(DwarfError::NoRuntime) } else { Ok(RuntimeUnits { units, strings }) }
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (&UnitHeader<Slice<'data>>, &Abbreviations)> {
        self.units.iter().map(|(header, abbreviations)| (header, &**abbreviations))
    }

    pub(super) fn strings(&self) -> &DebugStr<Slice<'data>> {
        &self.strings
    }
}

fn abbreviations(section: &[u8], offset: usize) -> Option<Abbreviations> {
    let rest = section.get(offset..)?;
    let table = rest.get(..TABLE_BYTES_MAX).unwrap_or(rest);
    DebugAbbrev::new(table, LittleEndian).abbreviations(DebugAbbrevOffset(0)).ok()
}

fn is_runtime(
    header: &UnitHeader<Slice<'_>>,
    abbreviations: &Abbreviations,
    strings: &DebugStr<Slice<'_>>,
) -> gimli::Result<bool> {
    let mut entries = header.entries_raw(abbreviations, None)?;
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
                is_named_runtime =
                    attribute.string_value(strings).is_some_and(|name| name.slice() == b"runtime");
            }
            _ => {}
        }
    }
    Ok(is_go && is_named_runtime)
}
