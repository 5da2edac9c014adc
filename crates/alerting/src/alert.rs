//! What is told of a finding: everything that a message needs, and nothing that it has to look up.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::finding::{Finding, FindingId};
use crate::observation::{Cause, CauseKey, Family, Kind, Severity};
use crate::target_tags::TargetTags;
use crate::text::file_name;

/// Causes that an alert names.
const CAUSES_NAMED: usize = 3;

/// A finding as it is told.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Alert {
    /// What the finding is known by.
    pub id: FindingId,
    /// What sort of trouble.
    pub family: Family,
    /// What is wrong.
    pub kind: Kind,
    /// How bad it is.
    pub severity: Severity,
    /// The service.
    pub service: String,
    /// Its environment.
    pub environment: Option<String>,
    /// Whose code, which route, which pool.
    pub key: CauseKey,
    /// What was seen, in one sentence: of the largest group in the target that has most of it.
    pub sentence: String,
    /// What that rests on, a line each.
    pub evidence: Vec<String>,
    /// What would mend it.
    pub fix: Option<String>,
    /// The three causes with most goroutines.
    pub causes: Vec<TopCause>,
    /// How many more there are.
    pub causes_more: u64,
    /// How many goroutines.
    pub count: u64,
    /// The most that there were.
    pub count_max: u64,
    /// Growth per minute, if that was watched.
    pub per_minute: Option<f64>,
    /// Some of the targets.
    pub targets: Vec<TargetTags>,
    /// How many have it, these included.
    pub targets_total: u64,
    /// When it was seen first.
    pub first_seen_unix_ms: u64,
    /// Since when it fires.
    pub firing_since_unix_ms: u64,
    /// When it was resolved, if it was.
    pub resolved_at_unix_ms: Option<u64>,
    /// Labels for routing and silences.
    pub labels: BTreeMap<String, String>,
    /// The agent's page about it.
    pub link: Option<String>,
    /// Whether this is a drill: nothing is wrong.
    pub is_test: bool,
}

/// A line of code to blame, and how much of the trouble it is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct TopCause {
    /// The line.
    #[serde(flatten)]
    pub cause: Cause,
    /// Its share of the goroutines of all causes, 0 to 1.
    pub share: f64,
}

/// What happened to a finding.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Event {
    /// It fires.
    Fired,
    /// It fires, and has become worse than it was when people were told.
    Escalated {
        /// What they were told.
        from: Severity,
    },
    /// It still fires.
    Reminder,
    /// It is gone.
    Resolved,
}

impl Event {
    /// The word for it.
    pub fn name(self) -> &'static str {
        match self {
            Event::Fired => "fired",
            Event::Escalated { .. } => "escalated",
            Event::Reminder => "reminder",
            Event::Resolved => "resolved",
        }
    }
}

/// Something that happened, to be told.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Notice {
    /// What happened.
    pub event: Event,
    /// When.
    pub at_unix_ms: u64,
    /// To what.
    pub alert: Alert,
}

impl Alert {
    /// What is to be told of a finding, as one of that severity. `pages` is the address that the agent's pages have for
    /// users.
    pub(crate) fn of(finding: &Finding, severity: Severity, pages: Option<&str>) -> Alert {
        let face = &finding.face;
        let labels = finding.labels().into_iter().map(|(name, value)| (name.to_owned(), value));
        let mut labels: BTreeMap<String, String> = labels.collect();
        labels.insert("severity".to_owned(), severity.name().to_owned());
        let goroutines = face.causes.iter().map(|cause| cause.count).sum::<u64>().max(1);
        #[expect(clippy::cast_precision_loss, reason = "counts of goroutines fit 53 bits")]
        let top =
            |cause: &Cause| TopCause { cause: cause.clone(), share: cause.count as f64 / goroutines as f64 };
        Alert {
            id: finding.id.clone(),
            family: finding.family.clone(),
            kind: face.kind.clone(),
            severity,
            service: finding.service.clone(),
            environment: finding.environment.clone(),
            key: finding.key.clone(),
            sentence: face.sentence.clone(),
            evidence: face.evidence.clone(),
            fix: face.fix.clone(),
            causes: face.causes.iter().take(CAUSES_NAMED).map(top).collect(),
            causes_more: face.causes.len().saturating_sub(CAUSES_NAMED) as u64,
            count: face.count,
            count_max: finding.count_max,
            per_minute: face.per_minute,
            targets: face.targets.clone(),
            targets_total: face.targets_total,
            first_seen_unix_ms: finding.first_seen_unix_ms,
            firing_since_unix_ms: finding.firing_since_unix_ms.unwrap_or(finding.pending_since_unix_ms),
            resolved_at_unix_ms: finding.resolved_at_unix_ms,
            labels,
            link: pages.map(|pages| format!("{}/findings/{}", pages.trim_end_matches('/'), finding.id)),
            is_test: false,
        }
    }

    /// [`Alert::sentence`], which is about the largest group, with a word that says so if there are others.
    pub fn explanation(&self) -> String {
        match self.causes.len() > 1 || self.targets_total > 1 {
            true => format!("The largest group: {}", self.sentence),
            false => self.sentence.clone(),
        }
    }

    /// What and where, in a few words: `25000 goroutines leak in main.collect (report.go:88)`.
    pub fn title(&self) -> String {
        let goroutines =
            if self.count == 1 { "1 goroutine".to_owned() } else { format!("{} goroutines", self.count) };
        let (s, are) = if self.count == 1 { ("s", "is") } else { ("", "are") };
        let what = match &self.kind {
            Kind::LeakProven => format!("{goroutines} leak{s}"),
            Kind::LeakSuspected => format!("{goroutines} may have leaked"),
            Kind::Growth => format!("{goroutines}, and growing"),
            Kind::Cluster => format!("{goroutines} stay for very long"),
            Kind::Blocked => format!("{goroutines} {are} stuck"),
            Kind::Pathology(name) => name.replace('_', " "),
        };
        match (self.causes.first(), &self.key.package) {
            (Some(top), _) => format!("{what} in {}", top.place()),
            (None, Some(package)) => format!("{what} in {package}"),
            (None, None) => what,
        }
    }
}

impl TopCause {
    /// `main.collect (report.go:88)`
    pub fn place(&self) -> String {
        format!("{} ({}:{})", self.cause.function, file_name(&self.cause.file), self.cause.line)
    }
}
