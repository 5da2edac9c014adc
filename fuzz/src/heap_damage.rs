//! A heap whose bytes are damaged, and whose reads fail, as the bytes say: copied, marked and searched.

/// The tests of go-runtime have the same damage done to random heaps.
#[path = "../../crates/go-runtime/tests/synthetic/heap_damage.rs"]
mod damaged_heap;

/// Damages a heap and searches it.
pub fn check(bytes: &[u8]) {
    damaged_heap::check(bytes);
}
