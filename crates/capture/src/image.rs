//! Which file in a process holds the Go runtime, and where it is loaded.
//!
//! Mostly the executable itself. A C program may have loaded a Go library (`-buildmode=c-shared`), and an
//! emulator (qemu) maps the program that it runs: then it is one of the other mapped files.

use std::fs::File;
use std::os::unix::fs::MetadataExt;

use go_binary::{Bias, BinaryError, BuildInfo, Executable};
use linux_process::{Backing, Mapping, Process};
use rustc_hash::FxHashSet;
use snapshot::Address;

use crate::error::AttachError;
use crate::file_source::FileSource;

/// Mapped files that are looked at.
const FILES_MAX: usize = 512;

/// A Go program or library in a process.
pub(crate) struct Image {
    pub(crate) executable: Executable,
    pub(crate) build_info: BuildInfo,
    pub(crate) bias: Bias,
    /// Where it begins in the process.
    pub(crate) first: Address,
    /// Path in the view of the process.
    pub(crate) path: String,
    pub(crate) code: Option<CodeMapping>,
}

/// Where the code of the Go image lies in the process.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CodeMapping {
    /// First address.
    pub start: Address,
    /// Just past the last address.
    pub end: Address,
    /// Offset of `start` in the file.
    pub file_offset: u64,
}

fn code(maps: &[Mapping], is_of_image: impl Fn(&Mapping) -> bool) -> Option<CodeMapping> {
    let mapping = maps.iter().find(|mapping| mapping.permissions.execute && is_of_image(mapping))?;
    Some(CodeMapping { start: mapping.start, end: mapping.end, file_offset: mapping.file_offset })
}

/// Mapped files that are known not to be Go programs, by device and inode as the memory maps have them: the
/// same libraries are in every process.
pub(crate) type NotGo = FxHashSet<((u32, u32), u64)>;

/// Finds the Go image of a process.
pub(crate) fn find(process: &Process, not_go: &mut NotGo) -> Result<Image, AttachError> {
    let stat = process.require_program()?;
    let file = process.open_executable()?;
    let inode = file.metadata().map(|metadata| metadata.ino()).unwrap_or_default();
    let path = process.executable()?.path.display().to_string();
    let maps = process.maps()?;
    let of_executable = |mapping: &Mapping| mapping.inode == inode;
    let known = maps.iter().find(|mapping| of_executable(mapping)).map(|first| (first.device, first.inode));
    let cause = if known.is_some_and(|known| not_go.contains(&known)) {
        BinaryError::NotGo
    } else {
        match go_file(file) {
            Ok((executable, build_info)) => {
                let mapped = bias(&executable, &maps, of_executable);
                let (first, bias) = mapped.ok_or(AttachError::NotMapped { pid: process.pid() })?;
                let code = code(&maps, of_executable);
                return Ok(Image { executable, build_info, bias, first, path, code });
            }
            Err(cause) => cause,
        }
    };
    if cause == BinaryError::NotGo {
        not_go.extend(known);
    }
    let mapped = find_mapped(process, &maps, not_go);
    mapped.ok_or(AttachError::NotReadableGo { pid: process.pid(), name: stat.name, cause })
}

/// The first Go image among the other mapped files.
fn find_mapped(process: &Process, maps: &[Mapping], not_go: &mut NotGo) -> Option<Image> {
    let mut looked_at = 0;
    for mapping in maps {
        let Backing::File { path, deleted: false } = &mapping.backing else { continue };
        let key = (mapping.device, mapping.inode);
        if looked_at >= FILES_MAX || !not_go.insert(key) {
            continue;
        }
        looked_at += 1;
        let Some(file) = process.open_mapped(path).ok() else { continue };
        // The name may lead to another file by now.
        if file.metadata().map_or(0, |metadata| metadata.ino()) != mapping.inode {
            continue;
        }
        if let Ok((executable, build_info)) = go_file(file)
            && let Some((first, bias)) = bias(&executable, maps, |other| (other.device, other.inode) == key)
        {
            not_go.remove(&key);
            let code = code(maps, |other| (other.device, other.inode) == key);
            let path = path.display().to_string();
            return Some(Image { executable, build_info, bias, first, path, code });
        }
    }
    None
}

/// Understands a file as a Go program.
fn go_file(file: File) -> Result<(Executable, BuildInfo), BinaryError> {
    let unreadable = |_: std::io::Error| BinaryError::Damaged { what: "file" };
    let executable = Executable::parse(Box::new(FileSource::new(file).map_err(unreadable)?))?;
    let build_info = BuildInfo::of(&executable)?;
    Ok((executable, build_info))
}

/// Where an image begins, and its load bias.
fn bias(
    executable: &Executable,
    maps: &[Mapping],
    is_of_image: impl Fn(&Mapping) -> bool,
) -> Option<(Address, Bias)> {
    let first = maps.iter().find(|mapping| is_of_image(mapping))?;
    Some((first.start, executable.bias(first.file_offset, first.start)?))
}
