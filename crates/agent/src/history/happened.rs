//! What happened besides: marks and findings.

use std::collections::BTreeSet;

use history_store::{Finding, History, Listed, Mark, ProcessKey, Selection, Span};
use serde::Serialize;
use serde_json::Value;
use web_server::MarksQuestion;

use super::find::{find, id, names_of};
use super::processes::past_process;
use super::question::asked_span;
use super::{HistoryAnswer, MarkJson, Marks, Past, PastError, PastProcess, Question};

/// Marks or findings of an answer.
const LISTED_MAX: usize = 1_000;
/// Marks that are looked at for it.
const LOOKED_AT_MAX: usize = 20_000;

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
    /// The marks of a span, of some processes, of their services and of the whole machine; the latest, oldest first.
    ///
    /// # Errors
    /// The history cannot be read.
    pub fn marks(&self, span: (u64, u64), of: &[PastProcess]) -> Result<Marks, PastError> {
        let names: BTreeSet<&str> = of
            .iter()
            .flat_map(|one| names_of(&one.name, &one.executable, one.module.as_deref(), &one.labels))
            .collect();
        let ids: BTreeSet<&str> = of.iter().map(|one| one.id.as_str()).collect();
        self.marks_where(span, |mark| match (&mark.process, &mark.service) {
            (None, None) => true,
            (process, service) => {
                process.as_deref().is_some_and(|id| ids.contains(id))
                    || service.as_deref().is_some_and(|service| names.contains(service))
            }
        })
    }

    /// All marks of a span; the latest, oldest first.
    ///
    /// # Errors
    /// The history cannot be read.
    pub fn all_marks(&self, span: (u64, u64)) -> Result<Marks, PastError> {
        self.marks_where(span, |_| true)
    }

    /// What was asked for about marks.
    ///
    /// # Errors
    /// The question makes no sense, nothing is called so or was seen then, or the history cannot be read.
    pub fn marks_asked(&self, sent: &MarksQuestion, now_ms: u64) -> Result<Marks, PastError> {
        let default = Question::new("");
        let span = asked_span(sent.since.as_deref(), sent.until.as_deref(), default.since, now_ms)?;
        let Some(target) = &sent.target else { return self.all_marks(span) };
        let known = self.store.processes(&Selection::All)?;
        let found = match find(&known, target, Span { from_ms: span.0, to_ms: span.1 }) {
            Ok(found) => found,
            // A service may be marked before it has run.
            Err(error @ (PastError::NoTarget { .. } | PastError::NotThen { .. })) => {
                let of_it = self.marks_where(span, |mark| mark.service.as_ref() == Some(target))?;
                return if of_it.marks.is_empty() { Err(error) } else { Ok(of_it) };
            }
            Err(error) => return Err(error),
        };
        let of: Vec<PastProcess> = found.into_iter().map(past_process).collect();
        self.marks(span, &of)
    }

    fn marks_where(&self, span: (u64, u64), wanted: impl Fn(&MarkJson) -> bool) -> Result<Marks, PastError> {
        let listed = self.store.marks(Span { from_ms: span.0, to_ms: span.1 }, LOOKED_AT_MAX)?;
        let marks = listed.entries.into_iter().map(mark_json);
        let mut marks: Vec<MarkJson> = marks.filter(wanted).collect();
        let surplus = marks.len().saturating_sub(LISTED_MAX);
        marks.drain(..surplus);
        Ok(Marks { marks, left_out: listed.left_out.saturating_add(surplus as u64) })
    }

    /// The findings of a span, of some processes (by id) and of several; the latest, oldest first.
    ///
    /// # Errors
    /// The history cannot be read.
    pub fn findings(&self, span: (u64, u64), of: &[&str]) -> Result<Vec<FindingJson>, PastError> {
        let findings = self.store.findings(Span { from_ms: span.0, to_ms: span.1 }, LISTED_MAX)?.entries;
        let findings = findings.into_iter().filter(|finding| is_of(finding.process.as_ref(), of));
        let findings = findings.map(|finding| FindingJson {
            state: finding.state.name(),
            first_ms: finding.first_ms,
            last_ms: finding.last_ms,
            process: finding.process.as_ref().map(id),
            body: serde_json::from_str(&finding.body).unwrap_or_default(),
            key: finding.key,
        });
        Ok(findings.collect())
    }

    /// Findings of a span as the agent wrote them, those seen last, and how far back there are any.
    pub(crate) fn stored_findings(
        &self,
        span: (u64, u64),
    ) -> Result<(Listed<Finding>, Option<u64>), PastError> {
        let listed = self.store.findings(Span { from_ms: span.0, to_ms: span.1 }, LISTED_MAX)?;
        Ok((listed, self.store.reaches_back_to()?))
    }
}

/// A mark, as answers have it.
pub(crate) fn mark_json(mark: Mark) -> MarkJson {
    MarkJson {
        at_ms: mark.at_ms,
        kind: mark.kind.name(),
        process: mark.process.as_ref().map(id),
        service: mark.service,
        text: mark.text,
    }
}

fn is_of(process: Option<&ProcessKey>, of: &[&str]) -> bool {
    process.is_none_or(|process| of.contains(&id(process).as_str()))
}
