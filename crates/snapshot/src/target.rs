//! Which process a snapshot is of.

use serde::{Deserialize, Serialize};
use std::fmt;

/// The observed process, as far as snapshots need to say.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Target {
    /// Process id in our pid namespace.
    pub pid: u32,
    /// Short name (`comm`).
    pub name: String,
    /// Path of the executable (or of the library that holds the Go runtime) in the target's own view.
    pub executable: String,
    /// Processor architecture.
    pub architecture: Architecture,
    /// Go release as the binary says it: `go1.23.4`, `go1.26.6-X:goroutineleakprofile`.
    pub go_version: String,
    /// Path of the main module, if the build information has one.
    pub module: Option<String>,
    /// Version of the main module, if recorded.
    pub module_version: Option<String>,
    /// Whether there is no symbol table.
    pub stripped: bool,
    /// How the positions of the runtime's fields were known.
    pub layout: LayoutSource,
}

/// Processor architectures that can be decoded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Architecture {
    /// x86-64.
    Amd64,
    /// AArch64, little-endian.
    Arm64,
}

impl Architecture {
    /// Go's name for it (`GOARCH`).
    pub fn goarch(self) -> &'static str {
        match self {
            Architecture::Amd64 => "amd64",
            Architecture::Arm64 => "arm64",
        }
    }
}

impl fmt::Display for Architecture {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.goarch())
    }
}

/// Where the field offsets came from. All of them were then self-tested on the process.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum LayoutSource {
    /// The table made from this very patch release.
    Table,
    /// The executable's own debug information.
    Dwarf,
    /// The table of the nearest known patch release, named here: the release itself is unknown to us.
    Nearest(String),
}
