//! The ELF file around a Go program: segments, sections and symbols.

use object::elf::{self, FileHeader64};
use object::read::elf::{FileHeader as _, ProgramHeader as _, SectionHeader as _, Sym as _};
use object::{Endianness, ReadRef};
use snapshot::Architecture;

use crate::address::{Bias, StaticAddress};
use crate::error::BinaryError;
use crate::source::{ByteSource, PagedSource, SourceError, StaticMemory};

type Header = FileHeader64<Endianness>;

const CLASS_32: u8 = elf::ELFCLASS32.0;
const CLASS_64: u8 = elf::ELFCLASS64.0;
const LITTLE_ENDIAN: u8 = elf::ELFDATA2LSB.0;
/// Headers beyond these numbers are those of a damaged or hostile file.
const HEADERS_MAX: usize = 4096;

/// A Go program's ELF file, as far as gostat needs it. Holds the file open, not its contents.
pub struct Executable {
    source: PagedSource<Box<dyn ByteSource>>,
    architecture: Architecture,
    position_independent: bool,
    segments: Vec<Segment>,
    sections: Vec<Section>,
}

/// A loaded part of the file (PT_LOAD).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Segment {
    /// Where it is loaded.
    pub address: StaticAddress,
    /// Bytes in memory.
    pub memory_size: u64,
    /// Where its bytes are in the file.
    pub file_offset: u64,
    /// Bytes in the file; the rest of the memory starts as zeros.
    pub file_size: u64,
    /// Whether the program may write to it.
    pub writable: bool,
}

/// A section, by name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Section {
    /// Its name, `.gopclntab` for example.
    pub name: String,
    /// Where it is loaded; 0 if it is not.
    pub address: StaticAddress,
    /// Where it is in the file.
    pub file_offset: u64,
    /// Its size in bytes.
    pub size: u64,
}

impl Executable {
    /// Understands the headers of an ELF file.
    ///
    /// # Errors
    /// [`BinaryError`] says what is wrong with it. Whether it is a Go program is not asked here.
    pub fn parse(source: Box<dyn ByteSource>) -> Result<Self, BinaryError> {
        let source = PagedSource::new(source);
        let cache = object::ReadCache::new(Stream { source: &source, position: 0 });
        let class = cache.read_bytes_at(0, 6).map_err(|()| BinaryError::NotElf)?;
        match class {
            [0x7f, b'E', b'L', b'F', CLASS_64, LITTLE_ENDIAN] => {}
            [0x7f, b'E', b'L', b'F', CLASS_32, _] => return Err(BinaryError::ThirtyTwoBit),
            [0x7f, b'E', b'L', b'F', ..] => return Err(BinaryError::UnsupportedMachine(0)),
            _ => return Err(BinaryError::NotElf),
        }
        let damaged = |what| move |_: object::Error| BinaryError::Damaged { what };
        let header = Header::parse(&cache).map_err(damaged("file header"))?;
        let endian = Endianness::Little;
        let architecture = match header.e_machine(endian) {
            elf::EM_X86_64 => Architecture::Amd64,
            elf::EM_AARCH64 => Architecture::Arm64,
            other => return Err(BinaryError::UnsupportedMachine(other.0)),
        };
        let position_independent = header.e_type(endian) == elf::ET_DYN;
        let segments = header
            .program_headers(endian, &cache)
            .map_err(damaged("program headers"))?
            .iter()
            .take(HEADERS_MAX)
            .filter(|segment| segment.p_type(endian) == elf::PT_LOAD)
            .map(|segment| Segment {
                address: StaticAddress(segment.p_vaddr(endian)),
                memory_size: segment.p_memsz(endian),
                file_offset: segment.p_offset(endian),
                file_size: segment.p_filesz(endian),
                writable: segment.p_flags(endian).0 & elf::PF_W.0 != 0,
            })
            .collect();
        // Sections may be zeroed or cut off by packers; nothing below insists on them.
        let sections = header.sections(endian, &cache).map_or_else(
            |_| Vec::new(),
            |table| {
                let named = |section: &elf::SectionHeader64<Endianness>| {
                    let name = table.section_name(endian, section).unwrap_or_default();
                    String::from_utf8_lossy(name).into_owned()
                };
                table
                    .iter()
                    .take(HEADERS_MAX)
                    .filter(|section| section.sh_type(endian) != elf::SHT_NOBITS)
                    .map(|section| Section {
                        name: named(section),
                        address: StaticAddress(section.sh_addr(endian)),
                        file_offset: section.sh_offset(endian),
                        size: section.sh_size(endian),
                    })
                    .collect()
            },
        );
        drop(cache);
        Ok(Executable { source, architecture, position_independent, segments, sections })
    }

    /// The processor that it is built for.
    pub fn architecture(&self) -> Architecture {
        self.architecture
    }

    /// Whether it may be loaded anywhere (PIE, shared library).
    pub fn position_independent(&self) -> bool {
        self.position_independent
    }

    /// Loaded parts of the file, in file order.
    pub fn segments(&self) -> &[Segment] {
        &self.segments
    }

    /// A section by name. Sections that hold no bytes (`.bss`) are not kept.
    pub fn section(&self, name: &str) -> Option<&Section> {
        self.sections.iter().find(|section| section.name == name)
    }

    /// Whether there are section headers.
    pub fn has_sections(&self) -> bool {
        !self.sections.is_empty()
    }

    /// Whether there is no symbol table.
    pub fn stripped(&self) -> bool {
        self.section(".symtab").is_none()
    }

    /// Length of the file.
    pub fn file_len(&self) -> u64 {
        self.source.len()
    }

    /// Bytes of the file. The caller has bounded `len`.
    ///
    /// # Errors
    /// When the range is outside the file or cannot be read.
    pub fn read_file(&self, offset: u64, len: usize) -> Result<Vec<u8>, SourceError> {
        if offset.checked_add(len as u64).is_none_or(|end| end > self.source.len()) {
            return Err(SourceError::OutOfRange { at: offset, len: len as u64 });
        }
        let mut buf = vec![0; len];
        self.source.read_at(offset, &mut buf)?;
        Ok(buf)
    }

    /// The bias of an image of which the byte at `file_offset` is mapped at `mapped_at`.
    ///
    /// `None` if no segment covers that offset.
    pub fn bias(&self, file_offset: u64, mapped_at: snapshot::Address) -> Option<Bias> {
        // Mappings begin at page borders, somewhat before the segment's first byte.
        let page = 0xffff;
        self.segments
            .iter()
            .find(|s| {
                s.file_offset & !page <= file_offset && file_offset < s.file_offset + s.file_size.max(1)
            })
            .map(|s| {
                let at = s.address.0.wrapping_sub(s.file_offset).wrapping_add(file_offset);
                Bias(mapped_at.0.wrapping_sub(at))
            })
    }

    /// The variables around some static addresses: name, start and bytes of each; all `None` in a stripped file.
    pub fn variables_at(&self, wanted: &[StaticAddress]) -> Vec<Option<(String, StaticAddress, u64)>> {
        let mut found = vec![None; wanted.len()];
        let cache = object::ReadCache::new(Stream { source: &self.source, position: 0 });
        let Ok(header) = Header::parse(&cache) else { return found };
        let endian = Endianness::Little;
        let Ok(sections) = header.sections(endian, &cache) else { return found };
        let Ok(symbols) = sections.symbols(endian, &cache, elf::SHT_SYMTAB) else { return found };
        for symbol in symbols.iter().filter(|symbol| symbol.st_type() == elf::STT_OBJECT) {
            let (start, len) = (symbol.st_value(endian), symbol.st_size(endian));
            for (at, slot) in wanted.iter().zip(&mut found) {
                if at.0.wrapping_sub(start) < len
                    && let Ok(name) = symbols.symbol_name(endian, symbol)
                {
                    *slot = Some((String::from_utf8_lossy(name).into_owned(), StaticAddress(start), len));
                }
            }
        }
        found
    }

    /// Static addresses of the symbols in `names`, in that order; all `None` in a stripped file.
    pub fn symbols<const N: usize>(&self, names: [&str; N]) -> [Option<StaticAddress>; N] {
        let mut found = [None; N];
        let cache = object::ReadCache::new(Stream { source: &self.source, position: 0 });
        let Ok(header) = Header::parse(&cache) else { return found };
        let endian = Endianness::Little;
        let Ok(sections) = header.sections(endian, &cache) else { return found };
        let Ok(symbols) = sections.symbols(endian, &cache, elf::SHT_SYMTAB) else { return found };
        for symbol in symbols.iter() {
            let Ok(name) = symbols.symbol_name(endian, symbol) else { continue };
            if let Some(slot) = names.iter().position(|wanted| wanted.as_bytes() == name)
                && let Some(slot) = found.get_mut(slot)
            {
                *slot = Some(StaticAddress(symbol.st_value(endian)));
            }
        }
        found
    }
}

impl StaticMemory for Executable {
    fn read_static(&self, at: StaticAddress, buf: &mut [u8]) -> Result<(), SourceError> {
        let len = buf.len() as u64;
        let outside = SourceError::OutOfRange { at: at.0, len };
        let end = at.0.checked_add(len).ok_or(outside.clone())?;
        let segment = self.segments.iter().find(|segment| {
            let start = segment.address.0;
            start <= at.0 && start.checked_add(segment.file_size).is_some_and(|last| end <= last)
        });
        let segment = segment.ok_or(outside)?;
        let offset = segment.file_offset.wrapping_add(at.0 - segment.address.0);
        self.source.read_at(offset, buf)
    }
}

/// The file as a stream, which is what the ELF library reads from.
struct Stream<'s> {
    source: &'s PagedSource<Box<dyn ByteSource>>,
    position: u64,
}

impl std::io::Read for Stream<'_> {
    fn read(&mut self, buf: &mut [u8]) -> std::io::Result<usize> {
        let left = self.source.len().saturating_sub(self.position);
        let len = usize::try_from(left).unwrap_or(usize::MAX).min(buf.len());
        let buf = buf.get_mut(..len).unwrap_or_default();
        self.source.read_at(self.position, buf).map_err(std::io::Error::other)?;
        self.position += len as u64;
        Ok(len)
    }
}

impl std::io::Seek for Stream<'_> {
    fn seek(&mut self, to: std::io::SeekFrom) -> std::io::Result<u64> {
        self.position = match to {
            std::io::SeekFrom::Start(offset) => offset,
            std::io::SeekFrom::End(delta) => self.source.len().saturating_add_signed(delta),
            std::io::SeekFrom::Current(delta) => self.position.saturating_add_signed(delta),
        };
        Ok(self.position)
    }
}
