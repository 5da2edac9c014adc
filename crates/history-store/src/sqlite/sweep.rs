//! Stacks, label sets, texts and processes that nothing refers to any more are removed, too.

use std::collections::BTreeSet;

use rusqlite::Connection;

use crate::block::{decode, decode_numbers};
use crate::sqlite::catalogue::StoredStack;
use crate::sqlite::file::number;
use crate::sqlite::pack::References;
use crate::sqlite::trouble::Trouble;

/// Sweeping reads all open blocks and the whole catalogue: not more often than this, milliseconds.
const EVERY_MS: u64 = 3_600_000;

/// Knows when to sweep.
#[derive(Default)]
pub(super) struct Sweeper {
    last_ms: Option<u64>,
    removed: u64,
}

impl Sweeper {
    /// Whether something was removed since the last time, and that is long enough ago.
    pub(super) fn is_due(&mut self, clock_ms: u64, removed: u64) -> bool {
        self.removed += removed;
        self.removed > 0 && self.last_ms.is_none_or(|last_ms| clock_ms.abs_diff(last_ms) >= EVERY_MS)
    }

    /// Removes what no block refers to. Returns whether that was anything.
    pub(super) fn sweep(&mut self, connection: &mut Connection, clock_ms: u64) -> Result<bool, Trouble> {
        let transaction = connection.transaction()?;
        let swept = sweep(&transaction)?;
        transaction.commit()?;
        *self = Sweeper { last_ms: Some(clock_ms), removed: 0 };
        Ok(swept > 0)
    }
}

fn sweep(connection: &Connection) -> Result<usize, Trouble> {
    // All sealed blocks that refer to a row are no later than its `last_block`; open ones are asked themselves.
    let oldest =
        number(connection, "SELECT coalesce(min(id), 9223372036854775807) FROM block WHERE sealed = 1")?;
    let mut used = open_references(connection)?;
    let mut swept = delete_unused(connection, "stack", oldest, &used.stacks)?;
    swept += delete_unused(connection, "labels", oldest, &used.labels)?;
    each(connection, "SELECT id, content FROM stack", |id, content| {
        let stack = StoredStack::decode(content)
            .map_err(|error| Trouble::Damaged(format!("stack {id} cannot be read: {error}")))?;
        used.strings.extend(stack.strings());
        Ok(())
    })?;
    each(connection, "SELECT id, content FROM labels", |id, content| {
        let numbers = decode_numbers(content)
            .map_err(|error| Trouble::Damaged(format!("label set {id} cannot be read: {error}")))?;
        used.strings.extend(numbers);
        Ok(())
    })?;
    swept += delete_unused(connection, "string", oldest, &used.strings)?;
    swept += connection.execute(
        "DELETE FROM process WHERE last_seen_ms < (SELECT coalesce(min(from_ms), 0) FROM block)
         AND NOT EXISTS (SELECT 1 FROM block WHERE block.process = process.id)
         AND NOT EXISTS (SELECT 1 FROM mark WHERE mark.process = process.id)
         AND NOT EXISTS (SELECT 1 FROM finding WHERE finding.process = process.id)",
        [],
    )?;
    connection.execute("DELETE FROM tag WHERE process NOT IN (SELECT id FROM process)", [])?;
    Ok(swept)
}

fn open_references(connection: &Connection) -> Result<References, Trouble> {
    let mut references = References::default();
    each(connection, "SELECT id, content FROM block WHERE sealed = 0", |id, content| {
        references.add(&decode(content).map_err(|error| Trouble::block(id, error))?);
        Ok(())
    })?;
    Ok(references)
}

/// Goes through rows of an id and a content.
pub(super) fn each(
    connection: &Connection,
    sql: &str,
    mut visit: impl FnMut(i64, &[u8]) -> Result<(), Trouble>,
) -> Result<(), Trouble> {
    let mut statement = connection.prepare(sql)?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let content = row.get_ref(1)?.as_blob().map_err(|error| Trouble::Damaged(error.to_string()))?;
        visit(row.get(0)?, content)?;
    }
    Ok(())
}

fn delete_unused(
    connection: &Connection,
    table: &str,
    oldest: i64,
    used: &BTreeSet<u64>,
) -> Result<usize, Trouble> {
    let candidates: Vec<i64> = connection
        .prepare(&format!("SELECT id FROM {table} WHERE last_block < ?1"))?
        .query_map([oldest], |row| row.get(0))?
        .collect::<Result<_, _>>()?;
    let mut delete = connection.prepare(&format!("DELETE FROM {table} WHERE id = ?1"))?;
    let unused = candidates.into_iter().filter(|id| !used.contains(&id.cast_unsigned()));
    let mut deleted = 0;
    for id in unused {
        deleted += delete.execute([id])?;
    }
    Ok(deleted)
}
