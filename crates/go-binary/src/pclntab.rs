//! Finding the function table (pclntab) of a Go executable.
//!
//! Its header is `runtime.pcHeader`: a magic number, the instruction quantum, the pointer size, then
//! counts and offsets. Section names differ by release and link mode, and an external linker leaves no
//! section at all (Go 1.25 and earlier, cgo with PIE: it lies inside `.data.rel.ro`), so what the section
//! holds is believed and not its name.

use memchr::memmem;
use snapshot::Architecture;

use crate::address::StaticAddress;
use crate::bytes::Bytes;
use crate::elf::{Executable, Section};
use crate::error::BinaryError;

/// Sections that hold the table, in the order of likelihood. Absent ones are skipped.
const SECTIONS: [&str; 4] = [".gopclntab", ".data.rel.ro.gopclntab", ".data.rel.ro", ".rodata"];
/// Bytes of `runtime.pcHeader`.
const HEADER: usize = 72;
/// Segments are scanned in blocks of this size.
const BLOCK: usize = 4 << 20;
/// More functions than this is damage.
const FUNCTIONS_MAX: u64 = 8 << 20;

/// Which form of the table this is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PclntabVersion {
    /// Go 1.18 and 1.19 (magic 0xfffffff0).
    Go118,
    /// Go 1.20 and later (magic 0xfffffff1): functions know their first line.
    Go120,
}

/// The header of a function table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pclntab {
    /// Where it is.
    pub address: StaticAddress,
    /// Its form.
    pub version: PclntabVersion,
    /// Size of the smallest instruction: pcs in the tables count these.
    pub quantum: u8,
    /// Number of functions.
    pub functions: u64,
    /// Offset of the function names from `address`: the second word of the module data points there.
    pub names_offset: u64,
}

impl Pclntab {
    /// Finds the table of an executable.
    ///
    /// # Errors
    /// [`BinaryError::NoFunctionTable`] if there is none.
    pub fn find(executable: &Executable) -> Result<Self, BinaryError> {
        let architecture = executable.architecture();
        for section in SECTIONS.iter().filter_map(|name| executable.section(name)) {
            if let Some(found) = find_in_section(executable, section, architecture) {
                return Ok(found);
            }
        }
        for segment in executable.segments() {
            let scan = |offset, len| executable.read_file(segment.file_offset + offset, len).ok();
            if let Some(found) = scan_blocks(segment.address, segment.file_size, architecture, scan) {
                return Ok(found);
            }
        }
        Err(BinaryError::NoFunctionTable)
    }

    /// Understands the header at the start of `bytes`, which lie at `address`.
    pub fn parse(bytes: &[u8], address: StaticAddress, architecture: Architecture) -> Option<Self> {
        let version = match bytes.u32_at(0)? {
            0xffff_fff0 => PclntabVersion::Go118,
            0xffff_fff1 => PclntabVersion::Go120,
            _ => return None,
        };
        let quantum = match architecture {
            Architecture::Amd64 => 1,
            Architecture::Arm64 => 4,
        };
        if bytes.array::<4>(4)? != [0, 0, quantum, 8] {
            return None;
        }
        let functions = bytes.u64_at(8)?;
        let offsets =
            [bytes.u64_at(32)?, bytes.u64_at(40)?, bytes.u64_at(48)?, bytes.u64_at(56)?, bytes.u64_at(64)?];
        let [names_offset, ..] = offsets;
        let sane = (1..=FUNCTIONS_MAX).contains(&functions)
            && (HEADER as u64..=4096).contains(&names_offset)
            && offsets.is_sorted();
        sane.then_some(Pclntab { address, version, quantum, functions, names_offset })
    }
}

fn find_in_section(
    executable: &Executable,
    section: &Section,
    architecture: Architecture,
) -> Option<Pclntab> {
    let read = |offset, len| executable.read_file(section.file_offset.checked_add(offset)?, len).ok();
    scan_blocks(section.address, section.size, architecture, read)
}

/// Looks for the header in `size` bytes that `read(offset, len)` gives.
fn scan_blocks(
    start: StaticAddress,
    size: u64,
    architecture: Architecture,
    read: impl Fn(u64, usize) -> Option<Vec<u8>>,
) -> Option<Pclntab> {
    let mut offset = 0;
    while offset < size {
        let len = usize::try_from(size - offset).unwrap_or(usize::MAX).min(BLOCK);
        let block = read(offset, len)?;
        // The magic, less its varying first byte: ff ff ff 00 00.
        for at in memmem::find_iter(&block, b"\xff\xff\xff\0\0") {
            let Some(at) = at.checked_sub(1).filter(|at| at % 8 == 0) else { continue };
            let address = start.offset(offset + at as u64);
            if let Some(found) = block.get(at..).and_then(|b| Pclntab::parse(b, address, architecture)) {
                return Some(found);
            }
        }
        // Blocks overlap by a header, so that none is cut in two.
        offset += (len.checked_sub(HEADER).filter(|_| len == BLOCK)).unwrap_or(len) as u64;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn header() -> Vec<u8> {
        let mut bytes = vec![0xf1, 0xff, 0xff, 0xff, 0, 0, 1, 8];
        for word in [100_u64, 10, 0, 72, 200, 300, 400, 500] {
            bytes.extend(word.to_le_bytes());
        }
        bytes
    }

    #[test]
    fn found_behind_other_bytes_and_across_blocks() {
        for prefix in [0, 8, BLOCK - 8, BLOCK - 72, BLOCK, 2 * BLOCK - 80] {
            let mut image = vec![0xff; prefix];
            image.extend(header());
            let read = |offset: u64, len: usize| {
                let start = usize::try_from(offset).unwrap();
                image.get(start..start + len).map(<[u8]>::to_vec)
            };
            let found = scan_blocks(StaticAddress(0x1000), image.len() as u64, Architecture::Amd64, read);
            assert_eq!(found.map(|f| f.address), Some(StaticAddress(0x1000 + prefix as u64)), "{prefix}");
        }
    }

    #[test]
    fn damaged_headers_are_refused() {
        let parse = |bytes: &[u8]| Pclntab::parse(bytes, StaticAddress(0), Architecture::Amd64);
        assert!(parse(&header()).is_some());
        for at in [3, 4, 6, 7, 15, 33, 41] {
            let mut bytes = header();
            bytes[at] ^= 0xff;
            assert!(parse(&bytes).is_none(), "byte {at}");
        }
        assert!(parse(&header()[..71]).is_none());
        assert!(Pclntab::parse(&header(), StaticAddress(0), Architecture::Arm64).is_none());
    }
}
