//! The words of the target's runtime for why goroutines wait.

use go_binary::Bytes;
use process_memory::{ProcessMemory, ReadValues};
use snapshot::{StringId, Strings};

use crate::limits::Limits;
use crate::program::Program;

/// `waitReasonStrings` has about fifty entries.
const WAIT_REASONS_MAX: usize = 128;

/// The words, and what they are called in the tables of a session.
#[derive(Debug, Default)]
pub(crate) struct WaitReasons {
    pub(crate) words: Vec<String>,
    ids: Vec<Option<StringId>>,
    /// Whether reading them again has been tried in this look at the process.
    tried: bool,
}

impl WaitReasons {
    pub(crate) fn new(words: Vec<String>) -> Self {
        WaitReasons { words, ids: Vec::new(), tried: false }
    }

    /// Begins another look at the process. `forget` if the tables have been started over.
    pub(crate) fn begin(&mut self, forget: bool) {
        self.tried = false;
        if forget {
            self.ids.clear();
        }
    }

    /// The word for a number; `None` if it is not known. If it is beyond the words that are known, they are read
    /// again, once: reading them stops short when it fails.
    pub(crate) fn id<M: ProcessMemory>(
        &mut self,
        number: u8,
        program: &Program,
        memory: &M,
        limits: &Limits,
        strings: &mut Strings,
    ) -> Option<StringId> {
        let number = usize::from(number);
        if number >= self.words.len() && !std::mem::replace(&mut self.tried, true) {
            let words = read(program, memory, limits);
            if words.len() > self.words.len() {
                self.words = words;
            }
        }
        let word = self.words.get(number)?;
        if self.ids.len() <= number {
            self.ids.resize(number + 1, None);
        }
        let id = self.ids.get_mut(number)?;
        Some(*id.get_or_insert_with(|| strings.intern_str(word)))
    }
}

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
