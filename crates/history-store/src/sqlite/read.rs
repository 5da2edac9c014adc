//! Answers that are rows, or one tick.

use std::collections::BTreeSet;

use rusqlite::{Connection, Row, params};
use snapshot::Status;

use crate::block::{Block, Facet, Key, decode, decode_wanted, place};
use crate::limits::Limits;
use crate::process::{Ending, EndingKind, Process, ProcessId, ProcessInfo, ProcessKey, Selection};
use crate::query::{Span, State, TickHeader};
use crate::retention::{Level, LevelSize, Sizes};
use crate::sqlite::catalogue::Catalogue;
use crate::sqlite::file::number;
use crate::sqlite::pack::References;
use crate::sqlite::sweep::each;
use crate::sqlite::trouble::Trouble;
use crate::sqlite::write::ms;
use crate::stack::Labels;
use crate::tick::{Count, Measure, MeasureKind, Place};

/// Problems that a check lists.
const PROBLEMS_MAX: usize = 100;

/// A read transaction.
pub(super) struct Reading<'r> {
    pub(super) connection: &'r Connection,
    pub(super) limits: &'r Limits,
}

impl Reading<'_> {
    pub(super) fn processes(&self, selection: &Selection) -> Result<Vec<Process>, Trouble> {
        let mut statement = self.connection.prepare(
            "SELECT id, boot_id, pid, start_ticks, execs, executable, command, go_version, module, module_version,
             container_id, first_seen_ms, last_seen_ms, ended_ms, ended_how FROM process
             WHERE ?1 IS NULL OR id = ?1 ORDER BY first_seen_ms, id",
        )?;
        let one = if let Selection::One(process) = selection { Some(process.0) } else { None };
        let mut tags = self.connection.prepare("SELECT key, value FROM tag WHERE process = ?1")?;
        let mut processes = Vec::new();
        let mut rows = statement.query([one])?;
        while let Some(row) = rows.next()? {
            let mut process = process(row)?;
            let found = tags.query_map([process.id.0], |row| Ok((row.get(0)?, row.get(1)?)))?;
            process.info.tags = found.collect::<Result<_, _>>()?;
            let is_selected = match selection {
                Selection::All | Selection::One(_) => true,
                Selection::Several(wanted) => wanted.contains(&process.id),
                Selection::Tagged(wanted) => {
                    wanted.iter().all(|(key, value)| process.info.tags.get(key) == Some(value))
                }
            };
            processes.extend(is_selected.then_some(process));
        }
        Ok(processes)
    }

    pub(super) fn ticks(
        &self,
        process: ProcessId,
        span: Span,
        at_most: usize,
    ) -> Result<Vec<TickHeader>, Trouble> {
        let mut statement = self.connection.prepare(
            "SELECT id, first_sequence, content FROM block
             WHERE process = ?1 AND level = 0 AND from_ms < ?2 AND to_ms >= ?3 ORDER BY first_sequence",
        )?;
        let mut rows = statement.query(params![process.0, ms(span.to_ms), ms(span.from_ms)])?;
        let mut ticks = Vec::new();
        while let Some(row) = rows.next()?
            && ticks.len() < at_most
        {
            let block = block(row.get(0)?, row.get_ref(2)?)?;
            let headers = headers(&block, row.get(1)?);
            ticks.extend(headers.filter(|tick| span.contains(tick.at_ms)).take(at_most - ticks.len()));
        }
        Ok(ticks)
    }

    pub(super) fn at(&self, process: ProcessId, at_ms: u64) -> Result<Option<State>, Trouble> {
        // Any block that has a tick as late as the latest beginning of one is looked at: where the clock was set back,
        // that are several.
        let mut statement = self.connection.prepare(
            "SELECT id, first_sequence, content FROM block
             WHERE process = ?1 AND level = ?2 AND from_ms <= ?3 AND to_ms >=
               (SELECT max(from_ms) FROM block WHERE process = ?1 AND level = ?2 AND from_ms <= ?3)",
        )?;
        let mut best: Option<(TickHeader, Level, u32, Block)> = None;
        for level in Level::ALL {
            let mut rows = statement.query(params![process.0, level as i64, ms(at_ms)])?;
            while let Some(row) = rows.next()? {
                let block = block(row.get(0)?, row.get_ref(2)?)?;
                let order = |tick: &TickHeader| (tick.at_ms, tick.sequence);
                let in_time = headers(&block, row.get(1)?).zip(0..).filter(|(tick, _)| tick.at_ms <= at_ms);
                let Some((tick, point)) = in_time.max_by_key(|(tick, _)| order(tick)) else { continue };
                if best.as_ref().is_none_or(|(best, ..)| order(best) < order(&tick)) {
                    best = Some((tick, level, point, block));
                }
            }
        }
        best.map(|(tick, level, point, block)| self.state(process, tick, level, point, &block)).transpose()
    }

    fn state(
        &self,
        process: ProcessId,
        tick: TickHeader,
        level: Level,
        point: u32,
        block: &Block,
    ) -> Result<State, Trouble> {
        let catalogue = Catalogue::new(self.connection);
        let mut state = State { process, tick, level, counts: Vec::new(), measures: Vec::new() };
        for (key, _) in block.facet(Facet::Last) {
            let Some(value) = block.get(key, Facet::Last, point) else { continue };
            let (name, kind) = match key {
                Key::Count { place, status, reason, labels } => {
                    state.counts.push(Count {
                        place: self.place(place, &catalogue)?,
                        status: status_of(status),
                        wait_reason: catalogue.reason(reason)?,
                        labels: if labels == 0 {
                            Labels::default().into()
                        } else {
                            catalogue.labels(labels)?
                        },
                        count: value.max(0).cast_unsigned(),
                    });
                    continue;
                }
                Key::Counter { name } => (name, MeasureKind::Counter),
                Key::Gauge { name } => (name, MeasureKind::Gauge),
                Key::Sum(_) => continue,
            };
            state.measures.push(Measure { name: catalogue.string(name)?, kind, value });
        }
        Ok(state)
    }

    fn place(&self, place: u64, catalogue: &Catalogue<'_>) -> Result<Place, Trouble> {
        Ok(match place {
            place::BEYOND_LIMIT => Place::BeyondLimit,
            place::NOT_TAKEN | place::COUNTS_ONLY => Place::NotTaken,
            stack => Place::Stack(catalogue.stack(stack)?),
        })
    }

    pub(super) fn sizes(&self) -> Result<Sizes, Trouble> {
        let pragma = |name: &str| Ok::<_, Trouble>(number(self.connection, name)?.cast_unsigned());
        let page_size = pragma("PRAGMA page_size")?;
        let mut sizes = Sizes {
            file_bytes: pragma("PRAGMA page_count")? * page_size,
            free_bytes: pragma("PRAGMA freelist_count")? * page_size,
            processes: pragma("SELECT count(*) FROM process")?,
            stacks: pragma("SELECT count(*) FROM stack")?,
            strings: pragma("SELECT count(*) FROM string")?,
            ..Sizes::default()
        };
        for level in Level::ALL {
            let sql = "SELECT coalesce(sum(last_sequence - first_sequence + 1), 0),
                       coalesce(sum(length(content)), 0), min(from_ms) FROM block WHERE level = ?1";
            sizes.levels.push(self.connection.query_row(sql, [level as i64], |row| {
                Ok(LevelSize {
                    level,
                    ticks: time(row, 0)?,
                    bytes: time(row, 1)?,
                    oldest_ms: row.get::<_, Option<i64>>(2)?.map(i64::cast_unsigned),
                })
            })?);
        }
        Ok(sizes)
    }

    pub(super) fn check(&self) -> Result<Vec<String>, Trouble> {
        let mut problems: Vec<String> = self
            .connection
            .prepare(&format!("PRAGMA integrity_check({PROBLEMS_MAX})"))?
            .query_map([], |row| row.get(0))?
            .collect::<Result<_, _>>()?;
        problems.retain(|problem| problem != "ok");
        let mut used = References::default();
        each(self.connection, "SELECT id, content FROM block", |id, content| {
            match decode(content) {
                Ok(block) => used.add(&block),
                Err(error) => problems.push(format!("block {id} cannot be read: {error}")),
            }
            Ok(())
        })?;
        let catalogue = Catalogue::new(self.connection);
        let mut check = |result: Result<(), Trouble>| match result {
            Err(Trouble::Damaged(problem)) => {
                problems.push(problem);
                Ok(())
            }
            other => other,
        };
        let all = |ids: &BTreeSet<u64>| ids.clone().into_iter();
        all(&used.stacks).try_for_each(|id| check(catalogue.stack(id).map(drop)))?;
        all(&used.labels).try_for_each(|id| check(catalogue.labels(id).map(drop)))?;
        all(&used.strings).try_for_each(|id| check(catalogue.string(id).map(drop)))?;
        problems.truncate(PROBLEMS_MAX);
        Ok(problems)
    }
}

/// The ticks of a block; of one that is rolled up, the last tick of each point.
fn headers(block: &Block, first_sequence: i64) -> impl Iterator<Item = TickHeader> {
    let mut next = first_sequence.cast_unsigned();
    block.points.iter().map(move |point| {
        next = next.saturating_add(point.ticks);
        TickHeader {
            sequence: next.saturating_sub(1),
            at_ms: point.at_ms,
            counts_only: !point.last_full,
            unread: point.unread,
        }
    })
}

/// The block in a column.
fn block(id: i64, content: rusqlite::types::ValueRef<'_>) -> Result<Block, Trouble> {
    wanted_of_block(id, content, &|_| true)
}

/// The block in a column, with the series that are wanted.
pub(super) fn wanted_of_block(
    id: i64,
    content: rusqlite::types::ValueRef<'_>,
    wanted: &dyn Fn(Key) -> bool,
) -> Result<Block, Trouble> {
    let content = content.as_blob().map_err(|error| Trouble::Damaged(error.to_string()))?;
    decode_wanted(content, wanted).map_err(|error| Trouble::block(id, error))
}

/// The status with a number; numbers were checked when the block was decoded.
pub(super) fn status_of(status: u8) -> Status {
    Status::ALL.get(usize::from(status)).copied().unwrap_or(Status::Idle)
}

pub(super) fn time(row: &Row<'_>, column: usize) -> rusqlite::Result<u64> {
    Ok(row.get::<_, i64>(column)?.cast_unsigned())
}

fn process(row: &Row<'_>) -> rusqlite::Result<Process> {
    let ended_ms: Option<i64> = row.get(13)?;
    let how: Option<String> = row.get(14)?;
    let kind = |name: String| EndingKind::ALL.into_iter().find(|kind| kind.name() == name);
    let how = how.map(|name| kind(name).unwrap_or(EndingKind::Unknown));
    Ok(Process {
        id: ProcessId(row.get(0)?),
        key: ProcessKey {
            boot_id: row.get(1)?,
            pid: row.get(2)?,
            start_ticks: time(row, 3)?,
            execs: row.get(4)?,
        },
        info: ProcessInfo {
            executable: row.get(5)?,
            command: row.get(6)?,
            go_version: row.get(7)?,
            module: row.get(8)?,
            module_version: row.get(9)?,
            container_id: row.get(10)?,
            ..ProcessInfo::default()
        },
        first_seen_ms: time(row, 11)?,
        last_seen_ms: time(row, 12)?,
        ended: ended_ms.zip(how).map(|(at_ms, how)| Ending { at_ms: at_ms.cast_unsigned(), how }),
    })
}
