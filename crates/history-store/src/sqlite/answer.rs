//! What happened between two moments.

use std::collections::{BTreeMap, BTreeSet};

use rusqlite::{OptionalExtension, params};

use crate::block::{Block, Key, SumKey, place};
use crate::error::HistoryError;
use crate::process::ProcessId;
use crate::query::{Group, Range, RangeQuery, Series, Span, Subject};
use crate::range::{Grid, GroupKey, Grouping, Ranking, Table};
use crate::retention::Level;
use crate::sqlite::catalogue::Catalogue;
use crate::sqlite::read::{Reading, status_of, wanted_of_block};
use crate::sqlite::trouble::Trouble;
use crate::sqlite::write::ms;

/// Values that are kept between the times that blocks are gone through, so that they are decoded once.
const KEPT_VALUES: usize = 4 << 20;

/// Answers a question.
pub(super) fn range(reading: &Reading<'_>, query: &RangeQuery) -> Result<Range, Trouble> {
    let processes: Vec<ProcessId> = reading
        .processes(&query.processes)?
        .into_iter()
        .filter(|process| {
            process.first_seen_ms < query.span.to_ms && process.last_seen_ms >= query.span.from_ms
        })
        .map(|process| process.id)
        .collect();
    let oldest_ms = oldest(reading, &processes)?;
    let mut grid = Grid::new(query.span, query.step, oldest_ms, reading.limits.answer_values)?;
    let catalogue = Catalogue::new(reading.connection);
    let mut grouping = grouping(&query.subject, &catalogue)?;
    // Which label sets have the label does not matter: all sets are needed.
    let needed = grouping.clone();
    let wanted = |key| needed.needs(key);
    let mut blocks =
        Blocks { reading, wanted: &wanted, kept: BTreeMap::new(), room: KEPT_VALUES, keeps_all: true };
    let mut ranking = Ranking::default();
    let mut label_sets = BTreeSet::from([0]);
    for &process in &processes {
        blocks.each(process, &grid.clone(), |block, level| {
            learn_labels(&mut grouping, block, &mut label_sets, &catalogue)?;
            ranking.add(block, level != Level::Raw, &grouping);
            Ok(())
        })?;
    }
    let groups = ranking.top(query.top);
    let values = groups.len().saturating_mul(grid.slots.len());
    if values > reading.limits.answer_values {
        let reason = format!("{} series in {} slots are too many", groups.len(), grid.slots.len());
        return Err(HistoryError::Question { reason }.into());
    }

    let mut table = Table::new(&grouping, groups, grid.slots.len());
    for &process in &processes {
        table.begin_process();
        blocks.each(process, &grid.clone(), |block, _| {
            table.look(block, &mut grid);
            Ok(())
        })?;
        while table.next_groups(!blocks.keeps_all) {
            blocks.each(process, &grid, |block, level| {
                table.add(block, level != Level::Raw, &grid);
                Ok(())
            })?;
        }
    }
    let series =
        table.into_series().map(|(key, values)| Ok(Series { group: group(key, &catalogue)?, values }));
    Ok(Range {
        series: series.collect::<Result<_, Trouble>>()?,
        series_total: ranking.len(),
        level: grid.level,
        step_ms: grid.step_ms,
        slots: grid.slots,
    })
}

/// The oldest time that there is of each level.
fn oldest(reading: &Reading<'_>, processes: &[ProcessId]) -> Result<[Option<u64>; 3], Trouble> {
    let mut oldest = [None; 3];
    let mut select =
        reading.connection.prepare("SELECT min(from_ms) FROM block WHERE process = ?1 AND level = ?2")?;
    for (level, oldest) in Level::ALL.into_iter().zip(&mut oldest) {
        for process in processes {
            let found: Option<i64> = select.query_row(params![process.0, level as i64], |row| row.get(0))?;
            let found = found.map(i64::cast_unsigned);
            *oldest = [*oldest, found].into_iter().flatten().min();
        }
    }
    Ok(oldest)
}

/// The blocks of a range, gone through several times.
struct Blocks<'r> {
    reading: &'r Reading<'r>,
    wanted: &'r dyn Fn(Key) -> bool,
    kept: BTreeMap<i64, Block>,
    room: usize,
    keeps_all: bool,
}

impl Blocks<'_> {
    /// Visits the blocks of a process in the order in which their ticks were written: those of the grid's level, and the
    /// ticks of hours that are not sealed.
    fn each(
        &mut self,
        process: ProcessId,
        grid: &Grid,
        mut visit: impl FnMut(&Block, Level) -> Result<(), Trouble>,
    ) -> Result<(), Trouble> {
        let Span { from_ms, to_ms } = grid.span();
        let mut select = self.reading.connection.prepare(
            "SELECT id, level FROM block WHERE process = ?1 AND (level = ?2 OR (level = 0 AND sealed = 0))
             AND from_ms < ?3 AND to_ms >= ?4 ORDER BY first_sequence",
        )?;
        let mut content = self.reading.connection.prepare("SELECT content FROM block WHERE id = ?1")?;
        let mut rows = select.query(params![process.0, grid.level as i64, ms(to_ms), ms(from_ms)])?;
        while let Some(row) = rows.next()? {
            let (id, level): (i64, i64) = (row.get(0)?, row.get(1)?);
            let level = if level == 0 { Level::Raw } else { grid.level };
            if let Some(block) = self.kept.get(&id) {
                visit(block, level)?;
                continue;
            }
            let found = content
                .query_row([id], |row| Ok(wanted_of_block(id, row.get_ref(0)?, self.wanted)))
                .optional()?;
            let block = found.ok_or_else(|| Trouble::Damaged(format!("block {id} is missing")))??;
            visit(&block, level)?;
            if block.len() <= self.room {
                self.room -= block.len();
                self.kept.insert(id, block);
            } else {
                self.keeps_all = false;
            }
        }
        Ok(())
    }
}

fn grouping(subject: &Subject, catalogue: &Catalogue<'_>) -> Result<Grouping, Trouble> {
    Ok(match subject {
        Subject::Total => Grouping::Total,
        Subject::Stack => Grouping::Place,
        Subject::Status => Grouping::Status,
        Subject::WaitReason => Grouping::Reason,
        // A label that nobody ever had has the number of no text.
        Subject::Label(key) => {
            Grouping::Label { key: catalogue.id_of(key)?.unwrap_or(0), values: BTreeMap::new() }
        }
        Subject::Measures(names) if names.is_empty() => Grouping::Measures(None),
        Subject::Measures(names) => {
            let ids = names.iter().map(|name| catalogue.id_of(name));
            Grouping::Measures(Some(ids.collect::<Result<Vec<_>, _>>()?.into_iter().flatten().collect()))
        }
    })
}

/// Notes which value of the label in question each label set of a block has.
fn learn_labels(
    grouping: &mut Grouping,
    block: &Block,
    known: &mut BTreeSet<u64>,
    catalogue: &Catalogue<'_>,
) -> Result<(), Trouble> {
    let Grouping::Label { key: wanted, values } = grouping else { return Ok(()) };
    for (key, _) in block.columns.keys() {
        if let Key::Count { labels, .. } = *key
            && known.insert(labels)
        {
            let pairs = catalogue.label_ids(labels)?;
            let value = pairs.into_iter().find(|(key, _)| key == wanted).map(|(_, value)| value);
            values.extend(value.map(|value| (labels, value)));
        }
    }
    Ok(())
}

fn group(key: GroupKey, catalogue: &Catalogue<'_>) -> Result<Group, Trouble> {
    Ok(match key {
        GroupKey::Sum(SumKey::Total) => Group::Total,
        GroupKey::Sum(SumKey::Status(status)) => Group::Status(status_of(status)),
        GroupKey::Sum(SumKey::Reason(reason)) => Group::WaitReason(catalogue.reason(reason)?),
        GroupKey::Sum(SumKey::Place(place::BEYOND_LIMIT)) | GroupKey::BeyondLimit => Group::BeyondLimit,
        GroupKey::Sum(SumKey::Place(place::NOT_TAKEN | place::COUNTS_ONLY)) => Group::NotTaken,
        GroupKey::Sum(SumKey::Place(stack)) => Group::Stack(catalogue.stack(stack)?),
        GroupKey::Sum(SumKey::Label { value, .. }) => Group::Label(Some(catalogue.string(value)?)),
        GroupKey::NoLabel => Group::Label(None),
        GroupKey::Measure(name, kind) => Group::Measure(catalogue.string(name)?, kind),
        GroupKey::Rest => Group::Rest,
    })
}
