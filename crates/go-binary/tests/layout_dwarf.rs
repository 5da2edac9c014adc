//! Layouts from DWARF: equal to the table's for real programs, and never a panic for damaged ones.

#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::cast_possible_truncation,
    reason = "a test may panic, in its helpers too"
)]

use std::borrow::Cow;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::LazyLock;

use go_binary::layout::dwarf::{self, DwarfError, Sections, SectionsError};
use go_binary::layout::{Architecture, Layouts, Release, table};
use proptest::prelude::*;

const PROGRAM: &str = r#"package main

import (
	"fmt"
	"sync"
)

func main() {
	var group sync.WaitGroup
	results := make(chan int)
	group.Add(1)
	go func() { defer group.Done(); results <- 1 }()
	fmt.Println(<-results)
	group.Wait()
}
"#;

struct Toolchain {
    goroot: PathBuf,
    release: Release,
    /// The program is built here; kept until the tests end.
    directory: tempfile::TempDir,
}

/// This machine's own Go if the table has its release, else the newest that the table has.
static TOOLCHAIN: LazyLock<Toolchain> = LazyLock::new(|| {
    let own = Command::new("go").args(["env", "GOROOT", "GOVERSION"]).env("GOTOOLCHAIN", "local").output();
    let own = own.ok().filter(|output| output.status.success()).and_then(|output| {
        let text = String::from_utf8(output.stdout).ok()?;
        let (goroot, version) = text.trim().split_once('\n')?;
        let release: Release = version.parse().ok()?;
        table::exact(release, Architecture::Amd64).map(|_| (PathBuf::from(goroot), release))
    });
    let (goroot, release) = own.unwrap_or_else(|| {
        let release = table::known().last().expect("a table").release;
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../scripts/go-toolchain");
        let output = Command::new(script).arg(release.to_string()).output().expect("scripts/go-toolchain");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        (PathBuf::from(String::from_utf8(output.stdout).expect("a path").trim()), release)
    });
    let directory = tempfile::tempdir().expect("a directory");
    std::fs::write(directory.path().join("main.go"), PROGRAM).expect("written");
    std::fs::write(directory.path().join("go.mod"), "module program\n\ngo 1.19\n").expect("written");
    Toolchain { goroot, release, directory }
});

fn build(name: &str, arch: &str, cgo: bool, arguments: &[&str]) -> Vec<u8> {
    let Toolchain { goroot, directory, .. } = &*TOOLCHAIN;
    let output = Command::new(goroot.join("bin/go"))
        .args(["build", "-o", name])
        .args(arguments)
        .arg(".")
        .current_dir(directory.path())
        .env_remove("GOROOT")
        .env_remove("GOEXPERIMENT")
        .env("GOFLAGS", "")
        .env("GOTOOLCHAIN", "local")
        .env("GOWORK", "off")
        .env("CGO_ENABLED", if cgo { "1" } else { "0" })
        .env("GOARCH", arch)
        .output()
        .expect("the go command");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    std::fs::read(directory.path().join(name)).expect("a program")
}

static PLAIN: LazyLock<Vec<u8>> = LazyLock::new(|| build("plain", "amd64", false, &[]));

/// All that the program's DWARF has must be in the table in just that form.
fn check(program: &[u8], arch: Architecture) {
    let expected = table::exact(TOOLCHAIN.release, arch).expect("in the table");
    let found = dwarf::from_executable(program).expect("layouts");
    for (name, layout) in &found.types {
        assert_eq!(Some(layout), expected.get(name), "{name}");
    }
    for name in ["g", "m", "p", "schedt", "hchan", "sudog", "moduledata", "semTable", "mheap", "timer"] {
        assert!(found.get(&format!("runtime.{name}")).is_some(), "runtime.{name}");
    }
    assert_eq!(found.constants, expected.constants);
}

#[test]
fn a_plain_program_has_what_the_table_has() {
    check(&PLAIN, Architecture::Amd64);
}

#[test]
fn uncompressed_debug_sections_are_read() {
    check(&build("uncompressed", "amd64", false, &["-ldflags=-compressdwarf=false"]), Architecture::Amd64);
}

#[test]
fn an_arm64_program_has_what_the_table_has() {
    check(&build("arm64", "arm64", false, &[]), Architecture::Arm64);
}

#[test]
fn position_independent_programs_are_read() {
    check(&build("pie", "amd64", false, &["-buildmode=pie"]), Architecture::Amd64);
}

/// Then the system's linker joins Go's debug information with that of C.
#[test]
fn programs_linked_by_the_c_compiler_are_read() {
    check(&build("external", "amd64", true, &["-ldflags=-linkmode=external"]), Architecture::Amd64);
}

#[test]
fn a_stripped_program_says_that_it_has_no_debug_information() {
    let stripped = build("stripped", "amd64", false, &["-ldflags=-s -w"]);
    let error = dwarf::from_executable(&stripped).expect_err("stripped");
    assert!(matches!(error, DwarfError::Sections(SectionsError::NoDebugInfo)), "{error}");
}

#[test]
fn what_the_program_does_not_use_comes_from_the_table() {
    let mut found = dwarf::from_executable(&PLAIN).expect("layouts");
    assert_eq!(found.label_form(), None, "this program does not use labels");
    let expected = table::exact(TOOLCHAIN.release, Architecture::Amd64).expect("in the table");
    found.complete_from(expected.clone());
    assert_eq!(found, expected);
}

#[test]
fn a_section_that_claims_an_absurd_size_is_refused_before_memory_is_asked_for() {
    let mut program = PLAIN.clone();
    // Elf64_Chdr: type 1 (zlib), reserved 0, then the size. `.debug_info` is one of those found.
    let header = [1u8, 0, 0, 0, 0, 0, 0, 0];
    let mut changed = 0;
    for at in 0..program.len() - 24 {
        // A zlib stream follows the header.
        if program[at..].starts_with(&header) && program[at + 24] == 0x78 {
            program[at + 8..at + 16].copy_from_slice(&(1u64 << 40).to_le_bytes());
            changed += 1;
        }
    }
    assert!(changed > 0);
    let error = dwarf::from_executable(&program).expect_err("absurd");
    assert!(matches!(error, DwarfError::Sections(SectionsError::AbsurdSize { .. })), "{error}");
}

/// A program's sections, cut down to the units of the runtime so that damage hits what is read.
static SECTIONS: LazyLock<(Vec<u8>, Vec<u8>)> = LazyLock::new(|| {
    let sections = Sections::of_executable(PLAIN.as_slice()).expect("sections");
    let (info, abbreviations) = (sections.info.into_owned(), sections.abbreviations.into_owned());
    let layouts = |info: &[u8]| read(info, &abbreviations);
    let whole = layouts(&info).expect("layouts");
    // The runtime's types are at the end of some unit: what follows that unit can go.
    let mut end = 0;
    while layouts(&info[..end]).ok().as_ref() != Some(&whole) {
        let length = u32::from_le_bytes(info[end..end + 4].try_into().expect("four bytes"));
        end += 4 + length as usize;
    }
    (info[..end].to_vec(), abbreviations)
});

fn read(info: &[u8], abbreviations: &[u8]) -> Result<Layouts, DwarfError> {
    dwarf::from_sections(&Sections {
        info: Cow::Borrowed(info),
        abbreviations: Cow::Borrowed(abbreviations),
        strings: Cow::Borrowed(&[]),
    })
}

proptest! {
    // Cases depend on the toolchain's bytes: a seed kept from one machine says nothing on another.
    #![proptest_config(ProptestConfig { cases: 192, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn damaged_sections_give_an_error_or_layouts_but_no_panic(
        in_info in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..200),
        in_abbreviations in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..3),
    ) {
        let (mut info, mut abbreviations) = SECTIONS.clone();
        for (at, byte) in in_info {
            let at = at.index(info.len());
            info[at] = byte;
        }
        for (at, byte) in in_abbreviations {
            let at = at.index(abbreviations.len());
            abbreviations[at] = byte;
        }
        // What is returned may be anything; that it returns is the point.
        if let Ok(layouts) = read(&info, &abbreviations) {
            prop_assert!(layouts.get("runtime.g").is_some());
        }
    }

    #[test]
    fn truncated_sections_give_an_error(info_end in any::<prop::sample::Index>(), abbreviations_end in any::<prop::sample::Index>()) {
        let (info, abbreviations) = &*SECTIONS;
        let short = &info[..info_end.index(info.len())];
        prop_assert!(read(short, abbreviations).is_err());
        let _ = read(info, &abbreviations[..abbreviations_end.index(abbreviations.len())]);
    }

    #[test]
    fn damaged_executables_give_an_error_or_layouts_but_no_panic(
        damage in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..8),
        end in any::<prop::sample::Index>(),
        in_headers: bool,
    ) {
        let mut program = PLAIN.clone();
        // Section headers follow the file's first pages or end it; damage there does the most.
        let headers_at = u64::from_le_bytes(program[40..48].try_into().expect("eight bytes")) as usize;
        for (at, byte) in damage {
            let at = if in_headers { headers_at + at.index(64 * 30) } else { at.index(program.len()) };
            if let Some(place) = program.get_mut(at) {
                *place = byte;
            }
        }
        let _ = dwarf::from_executable(&program);
        let _ = dwarf::from_executable(&program[..end.index(program.len())]);
    }
}

/// A unit of the runtime written by hand, in DWARF 4: `entries` are put into it.
fn unit(entries: &[u8]) -> (Vec<u8>, Vec<u8>) {
    // code, tag, has children, (attribute, form)..., 0 0
    let abbreviations = [
        &[1, 0x11, 1, 0x03, 0x08, 0x13, 0x0b, 0, 0][..], // compile_unit: name string, language data1
        &[2, 0x13, 1, 0x03, 0x08, 0x0b, 0x0f, 0, 0],     // structure_type: name string, byte_size udata
        &[3, 0x0d, 0, 0x03, 0x08, 0x38, 0x0f, 0x49, 0x13, 0, 0], // member: name, location udata, type ref4
        &[4, 0x16, 0, 0x03, 0x08, 0x49, 0x13, 0, 0],     // typedef: name, type ref4
        &[5, 0x24, 0, 0x03, 0x08, 0x0b, 0x0f, 0, 0],     // base_type: name, byte_size
        &[0],
    ]
    .concat();
    let mut body = vec![4, 0, 0, 0, 0, 0, 8]; // version 4, abbreviations at 0, addresses of 8 bytes
    body.extend(b"\x01runtime\0\x16"); // language Go
    body.extend(entries);
    body.push(0);
    let mut info = u32::try_from(body.len()).expect("small").to_le_bytes().to_vec();
    info.extend(body);
    (info, abbreviations)
}

/// Where the first entry is, counted from the start of the unit.
const FIRST_ENTRY: u32 = 4 + 7 + 10;

fn structure(name: &str, members: &[(&str, u8, u32)]) -> Vec<u8> {
    let mut bytes = [b"\x02", name.as_bytes(), b"\0\x7f"].concat();
    for (name, offset, of_type) in members {
        bytes.extend([b"\x03", name.as_bytes(), b"\0", &[*offset]].concat());
        bytes.extend(of_type.to_le_bytes());
    }
    bytes.push(0);
    bytes
}

#[test]
fn hand_written_structures_are_read() {
    let base = b"\x05uint64\0\x08";
    let entries = [
        base.to_vec(),
        structure("runtime.g", &[("goid", 16, FIRST_ENTRY), ("_", 24, FIRST_ENTRY)]),
        structure("runtime.m", &[("procid", 72, FIRST_ENTRY)]),
    ];
    let (info, abbreviations) = unit(&entries.concat());
    let layouts = read(&info, &abbreviations).expect("layouts");
    assert_eq!(layouts.offset("runtime.g", "goid"), Some(16));
    assert_eq!(layouts.offset("runtime.g", "_"), None);
    assert_eq!(layouts.offset("runtime.m", "procid"), Some(72));
    assert_eq!(layouts.size("runtime.m"), Some(0x7f));
}

/// 120 members that are each the structure itself would be 120^4 fields.
#[test]
fn a_structure_in_itself_ends_with_an_error() {
    let names: Vec<String> = (0..120).map(|index| format!("f{index}")).collect();
    let members: Vec<_> = names.iter().map(|name| (name.as_str(), 0, FIRST_ENTRY)).collect();
    let (info, abbreviations) = unit(&structure("runtime.g", &members));
    assert!(matches!(read(&info, &abbreviations), Err(DwarfError::TooLarge)));
}

#[test]
fn a_ring_of_names_is_no_type() {
    let mut ring = b"\x04runtime.g\0".to_vec();
    ring.extend(FIRST_ENTRY.to_le_bytes());
    let (info, abbreviations) = unit(&ring);
    assert!(matches!(read(&info, &abbreviations), Err(DwarfError::NoType("runtime.g"))));
}

#[test]
fn programs_of_other_languages_are_told_apart() {
    let (mut info, abbreviations) = unit(&[]);
    assert!(matches!(read(&info, &abbreviations), Err(DwarfError::NoType("runtime.g"))));
    let language = FIRST_ENTRY as usize - 1;
    info[language] = 0x1c; // Rust
    assert!(matches!(read(&info, &abbreviations), Err(DwarfError::NoRuntime)));
    assert!(matches!(read(&[], &[]), Err(DwarfError::NoRuntime)));
}
