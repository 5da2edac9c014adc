//! Leaks as JSON.

use std::io;
use std::time::Duration;

use leak_detection::{Boundary, Growth, Healthy, Leak, Pathology, Urgency, fix, sentence};
use serde::Serialize;
use snapshot::Snapshot;

use super::group::GroupJson;
use super::head::{GapJson, SnapshotJson, TargetJson};
use super::to_writer;
use crate::leaks::LeakReport;

#[derive(Serialize)]
struct LeakJson<'a> {
    verdict: &'static str,
    goroutines: Vec<u64>,
    wait_reason: Option<&'a str>,
    score: f64,
    score_risk: &'static str,
    boundary: Option<&'static str>,
    boundary_certain: Option<bool>,
    known_to_runtime: u64,
    retained_bytes: Option<u64>,
    made_at: Option<MadeAtJson<'a>>,
    growth: Option<GrowthJson>,
    evidence: &'a [String],
    sentence: String,
    fix: &'static str,
    #[serde(flatten)]
    group: GroupJson<'a>,
}

#[derive(Serialize)]
struct MadeAtJson<'a> {
    function: &'a str,
    file: &'a str,
    line: u32,
}

#[derive(Serialize)]
struct GrowthJson {
    per_minute: Option<f64>,
    rising_windows: u32,
    five_minutes: Option<f64>,
    urgency: &'static str,
}

impl GrowthJson {
    fn new(growth: &Growth) -> Self {
        GrowthJson {
            per_minute: growth.per_minute,
            rising_windows: growth.rising_windows,
            five_minutes: growth.five_minutes,
            urgency: match growth.urgency {
                Urgency::None => "none",
                Urgency::Growing => "growing",
                Urgency::P0 => "p0",
            },
        }
    }
}

impl<'a> LeakJson<'a> {
    fn new(snapshot: &'a Snapshot, leak: &'a Leak) -> Self {
        let reasons = leak.group.wait_reasons.first();
        let place = leak.made_at.as_ref();
        LeakJson {
            verdict: leak.verdict.name(),
            goroutines: leak.group.ids.iter().map(|id| id.0).collect(),
            wait_reason: reasons.map(|(reason, _)| snapshot.tables.text(*reason)),
            score: leak.score.value,
            score_risk: leak.score.risk.name(),
            boundary: leak.boundary.as_ref().map(|Boundary { kind, .. }| kind.name()),
            boundary_certain: leak.boundary.as_ref().map(|boundary| boundary.is_certain),
            known_to_runtime: leak.known_to_runtime,
            retained_bytes: leak.retained_bytes,
            made_at: place.map(|at| MadeAtJson { function: &at.function, file: &at.file, line: at.line }),
            growth: leak.growth.as_ref().map(GrowthJson::new),
            evidence: &leak.evidence,
            sentence: sentence(snapshot, leak),
            fix: fix(leak),
            group: GroupJson::new(snapshot, &leak.group),
        }
    }
}

#[derive(Serialize)]
struct HealthyJson<'a> {
    count: u64,
    meaning: Option<&'a str>,
    reason: &'a str,
    fingerprint: Option<String>,
}

#[derive(Serialize)]
struct PathologyJson<'a> {
    kind: &'static str,
    evidence: &'a [String],
    fix: &'static str,
    releases: &'static str,
}

#[derive(Serialize)]
struct ReportJson<'a> {
    target: TargetJson<'a>,
    snapshot: SnapshotJson<'a>,
    leaks: Vec<LeakJson<'a>>,
    candidates: u64,
    kept_by_words: Vec<u64>,
    passes: u32,
    frozen_us: Option<u64>,
    at_rest_us: Option<u64>,
    copied_bytes: u64,
    doubts: &'a [String],
    healthy: Vec<HealthyJson<'a>>,
    unsuspicious: u64,
    pathologies: Vec<PathologyJson<'a>>,
    gaps: Vec<GapJson>,
}

impl LeakReport<'_> {
    /// Writes one object `{"target":…,"snapshot":…,"leaks":[…],…}`.
    ///
    /// # Errors
    /// Only if `out` fails.
    pub fn write_json(&self, out: &mut impl io::Write) -> io::Result<()> {
        let report = ReportJson {
            target: TargetJson::new(&self.snapshot.target),
            snapshot: SnapshotJson::new(self.snapshot),
            leaks: self.leaks.leaks.iter().map(|leak| LeakJson::new(self.snapshot, leak)).collect(),
            candidates: self.candidates,
            kept_by_words: self.kept_by_words.iter().map(|id| id.0).collect(),
            passes: self.passes,
            frozen_us: self.frozen.map(microseconds),
            at_rest_us: self.at_rest.map(microseconds),
            copied_bytes: self.copied_bytes,
            doubts: self.doubts,
            healthy: self.leaks.healthy.iter().map(HealthyJson::new).collect(),
            unsuspicious: self.leaks.unsuspicious,
            pathologies: self.pathologies.iter().map(PathologyJson::new).collect(),
            gaps: self.snapshot.gaps.iter().map(GapJson::new).collect(),
        };
        let mut line = Vec::new();
        to_writer(&mut line, &report)?;
        line.push(b'\n');
        out.write_all(&line)
    }
}

impl<'a> HealthyJson<'a> {
    fn new(healthy: &'a Healthy) -> Self {
        HealthyJson {
            count: healthy.group.count,
            meaning: healthy.group.understanding.name(),
            reason: &healthy.reason,
            fingerprint: healthy.group.fingerprint.map(|fingerprint| fingerprint.to_string()),
        }
    }
}

impl<'a> PathologyJson<'a> {
    fn new(pathology: &'a Pathology) -> Self {
        PathologyJson {
            kind: pathology.kind.name(),
            evidence: &pathology.evidence,
            fix: pathology.kind.remedy(),
            releases: pathology.kind.releases(),
        }
    }
}

fn microseconds(duration: Duration) -> u64 {
    u64::try_from(duration.as_micros()).unwrap_or(u64::MAX)
}
