//! The words of the target's runtime for why goroutines wait.

use go_binary::Bytes;
use process_memory::{ProcessMemory, ReadValues};

use crate::limits::Limits;
use crate::program::Program;

/// `waitReasonStrings` has about fifty entries.
const WAIT_REASONS_MAX: usize = 128;

/// The runtime's words for its wait reasons, by number: they were renumbered in Go 1.26, so they are read
/// from the target.
pub(crate) fn read<M: ProcessMemory>(program: &Program, memory: &M, limits: &Limits) -> Vec<String> {
    let mut words = Vec::new();
    for index in 0..WAIT_REASONS_MAX {
        let Ok(header) = memory.read_vec(program.globals.wait_reasons.offset(index as u64 * 16), 16) else {
            break;
        };
        let (at, len) = (header.address_at(0).unwrap_or_default(), header.u64_at(8).unwrap_or_default());
        // The array ends where what follows is not a short string; its first entry is the empty one.
        if len > 64.min(limits.text_max as u64) || (len == 0 && index > 0) {
            break;
        }
        let text = memory.read_vec(at, usize::try_from(len).unwrap_or_default());
        match text.ok().and_then(|text| String::from_utf8(text).ok()) {
            Some(word) if word.chars().all(|c| c.is_ascii_graphic() || c == ' ') => words.push(word),
            _ => break,
        }
    }
    words
}
