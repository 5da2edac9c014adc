//! Writes a minimal ELF executable: loaded parts, sections and symbols.

use snapshot::Address;

/// A part of the file: a section, and the segment that loads it.
pub(crate) struct Part {
    pub(crate) section: &'static str,
    pub(crate) at: Address,
    pub(crate) bytes: Vec<u8>,
    /// Read 4, write 2, execute 1.
    pub(crate) flags: u32,
}

const FILE_HEADER: usize = 64;
const PROGRAM_HEADER: usize = 56;
const PT_LOAD: u32 = 1;
const SHT_PROGBITS: u32 = 1;
const SHT_SYMTAB: u32 = 2;
const SHT_STRTAB: u32 = 3;
const SYMBOL: u64 = 24;

/// A section header, in the order of its fields from `sh_name` to `sh_entsize`.
struct Header {
    name: &'static str,
    kind: u32,
    at: u64,
    offset: usize,
    size: usize,
    link: u32,
    entry_size: u64,
}

/// A statically linked executable for amd64. `inside` names more sections, inside the parts: (name, address,
/// length).
pub(crate) fn write(
    parts: Vec<Part>,
    inside: &[(&'static str, Address, usize)],
    symbols: &[(&str, Address)],
) -> Vec<u8> {
    let segments = parts.len();
    let mut file = vec![0; FILE_HEADER + segments * PROGRAM_HEADER];
    let mut headers = vec![Header { name: "", kind: 0, at: 0, offset: 0, size: 0, link: 0, entry_size: 0 }];
    let mut program_headers = Vec::new();
    for part in parts {
        file.resize(file.len().next_multiple_of(4096), 0);
        let (offset, size) = (file.len(), part.bytes.len());
        file.extend(part.bytes);
        half(&mut program_headers, &[PT_LOAD, part.flags]);
        word(&mut program_headers, &[offset as u64, part.at.0, part.at.0, size as u64, size as u64, 4096]);
        let section = |name, at: u64, offset, size| Header {
            name,
            kind: SHT_PROGBITS,
            at,
            offset,
            size,
            link: 0,
            entry_size: 0,
        };
        headers.push(section(part.section, part.at.0, offset, size));
        for (name, at, len) in inside {
            let into = at.0.checked_sub(part.at.0).and_then(|into| usize::try_from(into).ok());
            if let Some(into) = into.filter(|into| into + len <= size) {
                headers.push(section(name, at.0, offset + into, *len));
            }
        }
    }
    let (mut table, mut names) = (vec![0; 24], vec![0]);
    for (name, at) in symbols {
        half(&mut table, &[u32::try_from(names.len()).expect("few symbols")]);
        // A global object of section 1.
        table.extend([0x11, 0, 1, 0]);
        word(&mut table, &[at.0, 8]);
        names.extend(name.bytes().chain([0]));
    }
    let strings = u32::try_from(headers.len() + 1).expect("few sections");
    let mut append = |name, kind, bytes: Vec<u8>, link, entry_size| {
        file.resize(file.len().next_multiple_of(8), 0);
        headers.push(Header { name, kind, at: 0, offset: file.len(), size: bytes.len(), link, entry_size });
        file.extend(bytes);
    };
    append(".symtab", SHT_SYMTAB, table, strings, SYMBOL);
    append(".strtab", SHT_STRTAB, names, 0, 0);
    section_headers(&mut file, headers, segments);
    file.splice(FILE_HEADER..FILE_HEADER + program_headers.len(), program_headers);
    file
}

/// Appends the table of section headers with their names, and writes the file header that leads there.
fn section_headers(file: &mut Vec<u8>, mut headers: Vec<Header>, segments: usize) {
    let names_offset = file.len();
    headers.push(Header {
        name: ".shstrtab",
        kind: SHT_STRTAB,
        at: 0,
        offset: names_offset,
        size: 0,
        link: 0,
        entry_size: 0,
    });
    let (mut names, mut table) = (Vec::new(), Vec::new());
    for header in &headers {
        let size = if header.name == ".shstrtab" { names.len() + header.name.len() + 1 } else { header.size };
        half(&mut table, &[u32::try_from(names.len()).expect("short names"), header.kind]);
        word(&mut table, &[2, header.at, header.offset as u64, size as u64]);
        half(&mut table, &[header.link, 0]);
        word(&mut table, &[8, header.entry_size]);
        names.extend(header.name.bytes().chain([0]));
    }
    file.extend(names);
    file.resize(file.len().next_multiple_of(8), 0);
    let table_offset = file.len() as u64;
    file.extend(table);

    let mut header = b"\x7fELF\x02\x01\x01".to_vec();
    header.resize(16, 0);
    // ET_EXEC, EM_X86_64; version 1.
    header.extend([2, 0, 62, 0]);
    half(&mut header, &[1]);
    word(&mut header, &[0, FILE_HEADER as u64, table_offset]);
    half(&mut header, &[0]);
    let count = |n: usize| u16::try_from(n).expect("few headers");
    for number in [64, 56, count(segments), 64, count(headers.len()), count(headers.len() - 1)] {
        header.extend(number.to_le_bytes());
    }
    file.splice(..FILE_HEADER, header);
}

fn half(out: &mut Vec<u8>, values: &[u32]) {
    out.extend(values.iter().flat_map(|value| value.to_le_bytes()));
}

fn word(out: &mut Vec<u8>, values: &[u64]) {
    out.extend(values.iter().flat_map(|value| value.to_le_bytes()));
}
