//! What happened besides: marks and findings.

use history_store::{History, ProcessKey, Span};
use serde::Serialize;
use serde_json::Value;

use super::find::id;
use super::{HistoryAnswer, Past, PastError};

/// Marks or findings of an answer.
const LISTED_MAX: usize = 1_000;

/// An answer with what happened meanwhile.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Happened {
    /// The answer.
    #[serde(flatten)]
    pub answer: HistoryAnswer,
    /// Marks, if they were asked for.
    pub marks: Option<Vec<MarkJson>>,
    /// Findings, if they were asked for.
    pub findings: Option<Vec<FindingJson>>,
}

/// Something that happened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct MarkJson {
    /// When, Unix milliseconds.
    pub at_ms: u64,
    /// What kind of thing: `deploy`, `exec`, `agent_start`, `agent_stop`, `clock_set_back` or `note`.
    pub kind: &'static str,
    /// In words.
    pub text: String,
    /// Id of the process; none for the whole machine.
    pub process: Option<String>,
}

/// Something found wrong.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct FindingJson {
    /// What makes it the same finding when it is seen again.
    pub key: String,
    /// `pending`, `firing` or `resolved`.
    pub state: &'static str,
    /// When it was seen first, Unix milliseconds.
    pub first_ms: u64,
    /// When it was seen last, Unix milliseconds.
    pub last_ms: u64,
    /// Id of the process; none for findings about several.
    pub process: Option<String>,
    /// All that there is to say of it; null if that cannot be read.
    pub body: Value,
}

impl Past {
    /// The marks of a span, of some processes (by id) and of the whole machine; the latest, oldest first.
    ///
    /// # Errors
    /// The history cannot be read.
    pub fn marks(&self, span: (u64, u64), of: &[&str]) -> Result<Vec<MarkJson>, PastError> {
        let marks = self.store.marks(Span { from_ms: span.0, to_ms: span.1 })?;
        let marks = marks.into_iter().filter(|mark| is_of(mark.process.as_ref(), of));
        let mut marks: Vec<_> = marks
            .map(|mark| MarkJson {
                at_ms: mark.at_ms,
                kind: mark.kind.name(),
                text: mark.text,
                process: mark.process.as_ref().map(id),
            })
            .collect();
        marks.drain(..marks.len().saturating_sub(LISTED_MAX));
        Ok(marks)
    }

    /// The findings of a span, of some processes (by id) and of several; the latest, oldest first.
    ///
    /// # Errors
    /// The history cannot be read.
    pub fn findings(&self, span: (u64, u64), of: &[&str]) -> Result<Vec<FindingJson>, PastError> {
        let findings = self.store.findings(Span { from_ms: span.0, to_ms: span.1 })?;
        let findings = findings.into_iter().filter(|finding| is_of(finding.process.as_ref(), of));
        let mut findings: Vec<_> = findings
            .map(|finding| FindingJson {
                state: finding.state.name(),
                first_ms: finding.first_ms,
                last_ms: finding.last_ms,
                process: finding.process.as_ref().map(id),
                body: serde_json::from_str(&finding.body).unwrap_or_default(),
                key: finding.key,
            })
            .collect();
        findings.drain(..findings.len().saturating_sub(LISTED_MAX));
        Ok(findings)
    }
}

fn is_of(process: Option<&ProcessKey>, of: &[&str]) -> bool {
    process.is_none_or(|process| of.contains(&id(process).as_str()))
}
