//! Hand-built Go process images for tests, laid out independently of the decoders.
//!
//! A [`ProcessBuilder`] is told what is in a process (goroutines with stacks, labels and what they wait on,
//! Ms, Ps) and makes the two things that gostat reads of a real one:
//!
//! ```text
//! ProcessBuilder ──> Process ──┬── executable   an ELF file: build info, function tables, symbols
//!                              └── memory       an Image: module data, variables, heap, stacks
//! ```
//!
//! Nothing here uses the decoders' code or their table of layouts: offsets are in [`layout`], written down
//! from the toolchains' own debug information, so that a mistake cannot be made the same way twice. Two
//! releases stand for the two ways in which things are done: [`layout::GO_1_23`] (label maps, goroutines
//! that do not know their semaphores) and [`layout::GO_1_27`].
//!
//! What a test wants to be wrong it overwrites afterwards: [`Process`] knows where everything is. A [`HeapSketch`] says
//! which objects there are and who refers to whom, and makes the process that has that heap; [`Damages`] reads from
//! arbitrary bytes what is to be broken.
//!
//! ```
//! use synthetic_process::{Goroutine, ProcessBuilder, layout};
//! let mut builder = ProcessBuilder::new(&layout::GO_1_27);
//! let g = builder.goroutine(Goroutine::waiting(1, "chan receive", &["runtime.gopark", "main.main"]));
//! let mut process = builder.build();
//! process.memory.put_u64(g.offset(process.layout.g.stack_hi), 0); // a stack that ends before it begins
//! ```
//!
//! Deliberately absent: anything that a test could ask of the decoders (names, lines) is not checked here.

#![forbid(unsafe_code)]
#![expect(
    clippy::panic,
    clippy::expect_used,
    reason = "for tests only: what goes wrong should stop the test"
)]

mod changing;
mod damage;
mod elf_file;
mod function_table;
mod goroutine;
mod heap_image;
mod heap_sketch;
mod image;
mod labels;
pub mod layout;
mod process;
mod scheduler;
mod wait;

pub use changing::Changing;
pub use damage::{Damage, Damages};
pub use goroutine::Goroutine;
pub use heap_image::ObjectKind;
pub use heap_sketch::{HeapSketch, Reference, SketchedHeap, SketchedObject, Sleeper};
pub use image::Image;
pub use process::{FREE_BSS, Process, ProcessBuilder, Variables};
pub use scheduler::{Machine, Processor};
pub use wait::{Channel, Waits};
