//! Which goroutines have leaked, and how suspicious the others are.
//!
//! ```text
//! Goroutine ──score()──> 0..=1, low / medium / high          how suspicious is this one?
//! counts over time ──growth()──> rising? how urgent?         do they get more?
//! count and age of a cluster ──is_alert()──> yes or no       are there too many, for too long?
//! Census ──held_up()──> many that others hold up, by cause     who is stuck, whatever leaks?
//! Goroutine + Reach ──boundary()──> reference,               what kept it from ending, and which frame shows it?
//!                                   communication, timeout
//! Snapshot (and the one before) ──pathologies()──> known ways to be in trouble, with evidence and remedy
//! all of it + what a look at the heap found ──leaks()──> leaks, proven and suspected ──sentence()──> words
//! ```
//!
//! All of it is pure: time comes from snapshots, and nothing here knows how they came to be. What is no proof is a
//! suspicion and says what it rests on; the proof itself, by reachability, is made elsewhere (`go_runtime::heap`). Deliberately absent: deciding what is healthy, which
//! is a matter of rules (`analysis::Rules`), and rendering.
//!
//! ```
//! use leak_detection::{Risk, score};
//! let suspicious = score(64, true, Some(600_000), false);
//! assert_eq!(suspicious.risk, Risk::High);
//! assert!(score(3, false, Some(10), false).risk == Risk::Low);
//! ```

#![forbid(unsafe_code)]

mod score;
mod growth;
mod cluster;
mod boundary;
mod pathology;
mod leaks;
mod blocked;
mod words;

pub use analysis::Risk;
pub use blocked::{BLOCKED_COUNT, HeldUp, held_up, key_of};
pub use boundary::{Boundary, BoundaryKind, Reach, boundary};
pub use cluster::{CLUSTER_AGE_MS, CLUSTER_COUNT, is_alert};
pub use growth::{Growth, Point, Urgency, growth};
pub use leaks::{
    GroupKey, Healthy, Leak, Leaks, Method, Place, Reachability, Suspicion, Verdict, frame_to_look_at,
    group_key, groups_of_asleep, groups_to_weigh, leaks,
};
pub use pathology::{Pathology, PathologyKind, pathologies};
pub use score::{Score, score, score_of};
pub use words::{fix, sentence};
