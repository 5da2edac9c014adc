//! What happened between two moments, out of blocks of any level.
//!
//! Blocks are gone through twice: first to see which groups are largest ([`Ranking`]), then to fill the table for these
//! and the rest ([`Table`]). So memory is bounded by the answer, not by the span.

mod grid;
mod grouping;
mod table;

pub(crate) use grid::Grid;
pub(crate) use grouping::{GroupKey, Grouping, Ranking};
pub(crate) use table::Table;
