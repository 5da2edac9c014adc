//! Ticks packed into runs, and hours that are over sealed: one block of ticks, one of minutes, one of the hour.

use std::collections::{BTreeMap, BTreeSet};

use rusqlite::{Connection, params};

use crate::block::{Block, Facet, Key, decode, encode, place, rollup};
use crate::retention::{Level, Tidied};
use crate::sqlite::catalogue::Catalogue;
use crate::sqlite::trouble::Trouble;
use crate::sqlite::write::ms;

/// Single ticks of a process that are packed together.
const RUN_TICKS: i64 = 24;
/// Processes whose ticks are packed, and whose hours are sealed, in one go.
const PACKED_AT_ONCE: usize = 32;
const SEALED_AT_ONCE: usize = 8;
/// An hour that nothing was added to for so long is over, milliseconds.
const IDLE_MS: u64 = 2 * HOUR_MS;
const HOUR_MS: u64 = Level::Hour.step_ms();
/// A block with more values, series or points is ended. Rolled up it has some six times as many, which must stay within
/// what can be decoded.
const VALUES_MAX: usize = 1 << 20;
const SERIES_MAX: usize = 1 << 17;
const POINTS_MAX: usize = 1 << 15;

/// An open block: ticks of an hour that is not sealed.
struct Open {
    id: i64,
    first_sequence: i64,
    last_sequence: i64,
    from_ms: i64,
    to_ms: i64,
}

/// Packs and seals what is due, as much as is done at once.
pub(super) fn pack(connection: &mut Connection, now_ms: u64, tidied: &mut Tidied) -> Result<(), Trouble> {
    let transaction = connection.transaction()?;
    let over = "SELECT process FROM block WHERE sealed = 0 GROUP BY process
                HAVING min(from_ms / ?1) <> max(to_ms / ?1) OR max(to_ms) < ?2 LIMIT ?3";
    let idle_ms = ms(now_ms.saturating_sub(IDLE_MS));
    let limit = SEALED_AT_ONCE as i64 + 1;
    let processes = ids(&transaction, over, params![ms(HOUR_MS), idle_ms, limit])?;
    tidied.more |= processes.len() > SEALED_AT_ONCE;
    for &process in processes.iter().take(SEALED_AT_ONCE) {
        let mut runs = runs(open_blocks(&transaction, process)?);
        let is_idle = runs.last().and_then(|run| run.last()).is_some_and(|last| last.to_ms < idle_ms);
        if !is_idle {
            runs.pop();
        }
        for run in runs {
            tidied.sealed += seal(&transaction, process, &run)?;
        }
    }
    let many = "SELECT process FROM block WHERE sealed = 0 GROUP BY process
                HAVING sum(first_sequence = last_sequence) >= ?1 LIMIT ?2";
    let processes = ids(&transaction, many, params![RUN_TICKS, PACKED_AT_ONCE as i64 + 1])?;
    tidied.more |= processes.len() > PACKED_AT_ONCE;
    for &process in processes.iter().take(PACKED_AT_ONCE) {
        for run in runs(open_blocks(&transaction, process)?) {
            let singles = |open: &Open| open.first_sequence == open.last_sequence;
            let singles: Vec<Open> = run.into_iter().skip_while(|open| !singles(open)).collect();
            if singles.len() > 1 {
                replace(&transaction, process, &singles, |run| {
                    insert(&transaction, process, Level::Raw, false, run)
                })?;
                tidied.packed += 1;
            }
        }
    }
    Ok(transaction.commit()?)
}

fn ids(connection: &Connection, sql: &str, parameters: impl rusqlite::Params) -> Result<Vec<i64>, Trouble> {
    let mut statement = connection.prepare(sql)?;
    Ok(statement.query_map(parameters, |row| row.get(0))?.collect::<Result<_, _>>()?)
}

fn open_blocks(connection: &Connection, process: i64) -> Result<Vec<Open>, Trouble> {
    let mut statement = connection.prepare(
        "SELECT id, first_sequence, last_sequence, from_ms, to_ms FROM block
         WHERE sealed = 0 AND process = ?1 ORDER BY first_sequence",
    )?;
    let rows = statement.query_map([process], |row| {
        Ok(Open {
            id: row.get(0)?,
            first_sequence: row.get(1)?,
            last_sequence: row.get(2)?,
            from_ms: row.get(3)?,
            to_ms: row.get(4)?,
        })
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Blocks that may become one: of the same hour, in order of time. Where the clock was set back, another run begins.
fn runs(open: Vec<Open>) -> Vec<Vec<Open>> {
    let mut runs: Vec<Vec<Open>> = Vec::new();
    for next in open {
        let hour = |at_ms: i64| at_ms / ms(HOUR_MS);
        let follows = |last: &Open| last.to_ms <= next.from_ms && hour(last.from_ms) == hour(next.from_ms);
        match runs.last_mut() {
            Some(run) if run.last().is_some_and(follows) => run.push(next),
            _ => runs.push(vec![next]),
        }
    }
    runs
}

/// A block that is made of others.
struct Run {
    first_sequence: i64,
    last_sequence: i64,
    block: Block,
}

impl Run {
    fn is_full(&self) -> bool {
        let block = &self.block;
        block.len() > VALUES_MAX || block.columns.len() > SERIES_MAX || block.points.len() > POINTS_MAX
    }
}

/// Puts one block in the place of several; more than one, if it would be too large.
fn replace(
    connection: &Connection,
    process: i64,
    open: &[Open],
    mut put: impl FnMut(&Run) -> Result<i64, Trouble>,
) -> Result<u64, Trouble> {
    let mut select = connection.prepare("SELECT content FROM block WHERE id = ?1 AND process = ?2")?;
    let mut delete = connection.prepare("DELETE FROM block WHERE id = ?1")?;
    let mut run: Option<Run> = None;
    let mut made = 0;
    for next in open {
        let content: Vec<u8> = select.query_row([next.id, process], |row| row.get(0))?;
        let block = decode(&content).map_err(|error| Trouble::block(next.id, error))?;
        delete.execute([next.id])?;
        match &mut run {
            Some(run) => {
                run.block.push(block);
                run.last_sequence = next.last_sequence;
            }
            None => {
                let (first_sequence, last_sequence) = (next.first_sequence, next.last_sequence);
                run = Some(Run { first_sequence, last_sequence, block });
            }
        }
        if let Some(full) = run.take_if(|run| run.is_full()) {
            put(&full)?;
            made += 1;
        }
    }
    if let Some(rest) = run {
        put(&rest)?;
        made += 1;
    }
    Ok(made)
}

fn insert(
    connection: &Connection,
    process: i64,
    level: Level,
    sealed: bool,
    run: &Run,
) -> Result<i64, Trouble> {
    // Rolled up, the time of the first tick is not known any more; that of its last is within its step.
    let at_ms = |point: Option<&crate::block::Point>| ms(point.map_or(0, |point| point.at_ms));
    connection.execute(
        "INSERT INTO block (process, level, sealed, first_sequence, last_sequence, from_ms, to_ms, content)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
        params![
            process,
            level as i64,
            sealed,
            run.first_sequence,
            run.last_sequence,
            at_ms(run.block.points.first()),
            at_ms(run.block.points.last()),
            encode(&run.block)
        ],
    )?;
    Ok(connection.last_insert_rowid())
}

fn seal(connection: &Connection, process: i64, open: &[Open]) -> Result<u64, Trouble> {
    let catalogue = Catalogue::new(connection);
    replace(connection, process, open, |run| {
        insert(connection, process, Level::Raw, true, run)?;
        let mut label_sets = BTreeMap::new();
        for (key, _) in run.block.columns.keys() {
            if let Key::Count { labels, .. } = key
                && !label_sets.contains_key(labels)
            {
                label_sets.insert(*labels, catalogue.label_ids(*labels)?);
            }
        }
        let labels_of = |id| label_sets.get(&id).cloned().unwrap_or_default();
        let mut last_block = 0;
        for level in [Level::Minute, Level::Hour] {
            let block = rollup(&run.block, level.step_ms(), &labels_of);
            let (first_sequence, last_sequence) = (run.first_sequence, run.last_sequence);
            last_block =
                insert(connection, process, level, true, &Run { first_sequence, last_sequence, block })?;
        }
        References::of(&run.block).note(connection, last_block)?;
        Ok(last_block)
    })
}

/// Rows of the catalogue that a block refers to.
#[derive(Debug, Default)]
pub(super) struct References {
    pub(super) stacks: BTreeSet<u64>,
    pub(super) labels: BTreeSet<u64>,
    pub(super) strings: BTreeSet<u64>,
}

impl References {
    pub(super) fn of(block: &Block) -> References {
        let mut references = References::default();
        references.add(block);
        references
    }

    pub(super) fn add(&mut self, block: &Block) {
        for (key, facet) in block.columns.keys() {
            match *key {
                _ if *facet != Facet::Last => {}
                Key::Count { place, reason, labels, .. } => {
                    self.stacks.extend((place > place::RESERVED).then_some(place));
                    self.strings.extend((reason != 0).then_some(reason));
                    self.labels.extend((labels != 0).then_some(labels));
                }
                Key::Counter { name } | Key::Gauge { name } => {
                    self.strings.insert(name);
                }
                // Sums refer to what their members do.
                Key::Sum(_) => {}
            }
        }
    }

    fn note(&self, connection: &Connection, last_block: i64) -> Result<(), Trouble> {
        for (table, ids) in [("stack", &self.stacks), ("labels", &self.labels), ("string", &self.strings)] {
            let mut update =
                connection.prepare(&format!("UPDATE {table} SET last_block = ?2 WHERE id = ?1"))?;
            for &id in ids {
                update.execute([id.cast_signed(), last_block])?;
            }
        }
        Ok(())
    }
}
