//! `gostat dump`: every goroutine of a process, once.

use analysis::Meanings;
use anyhow::Result;
use capture::Options;
use snapshot::{Census, Goroutine};

use crate::arguments::{DumpOptions, Format};
use crate::output::deliver;
use crate::rules;
use crate::target;

/// Runs `gostat dump`.
pub(crate) fn run(options: &DumpOptions) -> Result<()> {
    let rules = rules::read(options.rules.as_deref())?;
    let mut source = target::open(&options.target, &options.moment)?;
    source.set_workers(options.reading.threads());
    let mapping = source.code_mapping().map(|code| pprof_profile::Mapping {
        start: code.start.0,
        limit: code.end.0,
        offset: code.file_offset,
        build_id: String::new(),
    });
    // Where only numbers are asked for, nobody needs a record of every single goroutine.
    let only_numbers = matches!(options.format(), Format::Pprof | Format::Folded);
    if only_numbers && options.filter.is_none() && options.limit.is_none() {
        let mut census = source.census(&Options { wait_objects: false, ..Options::default() })?;
        census.cohorts.retain(|(cohort, _)| !(options.no_runtime && cohort.is_runtime));
        return deliver_numbers(options, &census, mapping.as_ref());
    }
    let snapshot = source.snapshot(&Options::default())?;
    let meanings = Meanings::new(&rules, &snapshot);
    let goroutines = select(&meanings, options);
    if only_numbers {
        let census = snapshot.census(limited(&goroutines, options).iter().copied());
        return deliver_numbers(options, &census, mapping.as_ref());
    }
    let json = options.format() == Format::Json;
    deliver(options.output.as_deref(), |mut writer| match json {
        _ if options.grouped() => {
            let goroutines = goroutines.iter().copied();
            let groups = match options.similar {
                true => analysis::group_similar(&meanings, goroutines),
                false => analysis::group(&meanings, goroutines),
            };
            match json {
                true => report::json::write_groups(&snapshot, limited(&groups, options), &mut writer),
                false => report::grouped(&snapshot, limited(&groups, options), &mut writer),
            }
        }
        true => {
            report::json::write_dump(&meanings, limited(&goroutines, options).iter().copied(), &mut writer)
        }
        false => {
            let form = goroutine_dump::WriteOptions { labels: false, no_runtime: options.no_runtime };
            let goroutines = limited(&goroutines, options).iter().copied();
            goroutine_dump::write(&snapshot, goroutines, &form, &mut writer)
        }
    })?;
    Ok(())
}

/// Writes the forms that say how many goroutines there are of each kind.
fn deliver_numbers(
    options: &DumpOptions,
    census: &Census<'_>,
    mapping: Option<&pprof_profile::Mapping>,
) -> Result<()> {
    deliver(options.output.as_deref(), |mut writer| match options.format() {
        Format::Folded => report::folded(census, &mut writer),
        _ => {
            // As Go's own goroutine profile, which a profile of ours is compared with.
            let form = pprof_profile::WriteOptions { include_runtime: false, mapping: mapping.cloned() };
            pprof_profile::write(census, &form, &mut writer)
        }
    })?;
    Ok(())
}

/// The goroutines that were asked for, in the order of the runtime's list.
fn select<'a>(meanings: &Meanings<'a>, options: &DumpOptions) -> Vec<&'a Goroutine> {
    let mut goroutines: Vec<&Goroutine> = match &options.filter {
        Some(filter) => filter.select(meanings),
        None => meanings.snapshot().goroutines.iter().collect(),
    };
    goroutines.retain(|goroutine| !(options.no_runtime && goroutine.is_runtime));
    goroutines
}

/// The first of them, as many as `--limit` allows.
fn limited<'a, T>(all: &'a [T], options: &DumpOptions) -> &'a [T] {
    options.limit.and_then(|limit| all.get(..limit)).unwrap_or(all)
}
