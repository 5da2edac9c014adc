//! Writing a batch: one transaction.

use std::collections::BTreeMap;

use rusqlite::{Connection, OptionalExtension, params};
use rustc_hash::FxHashMap;
use snapshot::Status;

use crate::batch::{Batch, Finding, Mark, MarkKind};
use crate::block::{Block, Facet, Key, Point, encode, place};
use crate::error::HistoryError;
use crate::limits::Limits;
use crate::process::{ProcessInfo, ProcessKey};
use crate::sqlite::intern::{Interning, Remembered};
use crate::sqlite::trouble::Trouble;
use crate::tick::{Count, MeasureKind, Place, Tick};

/// A clock that is set back by less is not worth a mark, milliseconds.
const SET_BACK_MS: u64 = 1_000;

/// What a writer remembers of its file.
#[derive(Default)]
pub(super) struct Writer {
    known: Remembered,
    processes: FxHashMap<ProcessKey, Known>,
}

#[derive(Clone, Copy)]
struct Known {
    id: i64,
    next_sequence: u64,
    last_tick_ms: u64,
}

/// A time as it is stored.
pub(super) fn ms(at_ms: u64) -> i64 {
    i64::try_from(at_ms).unwrap_or(i64::MAX)
}

impl Writer {
    /// Forgets all ids: some may be gone, or never have been written.
    pub(super) fn forget(&mut self) {
        *self = Writer::default();
    }

    /// Writes a batch, or nothing of it.
    pub(super) fn write(
        &mut self,
        connection: &mut Connection,
        limits: &Limits,
        batch: &Batch,
    ) -> Result<(), Trouble> {
        let too_large = batch.findings.iter().find(|finding| finding.body.len() > limits.finding_bytes);
        if let Some(finding) = too_large {
            let (found, limit) = (finding.body.len(), limits.finding_bytes);
            return Err(HistoryError::TooLarge { what: "the body of a finding", found, limit }.into());
        }
        self.known.bound();
        let transaction = connection.transaction()?;
        let written = Writing { connection: &transaction, limits, writer: self }.batch(batch);
        let committed = written.and_then(|()| Ok(transaction.commit()?));
        committed.inspect_err(|_| self.forget())
    }
}

struct Writing<'w> {
    connection: &'w Connection,
    limits: &'w Limits,
    writer: &'w mut Writer,
}

impl Writing<'_> {
    fn batch(&mut self, batch: &Batch) -> Result<(), Trouble> {
        for (key, info) in &batch.processes {
            self.describe(key, info, batch.at_ms)?;
        }
        self.ticks(&batch.ticks)?;
        for (key, ending) in &batch.endings {
            let id = self.process(key, ending.at_ms)?.id;
            self.connection.execute(
                "UPDATE process SET ended_ms = ?2, ended_how = ?3, first_seen_ms = min(first_seen_ms, ?2),
                 last_seen_ms = max(last_seen_ms, ?2) WHERE id = ?1",
                params![id, ms(ending.at_ms), ending.how.name()],
            )?;
        }
        batch.marks.iter().try_for_each(|mark| self.mark(mark))?;
        batch.findings.iter().try_for_each(|finding| self.finding(finding))
    }

    /// The row of a process, made when it is first heard of.
    fn process(&mut self, key: &ProcessKey, at_ms: u64) -> Result<Known, Trouble> {
        if let Some(known) = self.writer.processes.get(key) {
            return Ok(*known);
        }
        let identity =
            params![self.limits.text(&key.boot_id), key.pid, key.start_ticks.cast_signed(), key.execs];
        let sql = "SELECT id, next_sequence, last_tick_ms FROM process
                   WHERE boot_id = ?1 AND pid = ?2 AND start_ticks = ?3 AND execs = ?4";
        let found = self.connection.query_row(sql, identity, |row| {
            Ok(Known {
                id: row.get(0)?,
                next_sequence: row.get::<_, i64>(1)?.cast_unsigned(),
                last_tick_ms: row.get::<_, i64>(2)?.cast_unsigned(),
            })
        });
        let known = match found.optional()? {
            Some(known) => known,
            None => {
                self.connection.execute(
                    "INSERT INTO process (boot_id, pid, start_ticks, execs, first_seen_ms, last_seen_ms)
                     VALUES (?1, ?2, ?3, ?4, ?5, ?5)",
                    params![
                        self.limits.text(&key.boot_id),
                        key.pid,
                        key.start_ticks.cast_signed(),
                        key.execs,
                        ms(at_ms)
                    ],
                )?;
                Known { id: self.connection.last_insert_rowid(), next_sequence: 0, last_tick_ms: 0 }
            }
        };
        self.writer.processes.insert(key.clone(), known);
        Ok(known)
    }

    fn describe(&mut self, key: &ProcessKey, info: &ProcessInfo, at_ms: u64) -> Result<(), Trouble> {
        let id = self.process(key, at_ms)?.id;
        let text = |text: &str| self.limits.text(text).to_owned();
        let optional = |value: &Option<String>| value.as_deref().map(text);
        self.connection.execute(
            "UPDATE process SET executable = ?2, command = ?3, go_version = ?4, module = ?5, module_version = ?6,
             container_id = ?7, ended_ms = NULL, ended_how = NULL WHERE id = ?1",
            params![
                id,
                text(&info.executable),
                text(&info.command),
                text(&info.go_version),
                optional(&info.module),
                optional(&info.module_version),
                optional(&info.container_id)
            ],
        )?;
        self.connection.execute("DELETE FROM tag WHERE process = ?1", [id])?;
        for (key, value) in info.tags.iter().take(self.limits.labels) {
            self.connection.execute(
                "INSERT OR REPLACE INTO tag (process, key, value) VALUES (?1, ?2, ?3)",
                params![id, self.limits.text(key), self.limits.text(value)],
            )?;
        }
        Ok(())
    }

    fn ticks(&mut self, ticks: &[Tick]) -> Result<(), Trouble> {
        let mut insert = self.connection.prepare(
            "INSERT INTO block (process, level, sealed, first_sequence, last_sequence, from_ms, to_ms, content)
             VALUES (?1, 0, 0, ?2, ?2, ?3, ?3, ?4)",
        )?;
        let mut update = self.connection.prepare(
            "UPDATE process SET next_sequence = ?2, last_tick_ms = ?3,
             first_seen_ms = min(first_seen_ms, ?3), last_seen_ms = max(last_seen_ms, ?3) WHERE id = ?1",
        )?;
        let mut set_back: Option<(u64, u64)> = None;
        for tick in ticks {
            let known = self.process(&tick.process, tick.at_ms)?;
            let content = encode(&self.block(tick)?);
            let (at_ms, sequence) = (ms(tick.at_ms), known.next_sequence.cast_signed());
            insert.execute(params![known.id, sequence, at_ms, content])?;
            update.execute(params![known.id, sequence.saturating_add(1), at_ms])?;
            if let Some(known) = self.writer.processes.get_mut(&tick.process) {
                known.next_sequence += 1;
                known.last_tick_ms = tick.at_ms;
            }
            let by_ms = known.last_tick_ms.saturating_sub(tick.at_ms);
            if by_ms > set_back.map_or(SET_BACK_MS, |(by_ms, _)| by_ms) {
                set_back = Some((by_ms, tick.at_ms));
            }
        }
        // One clock is set back for all of them.
        set_back.map_or(Ok(()), |(by_ms, at_ms)| {
            let text = format!("the clock was set back by {by_ms} ms");
            self.mark(&Mark { process: None, service: None, at_ms, kind: MarkKind::ClockSetBack, text })
        })
    }

    /// A tick as a block of one point.
    fn block(&mut self, tick: &Tick) -> rusqlite::Result<Block> {
        let mut columns: BTreeMap<(Key, Facet), Vec<(u32, i64)>> = BTreeMap::new();
        let (kept, beyond) = self.limits.counts(&tick.counts);
        let kept = kept.into_iter().filter_map(|index| tick.counts.get(index));
        for count in kept.chain(&beyond).filter(|count| count.count > 0) {
            let key = self.key(count, tick.counts_only)?;
            let value = i64::try_from(count.count).unwrap_or(i64::MAX);
            let values = columns.entry((key, Facet::Last)).or_insert_with(|| vec![(0, 0)]);
            values.iter_mut().for_each(|(_, sum)| *sum = sum.saturating_add(value));
        }
        for measure in tick.measures.iter().take(self.limits.measures_per_tick) {
            let name = self.interning().string(&measure.name)?;
            let key = match measure.kind {
                MeasureKind::Counter => Key::Counter { name },
                MeasureKind::Gauge => Key::Gauge { name },
            };
            columns.insert((key, Facet::Last), vec![(0, measure.value)]);
        }
        let point = Point {
            at_ms: ms(tick.at_ms).cast_unsigned(),
            ticks: 1,
            full: u64::from(!tick.counts_only),
            last_full: !tick.counts_only,
            unread: tick.unread,
        };
        Ok(Block { points: vec![point], columns })
    }

    fn key(&mut self, count: &Count, counts_only: bool) -> rusqlite::Result<Key> {
        let mut interning = self.interning();
        let place = match &count.place {
            Place::BeyondLimit => place::BEYOND_LIMIT,
            _ if counts_only => place::COUNTS_ONLY,
            Place::NotTaken => place::NOT_TAKEN,
            Place::Stack(stack) => interning.stack(stack)?,
        };
        let is_beyond = place == place::BEYOND_LIMIT;
        let status = Status::ALL.iter().position(|status| *status == count.status).unwrap_or_default();
        Ok(Key::Count {
            place,
            status: u8::try_from(status).unwrap_or_default(),
            reason: match &count.wait_reason {
                Some(reason) if !is_beyond => interning.string(reason)?,
                _ => 0,
            },
            labels: if is_beyond || counts_only { 0 } else { interning.labels(&count.labels)? },
        })
    }

    fn interning(&mut self) -> Interning<'_> {
        Interning { connection: self.connection, limits: self.limits, known: &mut self.writer.known }
    }

    fn mark(&mut self, mark: &Mark) -> Result<(), Trouble> {
        let process = mark.process.as_ref().map(|key| self.process(key, mark.at_ms)).transpose()?;
        self.connection.execute(
            "INSERT INTO mark (process, at_ms, kind, text, service) VALUES (?1, ?2, ?3, ?4, ?5)",
            params![
                process.map(|known| known.id),
                ms(mark.at_ms),
                mark.kind.name(),
                self.limits.text(&mark.text),
                mark.service.as_deref().map(|service| self.limits.text(service))
            ],
        )?;
        Ok(())
    }

    fn finding(&mut self, finding: &Finding) -> Result<(), Trouble> {
        let process = finding.process.as_ref().map(|key| self.process(key, finding.first_ms)).transpose()?;
        self.connection.execute(
            "INSERT OR REPLACE INTO finding (key, process, state, first_ms, last_ms, body)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
            params![
                self.limits.text(&finding.key),
                process.map(|known| known.id),
                finding.state.name(),
                ms(finding.first_ms),
                ms(finding.last_ms),
                finding.body
            ],
        )?;
        Ok(())
    }
}
