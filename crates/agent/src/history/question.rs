//! A question about the past, understood.

use std::str::FromStr;
use std::time::Duration;

use history_store::{GOROUTINES, RUNTIME_GOROUTINES, Subject};
use web_server::HistoryQuestion;

use super::moment_text::{Moment, Width, WordError};
use super::past_error::PastError;

/// Series that are told apart if nobody says how many.
pub const TOP_DEFAULT: usize = 10;
/// Series that are told apart at most.
pub const TOP_MAX: usize = 200;
/// How far back is looked if nobody says.
const SINCE_DEFAULT: Duration = Duration::from_secs(3_600);

/// What the series of an answer are.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum By {
    /// How many goroutines the program has, and how many its runtime.
    #[default]
    Total,
    /// Their states.
    State,
    /// What they wait for.
    Reason,
    /// Where they stand.
    Stack,
    /// Values of a label.
    Label(String),
    /// A counter or figure by its name, or all whose names begin so (`cgroup_*`).
    Measure(String),
}

impl By {
    /// As it is written.
    pub fn name(&self) -> String {
        match self {
            By::Total => "total".to_owned(),
            By::State => "state".to_owned(),
            By::Reason => "reason".to_owned(),
            By::Stack => "stack".to_owned(),
            By::Label(key) => format!("label:{key}"),
            By::Measure(name) => format!("measure:{name}"),
        }
    }

    pub(super) fn subject(&self) -> Subject {
        match self {
            By::Total => Subject::Measures(vec![GOROUTINES.to_owned(), RUNTIME_GOROUTINES.to_owned()]),
            By::State => Subject::Status,
            By::Reason => Subject::WaitReason,
            By::Stack => Subject::Stack,
            By::Label(key) => Subject::Label(key.clone()),
            // All of them: which are meant is known when their names are.
            By::Measure(name) if name.ends_with('*') => Subject::Measures(Vec::new()),
            By::Measure(name) => Subject::Measures(vec![name.clone()]),
        }
    }

    /// Whether a counter or figure is meant.
    pub(super) fn means(&self, measure: &str) -> bool {
        match self {
            By::Measure(name) => match name.strip_suffix('*') {
                Some(beginning) => measure.starts_with(beginning),
                None => name == measure,
            },
            _ => true,
        }
    }
}

impl FromStr for By {
    type Err = WordError;

    fn from_str(text: &str) -> Result<Self, WordError> {
        match text {
            "total" => Ok(By::Total),
            "state" => Ok(By::State),
            "reason" => Ok(By::Reason),
            "stack" => Ok(By::Stack),
            _ => match text.split_once(':') {
                Some(("label", key)) if !key.is_empty() => Ok(By::Label(key.to_owned())),
                Some(("measure", name)) if !name.is_empty() => Ok(By::Measure(name.to_owned())),
                _ => Err(WordError::NotASubject),
            },
        }
    }
}

/// What did a target do between two moments?
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Question {
    /// Id, pid, process name, module or service name.
    pub target: String,
    /// From when.
    pub since: Moment,
    /// Until when.
    pub until: Moment,
    /// What the series are.
    pub by: By,
    /// How wide a slot is; chosen by [`Question::slots_max`] if none.
    pub step: Option<Width>,
    /// How many slots there may be if no width is given.
    pub slots_max: u64,
    /// How many series to tell apart.
    pub top: usize,
}

impl Question {
    /// A question about the last hour.
    pub fn new(target: &str) -> Question {
        Question {
            target: target.to_owned(),
            since: Moment::Ago(SINCE_DEFAULT),
            until: Moment::NOW,
            by: By::Total,
            step: None,
            slots_max: 300,
            top: TOP_DEFAULT,
        }
    }
}

impl TryFrom<&HistoryQuestion> for Question {
    type Error = PastError;

    fn try_from(sent: &HistoryQuestion) -> Result<Self, PastError> {
        let default = Question::new(&sent.target);
        let top = |text: &str| {
            let top = text.parse().ok().filter(|top| (1..=TOP_MAX).contains(top));
            top.ok_or(WordError::NotANumber(TOP_MAX))
        };
        Ok(Question {
            since: word("since", sent.since.as_deref(), str::parse)?.unwrap_or(default.since),
            until: word("until", sent.until.as_deref(), str::parse)?.unwrap_or(default.until),
            by: word("by", sent.by.as_deref(), str::parse)?.unwrap_or(default.by),
            step: word("step", sent.step.as_deref(), str::parse)?,
            top: word("top", sent.top.as_deref(), top)?.unwrap_or(default.top),
            target: default.target,
            slots_max: default.slots_max,
        })
    }
}

/// A span as it was sent, milliseconds since the Unix epoch.
///
/// # Errors
/// A word is no time, or it ends before it begins.
pub(crate) fn asked_span(
    since: Option<&str>,
    until: Option<&str>,
    since_default: Moment,
    now_ms: u64,
) -> Result<(u64, u64), PastError> {
    let since = word("since", since, str::parse)?.unwrap_or(since_default).unix_ms(now_ms);
    let until: Option<Moment> = word("until", until, str::parse)?;
    // What happened in this millisecond is part of what has happened up to now.
    let until = until.map_or(now_ms.saturating_add(1), |until| until.unix_ms(now_ms));
    if since < until { Ok((since, until)) } else { Err(PastError::EmptySpan) }
}

/// A moment as it was sent.
///
/// # Errors
/// It is none.
pub(crate) fn asked_moment(
    key: &'static str,
    text: Option<&str>,
    now_ms: u64,
) -> Result<Option<u64>, PastError> {
    Ok(word(key, text, str::parse::<Moment>)?.map(|moment| moment.unix_ms(now_ms)))
}

fn word<T>(
    key: &'static str,
    text: Option<&str>,
    parse: impl FnOnce(&str) -> Result<T, WordError>,
) -> Result<Option<T>, PastError> {
    let wrong = |text: &str, cause| PastError::Word { key, text: text.to_owned(), cause };
    text.map(|text| parse(text).map_err(|cause| wrong(text, cause))).transpose()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_sent_is_understood_or_refused_by_name() {
        let sent = HistoryQuestion { target: "api".to_owned(), ..HistoryQuestion::default() };
        assert_eq!(Question::try_from(&sent).unwrap(), Question::new("api"));
        let by = Some("label:tenant".to_owned());
        let top = Some("3".to_owned());
        let asked = Question::try_from(&HistoryQuestion { by, top, ..sent.clone() }).unwrap();
        assert_eq!((asked.by.name().as_str(), asked.top), ("label:tenant", 3));
        for top in ["0", "201", "many", "-1"] {
            let wrong = HistoryQuestion { top: Some(top.to_owned()), ..sent.clone() };
            let error = Question::try_from(&wrong).unwrap_err().to_string();
            assert!(error.starts_with(&format!("top={top}: ")), "{error}");
        }
        let by: By = "measure:cgroup_*".parse().unwrap();
        assert!(
            by.means("cgroup_memory_bytes")
                && !by.means("heap_alloc_bytes")
                && by.name() == "measure:cgroup_*"
        );
        assert!(By::Measure("gc_cycles".to_owned()).means("gc_cycles"));
        for by in ["", "label:", "measure:", "stacks"] {
            assert!(by.parse::<By>().is_err(), "{by}");
        }
    }
}
