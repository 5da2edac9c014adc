//! What leaks in a process: groups of goroutines that are blocked for good, or seem to be, with what speaks for it.

use analysis::{Group, Meanings, Risk, Rules};
use rustc_hash::{FxHashMap, FxHashSet};
use snapshot::{Asleep, FrameId, Goroutine, GoroutineId, GroupFacts, LeakFindings, Snapshot, Status};

use crate::boundary::{Boundary, Reach, boundary};
use crate::cluster::is_alert;
use crate::growth::{Growth, Urgency};
use crate::score::{Score, score_of};

/// How sure it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Verdict {
    /// They can never run again: nothing that can run reaches what they wait for.
    Proven,
    /// Something speaks for it, and is said.
    Suspected,
}

impl Verdict {
    /// The word for it, as in outputs.
    pub fn name(self) -> &'static str {
        match self {
            Verdict::Proven => "proven",
            Verdict::Suspected => "suspected",
        }
    }
}

/// What a look at the target's heap found.
#[derive(Debug, Clone, Default)]
pub struct Reachability {
    /// Goroutines that nothing reaches.
    pub asleep: FxHashSet<GoroutineId>,
    /// Those of them that the target's own collector has called leaked.
    pub known_to_runtime: FxHashSet<GoroutineId>,
    /// Why that is no proof; empty if it is one.
    pub doubts: Vec<String>,
    /// How it was looked, in words: evidence.
    pub method: String,
    /// Goroutines that an earlier look at the same process has proven to be asleep. Where this one is no proof, that
    /// holds for all of them that are still there and wait: nothing wakes them.
    pub proven_before: FxHashSet<GoroutineId>,
}

/// What a look at the heap rests on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    /// A copy made while the process was stopped.
    Stopped,
    /// A copy made while none of its threads ran.
    AtRest,
    /// So many copies made while it ran.
    Running(u32),
}

impl Reachability {
    /// What was found by looking in a certain way. `asleep` says of each goroutine that nothing reaches whether the
    /// target's own collector has called it leaked.
    pub fn new(
        method: Method,
        asleep: impl IntoIterator<Item = (GoroutineId, bool)>,
        doubts: &[String],
    ) -> Self {
        let mut found = Reachability {
            doubts: doubts.to_vec(),
            method: match method {
                Method::Stopped => {
                    "nothing that can run reached them in a copy of the process while it stood still"
                        .to_owned()
                }
                Method::AtRest => {
                    "nothing that can run reached them in a copy of the process, made while none \
                                   of its threads ran"
                        .to_owned()
                }
                Method::Running(copies) => {
                    format!("nothing that can run reached them in any of {copies} copies of the process")
                }
            },
            ..Reachability::default()
        };
        for (id, known_to_runtime) in asleep {
            found.asleep.insert(id);
            if known_to_runtime {
                found.known_to_runtime.insert(id);
            }
        }
        found
    }
}

/// What speaks for those that were proven before.
const BEFORE: &str = "an earlier search of this process has proven it, and they still wait";

impl Reachability {
    fn is_proven_before(&self, goroutine: &Goroutine) -> bool {
        let waits = matches!(goroutine.status, Status::Waiting | Status::Leaked);
        !self.doubts.is_empty() && waits && self.proven_before.contains(&goroutine.id)
    }
}

impl From<&LeakFindings> for Reachability {
    fn from(findings: &LeakFindings) -> Self {
        let method = match (findings.frozen, findings.at_rest) {
            (Some(_), _) => Method::Stopped,
            (None, Some(_)) => Method::AtRest,
            (None, None) => Method::Running(findings.passes),
        };
        let asleep = findings.asleep.iter().map(|asleep| (asleep.id, asleep.known_to_runtime));
        Reachability::new(method, asleep, &findings.doubts)
    }
}

/// A place in the source.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// The function.
    pub function: String,
    /// Its file.
    pub file: String,
    /// The line.
    pub line: u32,
}

/// Goroutines that leak in one and the same way.
#[derive(Debug, Clone, PartialEq)]
pub struct Leak {
    /// How sure it is.
    pub verdict: Verdict,
    /// The goroutines: equal stacks, started at one place.
    pub group: Group,
    /// How suspicious the one is that has waited longest.
    pub score: Score,
    /// What should have let them end.
    pub boundary: Option<Boundary>,
    /// Whether they become more, if that was watched.
    pub growth: Option<Growth>,
    /// How many of them the target's own collector has called leaked.
    pub known_to_runtime: u64,
    /// Bytes that would be free without them; `None` if it was not found out.
    pub retained_bytes: Option<u64>,
    /// Where what they wait on was made, if the target's profiler happens to know.
    pub made_at: Option<Place>,
    /// What the verdict rests on, in words.
    pub evidence: Vec<String>,
}

/// Goroutines that wait as they should.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Healthy {
    /// The goroutines.
    pub group: Group,
    /// Why.
    pub reason: String,
}

/// What to call a leak where nothing is proven.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Suspicion {
    /// Leave out who has not been waiting for so long, or nobody knows how long: milliseconds.
    pub min_age_ms: u64,
    /// Name every group that is blocked and not known to be healthy, whatever speaks for it.
    pub all: bool,
}

/// What is to be said of the goroutines of a process.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Leaks {
    /// Leaks: the proven ones first, then by number.
    pub leaks: Vec<Leak>,
    /// Groups that are many or old, but wait as they should.
    pub healthy: Vec<Healthy>,
    /// Blocked groups that nothing speaks against; only [`Suspicion::all`] names them.
    pub unsuspicious: u64,
}

impl Leaks {
    /// Adds what the heap says of the groups that nothing reaches. Where some of their members were left out, it is not
    /// said of the rest what all of them retain.
    pub fn add_facts(&mut self, facts: &[GroupFacts]) {
        for leak in &mut self.leaks {
            let Some(facts) = facts.iter().find(|facts| facts.ids == leak.group.ids) else { continue };
            leak.retained_bytes = Some(facts.retained_bytes);
            leak.made_at = facts.made_at.as_ref().map(|at| Place {
                function: at.function.clone(),
                file: at.file.clone(),
                line: at.line,
            });
        }
    }
}

/// The groups of which it is to be found out what they retain: see [`groups_of_asleep`].
pub fn groups_to_weigh(rules: &Rules, snapshot: &Snapshot, asleep: &[Asleep]) -> Vec<Vec<GoroutineId>> {
    let asleep = asleep.iter().map(|asleep| asleep.id).collect();
    let groups = groups_of_asleep(&Meanings::new(rules, snapshot), &asleep);
    groups.into_iter().map(|group| group.ids).collect()
}

/// Divides goroutines that nothing reaches into groups, in the order in which [`leaks`] will name them: what each
/// retains can be found out then.
pub fn groups_of_asleep(meanings: &Meanings<'_>, asleep: &FxHashSet<GoroutineId>) -> Vec<Group> {
    let all = meanings.snapshot().goroutines.iter();
    analysis::group(meanings, all.filter(|goroutine| asleep.contains(&goroutine.id)))
}

/// Judges all goroutines of a snapshot. `growths` says of some groups, by fingerprint and creator, how they grew.
pub fn leaks(
    meanings: &Meanings<'_>,
    reachability: &Reachability,
    growths: &FxHashMap<GroupKey, Growth>,
    suspicion: Suspicion,
) -> Leaks {
    let snapshot = meanings.snapshot();
    let by_id: FxHashMap<GoroutineId, &Goroutine> =
        snapshot.goroutines.iter().map(|goroutine| (goroutine.id, goroutine)).collect();
    let mut found = Leaks::default();
    let old_enough = |goroutine: &&Goroutine| {
        suspicion.min_age_ms == 0
            || Meanings::waited_ms(goroutine).is_some_and(|ms| ms >= suspicion.min_age_ms)
    };
    let asleep = |goroutine: &&Goroutine| reachability.asleep.contains(&goroutine.id);
    let before = |goroutine: &&Goroutine| reachability.is_proven_before(goroutine);
    let no_proof = reachability.doubts.iter().map(|doubt| format!("no proof: {doubt}"));
    let found_now: Vec<String> = [reachability.method.clone()].into_iter().chain(no_proof).collect();
    let verdict = if reachability.doubts.is_empty() { Verdict::Proven } else { Verdict::Suspected };
    let groups = |chosen: &dyn Fn(&&Goroutine) -> bool| {
        analysis::group(meanings, snapshot.goroutines.iter().filter(chosen).filter(old_enough))
    };
    let proven_before =
        groups(&before).into_iter().map(|group| (group, Verdict::Proven, vec![BEFORE.to_owned()]));
    let now = groups(&|goroutine| asleep(goroutine) && !before(goroutine));
    for (group, verdict, mut evidence) in
        proven_before.chain(now.into_iter().map(|group| (group, verdict, found_now.clone())))
    {
        let mut leak = judge(meanings, &by_id, group, Reach::Nobody, growths);
        leak.verdict = verdict;
        let known = leak.group.ids.iter().filter(|id| reachability.known_to_runtime.contains(id));
        leak.known_to_runtime = known.count() as u64;
        if leak.known_to_runtime > 0 {
            evidence
                .push(format!("the target's own collector calls {} of them leaked", leak.known_to_runtime));
        }
        leak.evidence.splice(0..0, evidence);
        found.leaks.push(leak);
    }
    let blocked = |goroutine: &&Goroutine| goroutine.status == Status::Waiting && !goroutine.is_runtime;
    let others = |goroutine: &&Goroutine| blocked(goroutine) && !asleep(goroutine) && !before(goroutine);
    for group in groups(&others) {
        let leak = judge(meanings, &by_id, group, Reach::Unknown, growths);
        let is_many = is_alert(leak.group.count, leak.group.longest_wait.map(|wait| wait.ms()));
        let grows = leak.growth.as_ref().is_some_and(|growth| growth.urgency > Urgency::None);
        let healthy = leak.group.understanding.healthy().map(str::to_owned);
        match healthy {
            Some(reason) if !grows => {
                if is_many || leak.group.count >= HEALTHY_NAMED {
                    found.healthy.push(Healthy { group: leak.group, reason });
                }
            }
            _ if is_many || grows || (suspicion.all && leak.score.risk > Risk::Low) => found.leaks.push(leak),
            _ => found.unsuspicious += 1,
        }
    }
    found.leaks.sort_by(|a, b| {
        a.verdict
            .cmp(&b.verdict)
            .then_with(|| b.group.count.cmp(&a.group.count))
            .then_with(|| a.group.ids.cmp(&b.group.ids))
    });
    found
}

/// Healthy groups of so many are named, however young: somebody may wonder about them.
const HEALTHY_NAMED: u64 = 10;

/// What tells a group from others over time: its stack without lines, and the function that started it.
pub type GroupKey = (analysis::Fingerprint, Option<String>);

/// The key of a group; `None` for one without a stack.
pub fn group_key(meanings: &Meanings<'_>, group: &Group) -> Option<GroupKey> {
    let tables = &meanings.snapshot().tables;
    let creator = group.created_by.and_then(|id| tables.frames.get(id));
    Some((group.fingerprint?, creator.map(|frame| tables.text(frame.function).to_owned())))
}

fn judge(
    meanings: &Meanings<'_>,
    by_id: &FxHashMap<GoroutineId, &Goroutine>,
    group: Group,
    reach: Reach,
    growths: &FxHashMap<GroupKey, Growth>,
) -> Leak {
    let members = group.ids.iter().filter_map(|id| by_id.get(id).copied());
    // The oldest speaks for all of them.
    let oldest =
        members.max_by_key(|goroutine| (Meanings::waited_ms(goroutine), std::cmp::Reverse(goroutine.id)));
    let score =
        oldest.map_or_else(|| crate::score(0, false, None, false), |g| score_of(meanings.snapshot(), g));
    let boundary = oldest.and_then(|goroutine| boundary(meanings, goroutine, reach));
    let growth = group_key(meanings, &group).and_then(|key| growths.get(&key).cloned());
    let mut evidence = Vec::new();
    if is_alert(group.count, group.longest_wait.map(|wait| wait.ms())) {
        evidence.push("over 50 of them, the oldest waiting for over 300 s".to_owned());
    }
    evidence.extend(growth.iter().flat_map(|growth| growth.evidence.clone()));
    evidence.extend(boundary.iter().flat_map(|boundary| boundary.evidence.clone()));
    Leak {
        verdict: Verdict::Suspected,
        group,
        score,
        boundary,
        growth,
        known_to_runtime: 0,
        retained_bytes: None,
        made_at: None,
        evidence,
    }
}

/// The frame to look at first: what shows the violated boundary, else what started the goroutines.
pub fn frame_to_look_at(leak: &Leak) -> Option<FrameId> {
    leak.boundary.as_ref().and_then(|boundary| boundary.frame).or(leak.group.created_by)
}
