//! `gostat diff`: what has changed between two moments.

use analysis::StateCounts;
use anyhow::Result;
use report::{DifferenceReport, NoteReport};

use crate::arguments::{DiffOptions, time_text};
use crate::notes::{self, Note};
use crate::output::deliver;

/// Runs `gostat diff`.
pub(crate) fn run(options: &DiffOptions) -> Result<()> {
    let (before, after) = (notes::read(&options.before)?, notes::read(&options.after)?);
    let counts = [before.population.counts.clone(), after.population.counts.clone()];
    let [of_before, of_after] = &counts;
    let (before_report, after_report) =
        (side(&options.before, &before, of_before), side(&options.after, &after, of_after));
    let difference = before.population.difference(after.population);
    let report = DifferenceReport {
        before: before_report,
        after: after_report,
        difference: &difference,
        limit: options.limit,
    };
    deliver(None, |mut writer| match options.json {
        true => report.write_json(&mut writer),
        false => report.write(&mut writer),
    })?;
    Ok(())
}

fn side<'a>(source: &'a str, note: &Note, counts: &'a StateCounts) -> NoteReport<'a> {
    NoteReport {
        source,
        format: note.format,
        moment: note.moment,
        taken_at_unix_ms: note.taken_at_unix_ms,
        taken_at: note.taken_at_unix_ms.map(time_text),
        counts,
    }
}
