//! `gostat leaks`: which goroutines have leaked, with proof where there is one.

use std::io::IsTerminal;
use std::process::ExitCode;
use std::time::Duration;

use analysis::{Meanings, Rules};
use anyhow::Result;
use capture::{GroupFacts, LeakFindings, LeakSearch, Options, Pace, Session};
use leak_detection::{
    GroupKey, Growth, Leaks, Method, Place, Point, Reachability, Suspicion, Verdict, group_key,
    groups_of_asleep, growth, leaks, pathologies,
};
use linux_process::ProcessTable;
use report::LeakReport;
use rustc_hash::FxHashMap;
use snapshot::{GoroutineId, Snapshot};

use crate::arguments::LeaksOptions;
use crate::output::deliver;
use crate::rules;
use crate::ticks::Ticks;
use crate::trouble::{remark, remark_on_release};

/// A watch is divided into so many windows, if they are not too short.
const WINDOWS: u32 = 8;
const WINDOW_MIN: Duration = Duration::from_millis(500);
/// A proven leak was found.
const EXIT_FOUND: u8 = 1;

/// Runs `gostat leaks`.
pub(crate) fn run(options: &LeaksOptions) -> Result<ExitCode> {
    let rules = rules::read(options.rules.as_deref())?;
    let process = ProcessTable::default().find(&options.target)?;
    let mut session = Session::of(process)?;
    session.set_workers(options.reading.threads());
    remark_on_release(session.target());
    let watched = match options.watch {
        Some(watch) => self::watch(&mut session, &rules, watch.0)?,
        None => Watched::default(),
    };
    let search = LeakSearch { passes: options.passes, freeze: options.freeze.map(|freeze| freeze.0) };
    // What is the order of groups here is the order of facts about them.
    let mut grouped: Vec<Vec<GoroutineId>> = Vec::new();
    let begins = |copy| {
        if std::io::stderr().is_terminal() {
            remark(&format!("looking at the heap, copy {copy}"), None);
        }
    };
    let findings = session.find_leaks(&search, begins, |snapshot, asleep| {
        let asleep = asleep.iter().map(|asleep| asleep.id).collect();
        let groups = groups_of_asleep(&Meanings::new(&rules, snapshot), &asleep);
        grouped = groups.into_iter().map(|group| group.ids).collect();
        grouped.clone()
    })?;
    let suspicion = Suspicion {
        min_age_ms: options.min_age.map_or(0, |age| u64::try_from(age.0.as_millis()).unwrap_or(u64::MAX)),
        all: options.all,
    };
    let meanings = Meanings::new(&rules, &findings.snapshot);
    let mut found = leaks(&meanings, &reachability(&findings), &watched.growths, suspicion);
    add_facts(&mut found, &grouped, &findings.groups);
    let pathologies = pathologies(watched.first.as_ref(), &findings.snapshot);
    let report = LeakReport {
        snapshot: &findings.snapshot,
        leaks: &found,
        pathologies: &pathologies,
        candidates: findings.candidates,
        passes: findings.passes,
        frozen: findings.frozen,
        at_rest: findings.at_rest,
        copied_bytes: findings.copied_bytes,
        doubts: &findings.doubts,
    };
    deliver(options.output.as_deref(), |mut out| match options.json {
        true => report.write_json(&mut out),
        false => report.write(&mut out),
    })?;
    if !findings.asleep.is_empty() && options.freeze.is_none() && findings.at_rest.is_none() {
        remark(
            "the process ran on while it was copied, which gives no proof",
            Some("--freeze stops it for the copy"),
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

/// Counts groups of goroutines for some time.
fn watch(session: &mut Session, rules: &Rules, lasts: Duration) -> Result<Watched> {
    let interval = (lasts / WINDOWS).max(WINDOW_MIN);
    let windows = lasts.as_nanos().div_ceil(interval.as_nanos());
    let mut pace = Pace::new(interval)?;
    let mut ticks = Ticks::new(Some(u64::try_from(windows)?.saturating_add(1)))?;
    let (mut series, mut first): (FxHashMap<GroupKey, Vec<Point>>, _) = (FxHashMap::default(), None);
    while ticks.wait(Some(&pace)) {
        let snapshot = session.snapshot(&Options { running: false, ..Options::default() })?;
        let at_monotonic_ns = snapshot.taken_at_monotonic_ns;
        pace.began(at_monotonic_ns);
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

fn reachability(findings: &LeakFindings) -> Reachability {
    let method = match (findings.frozen, findings.at_rest) {
        (Some(_), _) => Method::Stopped,
        (None, Some(_)) => Method::AtRest,
        (None, None) => Method::Running(findings.passes),
    };
    let asleep = findings.asleep.iter().map(|asleep| (asleep.id, asleep.known_to_runtime));
    Reachability::new(method, asleep, &findings.doubts)
}

/// Adds what the heap says of the groups that nothing reaches. `--min-age` may have left some of their members out:
/// then it is not said of the rest what all of them retain.
fn add_facts(found: &mut Leaks, groups: &[Vec<GoroutineId>], facts: &[GroupFacts]) {
    for leak in &mut found.leaks {
        let Some((_, facts)) = groups.iter().zip(facts).find(|(ids, _)| **ids == leak.group.ids) else {
            continue;
        };
        leak.retained_bytes = Some(facts.retained_bytes);
        leak.made_at = facts.made_at.as_ref().map(|at| Place {
            function: at.function.clone(),
            file: at.file.clone(),
            line: at.line,
        });
    }
}
