//! Real Go executables that break off somewhere: each length gives what the whole gives, or an error.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test ends where something is not as it must be"
)]

mod module_data;

use std::collections::BTreeSet;
use std::sync::Arc;

use go_binary::globals::{Code, Globals};
use go_binary::layout::{Layouts, Release, dwarf, table};
use go_binary::{Bias, BinaryError, BuildInfo, ByteSource, Executable, FunctionTable, Pclntab, SourceError};
use target_programs::{Build, GoRelease, Program, Variant};

use crate::module_data::module_data;

/// Lengths to try, beside those at which a part begins or ends.
const STEP: usize = 64 << 10;

/// The first bytes of a file, which many truncations share.
struct Truncated {
    whole: Arc<[u8]>,
    len: usize,
}

impl ByteSource for Truncated {
    fn len(&self) -> u64 {
        self.len as u64
    }

    fn read_at(&self, offset: u64, buf: &mut [u8]) -> Result<(), SourceError> {
        self.whole[..self.len].read_at(offset, buf)
    }
}

/// Everything that is asked of an executable without a process.
#[derive(Debug, PartialEq)]
struct Answers {
    build_info: BuildInfo,
    table: Pclntab,
    functions: usize,
    /// This and the next only of programs at a fixed address: their file has the module data as it will be in
    /// memory.
    main: Option<String>,
    globals: Option<Globals>,
}

fn parse(whole: &Arc<[u8]>, len: usize) -> Result<Executable, BinaryError> {
    Executable::parse(Box::new(Truncated { whole: Arc::clone(whole), len }))
}

fn ask(whole: &Arc<[u8]>, len: usize, layouts: &Layouts) -> Result<Answers, BinaryError> {
    let executable = parse(whole, len)?;
    let build_info = BuildInfo::of(&executable)?;
    build_info.release()?;
    // Symbols are not needed: that there are none is an answer.
    let _ = executable.symbols(["runtime.allglen"]);
    let table = Pclntab::find(&executable)?;
    if executable.position_independent() {
        return Ok(Answers { build_info, table, functions: 0, main: None, globals: None });
    }
    let data = module_data(&executable, &table, layouts).ok_or(BinaryError::NoModuleData)?;
    let functions = FunctionTable::new(&executable, &table, &data, Bias(0))?;
    let [main] = functions.named(&executable, ["main.main"])?;
    let main = main.ok_or(BinaryError::MissingFunction("main.main"))?;
    let name = functions.name(&executable, &main)?;
    let code = Code { executable: &executable, functions: &functions, module: &data, bias: Bias(0) };
    let globals = Globals::find(&code, layouts)?;
    Ok(Answers { build_info, table, functions: functions.len(), main: Some(name), globals: Some(globals) })
}

/// Every 64 KiB, and just before, at and after the ends of all headers, segments and sections.
fn lengths(executable: &Executable, whole: usize) -> BTreeSet<usize> {
    let mut borders: Vec<u64> = (0..64 + 56 * 32).step_by(8).collect();
    for segment in executable.segments() {
        borders.extend([segment.file_offset, segment.file_offset + segment.file_size]);
    }
    let names = [
        ".text",
        ".rodata",
        ".gopclntab",
        ".go.buildinfo",
        ".go.module",
        ".data",
        ".symtab",
        ".strtab",
        ".shstrtab",
        ".debug_abbrev",
        ".debug_info",
        ".debug_str",
        ".debug_line",
    ];
    for section in names.iter().filter_map(|name| executable.section(name)) {
        borders.extend([section.file_offset, section.file_offset + section.size]);
    }
    let around = borders.iter().flat_map(|&border| [border.wrapping_sub(1), border, border + 1]);
    let around = around.filter_map(|border| usize::try_from(border).ok());
    (0..whole).step_by(STEP).chain(around).filter(|&length| length <= whole).collect()
}

fn check(release: GoRelease, variant: Variant) {
    let build = Build::amd64(Program::States, release, variant);
    let Some(built) = build.build_or_skip().unwrap() else { return };
    let whole: Arc<[u8]> = std::fs::read(built.executable).unwrap().into();
    let executable = Executable::parse(Box::new(whole.to_vec())).unwrap();
    let release: Release = release.to_string().parse().unwrap();
    let layouts = table::exact(release, executable.architecture()).unwrap();
    let expected = ask(&whole, whole.len(), &layouts).unwrap();
    let lengths = lengths(&executable, whole.len());
    let mut refused = 0;
    for &length in &lengths {
        match ask(&whole, length, &layouts) {
            Ok(mut answers) => {
                // Only section headers say where the build id is, often at the end of the file; programs run without any.
                if parse(&whole, length).unwrap().section(".note.go.buildid").is_none() {
                    assert_eq!(answers.build_info.build_id, None, "{build}: {length} bytes");
                    answers.build_info.build_id.clone_from(&expected.build_info.build_id);
                }
                assert_eq!(answers, expected, "{build}: {length} bytes");
            }
            Err(error) => {
                refused += 1;
                assert!(!error.to_string().contains('\n'), "{error}");
            }
        }
    }
    assert!(refused * 4 > lengths.len(), "{build}: only {refused} of {} lengths are refused", lengths.len());
    // Debug information is the last thing in the file: few lengths have some of it.
    for &length in lengths.iter().rev().take(24) {
        let _ = dwarf::from_executable(&whole[..length]);
    }
}

#[test]
fn old_and_new_and_with_and_without_symbols() {
    for release in [GoRelease::new(19, 13), GoRelease::new(27, 4)] {
        for variant in [Variant::Plain, Variant::Stripped, Variant::PieStripped, Variant::CgoPieStripped] {
            check(release, variant);
        }
    }
}
