//! A drill: a plainly marked alert, sent through the same code as real ones, while somebody waits for the outcome.

use std::time::{Duration, Instant};

use crate::alert::{Alert, Event, Notice, TopCause};
use crate::delivery::sender::{Sender, now_unix_ms};
use crate::delivery::verdict::Outcome;
use crate::error::AlertingError;
use crate::finding::FindingId;
use crate::observation::{Cause, CauseKey, Family, Kind, Severity};
use crate::payload::SinkType;
use crate::settings::{AlertSettings, SinkSettings};
use crate::target_tags::TargetTags;

/// What came of a drill at one sink.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DrillReport {
    /// The sink's name.
    pub sink: String,
    /// Its type.
    pub sink_type: SinkType,
    /// Why the test alert did not arrive, or its end; `None` if both did.
    pub error: Option<String>,
    /// How long it took.
    pub took: Duration,
}

/// Sends a test alert, and its end, through one sink or all of them: one try each, without queue and whatever their
/// least severity. All sinks are tried at the same time, and reported in the order of the configuration.
///
/// # Errors
///
/// Settings that cannot work, and a name that no sink has. What goes wrong at one sink is in its report.
pub fn drill(settings: &AlertSettings, sink: Option<&str>) -> Result<Vec<DrillReport>, AlertingError> {
    settings.check()?;
    if settings.sinks.is_empty() {
        return Err(AlertingError::NoSinks);
    }
    let chosen: Vec<&SinkSettings> =
        settings.sinks.iter().filter(|one| sink.is_none_or(|name| name == one.name)).collect();
    if let (Some(sink), true) = (sink, chosen.is_empty()) {
        let known = settings.sinks.iter().map(|one| one.name.clone()).collect();
        return Err(AlertingError::NoSuchSink { sink: sink.to_owned(), known });
    }
    Ok(std::thread::scope(|scope| {
        let tries: Vec<_> = chosen.iter().map(|sink| (*sink, scope.spawn(|| try_sink(sink)))).collect();
        tries.into_iter().map(|(sink, thread)| thread.join().unwrap_or_else(|_| crashed(sink))).collect()
    }))
}

fn try_sink(settings: &SinkSettings) -> DrillReport {
    let begun = Instant::now();
    let error = send_both(settings).err();
    DrillReport { sink: settings.name.clone(), sink_type: settings.sink_type, error, took: begun.elapsed() }
}

fn send_both(settings: &SinkSettings) -> Result<(), String> {
    let sender = Sender::new(settings).map_err(|error| error.to_string())?;
    let now = now_unix_ms();
    let alert = test_alert(&settings.name, now);
    let ended = Alert { resolved_at_unix_ms: Some(now), ..alert.clone() };
    for (event, alert) in [(Event::Fired, alert), (Event::Resolved, ended)] {
        match sender.send(&Notice { event, at_unix_ms: now, alert }) {
            Outcome::Delivered => {}
            Outcome::Wait { error, .. } | Outcome::Again { error } | Outcome::Refused { error } => {
                return Err(format!("{}: {error}", event.name()));
            }
        }
    }
    Ok(())
}

fn crashed(settings: &SinkSettings) -> DrillReport {
    let error = Some("the try crashed: this is a bug of gostat".to_owned());
    DrillReport { sink: settings.name.clone(), sink_type: settings.sink_type, error, took: Duration::ZERO }
}

/// An alert that says that it is none.
pub(crate) fn test_alert(sink: &str, now_unix_ms: u64) -> Alert {
    let id = FindingId::hash(&["drill", sink, &now_unix_ms.to_string()]);
    let labels =
        [("finding", id.as_str()), ("kind", "leak"), ("service", "gostat-drill"), ("severity", "warning")];
    let cause = Cause { function: "main.drill".to_owned(), file: "drill.go".to_owned(), line: 42, count: 1 };
    Alert {
        labels: labels.map(|(name, value)| (name.to_owned(), value.to_owned())).into(),
        id,
        family: Family::Leak,
        kind: Kind::LeakSuspected,
        severity: Severity::Warning,
        service: "gostat-drill".to_owned(),
        environment: None,
        key: CauseKey::default(),
        sentence: format!("This is a test of the sink {sink}: nothing is wrong, and nothing has to be done."),
        evidence: vec!["somebody started a drill".to_owned()],
        fix: None,
        causes: vec![TopCause { cause, share: 1.0 }],
        causes_more: 0,
        count: 1,
        count_max: 1,
        per_minute: None,
        targets: vec![TargetTags { executable: "drill".to_owned(), ..TargetTags::default() }],
        targets_total: 1,
        first_seen_unix_ms: now_unix_ms,
        firing_since_unix_ms: now_unix_ms,
        resolved_at_unix_ms: None,
        link: None,
        is_test: true,
    }
}
