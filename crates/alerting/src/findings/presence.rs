//! Who has what: observations folded into findings, and absences noticed.

use std::collections::{BTreeMap, BTreeSet};

use crate::finding::{Concerned, Finding, FindingId, Seen, State};
use crate::findings::face::{add_causes, face};
use crate::findings::{Findings, Tick};
use crate::observation::{Kind, Observation};
use crate::target_tags::{TargetKey, TargetTags};

/// Targets that are counted beyond the listed ones.
const MORE_TARGETS_MAX: usize = 1_000;

/// What one target has of one finding in this tick.
struct Fresh {
    tags: TargetTags,
    seen: BTreeMap<(&'static str, Kind), Seen>,
}

type ByTarget = BTreeMap<TargetKey, Fresh>;

impl Findings {
    pub(super) fn take_in(&mut self, tick: &Tick<'_>) {
        let gone: BTreeSet<TargetKey> = tick.gone.iter().copied().collect();
        let (fresh, names) = fold(tick.observations, self.now_unix_ms);
        self.take_out_absent(tick, &gone, &fresh);
        self.put_in_present(fresh, &names, &gone);
        // What nobody looked at is still there; its face changes if some of its targets have ended.
        let now = self.now_unix_ms;
        let unseen = self.findings.values_mut().filter(|finding| finding.last_seen_unix_ms < now);
        unseen.filter(|finding| finding.is_present()).for_each(|finding| face(finding, now));
    }

    /// Takes out what was looked for and not seen, what has ended, and what nobody has looked at for long.
    fn take_out_absent(
        &mut self,
        tick: &Tick<'_>,
        gone: &BTreeSet<TargetKey>,
        fresh: &BTreeMap<FindingId, ByTarget>,
    ) {
        let now = self.now_unix_ms;
        let mut judged: BTreeSet<(TargetKey, &str)> =
            tick.judged.iter().map(|judged| (judged.target, judged.detector)).collect();
        judged.extend(tick.observations.iter().map(|seen| (seen.target.key(), seen.detector)));
        let looked_at =
            |key: &TargetKey| judged.range((*key, "")..).next().is_some_and(|(next, _)| next == key);
        let forget_ms = self.settings.forget_unjudged_s.saturating_mul(1_000);
        let nothing = ByTarget::new();
        for (id, finding) in &mut self.findings {
            let here = fresh.get(id).unwrap_or(&nothing);
            let stays = |key: &TargetKey, seen: &Seen| {
                let same = |(by, kind): &(&str, Kind)| *by == seen.detector && *kind == seen.kind;
                here.get(key).is_some_and(|fresh| fresh.seen.keys().any(same))
                    || (!judged.contains(&(*key, seen.detector.as_str()))
                        && now.saturating_sub(seen.judged_unix_ms) < forget_ms)
            };
            finding.targets.retain_mut(|target| {
                target.seen.retain(|seen| stays(&target.key, seen));
                !target.seen.is_empty() && !gone.contains(&target.key)
            });
            finding
                .more_targets
                .retain(|key| !gone.contains(key) && (here.contains_key(key) || !looked_at(key)));
        }
    }

    fn put_in_present(
        &mut self,
        fresh: BTreeMap<FindingId, ByTarget>,
        names: &BTreeMap<FindingId, Observation>,
        gone: &BTreeSet<TargetKey>,
    ) {
        let (now, targets_max) = (self.now_unix_ms, self.settings.targets_max.max(1));
        for (id, targets) in fresh {
            let Some(first) = names.get(&id) else { continue };
            let Some(finding) = self.finding(id, first) else {
                self.counters.observations_dropped += targets.len() as u64;
                continue;
            };
            for (key, target) in targets.into_iter().filter(|(key, _)| !gone.contains(key)) {
                add_target(finding, key, target, targets_max, now);
            }
            face(finding, now);
        }
    }

    /// The finding of that id, new if need be; `None` if there is no room.
    fn finding(&mut self, id: FindingId, first: &Observation) -> Option<&mut Finding> {
        if !self.findings.contains_key(&id) && self.findings.len() >= self.settings.findings_max {
            let oldest = self.findings.values().filter(|finding| finding.state == State::Resolved);
            let oldest =
                oldest.min_by_key(|finding| finding.resolved_at_unix_ms).map(|finding| finding.id.clone())?;
            self.findings.remove(&oldest);
            self.counters.forgotten += 1;
        }
        let now = self.now_unix_ms;
        Some(self.findings.entry(id.clone()).or_insert_with(|| new_finding(id, first, now)))
    }
}

/// Adds up observations of the same kind, target and finding. Also gives an observation of each finding, for its name.
fn fold(
    observations: &[Observation],
    now: u64,
) -> (BTreeMap<FindingId, ByTarget>, BTreeMap<FindingId, Observation>) {
    let mut fresh: BTreeMap<FindingId, ByTarget> = BTreeMap::new();
    let mut names = BTreeMap::new();
    for observation in observations {
        // Ids and keys are made of names as they are; only what is shown is cut.
        let (id, key) = (FindingId::of(observation), observation.target.key());
        let observation = observation.cleaned();
        let target = fresh.entry(id.clone()).or_default();
        let target = target
            .entry(key)
            .or_insert_with(|| Fresh { tags: observation.target.clone(), seen: BTreeMap::new() });
        let seen = seen(&observation, now);
        names.entry(id).or_insert_with(|| observation.clone());
        target
            .seen
            .entry((observation.detector, observation.kind))
            .and_modify(|before| add(before, &seen))
            .or_insert(seen);
    }
    (fresh, names)
}

fn seen(observation: &Observation, now: u64) -> Seen {
    Seen {
        detector: observation.detector.to_owned(),
        kind: observation.kind.clone(),
        judged_unix_ms: now,
        severity: observation.severity,
        sentence: observation.sentence.clone(),
        evidence: observation.evidence.clone(),
        causes: observation.causes.clone(),
        count: observation.count,
        per_minute: observation.per_minute,
        fix: observation.fix.clone(),
    }
}

/// Another stack with the same cause: it is one thing, told by the larger of them.
fn add(before: &mut Seen, more: &Seen) {
    if more.count > before.causes.iter().map(|cause| cause.count).max().unwrap_or(before.count) {
        before.sentence.clone_from(&more.sentence);
        before.evidence.clone_from(&more.evidence);
        before.fix.clone_from(&more.fix);
    }
    before.count = before.count.saturating_add(more.count);
    before.severity = before.severity.max(more.severity);
    add_causes(&mut before.causes, &more.causes);
    before.per_minute = match (before.per_minute, more.per_minute) {
        (Some(one), Some(other)) => Some(one + other),
        (one, other) => one.or(other),
    };
}

fn add_target(finding: &mut Finding, key: TargetKey, fresh: Fresh, targets_max: usize, now: u64) {
    let listed = finding.targets.iter_mut().find(|target| target.key == key);
    let Some(target) = listed else {
        if finding.targets.len() < targets_max {
            finding.more_targets.remove(&key);
            let seen = fresh.seen.into_values().collect();
            finding.targets.push(Concerned { key, tags: fresh.tags, first_seen_unix_ms: now, seen });
        } else if finding.more_targets.len() < MORE_TARGETS_MAX {
            finding.more_targets.insert(key);
        }
        return;
    };
    target.tags = fresh.tags;
    for seen in fresh.seen.into_values() {
        target.seen.retain(|old| old.detector != seen.detector || old.kind != seen.kind);
        target.seen.push(seen);
    }
}

fn new_finding(id: FindingId, first: &Observation, now: u64) -> Finding {
    Finding {
        id,
        family: first.kind.family(),
        key: first.key.clone(),
        service: first.target.service_name().to_owned(),
        environment: first.target.environment.clone(),
        state: State::Pending,
        severity: first.severity,
        face: crate::findings::face::empty(&first.kind),
        count_max: 0,
        first_seen_unix_ms: now,
        last_seen_unix_ms: now,
        pending_since_unix_ms: now,
        firing_since_unix_ms: None,
        resolved_at_unix_ms: None,
        absent_since_unix_ms: None,
        fired_at_unix_ms: Vec::new(),
        silenced_by: None,
        announced: None,
        targets: Vec::new(),
        more_targets: BTreeSet::new(),
        ticks: 0,
    }
}
