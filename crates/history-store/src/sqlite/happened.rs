//! Answers about marks and findings.

use rusqlite::{OptionalExtension, Row, params};

use crate::batch::{Finding, FindingState, Mark, MarkKind};
use crate::process::ProcessKey;
use crate::query::{Listed, Span};
use crate::sqlite::read::{Reading, time};
use crate::sqlite::trouble::Trouble;
use crate::sqlite::write::ms;

/// Bytes of bodies that one answer has: more findings than fit are left out.
const BODY_BYTES_MAX: usize = 64 << 20;

impl Reading<'_> {
    pub(super) fn marks(&self, span: Span, at_most: usize) -> Result<Listed<Mark>, Trouble> {
        let span = [ms(span.from_ms), ms(span.to_ms)];
        let mut statement = self.connection.prepare(
            "SELECT at_ms, kind, text, service, boot_id, pid, start_ticks, execs FROM mark
             LEFT JOIN process ON process.id = mark.process WHERE at_ms >= ?1 AND at_ms < ?2
             ORDER BY at_ms DESC, mark.id DESC LIMIT ?3",
        )?;
        let rows = statement.query_map(params![span[0], span[1], limit(at_most)], |row| {
            let kind: String = row.get(1)?;
            Ok(Mark {
                process: key(row, 4)?,
                service: row.get(3)?,
                at_ms: time(row, 0)?,
                kind: MarkKind::ALL.into_iter().find(|known| known.name() == kind).unwrap_or(MarkKind::Note),
                text: row.get(2)?,
            })
        })?;
        let mut entries: Vec<Mark> = rows.collect::<Result<_, _>>()?;
        entries.reverse();
        let sql = "SELECT count(*) FROM mark WHERE at_ms >= ?1 AND at_ms < ?2";
        let all = self.connection.query_row(sql, span, |row| time(row, 0))?;
        Ok(Listed { left_out: all.saturating_sub(entries.len() as u64), entries })
    }

    pub(super) fn findings(&self, span: Span, at_most: usize) -> Result<Listed<Finding>, Trouble> {
        const THEN: &str = "first_ms < ?2 AND (last_ms >= ?1 OR state = 'firing')";
        let span = [ms(span.from_ms), ms(span.to_ms)];
        let mut statement = self.connection.prepare(&format!(
            "SELECT key, state, first_ms, last_ms, body, boot_id, pid, start_ticks, execs FROM finding
             LEFT JOIN process ON process.id = finding.process
             WHERE {THEN} ORDER BY last_ms DESC, key DESC LIMIT ?3"
        ))?;
        let mut rows = statement.query(params![span[0], span[1], limit(at_most)])?;
        let (mut entries, mut bytes) = (Vec::new(), 0_usize);
        while let Some(row) = rows.next()?
            && bytes < BODY_BYTES_MAX
        {
            let finding = finding(row)?;
            bytes = bytes.saturating_add(finding.body.len());
            entries.push(finding);
        }
        entries.sort_by(|a, b| (a.first_ms, &a.key).cmp(&(b.first_ms, &b.key)));
        let sql = format!("SELECT count(*) FROM finding WHERE {THEN}");
        let all = self.connection.query_row(&sql, span, |row| time(row, 0))?;
        Ok(Listed { left_out: all.saturating_sub(entries.len() as u64), entries })
    }

    pub(super) fn reaches_back_to(&self) -> Result<Option<u64>, Trouble> {
        let earliest = [
            "SELECT min(at_ms) FROM mark WHERE kind = 'agent_start'",
            "SELECT from_ms FROM block WHERE sealed = 1 AND level = 2 ORDER BY to_ms LIMIT 1",
            "SELECT min(from_ms) FROM block WHERE sealed = 0",
        ];
        let mut reached: Option<i64> = None;
        for sql in earliest {
            let at_ms: Option<Option<i64>> =
                self.connection.query_row(sql, [], |row| row.get(0)).optional()?;
            reached = [reached, at_ms.flatten()].into_iter().flatten().min();
        }
        Ok(reached.map(i64::cast_unsigned))
    }
}

fn limit(at_most: usize) -> i64 {
    i64::try_from(at_most).unwrap_or(i64::MAX)
}

fn finding(row: &Row<'_>) -> rusqlite::Result<Finding> {
    let state: String = row.get(1)?;
    let known = FindingState::ALL.into_iter().find(|known| known.name() == state);
    Ok(Finding {
        key: row.get(0)?,
        process: key(row, 5)?,
        state: known.unwrap_or(FindingState::Pending),
        first_ms: time(row, 2)?,
        last_ms: time(row, 3)?,
        body: row.get(4)?,
    })
}

/// The process that something is about, from four columns that are all there or not.
fn key(row: &Row<'_>, first: usize) -> rusqlite::Result<Option<ProcessKey>> {
    let boot_id: Option<String> = row.get(first)?;
    boot_id
        .map(|boot_id| {
            Ok(ProcessKey {
                boot_id,
                pid: row.get(first + 1)?,
                start_ticks: time(row, first + 2)?,
                execs: row.get(first + 3)?,
            })
        })
        .transpose()
}
