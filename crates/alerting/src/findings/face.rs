//! How a finding looks: many targets and stacks as one sentence, one number and the causes in their order.

use crate::finding::{Concerned, Face, Finding, Seen};
use crate::observation::{Cause, Kind};

/// Targets that a message may name.
const TARGETS_NAMED: usize = 5;
/// Causes that are kept of one finding.
const CAUSES_MAX: usize = 32;

/// The face of a finding that nothing is known of yet.
pub(super) fn empty(kind: &Kind) -> Face {
    Face {
        kind: kind.clone(),
        sentence: String::new(),
        evidence: Vec::new(),
        fix: None,
        causes: Vec::new(),
        count: 0,
        per_minute: None,
        targets: Vec::new(),
        targets_total: 0,
    }
}

/// Makes the face of a finding that is there anew.
pub(super) fn face(finding: &mut Finding, now: u64) {
    finding.last_seen_unix_ms = now;
    let targets = by_count(&finding.targets);
    let total = (finding.targets.len() + finding.more_targets.len()) as u64;
    let Some((_, worst)) = targets.first() else {
        // Only targets that are counted are left; what was said of the others stays.
        finding.face.targets_total = total;
        return;
    };
    let mut face = Face {
        sentence: worst.sentence.clone(),
        evidence: worst.evidence.clone(),
        fix: worst.fix.clone(),
        targets: targets.iter().take(TARGETS_NAMED).map(|(target, _)| target.tags.clone()).collect(),
        targets_total: total,
        ..empty(&worst.kind)
    };
    for (target, seen) in &targets {
        face.count = face.count.saturating_add(seen.count);
        // Another detector may know the lines that the strongest one does not.
        let by_most = target.seen.iter().max_by_key(|seen| (!seen.causes.is_empty(), seen.kind.clone()));
        add_causes(&mut face.causes, by_most.map_or(&[], |seen| &seen.causes));
        let growth = target.seen.iter().filter_map(|seen| seen.per_minute).reduce(f64::max);
        face.per_minute = match (face.per_minute, growth) {
            (Some(one), Some(other)) => Some(one + other),
            (one, other) => one.or(other),
        };
    }
    let severity = finding.targets.iter().flat_map(|target| &target.seen).map(|seen| seen.severity).max();
    finding.severity = severity.map_or(finding.severity, |severity| severity.max(finding.severity));
    finding.count_max = finding.count_max.max(face.count);
    finding.face = face;
}

/// Adds causes up by place, most goroutines first.
pub(super) fn add_causes(causes: &mut Vec<Cause>, more: &[Cause]) {
    for cause in more {
        let same = |known: &&mut Cause| {
            known.line == cause.line && known.function == cause.function && known.file == cause.file
        };
        match causes.iter_mut().find(same) {
            Some(known) => known.count = known.count.saturating_add(cause.count),
            None => causes.push(cause.clone()),
        }
    }
    causes.sort_by(|a, b| {
        b.count.cmp(&a.count).then_with(|| (&a.function, a.line).cmp(&(&b.function, b.line)))
    });
    causes.truncate(CAUSES_MAX);
}

/// Targets with the strongest of what was seen of them, most goroutines of the strongest kind first.
fn by_count(targets: &[Concerned]) -> Vec<(&Concerned, &Seen)> {
    let mut all: Vec<_> = targets.iter().filter_map(|target| Some((target, target.strongest()?))).collect();
    all.sort_by(|(one, a), (other, b)| {
        (&b.kind, b.count).cmp(&(&a.kind, a.count)).then_with(|| one.key.cmp(&other.key))
    });
    all
}
