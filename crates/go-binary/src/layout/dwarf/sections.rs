//! The debug sections of an ELF file, as bytes: found by name and inflated within bounds.

use std::borrow::Cow;

use object::{CompressionFormat, Object, ObjectSection, ReadRef};
use thiserror::Error;

/// The sections that layouts are read from, uncompressed.
#[derive(Debug, Clone, Default)]
pub struct Sections<'data> {
    /// `.debug_info`
    pub info: Cow<'data, [u8]>,
    /// `.debug_abbrev`
    pub abbreviations: Cow<'data, [u8]>,
    /// `.debug_str`; Go's own tools make none.
    pub strings: Cow<'data, [u8]>,
}

/// The debug sections could not be had.
#[derive(Debug, Error)]
pub enum SectionsError {
    /// Not an object file, or a damaged one.
    #[error("cannot read the executable: {0}")]
    Malformed(#[from] object::read::Error),
    /// Stripped, or linked with `-w`.
    #[error("the executable has no debug information")]
    NoDebugInfo,
    /// A section claims to become larger than its compression could make it.
    #[error("debug section {name} claims to inflate from {compressed} to {uncompressed} bytes")]
    AbsurdSize {
        /// Name of the section.
        name: &'static str,
        /// Bytes in the file.
        compressed: usize,
        /// Bytes claimed.
        uncompressed: u64,
    },
}

/// Deflate makes at most 258 bytes out of two bits, about 1,032 from a byte.
const INFLATION_MAX: u64 = 1032;
/// More than the debug information of any Go program that we know; the largest have about 200 MB.
const SECTION_BYTES_MAX: u64 = 2 << 30;

impl<'data> Sections<'data> {
    /// Finds the sections of an ELF file, inflating those that are compressed (Go does that by
    /// default: up to 1.18 as `.zdebug_*`, since then with SHF_COMPRESSED).
    pub fn of_executable(file: impl ReadRef<'data>) -> Result<Sections<'data>, SectionsError> {
        let file = object::File::parse(file)?;
        let info = section(&file, ".debug_info")?.ok_or(SectionsError::NoDebugInfo)?;
        let abbreviations = section(&file, ".debug_abbrev")?.ok_or(SectionsError::NoDebugInfo)?;
        let strings = section(&file, ".debug_str")?.unwrap_or_default();
        Ok(Sections { info, abbreviations, strings })
    }
}

fn section<'data>(
    file: &object::File<'data, impl ReadRef<'data>>,
    name: &'static str,
) -> Result<Option<Cow<'data, [u8]>>, SectionsError> {
    // This lookup finds `.zdebug_info` for `.debug_info` too.
    let Some(section) = file.section_by_name(name) else { return Ok(None) };
    let data = section.compressed_data()?;
    let (compressed, uncompressed) = (data.data.len(), data.uncompressed_size);
    let ratio_max = match data.format {
        CompressionFormat::None => 1,
        _ => INFLATION_MAX,
    };
    if uncompressed > SECTION_BYTES_MAX || uncompressed > (compressed as u64).saturating_mul(ratio_max) {
        return Err(SectionsError::AbsurdSize { name, compressed, uncompressed });
    }
    Ok(Some(data.decompress()?))
}
