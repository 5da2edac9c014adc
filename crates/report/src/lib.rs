//! Turn snapshots and findings into text and JSON.
//!
//! ```text
//! Meanings of a Snapshot -> json::write_dump     one object, streamed        gostat dump --json
//!          |--------------> folded               one line a stack            --format folded
//!          '--group()-----> grouped / json::write_groups                     --group
//! two Snapshots --StatTick::new()--> StatTable (text) / StatTick::json       gostat stat
//!          '------SchedTick::new()--> SchedTable, write_detail, SchedTick::json  gostat sched
//! Leaks ---> LeakReport::write / write_json                                   gostat leaks
//! BlockingGraph ----------> BlockingReport      tree, JSON, DOT, SVG      gostat why, gostat graph
//! Difference ------------> DifferenceReport   text, JSON                  gostat diff
//! rows -------------------> Table, sparkline                                 gostat ps, gostat history
//! ```
//!
//! Everything is written to a writer that the caller gives; nothing here knows of a terminal or a clock.
//! Text outputs escape what could act on a terminal: names come from the observed process. The JSON forms
//! are a contract: `docs/json.md` and `docs/dump.schema.json`. Deliberately absent: the runtime's own dump
//! layout and profiles, which are crates of their own.
//!
//! ```
//! let mut table = report::Table::new(&[("PID", report::Align::Right), ("NAME", report::Align::Left)]);
//! table.row(["7", "server"]);
//! let mut out = Vec::new();
//! table.write(&mut out).unwrap();
//! assert_eq!(String::from_utf8(out).unwrap(), "PID NAME\n  7 server\n");
//! ```

#![forbid(unsafe_code)]

mod blocking;
mod difference;
mod duration;
mod awaited;
mod folded;
mod grouped;
mod leaks;
pub mod json;
mod rates;
mod sched;
mod stat;
mod memory;
mod stat_steady;
mod stat_table;
mod tick_table;
mod table;
mod sparkline;

pub use blocking::{BlockingReport, not_blocked};
pub use difference::{DifferenceReport, NoteReport};
pub use duration::short_duration;
pub use folded::folded;
pub use grouped::grouped;
pub use leaks::LeakReport;
pub use memory::{MemoryTable, MemoryTick};
pub use sched::{SchedTable, SchedTick, write_detail};
pub use sparkline::{Bars, sparkline};
pub use stat::StatTick;
pub use stat_steady::{StatSteady, SteadyCounts};
pub use stat_table::StatTable;
pub use table::{Align, Table};
