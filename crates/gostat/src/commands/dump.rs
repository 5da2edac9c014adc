//! `gostat dump`: every goroutine of a process, once.

use anyhow::Result;
use capture::{Options, Session};
use linux_process::ProcessTable;
use snapshot::{Goroutine, Snapshot};

use crate::arguments::{DumpOptions, Format};
use crate::output::deliver;
use crate::trouble::remark_on_release;

/// Runs `gostat dump`.
pub(crate) fn run(options: &DumpOptions) -> Result<()> {
    let process = ProcessTable::default().find(&options.target)?;
    let mut session = Session::of(process)?;
    remark_on_release(session.target());
    let snapshot = session.snapshot(&Options::default())?;
    let goroutines = select(&snapshot, options);
    let mapping = session.code_mapping().map(|code| pprof_profile::Mapping {
        start: code.start.0,
        limit: code.end.0,
        offset: code.file_offset,
        build_id: String::new(),
    });
    deliver(options.output.as_deref(), |mut writer| match options.format() {
        Format::Text if options.group => {
            let groups = analysis::group(&snapshot, goroutines.iter().copied());
            report::grouped(&snapshot, limited(&groups, options), &mut writer)
        }
        Format::Json if options.group => {
            let groups = analysis::group(&snapshot, goroutines.iter().copied());
            report::json::write_groups(&snapshot, limited(&groups, options), &mut writer)
        }
        Format::Text => {
            let form = goroutine_dump::WriteOptions { labels: false, no_runtime: options.no_runtime };
            goroutine_dump::write(
                &snapshot,
                limited(&goroutines, options).iter().copied(),
                &form,
                &mut writer,
            )
        }
        Format::Json => {
            report::json::write_dump(&snapshot, limited(&goroutines, options).iter().copied(), &mut writer)
        }
        Format::Pprof => {
            let mapping = mapping.clone();
            // As Go's own goroutine profile, which a profile of ours is compared with.
            let form = pprof_profile::WriteOptions { include_runtime: false, mapping };
            pprof_profile::write(&snapshot, limited(&goroutines, options).iter().copied(), &form, &mut writer)
        }
        Format::Folded => {
            report::folded(&snapshot, limited(&goroutines, options).iter().copied(), &mut writer)
        }
    })?;
    Ok(())
}

/// The goroutines that were asked for, in the order of the runtime's list.
fn select<'a>(snapshot: &'a Snapshot, options: &DumpOptions) -> Vec<&'a Goroutine> {
    let mut goroutines: Vec<&Goroutine> = match &options.filter {
        Some(filter) => filter.select(snapshot),
        None => snapshot.goroutines.iter().collect(),
    };
    goroutines.retain(|goroutine| !(options.no_runtime && goroutine.is_runtime));
    goroutines
}

/// The first of them, as many as `--limit` allows.
fn limited<'a, T>(all: &'a [T], options: &DumpOptions) -> &'a [T] {
    options.limit.and_then(|limit| all.get(..limit)).unwrap_or(all)
}
