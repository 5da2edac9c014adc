//! The target's heap, and which goroutines nothing alive can reach.
//!
//! ```text
//! Plan::of ─> HeapCopy::take ──────────────────────────> Marking::run ─────────> Unreachable
//!   sizes       spans, objects, variables, goroutines,     variables, specials,    goroutines that
//!               stacks, specials: bytes of ours            live stacks, and whom   nothing reached
//!               (while the target stands still, or         they can wake
//!               while it runs on)                    └──> Referrers, Hits ────────> References
//!                                                          upwards from what       who could end
//!                                                          goroutines wait for     which wait
//! ```
//!
//! Objects are looked into by the allocator's own notes of where pointers are, stacks by the compiler's maps: words
//! left behind keep nothing alive. Where a note is missing every word counts as a pointer, which can only hide a
//! leak.

mod bits;
mod ranges;
mod spans;
mod arenas;
mod type_masks;
mod specials;
mod goroutines;
mod threads;
mod copy;
mod objects;
mod frames;
mod awaits;
mod marking;
mod allocations;
mod unreachable;
mod lock_calls;
mod referrers;
mod holders;
mod queues;
mod files;
mod references;

pub use copy::CopyError;
pub(crate) use copy::{HeapCopy, Plan};
pub use threads::{StandingThread, StandingThreads};
pub use unreachable::{CopiedHeap, CopyPlan, Sleeper, Unreachable};
