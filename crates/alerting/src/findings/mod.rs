//! All findings of an agent: observations in, notices out.

mod settings;
mod presence;
mod face;
mod life;
mod saved;

use std::collections::BTreeMap;

use crate::alert::{Alert, Notice};
use crate::error::AlertingError;
use crate::finding::{Finding, FindingId, State};
use crate::observation::Observation;
use crate::silence::Silence;
use crate::target_tags::TargetKey;

pub use saved::Saved;
pub use settings::FindingSettings;

/// Silences that there may be at once.
const SILENCES_MAX: usize = 1_000;

/// A detector has looked at a target: what it does not report any more is gone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Judged<'a> {
    /// The target.
    pub target: TargetKey,
    /// The detector, as in [`Observation::detector`].
    pub detector: &'a str,
}

/// What happened in one tick of the agent.
///
/// A target that a detector could not look at is in neither list: what it had stays as it was. That is no evidence of
/// absence, and resolves nothing.
#[derive(Debug, Clone, Copy, Default)]
pub struct Tick<'a> {
    /// When, milliseconds since 1970. Time never goes back: an earlier time than that of the last tick counts as that.
    pub at_unix_ms: u64,
    /// What detectors saw.
    pub observations: &'a [Observation],
    /// Which detectors have looked at which targets, whether they saw anything or not. An observation counts as one.
    pub judged: &'a [Judged<'a>],
    /// Targets that have ended.
    pub gone: &'a [TargetKey],
}

/// What bounds made of findings and observations.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct FindingCounters {
    /// Observations that no finding was made of, since there were too many.
    pub observations_dropped: u64,
    /// Resolved findings forgotten before their time, to make room.
    pub forgotten: u64,
}

/// All findings, with their lives. Pure: time comes with each tick.
#[derive(Debug, Clone)]
pub struct Findings {
    settings: FindingSettings,
    findings: BTreeMap<FindingId, Finding>,
    silences: Vec<Silence>,
    next_silence: u64,
    now_unix_ms: u64,
    counters: FindingCounters,
}

impl Findings {
    /// None yet.
    pub fn new(settings: FindingSettings) -> Findings {
        Findings {
            settings,
            findings: BTreeMap::new(),
            silences: Vec::new(),
            next_silence: 1,
            now_unix_ms: 0,
            counters: FindingCounters::default(),
        }
    }

    /// Takes in a tick, and says what is to be told: what began to fire, became worse or was resolved, and is not
    /// silenced. In the order of ids.
    pub fn tick(&mut self, tick: &Tick<'_>) -> Vec<Notice> {
        self.now_unix_ms = self.now_unix_ms.max(tick.at_unix_ms);
        let now = self.now_unix_ms;
        self.silences.retain(|silence| now < silence.ends_unix_ms);
        self.take_in(tick);
        let mut notices = Vec::new();
        let (settings, silences) = (&self.settings, &self.silences);
        self.findings.retain(|_, finding| {
            let keeps = life::step(finding, settings, now);
            finding.silenced_by = {
                let labels = finding.labels();
                silences.iter().find(|silence| silence.applies(&labels, now)).map(|silence| silence.id)
            };
            notices.extend(life::notice(finding, settings.page_url.as_deref(), now));
            keeps
        });
        notices
    }

    /// All findings, by id: pending, firing (silenced ones too) and those resolved not long ago.
    pub fn all(&self) -> impl Iterator<Item = &Finding> {
        self.findings.values()
    }

    /// One finding.
    pub fn get(&self, id: &FindingId) -> Option<&Finding> {
        self.findings.get(id)
    }

    /// Alerts of what fires and is not silenced: what some receivers have to be told again and again.
    pub fn firing(&self) -> Vec<Alert> {
        let told = |finding: &Finding| {
            let is_told = finding.state == State::Firing && finding.silenced_by.is_none();
            Some(Alert::of(
                finding,
                finding.announced.filter(|_| is_told)?,
                self.settings.page_url.as_deref(),
            ))
        };
        self.findings.values().filter_map(told).collect()
    }

    /// A finding as it would be told, for whoever shows it.
    pub fn alert(&self, finding: &Finding) -> Alert {
        Alert::of(finding, finding.severity, self.settings.page_url.as_deref())
    }

    /// What bounds did.
    pub fn counters(&self) -> FindingCounters {
        self.counters
    }

    /// The silences that have not ended.
    pub fn silences(&self) -> &[Silence] {
        &self.silences
    }

    /// Adds a silence and gives its number. It counts from the next tick on.
    ///
    /// What fires while it is silenced is told when the silence ends, if it still fires then. What was told already is
    /// told when it is resolved, silenced or not: somebody's pager is still ringing.
    ///
    /// # Errors
    ///
    /// A silence without matchers would hide everything; there may be 1,000.
    pub fn add_silence(&mut self, mut silence: Silence) -> Result<u64, AlertingError> {
        if silence.matchers.is_empty() {
            return Err(AlertingError::SilenceOfEverything);
        }
        if self.silences.len() >= SILENCES_MAX {
            return Err(AlertingError::TooManySilences { max: SILENCES_MAX });
        }
        silence.id = self.next_silence;
        self.next_silence += 1;
        let id = silence.id;
        self.silences.push(silence);
        Ok(id)
    }

    /// Ends a silence; whether there was one of that number.
    pub fn end_silence(&mut self, id: u64) -> bool {
        let before = self.silences.len();
        self.silences.retain(|silence| silence.id != id);
        self.silences.len() < before
    }
}
