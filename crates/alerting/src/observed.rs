//! Observations of what `leak_detection` finds: its thresholds (F23, F24) decide, nothing here does.

use analysis::{Meanings, Risk};
use leak_detection::{Growth, HeldUp, Leak, Leaks, Pathology, PathologyKind, Urgency, Verdict, is_alert};
use snapshot::{Census, FrameId, Snapshot};

use crate::observation::{Cause, CauseKey, Kind, Observation, Severity};
use crate::target_tags::TargetTags;

/// The detector of [`observe_leaks`].
pub const LEAKS: &str = "leaks";
/// The detector of [`observe_growth`].
pub const GROWTH: &str = "growth";
/// The detector of [`observe_held_up`].
pub const BLOCKED: &str = "blocked";
/// The detector of [`observe_pathologies`].
pub const PATHOLOGIES: &str = "pathologies";

/// One observation a leak. A proven one of many goroutines, or one that grows with many blocked (P0), is critical; a
/// suspicion of which the score is not high is only worth knowing.
pub fn observe_leaks(meanings: &Meanings<'_>, leaks: &Leaks, target: &TargetTags) -> Vec<Observation> {
    leaks.leaks.iter().map(|leak| observe_leak(meanings.snapshot(), leak, target)).collect()
}

/// The growth of all goroutines of a process, if they grow. `count` is how many there are.
pub fn observe_growth(growth: &Growth, count: u64, target: &TargetTags) -> Option<Observation> {
    let severity = match growth.urgency {
        Urgency::None => return None,
        Urgency::Growing => Severity::Warning,
        Urgency::P0 => Severity::Critical,
    };
    Some(Observation {
        detector: GROWTH,
        kind: Kind::Growth,
        key: CauseKey::default(),
        target: target.clone(),
        severity,
        sentence: format!("{count} goroutines, and they become more and more."),
        evidence: growth.evidence.clone(),
        causes: Vec::new(),
        count,
        per_minute: growth.per_minute,
        fix: Some("look which groups grow (gostat leaks) and what should have ended them".to_owned()),
    })
}

/// One observation a cause that holds up more than 100 goroutines, which is critical (P0).
pub fn observe_held_up(found: &[HeldUp], target: &TargetTags) -> Vec<Observation> {
    found.iter().map(|held_up| observe_cause(held_up, target)).collect()
}

fn observe_cause(held_up: &HeldUp, target: &TargetTags) -> Observation {
    let owned = |text: &Option<Box<str>>| text.as_ref().map(|text| text.to_string());
    let mut waits: Vec<_> = held_up.waits.iter().collect();
    waits.sort_by_key(|(_, count)| std::cmp::Reverse(**count));
    let evidence = waits.iter().map(|(title, count)| format!("{count}: {title}")).collect();
    let title = waits.first().map_or("waits", |(title, _)| title.as_str());
    let cause = |(place, count): (&leak_detection::Place, &u64)| Cause {
        function: place.function.clone(),
        file: place.file.clone(),
        line: place.line,
        count: *count,
    };
    Observation {
        detector: BLOCKED,
        kind: Kind::Blocked,
        key: CauseKey {
            package: owned(&held_up.package),
            route: owned(&held_up.route),
            pool: owned(&held_up.pool),
        },
        target: target.clone(),
        severity: Severity::Critical,
        sentence: format!(
            "{} goroutines have been held up for over {} s; most of them: each {title}.",
            held_up.count,
            Census::LONG_WAIT_MS / 1000
        ),
        evidence,
        causes: held_up.places.iter().map(cause).collect(),
        count: held_up.count,
        per_minute: None,
        fix: held_up.advice.clone(),
    }
}

/// One observation a pathology; each is known by its name, whoever's code it is.
pub fn observe_pathologies(found: &[Pathology], target: &TargetTags) -> Vec<Observation> {
    let observe = |pathology: &Pathology| Observation {
        detector: PATHOLOGIES,
        kind: Kind::Pathology(pathology.kind.name().to_owned()),
        key: CauseKey::default(),
        target: target.clone(),
        severity: match pathology.kind {
            PathologyKind::MutexPileUp | PathologyKind::LockedThreadStarvation => Severity::Critical,
            _ => Severity::Warning,
        },
        sentence: format!("{}: {}.", title_of(pathology.kind), pathology.evidence.join("; ")),
        evidence: pathology.evidence.iter().cloned().chain([releases(pathology.kind)]).collect(),
        causes: Vec::new(),
        count: 0,
        per_minute: None,
        fix: Some(pathology.kind.remedy().to_owned()),
    };
    found.iter().map(observe).collect()
}

fn releases(kind: PathologyKind) -> String {
    format!("Go releases concerned: {}", kind.releases())
}

/// What people call it.
fn title_of(kind: PathologyKind) -> &'static str {
    match kind {
        PathologyKind::MutexPileUp => "Very many goroutines wait for one lock",
        PathologyKind::TimerStorm => "There are very many timers",
        PathologyKind::GoroutineChurn => "Goroutines are started and end faster than they do work",
        PathologyKind::GcAssistStall => "Goroutines have to help the garbage collector",
        PathologyKind::ThreadExplosion => "Calls of the system or of C hold very many threads",
        PathologyKind::LockedThreadStarvation => "Goroutines locked to threads starve the others",
    }
}

fn observe_leak(snapshot: &Snapshot, leak: &Leak, target: &TargetTags) -> Observation {
    let group = &leak.group;
    let urgency = leak.growth.as_ref().map_or(Urgency::None, |growth| growth.urgency);
    let is_many = is_alert(group.count, group.longest_wait.map(|wait| wait.ms()));
    let kind = match leak.verdict {
        Verdict::Proven => Kind::LeakProven,
        Verdict::Suspected if urgency > Urgency::None => Kind::Growth,
        Verdict::Suspected if is_many => Kind::Cluster,
        Verdict::Suspected => Kind::LeakSuspected,
    };
    let severity = match kind {
        _ if urgency == Urgency::P0 => Severity::Critical,
        Kind::LeakProven if group.count > leak_detection::CLUSTER_COUNT => Severity::Critical,
        Kind::LeakSuspected if leak.score.risk < Risk::High => Severity::Info,
        _ => Severity::Warning,
    };
    let owned = |text: &Option<Box<str>>| text.as_ref().map(|text| text.to_string());
    let frame = leak_detection::frame_to_look_at(leak);
    Observation {
        detector: LEAKS,
        kind,
        key: CauseKey {
            package: owned(&group.understanding.owner),
            route: owned(&group.understanding.route),
            pool: owned(&group.understanding.pool),
        },
        target: target.clone(),
        severity,
        sentence: leak_detection::sentence(snapshot, leak),
        evidence: leak.evidence.clone(),
        causes: frame.and_then(|frame| cause(snapshot, frame, group.count)).into_iter().collect(),
        count: group.count,
        per_minute: leak.growth.as_ref().and_then(|growth| growth.per_minute),
        fix: Some(leak_detection::fix(leak).to_owned()),
    }
}

fn cause(snapshot: &Snapshot, frame: FrameId, count: u64) -> Option<Cause> {
    let tables = &snapshot.tables;
    let frame = tables.frames.get(frame)?;
    Some(Cause {
        function: tables.text(frame.function).to_owned(),
        file: tables.text(frame.file).to_owned(),
        line: frame.line,
        count,
    })
}
