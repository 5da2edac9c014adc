//! The tables of a profile being made: each text, function and location once, ids from 1.

use rustc_hash::FxHashMap;

use crate::proto::{Function, Line, Location};

/// Tables of a profile.
pub(crate) struct Symbols {
    texts: FxHashMap<Box<str>, i64>,
    functions: FxHashMap<(i64, i64), u64>,
    locations: FxHashMap<(u64, Vec<(u64, i64)>), u64>,
    /// The texts, in id order.
    pub(crate) string_table: Vec<String>,
    /// The functions, in id order.
    pub(crate) function: Vec<Function>,
    /// The locations, in id order.
    pub(crate) location: Vec<Location>,
}

impl Symbols {
    pub(crate) fn new() -> Self {
        Symbols {
            texts: FxHashMap::from_iter([("".into(), 0)]),
            functions: FxHashMap::default(),
            locations: FxHashMap::default(),
            string_table: vec![String::new()],
            function: Vec::new(),
            location: Vec::new(),
        }
    }

    /// The index of a text.
    pub(crate) fn text(&mut self, text: &str) -> i64 {
        if let Some(&index) = self.texts.get(text) {
            return index;
        }
        let index = i64::try_from(self.string_table.len()).unwrap_or(i64::MAX);
        self.texts.insert(text.into(), index);
        self.string_table.push(text.to_owned());
        index
    }

    /// The id of a function.
    pub(crate) fn function(&mut self, name: &str, file: &str) -> u64 {
        let (name, filename) = (self.text(name), self.text(file));
        *self.functions.entry((name, filename)).or_insert_with(|| {
            let id = self.function.len() as u64 + 1;
            self.function.push(Function { id, name, system_name: name, filename });
            id
        })
    }

    /// The id of a location: an address, with its lines as (function id, line), innermost first.
    pub(crate) fn location(&mut self, mapping_id: u64, address: u64, lines: &[(u64, i64)]) -> u64 {
        *self.locations.entry((address, lines.to_vec())).or_insert_with(|| {
            let id = self.location.len() as u64 + 1;
            let line = lines.iter().map(|&(function_id, line)| Line { function_id, line }).collect();
            self.location.push(Location { id, mapping_id, address, line });
            id
        })
    }
}
