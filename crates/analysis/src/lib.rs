//! Pure functions over snapshots: counting, grouping, filtering, naming what goroutines are doing, and counts without
//! jitter over several.
//!
//! ```text
//! Rules + Snapshot --Meanings::new()--> what each goroutine is doing, for whom
//! Snapshot --Filter::select()--> goroutines --group()---------> groups of equal stacks
//!                                           --group_similar()-> groups of nearly equal stacks
//!                                           --count()---------> counts by status, reason and kind of wait
//! counts of a tick, and another tick, … --Steady::push()--> the same without jitter
//! a state, and a state, … -----------Confirmed::observe()--> changes that last
//! two Populations (of a snapshot or a dump) --difference()--> groups that are new, gone, grown or shrunk
//! Snapshot and References --BlockingGraph::new()--> who waits for whom: chain(), deadlocks(), merged()
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

pub mod blocking;
mod confirmed;
mod count;
mod filter;
mod package;
mod normal_name;
mod fingerprint;
mod similar;
mod meaning;
mod awaited;
mod own_function;
mod group;
mod difference;
mod steady;
mod wait_class;

pub use awaited::{Awaited, AwaitedKind};
pub use confirmed::{Change, Confirmed};
pub use count::{Counts, count};
pub use difference::{Alike, ChangeKind, CodePlace, Difference, GroupChange, Population, StateCounts};
pub use filter::{FILTER_HELP, Filter, FilterError, FilterErrorKind};
pub use fingerprint::{FRAMES_COMPARED, Fingerprint};
pub use group::{Group, group, group_similar};
pub use meaning::{CohortMeanings, Meanings, Risk, Rule, Rules, RulesError, RulesErrorKind, Understanding};
pub use normal_name::normal_name;
pub use own_function::{own_function, own_name};
pub use package::package_of;
pub use similar::{STACKS_COMPARED_MAX, clusters_of_stacks};
pub use steady::{Steady, TICKS_KEPT};
pub use wait_class::WaitClass;
