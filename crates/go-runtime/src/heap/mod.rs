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
//!
//! What could make someone alive look asleep, and what stands against it:
//!
//! - It is being woken: out of its queue, but not running yet, and its waker has forgotten what it waited for. Its
//!   queues are looked at afterwards (`enqueued`). Those of conditions are not; there a descriptor in the hands of
//!   whoever runs counts (`Marking::reach_woken`).
//! - It is not parked, but looks so: the collector gives its helpers a waiting status before they have a reason of
//!   their own. They have an M, and parked goroutines have none (`awaits`).
//! - What leads to it is outside heap, variables and stacks: queued finalizers and cleanups (`queues`), records at
//!   objects (`specials`), threads that run timers or are in a signal handler (`threads`). If queues or Ps cannot be
//!   found, that counts as missing, and nothing is proven.
//! - Its stack is being moved, so that pointers into it lead to where it was: it is read word by word.
//! - Objects or maps of pointers could not be read: missing. Types without masks, GC programs, user arenas, reflect's
//!   stubs, interrupted frames: word by word.
//!
//! A target that was not stopped, but none of whose threads ran while it was copied (`Stillness::AtRest`), is as good as one
//! that was, if no thread has a P or a running goroutine: then nothing that matters is in a register.
//!
//! Of a target that runs on, in addition:
//!
//! - What was alive was replaced, collected and its place used again before it was copied, in every copy if collections
//!   are frequent: a copy during which a collection ended does not count (`HeapCopy::collected`).
//! - What leads to it moved from where had yet to be copied to where had been. That is a matter of chance in each copy,
//!   so several must agree. It is not excluded: that is why they prove nothing.
//! - It is only in a register: who runs is preempted every 10 ms, which leaves all registers on the stack, and of who
//!   runs all of the stack counts, with what is left over there of who had it before. Whom only that keeps alive is told
//!   (`Unreachable::kept_by_words`). If someone runs through all copies without a rest, nothing is proven
//!   (`Unreachable::running`).
//! - Memory that a compiler's `freegc` gives back without a collection is used again: chance, as above.
//!
//! Memory that C or the kernel keeps pointers in keeps nothing alive here; nor does it for Go's collector.

mod bits;
mod circles;
mod ranges;
mod spans;
mod arenas;
mod type_masks;
mod specials;
mod queues;
mod goroutines;
mod threads;
mod copy;
mod objects;
mod frames;
mod awaits;
mod marking;
mod allocations;
mod enqueued;
mod unreachable;
mod lock_calls;
mod referrers;
mod holders;
mod wait_queues;
mod files;
mod references;

pub use copy::CopyError;
pub(crate) use copy::{HeapCopy, Plan};
pub use threads::{StandingThread, StandingThreads, Stillness};
pub use unreachable::{CopiedHeap, CopyPlan, Sleeper, Unreachable};
