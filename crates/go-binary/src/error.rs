//! Why an executable could not be understood.

use crate::source::SourceError;

/// An executable that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BinaryError {
    /// Not an ELF file at all.
    #[error("not an ELF executable")]
    NotElf,
    /// An ELF file that breaks off or contradicts itself.
    #[error("the ELF file is damaged or truncated ({what})")]
    Damaged {
        /// Which part of it.
        what: &'static str,
    },
    /// 32-bit code.
    #[error("a 32-bit executable: only 64-bit ones can be read")]
    ThirtyTwoBit,
    /// Code for a machine that we have no decoder for.
    #[error("built for machine type {0:#x}: only amd64 and arm64 can be read")]
    UnsupportedMachine(u16),
    /// No trace of the Go toolchain.
    #[error("not a Go executable (no Go build information)")]
    NotGo,
    /// Made by another Go compiler, with another runtime.
    #[error("built by {compiler}, whose runtime is not the Go runtime")]
    OtherCompiler {
        /// Which one.
        compiler: &'static str,
    },
    /// Packed by an executable compressor.
    #[error("packed with {packer}: the file holds no readable tables")]
    Packed {
        /// Which one.
        packer: &'static str,
    },
    /// A release before those that we know.
    #[error("built by {version}: Go 1.19 and later can be read")]
    TooOld {
        /// As found.
        version: String,
    },
    /// The Go version string does not look like one.
    #[error("the Go version {version:?} in the build information is not understood")]
    UnknownVersion {
        /// As found.
        version: String,
    },
    /// No function table with a known magic number.
    #[error("no Go function table (pclntab) was found")]
    NoFunctionTable,
    /// The function table contradicts itself.
    #[error("the Go function table is damaged ({what})")]
    BadFunctionTable {
        /// Which part of it.
        what: &'static str,
    },
    /// `runtime.firstmoduledata` was not found in the process.
    #[error("the runtime's module data was not found")]
    NoModuleData,
    /// A function that the addresses of globals are taken from is not in the table.
    #[error("the function {0} is not in the function table")]
    MissingFunction(&'static str),
    /// The code of a function did not have the reference that it has in every known release.
    #[error("the address of {global} could not be read from the code of {function}")]
    MissingGlobal {
        /// The variable.
        global: &'static str,
        /// Where it was looked for.
        function: &'static str,
    },
    /// Two ways to find one variable disagree.
    #[error("two ways to find {global} disagree")]
    Contradiction {
        /// The variable.
        global: &'static str,
    },
    /// No field offsets are known for this release and architecture.
    #[error("the memory layout of {version} on {architecture} is not known")]
    UnknownLayout {
        /// Go version as found.
        version: String,
        /// GOARCH.
        architecture: &'static str,
    },
    /// Bytes that could not be had.
    #[error(transparent)]
    Source(#[from] SourceError),
}
