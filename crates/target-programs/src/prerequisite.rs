//! What must be installed for some builds, beside Go, which is fetched when it is not there.

use std::fmt;
use std::path::PathBuf;

use snapshot::Architecture;

use crate::build::Build;

/// A tool that only some builds need.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Prerequisite {
    /// A C compiler for cgo.
    CCompiler,
    /// An emulator for arm64 programs.
    QemuArm64,
}

impl Prerequisite {
    /// What building and running this takes.
    pub fn of(build: &Build) -> Option<Prerequisite> {
        if build.architecture == Architecture::Arm64 {
            return Some(Prerequisite::QemuArm64);
        }
        build.variant.uses_cgo().then_some(Prerequisite::CCompiler)
    }

    /// The name of the tool.
    pub fn tool(self) -> &'static str {
        match self {
            Prerequisite::CCompiler => "gcc",
            Prerequisite::QemuArm64 => "qemu-aarch64-static",
        }
    }

    /// Where it is, if it is there.
    pub fn find(self) -> Option<PathBuf> {
        let path = std::env::var_os("PATH")?;
        std::env::split_paths(&path).map(|folder| folder.join(self.tool())).find(|file| file.is_file())
    }
}

impl fmt::Display for Prerequisite {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Prerequisite::CCompiler => write!(f, "a C compiler (gcc)"),
            Prerequisite::QemuArm64 => write!(f, "an arm64 emulator (qemu-aarch64-static)"),
        }
    }
}
