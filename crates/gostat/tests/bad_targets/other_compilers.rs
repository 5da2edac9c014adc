//! Programs that are almost what gostat reads: of another compiler, for another word size, packed.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use target_programs::{Build, Built, Program, Running, Variant};

use crate::gostat::{check, run};
use crate::targets::{NEWEST, copied, install, states, tool};

/// Prints that it is ready and ends with its standard input, as the programs in `test-programs` do.
const TINY_GO: &str = r#"package main

import "os"

func main() {
	os.Stdout.WriteString("ready\n")
	os.Stdin.Read(make([]byte, 1))
}
"#;

/// The same in C, with what it is to be taken for.
fn tiny_c(directory: &Path, marks: &str) -> Option<PathBuf> {
    let compiler = tool(&["gcc", "cc"], "a program in C")?;
    let (source, program) = (directory.join("tiny.c"), directory.join("tiny"));
    let main = "int main(void) { char c; puts(\"ready\"); fflush(stdout); return read(0, &c, 1) < 0; }";
    fs::write(&source, format!("#include <stdio.h>\n#include <unistd.h>\n{marks}\n{main}\n")).unwrap();
    compile(Command::new(compiler).arg("-o").arg(&program).arg(source));
    Some(program)
}

fn compile(command: &mut Command) {
    let output = command.output().unwrap();
    assert!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
}

/// Starts something that is no build of `test-programs`.
fn start(program: &Path) -> Running {
    let built = Built { executable: program.to_owned(), command: vec![program.to_owned()], ..states() };
    Running::start(&built, &[]).unwrap()
}

#[test]
fn go_for_32_bit() {
    let directory = tempfile::tempdir().unwrap();
    let (source, program) = (directory.path().join("tiny.go"), directory.path().join("tiny"));
    fs::write(&source, TINY_GO).unwrap();
    let mut go = Command::new(NEWEST.goroot().unwrap().join("bin/go"));
    go.args(["build", "-o"]).arg(&program).arg(&source).current_dir(&directory);
    go.envs([("GOARCH", "386"), ("CGO_ENABLED", "0"), ("GOTOOLCHAIN", "local"), ("GOFLAGS", "")]);
    compile(go.env("GOWORK", "off").env("GOEXPERIMENT", ""));
    if let Err(error) = Command::new(&program).stdin(std::process::Stdio::null()).output() {
        eprintln!("SKIPPED: go_for_32_bit: this kernel runs no 32-bit programs: {error}");
        return;
    }
    let running = start(&program);
    let pid = running.pid();
    let cause = format!("process {pid} (tiny): a 32-bit executable: only 64-bit ones can be read");
    assert_eq!(check(&pid.to_string(), &cause).unwrap(), "64-bit amd64 and arm64 programs can be read");
}

/// What gostat says of a program by another compiler, stripped and not.
fn check_compiler(program: &Path, compiler: &str) {
    let running = start(program);
    let pid = running.pid();
    let cause = format!("process {pid} (tiny): built by {compiler}, whose runtime is not the Go runtime");
    assert!(check(&pid.to_string(), &cause).unwrap().contains("gostat ps"));
}

#[test]
fn gccgo() {
    let names = ["gccgo", "gccgo-15", "gccgo-14", "gccgo-13", "gccgo-12"];
    let Some(compiler) = tool(&names, "gccgo (its stand-in is tested)") else { return };
    let directory = tempfile::tempdir().unwrap();
    let (source, program) = (directory.path().join("tiny.go"), directory.path().join("tiny"));
    fs::write(&source, TINY_GO).unwrap();
    for linking in ["-shared-libgcc", "-static-libgo", "-static"] {
        compile(Command::new(&compiler).args(["-o"]).arg(&program).arg(linking).arg(&source));
        check_compiler(&program, "gccgo");
        let Some(strip) = tool(&["strip"], "stripped gccgo programs") else { return };
        compile(Command::new(strip).arg(&program));
        check_compiler(&program, "gccgo");
    }
}

#[test]
fn a_stand_in_for_gccgo() {
    let directory = tempfile::tempdir().unwrap();
    // Seen in programs by gccgo 12: the section stays in stripped ones, the symbol in static ones.
    let section = r#"__asm__(".section .go_export,\"\",@progbits; .ascii \"v3;\\n\"; .text");"#;
    for mark in [section, "void __go_init_main(void) {}"] {
        let Some(program) = tiny_c(directory.path(), mark) else { return };
        check_compiler(&program, "gccgo");
    }
}

#[test]
fn a_stand_in_for_tinygo() {
    let directory = tempfile::tempdir().unwrap();
    // The first is of its cooperative scheduler, the second of the one with threads.
    for mark in ["void tinygo_startTask(void) {}", "void tinygo_task_init(void) {}"] {
        let Some(program) = tiny_c(directory.path(), mark) else { return };
        check_compiler(&program, "TinyGo");
    }
}

fn check_packed(program: &Built) {
    let running = Running::start(program, &[]).unwrap();
    let pid = running.pid();
    let cause = format!("process {pid} (states): packed with UPX: the file holds no readable tables");
    assert!(check(&pid.to_string(), &cause).unwrap().contains("upx -d"));
    // Its file is small and strange, and in a list of others it must not be in the way.
    assert_eq!(run(&["ps", "--json"]).code, 0);
}

#[test]
fn packed() {
    let Some(upx) = tool(&["upx", "upx-ucl"], "packed executables (their stand-in is tested)") else {
        return;
    };
    let directory = tempfile::tempdir().unwrap();
    // UPX 4.2 refuses the position-independent ones of Go's own linker.
    for variant in [Variant::Stripped, Variant::Plain, Variant::Cgo, Variant::CgoPieStripped] {
        let build = Build::amd64(Program::States, NEWEST, variant);
        let Some(built) = build.build_or_skip().unwrap() else { continue };
        let copy = copied(&built, directory.path());
        compile(Command::new(&upx).args(["-q", "-1"]).arg(&copy.executable));
        check_packed(&copy);
    }
}

#[test]
fn a_stand_in_for_a_packed_executable() {
    let directory = tempfile::tempdir().unwrap();
    let program = directory.path().join("states");
    let Some(compiled) = tiny_c(directory.path(), "") else { return };
    let mut bytes = fs::read(&compiled).unwrap();
    // UPX leaves no section headers, and its mark behind the program headers.
    bytes[40..48].fill(0);
    bytes[58..64].fill(0);
    let headers = 64 + 56 * usize::from(u16::from_le_bytes([bytes[56], bytes[57]]));
    // There the C compiler has the name of the interpreter: the mark goes where nothing is loaded from.
    let gap = bytes[headers..4096].windows(16).rposition(|window| window == [0; 16]).unwrap() + headers;
    bytes[gap..gap + 4].copy_from_slice(b"UPX!");
    fs::write(&compiled, bytes).unwrap();
    install(&compiled, &program);
    check_packed(&Built { command: vec![program.clone()], executable: program, ..states() });
}
