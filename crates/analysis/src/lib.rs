//! Pure functions over snapshots: counting, grouping, filtering, and counts without jitter over several.
//!
//! ```text
//! Snapshot --Filter::select()--> goroutines --group()---> groups of equal stacks
//!                                           --count()---> counts by status, reason and kind of wait
//! counts of a tick, and another tick, … --Steady::push()--> the same without jitter
//! a state, and a state, … -----------Confirmed::observe()--> changes that last
//! ```
//!
//! Nothing here reads a clock, a file or a process: time comes from the snapshot. Deliberately absent:
//! rendering (the `report` crate).
//!
//! ```
//! use analysis::Filter;
//! let filter = Filter::parse("state=waiting and func~'worker$' and not age<5m").unwrap();
//! let wrong = Filter::parse("state=wating").unwrap_err();
//! assert_eq!(wrong.position, 6);
//! # let _ = filter;
//! ```

#![forbid(unsafe_code)]

mod confirmed;
mod count;
mod filter;
mod group;
mod package;
mod steady;
mod wait_class;

pub use confirmed::{Change, Confirmed};
pub use count::{Counts, count};
pub use filter::{FILTER_HELP, Filter, FilterError, FilterErrorKind};
pub use group::{Group, IDS_LISTED, group};
pub use package::package_of;
pub use steady::{Steady, TICKS_KEPT};
pub use wait_class::WaitClass;
