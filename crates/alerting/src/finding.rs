//! A finding: one cause of trouble in one service, with its life and the targets that have it.

use std::collections::BTreeSet;
use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::digest::digest64;
use crate::observation::{Cause, CauseKey, Family, Kind, Observation, Severity};
use crate::target_tags::{TargetKey, TargetTags};

/// What a finding is known by, over restarts of targets and of the agent: a hash of family, cause key, service and
/// environment. The pid is no part of it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
pub struct FindingId(String);

impl FindingId {
    /// The finding that an observation belongs to.
    pub fn of(observation: &Observation) -> FindingId {
        let part = |part: &Option<String>| part.clone().unwrap_or_default();
        let (key, target) = (&observation.key, &observation.target);
        FindingId::hash(&[
            observation.kind.family().name(),
            &part(&key.package),
            &part(&key.route),
            &part(&key.pool),
            target.service_name(),
            &part(&target.environment),
        ])
    }

    pub(crate) fn hash(parts: &[&str]) -> FindingId {
        FindingId(format!("{:016x}", digest64(parts)))
    }

    /// Sixteen hexadecimal digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for FindingId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Where a finding is in its life.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum State {
    /// Seen, but not for long enough to bother anybody.
    Pending,
    /// It holds.
    Firing,
    /// It was there, and has been gone for long enough.
    Resolved,
}

/// What one detector last saw of one target.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Seen {
    /// Who saw it.
    pub detector: String,
    /// What is wrong.
    pub kind: Kind,
    /// When it was last judged so.
    pub judged_unix_ms: u64,
    /// How bad it is.
    pub severity: Severity,
    /// In one sentence.
    pub sentence: String,
    /// What that rests on.
    pub evidence: Vec<String>,
    /// The lines of code to blame.
    pub causes: Vec<Cause>,
    /// How many goroutines.
    pub count: u64,
    /// Growth per minute.
    pub per_minute: Option<f64>,
    /// What would mend it.
    pub fix: Option<String>,
}

/// A target that has a finding's trouble.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Concerned {
    /// Tells it from others.
    pub key: TargetKey,
    /// Where it runs.
    pub tags: TargetTags,
    /// When it was first seen to have it.
    pub first_seen_unix_ms: u64,
    /// What was seen, by detector and kind.
    pub seen: Vec<Seen>,
}

impl Concerned {
    /// The strongest of what was seen: the one that is counted, so that nothing is counted twice.
    pub(crate) fn strongest(&self) -> Option<&Seen> {
        self.seen.iter().max_by(|a, b| a.kind.cmp(&b.kind).then_with(|| a.count.cmp(&b.count)))
    }
}

/// How a finding looked when it was last there: kept when its targets are gone, since the message that it is resolved
/// has to say what.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Face {
    /// The strongest kind.
    pub kind: Kind,
    /// In one sentence: of the target that has most of it.
    pub sentence: String,
    /// What that rests on.
    pub evidence: Vec<String>,
    /// What would mend it.
    pub fix: Option<String>,
    /// All causes of all targets, added up, most goroutines first.
    pub causes: Vec<Cause>,
    /// Goroutines of all listed targets.
    pub count: u64,
    /// Growth of all listed targets, per minute.
    pub per_minute: Option<f64>,
    /// The targets that have most of it, a few.
    pub targets: Vec<TargetTags>,
    /// How many have it, these included.
    pub targets_total: u64,
}

/// One cause of trouble in one service.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Finding {
    /// What it is known by.
    pub id: FindingId,
    /// What sort of trouble.
    pub family: Family,
    /// Whose code, which route, which pool.
    pub key: CauseKey,
    /// The service.
    pub service: String,
    /// Its environment.
    pub environment: Option<String>,
    /// Where it is in its life.
    pub state: State,
    /// The worst that it was in this episode: it does not get better until it is resolved.
    pub severity: Severity,
    /// How it looked when it was last there.
    pub face: Face,
    /// The most goroutines that it had in this episode.
    pub count_max: u64,
    /// When it was seen for the first time ever.
    pub first_seen_unix_ms: u64,
    /// When it was last there.
    pub last_seen_unix_ms: u64,
    /// When this episode began.
    pub pending_since_unix_ms: u64,
    /// When it began to fire, if it does or did.
    pub firing_since_unix_ms: Option<u64>,
    /// When it was resolved.
    pub resolved_at_unix_ms: Option<u64>,
    /// Since when it has been absent, while that is not yet believed.
    pub absent_since_unix_ms: Option<u64>,
    /// When it began to fire lately: what flap damping goes by.
    pub fired_at_unix_ms: Vec<u64>,
    /// The silence that keeps it from being delivered.
    pub silenced_by: Option<u64>,
    /// The severity that people were told of, if they were told of this episode.
    pub announced: Option<Severity>,
    /// The targets that have it, as many as are listed.
    pub targets: Vec<Concerned>,
    /// Those beyond that.
    pub more_targets: BTreeSet<TargetKey>,
    /// Ticks in a row in which it was in its present presence: one tick alone changes nothing.
    pub ticks: u32,
}

impl Finding {
    /// Whether anything has it now.
    pub fn is_present(&self) -> bool {
        !self.targets.is_empty() || !self.more_targets.is_empty()
    }

    /// Its labels: what silences match, and what Alertmanager knows it by. They stay the same for one severity.
    pub fn labels(&self) -> Vec<(&'static str, String)> {
        let text = |part: &Option<String>| part.clone().unwrap_or_default();
        let all = [
            ("finding", self.id.to_string()),
            ("kind", self.family.name().to_owned()),
            ("service", self.service.clone()),
            ("environment", text(&self.environment)),
            ("package", text(&self.key.package)),
            ("route", text(&self.key.route)),
            ("pool", text(&self.key.pool)),
            ("severity", self.severity.name().to_owned()),
        ];
        all.into_iter().filter(|(_, value)| !value.is_empty()).collect()
    }
}
