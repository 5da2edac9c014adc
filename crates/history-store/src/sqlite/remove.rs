//! What is too old or too much is removed, and the file made smaller.

use rusqlite::{Connection, OptionalExtension, params};

use crate::retention::{Level, Retention, Tidied};
use crate::sqlite::file::number;
use crate::sqlite::trouble::Trouble;
use crate::sqlite::write::ms;

/// How fast the clock that ages are measured by may follow the real one at a call. A clock that jumps forward by years
/// and is set right an hour later must not have cost everything; after an agent was down, this catches up.
const CLOCK_STEP_MS: u64 = 60_000;
/// Rows of one kind that are removed for their age at once.
const REMOVED_AT_ONCE: i64 = 1_000;
/// Blocks that are removed for the size at once.
const REMOVED_FOR_SIZE: i64 = 16;
/// Free pages from which, and share of the file (one in …) above which, it is made smaller; and pages at once.
const FREE_PAGES: i64 = 256;
const FREE_SHARE: i64 = 8;
const SHRUNK_AT_ONCE: i64 = 4_096;

/// Lets the clock that ages are measured by follow the real one, and returns it.
pub(super) fn advance_clock(connection: &Connection, now_ms: u64) -> Result<u64, Trouble> {
    let sql = "SELECT value FROM setting WHERE name = 'clock_ms'";
    let before: Option<i64> = connection.query_row(sql, [], |row| row.get(0)).optional()?;
    let before = before.map(i64::cast_unsigned);
    let clock_ms = before.map_or(now_ms, |before| now_ms.min(before.saturating_add(CLOCK_STEP_MS)));
    if before != Some(clock_ms) {
        connection.execute(
            "INSERT OR REPLACE INTO setting (name, value) VALUES ('clock_ms', ?1)",
            [ms(clock_ms)],
        )?;
    }
    Ok(clock_ms)
}

/// Removes what is too old, then the oldest while there is too much.
pub(super) fn remove(
    connection: &mut Connection,
    clock_ms: u64,
    retention: &Retention,
    tidied: &mut Tidied,
) -> Result<(), Trouble> {
    let transaction = connection.transaction()?;
    for level in Level::ALL {
        let oldest_ms = ms(clock_ms.saturating_sub(retention.age_ms(level)));
        let removed = transaction.execute(
            "DELETE FROM block WHERE id IN
             (SELECT id FROM block WHERE sealed = 1 AND level = ?1 AND to_ms < ?2 LIMIT ?3)",
            params![level as i64, oldest_ms, REMOVED_AT_ONCE],
        )?;
        tidied.removed += removed as u64;
    }
    let oldest_ms = ms(clock_ms.saturating_sub(retention.hour_ms));
    for sql in [
        "DELETE FROM mark WHERE id IN (SELECT id FROM mark WHERE at_ms < ?1 LIMIT ?2)",
        "DELETE FROM finding WHERE key IN
         (SELECT key FROM finding WHERE last_ms < ?1 AND state <> 'firing' LIMIT ?2)",
    ] {
        transaction.execute(sql, params![oldest_ms, REMOVED_AT_ONCE])?;
    }
    while used_bytes(&transaction)? > retention.bytes_max {
        let removed = remove_oldest(&transaction)?;
        if removed == 0 {
            break;
        }
        tidied.removed += removed;
    }
    Ok(transaction.commit()?)
}

/// Bytes of the file that are not free.
fn used_bytes(connection: &Connection) -> Result<u64, Trouble> {
    let pages = number(connection, "PRAGMA page_count")? - number(connection, "PRAGMA freelist_count")?;
    Ok((pages * number(connection, "PRAGMA page_size")?).cast_unsigned())
}

/// Removes some of the oldest blocks: ticks as long as there are any, then minutes, then hours; then marks, and then
/// findings that have resolved.
fn remove_oldest(connection: &Connection) -> Result<u64, Trouble> {
    for level in Level::ALL {
        let removed = connection.execute(
            "DELETE FROM block WHERE id IN
             (SELECT id FROM block WHERE sealed = 1 AND level = ?1 ORDER BY to_ms LIMIT ?2)",
            params![level as i64, REMOVED_FOR_SIZE],
        )?;
        if removed > 0 {
            return Ok(removed as u64);
        }
    }
    for (sql, at_once) in [
        ("DELETE FROM mark WHERE id IN (SELECT id FROM mark ORDER BY at_ms LIMIT ?1)", REMOVED_AT_ONCE),
        (
            "DELETE FROM finding WHERE key IN
             (SELECT key FROM finding WHERE state = 'resolved' ORDER BY last_ms LIMIT ?1)",
            REMOVED_FOR_SIZE,
        ),
    ] {
        let removed = connection.execute(sql, [at_once])?;
        if removed > 0 {
            return Ok(removed as u64);
        }
    }
    Ok(0)
}

/// Gives free pages back to the file system, where there are many.
pub(super) fn shrink(connection: &Connection) -> Result<(), Trouble> {
    let free = number(connection, "PRAGMA freelist_count")?;
    if free > FREE_PAGES && free > number(connection, "PRAGMA page_count")? / FREE_SHARE {
        connection.execute_batch(&format!("PRAGMA incremental_vacuum({SHRUNK_AT_ONCE})"))?;
    }
    Ok(())
}
