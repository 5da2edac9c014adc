//! What is fuzzed: one module for each kind of hostile input, each with one `check(bytes)`.
//!
//! ```text
//! bytes ──> check ──┬── parsers     any bytes: text dumps, profiles, /proc, filters, ELF, DWARF, Go's
//!                   │             function tables and module data, machine code, recordings, samples
//!                   └── process     bytes are damage done to a whole synthetic process, or to its heap
//! ```
//!
//! A check fails by panicking: in the parser, or in an assertion of what must hold for any input. The
//! programs in `src/bin` only hand libFuzzer's bytes over. `scripts/fuzz` builds and runs them with the
//! stable toolchain.

#![forbid(unsafe_code)]

pub mod build_info;
#[path = "../../crates/go-runtime/tests/synthetic/busy_process.rs"]
#[allow(dead_code, reason = "shared with the tests of go-runtime, which use more of it")]
mod busy_process;
pub mod dwarf_layouts;
pub mod elf_file;
pub mod filter_expression;
pub mod function_tables;
pub mod goroutine_dump_text;
pub mod heap_damage;
pub mod history_block;
#[path = "../../crates/history-store/src/block/mod.rs"]
#[allow(dead_code, unused_imports, reason = "only the coding: the rest would take SQLite with it")]
mod history_blocks;
pub mod machine_code;
pub mod memory_recording;
pub mod module_data;
pub mod pprof_bytes;
pub mod proc_files;
pub mod process_damage;
pub mod recordings;
pub mod sample_record;
