//! `gostat leaks`: which goroutines have leaked, with proof where there is one.

use std::io::IsTerminal;
use std::process::ExitCode;
use std::time::Duration;

use analysis::{Meanings, Rules};
use anyhow::Result;
use capture::{LeakSearch, Options, Source};
use leak_detection::{
    GroupKey, Growth, Point, Suspicion, Verdict, group_key, groups_to_weigh, growth, leaks, pathologies,
};
use report::LeakReport;
use rustc_hash::FxHashMap;
use snapshot::Snapshot;

use crate::arguments::{Interval, LeaksOptions};
use crate::output::deliver;
use crate::rules;
use crate::series::Series;
use crate::target;
use crate::trouble::remark;

/// A watch is divided into so many windows, if they are not too short.
const WINDOWS: u32 = 8;
const WINDOW_MIN: Duration = Duration::from_millis(500);
/// A proven leak was found.
const EXIT_FOUND: u8 = 1;

/// Runs `gostat leaks`.
pub(crate) fn run(options: &LeaksOptions) -> Result<ExitCode> {
    let rules = rules::read(options.rules.as_deref())?;
    let mut source = target::open(&options.target, &options.moment)?;
    if options.freeze.is_some() {
        target::require_live(&source, "--freeze", &options.target)?;
    }
    source.set_workers(options.reading.threads());
    let watched = match options.watch {
        Some(watch) => self::watch(&mut source, &rules, watch.0)?,
        None => Watched::default(),
    };
    let search = LeakSearch { passes: options.passes, freeze: options.freeze.map(|freeze| freeze.0) };
    let begins = |copy| {
        if std::io::stderr().is_terminal() {
            remark(&format!("looking at the heap, copy {copy}"), None);
        }
    };
    let grouped = |snapshot: &_, asleep: &_| groups_to_weigh(&rules, snapshot, asleep);
    let (snapshot, findings) = source.find_leaks(&search, begins, grouped)?;
    let suspicion = Suspicion {
        min_age_ms: options.min_age.map_or(0, |age| u64::try_from(age.0.as_millis()).unwrap_or(u64::MAX)),
        all: options.all,
    };
    let meanings = Meanings::new(&rules, &snapshot);
    let mut found = leaks(&meanings, &(&findings).into(), &watched.growths, suspicion);
    found.add_facts(&findings.groups);
    let pathologies = pathologies(watched.first.as_ref(), &snapshot);
    let report = LeakReport::new(&snapshot, &found, &pathologies, &findings);
    deliver(options.output.as_deref(), |mut out| match options.json {
        true => report.write_json(&mut out),
        false => report.write(&mut out),
    })?;
    if !findings.asleep.is_empty() && options.freeze.is_none() && findings.at_rest.is_none() {
        remark(
            "the process ran on while it was copied, which gives no proof",
            Some(match source {
                Source::Live(_) => "--freeze stops it for the copy",
                Source::Replay(_) => "gostat record TARGET --heap --freeze -o FILE stops it for each copy",
            }),
        );
    }
    let proven = report.goroutines(Verdict::Proven) > 0;
    Ok(if proven { ExitCode::from(EXIT_FOUND) } else { ExitCode::SUCCESS })
}

/// What a watch saw.
#[derive(Default)]
struct Watched {
    growths: FxHashMap<GroupKey, Growth>,
    /// The process as it was at first.
    first: Option<Snapshot>,
}

/// Counts groups of goroutines for some time: that which begins now, or that which ends at the moment of a recording.
fn watch(source: &mut Source, rules: &Rules, lasts: Duration) -> Result<Watched> {
    let interval = (lasts / WINDOWS).max(WINDOW_MIN);
    let windows = lasts.as_nanos().div_ceil(interval.as_nanos());
    if let Source::Replay(replay) = source {
        replay.play_before(lasts);
    }
    let looks = u64::try_from(windows)?.saturating_add(1);
    let (interval, looks) = match source {
        Source::Live(_) => (Some(Interval(interval)), Some(looks)),
        Source::Replay(_) => (None, None),
    };
    let mut looks = Series::new(source, interval, looks, false)?;
    let (mut series, mut first): (FxHashMap<GroupKey, Vec<Point>>, _) = (FxHashMap::default(), None);
    while looks.next(source)? {
        let snapshot = source.snapshot(&Options { running: false, ..Options::default() })?;
        let at_monotonic_ns = snapshot.taken_at_monotonic_ns;
        looks.began(at_monotonic_ns);
        let meanings = Meanings::new(rules, &snapshot);
        let mut counts: FxHashMap<GroupKey, (u64, u64)> = FxHashMap::default();
        for group in analysis::group(&meanings, snapshot.goroutines.iter().filter(|g| !g.is_runtime)) {
            let Some(key) = group_key(&meanings, &group) else { continue };
            let blocked: u64 = group.wait_reasons.iter().map(|(_, count)| count).sum();
            let sums = counts.entry(key).or_default();
            *sums = (sums.0 + group.count, sums.1 + blocked);
        }
        // Who is gone now has a count as well: none.
        for key in series.keys().filter(|key| !counts.contains_key(*key)).cloned().collect::<Vec<_>>() {
            counts.insert(key, (0, 0));
        }
        for (key, (count, blocked)) in counts {
            series.entry(key).or_default().push(Point { at_monotonic_ns, count, blocked });
        }
        first.get_or_insert(snapshot);
    }
    let growths = series.into_iter().map(|(key, points)| (key, growth(&points))).collect();
    Ok(Watched { growths, first })
}
