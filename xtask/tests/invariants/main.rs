//! The invariants of this repository, each one a test whose failure says what to do.
//!
//! ```text
//! crates      who may depend on whom, and in which order the pipeline runs
//! purity      parsers take bytes and return values: no files, sockets, clocks
//! safety      no unsafe code, and nothing that could change or stop a target
//! style       what every source file looks like
//! tests       what a test may not do
//! tree        the licences and versions of everything that we link
//! documents   what the documents promise: links, two languages alike, no private paths
//! ```
//!
//! `repository` finds the files, `source` reads Rust. Run them all with `cargo test -p xtask`.

#![forbid(unsafe_code)]
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "for tests only: what goes wrong should stop the test"
)]

mod crates;
mod documents;
mod purity;
mod repository;
mod safety;
mod source;
mod style;
mod tests;
mod tree;
