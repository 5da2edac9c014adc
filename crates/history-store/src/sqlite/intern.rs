//! Ids of stacks, label sets and texts: each is stored once, whoever has it.

use std::sync::Arc;

use rusqlite::{Connection, OptionalExtension, ToSql};
use rustc_hash::FxHashMap;

use crate::block::encode_numbers;
use crate::limits::Limits;
use crate::sqlite::catalogue::{StoredFrame, StoredStack};
use crate::stack::{Frame, Labels, Stack};

/// Entries that are remembered of one kind; then all are forgotten.
const REMEMBERED_MAX: usize = 1 << 16;

/// Ids that are known without asking the file.
#[derive(Default)]
pub(super) struct Remembered {
    strings: FxHashMap<Arc<str>, u64>,
    stacks: FxHashMap<Arc<Stack>, u64>,
    labels: FxHashMap<Arc<Labels>, u64>,
}

impl Remembered {
    /// Keeps what is remembered within bounds.
    pub(super) fn bound(&mut self) {
        if self.strings.len().max(self.stacks.len()).max(self.labels.len()) > REMEMBERED_MAX {
            *self = Remembered::default();
        }
    }
}

/// Gives out ids in one transaction. If that fails, `known` must be forgotten.
pub(super) struct Interning<'i> {
    pub(super) connection: &'i Connection,
    pub(super) limits: &'i Limits,
    pub(super) known: &'i mut Remembered,
}

impl Interning<'_> {
    /// The id of a text.
    pub(super) fn string(&mut self, text: &str) -> rusqlite::Result<u64> {
        let text = self.limits.text(text);
        if let Some(&id) = self.known.strings.get(text) {
            return Ok(id);
        }
        let id =
            self.id("SELECT id FROM string WHERE text = ?1", "INSERT INTO string (text) VALUES (?1)", &text)?;
        self.known.strings.insert(text.into(), id);
        Ok(id)
    }

    /// The id of a stack.
    pub(super) fn stack(&mut self, stack: &Arc<Stack>) -> rusqlite::Result<u64> {
        if let Some(&id) = self.known.stacks.get(stack) {
            return Ok(id);
        }
        let kept = self.limits.frames_per_stack;
        let mut stored = StoredStack {
            complete: stack.complete && stack.frames.len() <= kept,
            is_runtime: stack.is_runtime,
            ..StoredStack::default()
        };
        for frame in stack.frames.iter().take(kept) {
            stored.frames.push(self.frame(frame)?);
        }
        stored.created_by = stack.created_by.as_ref().map(|frame| self.frame(frame)).transpose()?;
        let id = self.id(
            "SELECT id FROM stack WHERE content = ?1",
            "INSERT INTO stack (content) VALUES (?1)",
            &stored.encode(),
        )?;
        self.known.stacks.insert(Arc::clone(stack), id);
        Ok(id)
    }

    fn frame(&mut self, frame: &Frame) -> rusqlite::Result<StoredFrame> {
        Ok(StoredFrame {
            function: self.string(&frame.function)?,
            file: self.string(&frame.file)?,
            line: frame.line,
            inlined: frame.inlined,
            role: frame.role,
        })
    }

    /// The id of a label set; 0 for the empty one.
    pub(super) fn labels(&mut self, labels: &Arc<Labels>) -> rusqlite::Result<u64> {
        if labels.0.is_empty() {
            return Ok(0);
        }
        if let Some(&id) = self.known.labels.get(labels) {
            return Ok(id);
        }
        let mut numbers = Vec::new();
        for (key, value) in labels.0.iter().take(self.limits.labels) {
            numbers.extend([self.string(key)?, self.string(value)?]);
        }
        let id = self.id(
            "SELECT id FROM labels WHERE content = ?1",
            "INSERT INTO labels (content) VALUES (?1)",
            &encode_numbers(&numbers),
        )?;
        self.known.labels.insert(Arc::clone(labels), id);
        Ok(id)
    }

    fn id(&self, find: &str, insert: &str, content: &dyn ToSql) -> rusqlite::Result<u64> {
        let found: Option<i64> = self.connection.query_row(find, [content], |row| row.get(0)).optional()?;
        if let Some(id) = found {
            return Ok(id.cast_unsigned());
        }
        self.connection.execute(insert, [content])?;
        Ok(self.connection.last_insert_rowid().cast_unsigned())
    }
}
