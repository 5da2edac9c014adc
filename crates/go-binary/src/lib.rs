//! What a Go executable says of itself: build info, function tables, globals, layouts.
//!
//! ```text
//! bytes of a file ──> Executable ──┬── build_info      Go release, module, settings
//!                                  ├── pclntab         where the function tables are
//!                                  ├── FunctionTable   pc -> function, stack delta, file, line, inlining
//!                                  ├── globals         addresses of the runtime's variables
//!                                  └── layout          offsets of the runtime's fields
//! ```
//!
//! Everything here works on stripped executables: Go never strips its function tables, because its own
//! tracebacks need them. Symbols and DWARF are used where they are there.
//!
//! Two kinds of addresses must not be mixed: [`StaticAddress`], as written in the file, and
//! `snapshot::Address`, in a running process. They differ by the load bias of position-independent
//! executables; only [`Bias`] converts between them.
//!
//! Input is anything that gives bytes at an offset ([`ByteSource`]); this crate opens no files. All input
//! is untrusted: every length is bounded, every failure an error, nothing panics.

#![forbid(unsafe_code)]

mod address;
mod bytes;
mod error;
mod source;
mod elf;
pub mod build_info;
mod pclntab;
mod module_data;
mod varint;
mod function_table;
mod symbolize;
mod stack_maps;
pub mod code;
pub mod globals;
pub mod memory_globals;
pub mod queue_globals;
pub mod layout;

pub use address::{Bias, StaticAddress};
pub use build_info::BuildInfo;
pub use bytes::Bytes;
pub use elf::{Executable, Section, Segment};
pub use error::BinaryError;
pub use function_table::{Function, FunctionTable};
pub use module_data::{DataRange, ModuleData, Slice};
pub use pclntab::{Pclntab, PclntabVersion};
pub use source::{ByteSource, PagedSource, SourceError, StaticMemory};
pub use stack_maps::{FrameMaps, PointerMask, StackObject};
pub use symbolize::LogicalFrame;
