//! Recordings of a process's memory, which come from files.

use process_memory::RecordedMemory;

/// What is read is what would be written again.
pub fn check(bytes: &[u8]) {
    let Some(memory) = RecordedMemory::from_bytes(bytes) else { return };
    assert!(memory.len() <= bytes.len());
    let again = RecordedMemory::from_bytes(&memory.to_bytes());
    assert!(again.as_ref() == Some(&memory));
}
