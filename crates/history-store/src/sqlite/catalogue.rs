//! What ids mean: stacks, label sets and texts, as they are stored and as they are read back.

use std::cell::RefCell;
use std::collections::HashMap;
use std::sync::Arc;

use rusqlite::{Connection, OptionalExtension};
use snapshot::FunctionRole;

use crate::block::DecodeError;
use crate::sqlite::trouble::Trouble;
use crate::stack::{Frame, Labels, Stack};

/// A stack in ids of texts: numbers, as in blocks.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct StoredStack {
    pub(super) frames: Vec<StoredFrame>,
    pub(super) created_by: Option<StoredFrame>,
    pub(super) complete: bool,
    pub(super) is_runtime: bool,
}

/// A frame in ids of texts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct StoredFrame {
    pub(super) function: u64,
    pub(super) file: u64,
    pub(super) line: u32,
    pub(super) inlined: bool,
    pub(super) role: FunctionRole,
}

const ROLES: [FunctionRole; 3] = [FunctionRole::Ordinary, FunctionRole::Wrapper, FunctionRole::Foreign];

impl StoredStack {
    pub(super) fn encode(&self) -> Vec<u8> {
        let flags = u64::from(self.complete)
            | u64::from(self.is_runtime) << 1
            | u64::from(self.created_by.is_some()) << 2;
        let mut numbers = vec![flags];
        for frame in self.created_by.iter().chain(&self.frames) {
            let role = ROLES.iter().position(|role| *role == frame.role).unwrap_or_default() as u64;
            let kind = u64::from(frame.inlined) | role << 1;
            numbers.extend([frame.function, frame.file, u64::from(frame.line), kind]);
        }
        crate::block::encode_numbers(&numbers)
    }

    pub(super) fn decode(bytes: &[u8]) -> Result<StoredStack, DecodeError> {
        let numbers = crate::block::decode_numbers(bytes)?;
        let (&flags, numbers) = numbers.split_first().ok_or(DecodeError::Short)?;
        let (chunks, rest) = numbers.as_chunks::<4>();
        if !rest.is_empty() {
            return Err(DecodeError::Short);
        }
        let mut frames = chunks.iter().map(|&[function, file, line, kind]| {
            let role = usize::try_from(kind >> 1).ok().and_then(|role| ROLES.get(role));
            Ok(StoredFrame {
                function,
                file,
                line: u32::try_from(line).map_err(|_| DecodeError::Number)?,
                inlined: kind & 1 == 1,
                role: *role.ok_or(DecodeError::Unknown)?,
            })
        });
        let created_by = if flags & 4 == 0 { None } else { Some(frames.next().ok_or(DecodeError::Short)??) };
        let frames = frames.collect::<Result<_, DecodeError>>()?;
        Ok(StoredStack { frames, created_by, complete: flags & 1 != 0, is_runtime: flags & 2 != 0 })
    }

    /// All ids of texts in it.
    pub(super) fn strings(&self) -> impl Iterator<Item = u64> {
        self.created_by.iter().chain(&self.frames).flat_map(|frame| [frame.function, frame.file])
    }
}

/// Reads ids back. What was read once is remembered, as long as the transaction that it is of.
pub(super) struct Catalogue<'c> {
    connection: &'c Connection,
    strings: RefCell<HashMap<u64, Arc<str>>>,
    stacks: RefCell<HashMap<u64, Arc<Stack>>>,
}

impl<'c> Catalogue<'c> {
    pub(super) fn new(connection: &'c Connection) -> Catalogue<'c> {
        Catalogue { connection, strings: RefCell::default(), stacks: RefCell::default() }
    }

    /// The text with an id.
    pub(super) fn string(&self, id: u64) -> Result<Arc<str>, Trouble> {
        if let Some(text) = self.strings.borrow().get(&id) {
            return Ok(Arc::clone(text));
        }
        let text: String = self.row("SELECT text FROM string WHERE id = ?1", "text", id)?;
        let text: Arc<str> = text.into();
        self.strings.borrow_mut().insert(id, Arc::clone(&text));
        Ok(text)
    }

    /// The text with an id that may be none.
    pub(super) fn reason(&self, id: u64) -> Result<Option<Arc<str>>, Trouble> {
        if id == 0 { Ok(None) } else { self.string(id).map(Some) }
    }

    /// The stack with an id.
    pub(super) fn stack(&self, id: u64) -> Result<Arc<Stack>, Trouble> {
        if let Some(stack) = self.stacks.borrow().get(&id) {
            return Ok(Arc::clone(stack));
        }
        let content: Vec<u8> = self.row("SELECT content FROM stack WHERE id = ?1", "stack", id)?;
        let stored = StoredStack::decode(&content)
            .map_err(|error| Trouble::Damaged(format!("stack {id} cannot be read: {error}")))?;
        let frame = |stored: &StoredFrame| {
            Ok(Frame {
                function: self.string(stored.function)?,
                file: self.string(stored.file)?,
                line: stored.line,
                inlined: stored.inlined,
                role: stored.role,
            })
        };
        let stack = Arc::new(Stack {
            frames: stored.frames.iter().map(frame).collect::<Result<_, Trouble>>()?,
            created_by: stored.created_by.as_ref().map(frame).transpose()?,
            complete: stored.complete,
            is_runtime: stored.is_runtime,
        });
        self.stacks.borrow_mut().insert(id, Arc::clone(&stack));
        Ok(stack)
    }

    /// The label set with an id, in ids of texts.
    pub(super) fn label_ids(&self, id: u64) -> Result<Vec<(u64, u64)>, Trouble> {
        if id == 0 {
            return Ok(Vec::new());
        }
        let content: Vec<u8> = self.row("SELECT content FROM labels WHERE id = ?1", "label set", id)?;
        let numbers = crate::block::decode_numbers(&content)
            .map_err(|error| Trouble::Damaged(format!("label set {id} cannot be read: {error}")))?;
        Ok(numbers.as_chunks::<2>().0.iter().map(|&[key, value]| (key, value)).collect())
    }

    /// The label set with an id.
    pub(super) fn labels(&self, id: u64) -> Result<Arc<Labels>, Trouble> {
        let ids = self.label_ids(id)?;
        let pairs = ids.into_iter().map(|(key, value)| Ok((self.string(key)?, self.string(value)?)));
        Ok(Arc::new(Labels(pairs.collect::<Result<_, Trouble>>()?)))
    }

    /// The id of a text, if it is known.
    pub(super) fn id_of(&self, text: &str) -> Result<Option<u64>, Trouble> {
        let sql = "SELECT id FROM string WHERE text = ?1";
        let id: Option<i64> = self.connection.query_row(sql, [text], |row| row.get(0)).optional()?;
        Ok(id.map(i64::cast_unsigned))
    }

    fn row<T: rusqlite::types::FromSql>(&self, sql: &str, what: &str, id: u64) -> Result<T, Trouble> {
        let row = self.connection.query_row(sql, [id.cast_signed()], |row| row.get(0)).optional()?;
        row.ok_or_else(|| Trouble::Damaged(format!("{what} {id} is missing")))
    }
}
