//! What a detector saw of one target in one tick.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::target_tags::TargetTags;
use crate::text::clean;

/// Evidence lines, causes and characters of each text that are kept of one observation.
const EVIDENCE_LINES_MAX: usize = 8;
const CAUSES_MAX: usize = 16;
const SENTENCE_CHARS_MAX: usize = 600;
const NAME_CHARS_MAX: usize = 300;

/// What is wrong, weakest first: the strongest of those that a finding has is the one that it is called by.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// A known way to be in trouble, by its name (`leak_detection::PathologyKind::name`).
    Pathology(String),
    /// Goroutines that block each other or all wait for one thing.
    Blocked,
    /// Over 50 goroutines that do the same, the oldest for over 300 s.
    Cluster,
    /// They get more and more.
    Growth,
    /// They may have leaked.
    LeakSuspected,
    /// They can never run again.
    LeakProven,
}

impl Kind {
    /// Kinds that are the same trouble seen by different detectors: a leak shows as a cluster first, then as growth,
    /// and is proven later. All of that is one finding.
    pub fn family(&self) -> Family {
        match self {
            Kind::Pathology(name) => Family::Pathology(name.clone()),
            Kind::Blocked => Family::Blocked,
            Kind::Cluster | Kind::Growth | Kind::LeakSuspected | Kind::LeakProven => Family::Leak,
        }
    }

    /// The word for it in labels and JSON.
    pub fn name(&self) -> &str {
        match self {
            Kind::Pathology(name) => name,
            Kind::Blocked => "blocked",
            Kind::Cluster => "cluster",
            Kind::Growth => "growth",
            Kind::LeakSuspected => "leak_suspected",
            Kind::LeakProven => "leak_proven",
        }
    }
}

/// Kinds that are one trouble: part of what a finding is known by.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Family {
    /// Goroutines that accumulate.
    Leak,
    /// Goroutines that are stuck.
    Blocked,
    /// A known way to be in trouble, by its name.
    Pathology(String),
}

impl Family {
    /// The word for it in labels: `leak`, `blocked`, `mutex_pile_up`.
    pub fn name(&self) -> &str {
        match self {
            Family::Leak => "leak",
            Family::Blocked => "blocked",
            Family::Pathology(name) => name,
        }
    }
}

/// How bad it is.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Worth knowing.
    Info,
    /// To be looked at during the day.
    #[default]
    Warning,
    /// To be looked at now (P0).
    Critical,
}

impl Severity {
    /// The word for it, as Prometheus rules use it.
    pub fn name(self) -> &'static str {
        match self {
            Severity::Info => "info",
            Severity::Warning => "warning",
            Severity::Critical => "critical",
        }
    }
}

/// By what causes are grouped: whose code it is, for which route, with which pool.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct CauseKey {
    /// Path of the package that the goroutines belong to.
    pub package: Option<String>,
    /// HTTP route, handler function or remote method.
    pub route: Option<String>,
    /// Pool of connections.
    pub pool: Option<String>,
}

/// A line of code that is to blame for some of the goroutines.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Cause {
    /// The function.
    pub function: String,
    /// Its file, as the binary has it.
    pub file: String,
    /// The line.
    pub line: u32,
    /// How many goroutines are there because of it.
    pub count: u64,
}

/// What a detector saw of one target in one tick. Several with the same key in one tick are added up.
#[derive(Debug, Clone, PartialEq)]
pub struct Observation {
    /// Who saw it: the name that [`Judged::detector`](crate::Judged::detector) has, too.
    pub detector: &'static str,
    /// What is wrong.
    pub kind: Kind,
    /// Whose code, which route, which pool.
    pub key: CauseKey,
    /// Where.
    pub target: TargetTags,
    /// How bad it is.
    pub severity: Severity,
    /// What was seen, in one full sentence.
    pub sentence: String,
    /// What that rests on, a line each.
    pub evidence: Vec<String>,
    /// The lines of code to blame, in any order.
    pub causes: Vec<Cause>,
    /// How many goroutines are concerned.
    pub count: u64,
    /// How many more they become, per minute, if that was watched.
    pub per_minute: Option<f64>,
    /// What would mend it.
    pub fix: Option<String>,
}

impl Observation {
    /// The same with every text harmless and short, and lists bounded: targets choose all these names.
    pub(crate) fn cleaned(&self) -> Observation {
        let name = |text: &str| clean(text, NAME_CHARS_MAX);
        let part = |part: &Option<String>| part.as_deref().map(name);
        let mut causes: Vec<&Cause> = self.causes.iter().collect();
        causes.sort_by(|a, b| {
            b.count.cmp(&a.count).then_with(|| (&a.function, a.line).cmp(&(&b.function, b.line)))
        });
        let cause = |cause: &Cause| Cause {
            function: name(&cause.function),
            file: name(&cause.file),
            line: cause.line,
            count: cause.count,
        };
        Observation {
            detector: self.detector,
            kind: match &self.kind {
                Kind::Pathology(pathology) => Kind::Pathology(name(pathology)),
                kind => kind.clone(),
            },
            key: CauseKey {
                package: part(&self.key.package),
                route: part(&self.key.route),
                pool: part(&self.key.pool),
            },
            target: self.target.cleaned(),
            severity: self.severity,
            sentence: clean(&self.sentence, SENTENCE_CHARS_MAX),
            evidence: self.evidence.iter().take(EVIDENCE_LINES_MAX).map(|line| name(line)).collect(),
            causes: causes.into_iter().take(CAUSES_MAX).map(cause).collect(),
            count: self.count,
            per_minute: self.per_minute.filter(|rate| rate.is_finite()),
            fix: part(&self.fix),
        }
    }
}
