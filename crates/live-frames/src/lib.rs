//! Every goroutine of a process at every tick, as what has changed since the tick before: what a page that shows a
//! million of them is fed with.
//!
//! ```text
//! Census + Individuals --Encoder::advance()--> a frame: what is new          to those who have seen the frame before
//!                        Encoder::key()------> a frame: everything           to whoever has just come
//! frame --Picture::apply()--> the same rows, cohorts and stacks              (the page does this in TypeScript)
//! ```
//!
//! # A frame
//!
//! All numbers are little-endian. What follows the sixteen bytes of the preamble is one zlib stream if bit 1 of the
//! flags is set.
//!
//! | Bytes | What |
//! |---|---|
//! | 1 | version of the format: 1 |
//! | 1 | flags: 1 everything is in this frame, 2 the rest is packed |
//! | 2 | nothing |
//! | 4 | length of the head |
//! | 4 | rows |
//! | 4 | length of the rest, unpacked |
//! | … | the head: a [`Head`] as JSON, and spaces up to a multiple of eight bytes |
//! | 8 × rows | ids of goroutines, as floating-point numbers |
//! | 8 × rows | since when they wait, milliseconds of the monotonic clock, as floating-point numbers; 0 if unknown |
//! | 4 × rows | places in the runtime's list, ascending |
//! | 4 × rows | cohorts; 0 if the place is empty now |
//! | 4 × rows | Ps that they run on or are queued at, as signed numbers; -1 for none |
//!
//! Columns of numbers of a fixed size are what a browser can use without decoding them one by one.

#![forbid(unsafe_code)]

mod error;
mod row;
mod head;
mod wire;
mod encoder;
mod picture;

pub use encoder::Encoder;
pub use error::FrameError;
pub use head::{CohortEntry, FrameEntry, Head};
pub use picture::Picture;
pub use row::Row;
