//! What the web server is answered.

mod refusals;
mod target_state;

use std::fs;
use std::sync::{Arc, PoisonError, RwLock};

use alerting::{AlertingError, Finding, Silence};
use capture::{AttachError, CodeMapping, LeakSearch, Options, Session};
use pprof_profile::Mapping;
use snapshot::GoroutineId;
use web_server::{
    AskError, Backend, Feed, FindingState, FindingsPast, FindingsQuestion, FindingsState, Goroutines, Health,
    HistoryAnswer, HistoryQuestion, LiveFrames, MarkJson, Marks, MarksQuestion, NewMark, PastProcesses,
    SinkState, TargetState, Text,
};

pub(crate) use self::refusals::past;
use self::refusals::{no_history, unknown, unreadable, unwatched};
use self::target_state::state;
use crate::agent::Found;
use crate::clock::now_unix_ms;
use crate::config::Config;
use crate::explain;
use crate::found;
use crate::history::{Moment, Past, Question, asked_span, mark_json};
use crate::judge::{FindingsView, Judge};
use crate::live::Live;
use crate::measure::{Metrics, Own};
use crate::registry::Registry;
use crate::remember::{FILE as HISTORY_FILE, Memory};
use crate::user_marks;

/// Answers from what the agent knows, and from targets themselves.
pub(crate) struct Answers {
    pub(crate) registry: Arc<Registry>,
    pub(crate) found: Arc<RwLock<Found>>,
    pub(crate) metrics: Arc<Metrics>,
    pub(crate) judge: Arc<Judge>,
    pub(crate) live: Arc<Live>,
    pub(crate) memory: Option<Arc<Memory>>,
    pub(crate) feed: Arc<Feed>,
    pub(crate) config: Box<dyn Fn() -> Arc<Config> + Send + Sync>,
}

impl Backend for Answers {
    fn feed(&self) -> &Arc<Feed> {
        &self.feed
    }

    fn metrics(&self, accept: Option<&str>) -> Text {
        let config = (self.config)();
        // With what SQLite keeps beside it until it is written to the file.
        let size = |end| fs::metadata(config.state_directory.join(format!("{HISTORY_FILE}{end}"))).ok();
        let kept = self.memory.as_ref().map(|memory| memory.state());
        let sizes = ["", "-wal"].into_iter().filter_map(size).map(|file| file.len());
        let own = Own {
            registry: &self.registry,
            config: &config,
            findings: self.judge.view(),
            history_bytes: kept.is_some().then(|| sizes.sum()),
            history_limit_bytes: kept.is_some().then_some(config.history.size_mib << 20),
            remembered: kept,
        };
        self.metrics.text(accept, &own)
    }

    fn health(&self) -> Health {
        let found = self.found.read().unwrap_or_else(PoisonError::into_inner).clone();
        let ready = found.scans > 0 && found.error.is_none();
        // Without a history it still watches, measures and warns.
        let remembered = self.memory.iter().flat_map(|memory| memory.state().problems());
        Health {
            ready,
            problems: found.error.into_iter().chain(remembered).collect(),
            version: env!("CARGO_PKG_VERSION"),
            targets: self.registry.len(),
            refused: found.refused,
            left: found.left,
        }
    }

    fn targets(&self) -> Vec<TargetState> {
        self.registry.statuses().iter().map(state).collect()
    }

    fn target(&self, id: &str) -> Result<TargetState, AskError> {
        Ok(state(&self.registry.status(id).map_err(unknown)?))
    }

    fn set_enabled(&self, id: &str, enabled: bool) -> Result<TargetState, AskError> {
        self.registry.set_disabled(id, !enabled).map_err(unknown)?;
        self.target(id)
    }

    fn findings(&self, question: &FindingsQuestion) -> Result<FindingsState, AskError> {
        let (view, findings, past) = match question {
            FindingsQuestion { since: None, until: None } => {
                let view = self.judge.view();
                let findings = found::told(&view.findings);
                (view, findings, None)
            }
            of_a_span => {
                let (view, findings, past) = self.past_findings(of_a_span)?;
                (view, findings, Some(past))
            }
        };
        let sinks = view.sinks.into_iter().map(|sink| SinkState {
            name: sink.sink,
            sink_type: sink.sink_type,
            sent: sink.sent,
            failed: sink.failed,
            retried: sink.retried,
            dropped: sink.dropped,
            waiting: sink.queue,
            last_error: sink.last_error,
        });
        Ok(FindingsState { findings, past, silences: view.silences, sinks: sinks.collect() })
    }

    fn silence(&self, silence: Silence) -> Result<u64, AlertingError> {
        self.judge.add_silence(silence)
    }

    fn end_silence(&self, id: u64) -> bool {
        self.judge.end_silence(id)
    }

    fn goroutines(&self, id: &str) -> Result<Goroutines, AskError> {
        let mut session = self.session(id)?;
        let snapshot = session.snapshot(&Options { wait_objects: false, ..Options::default() });
        let snapshot = snapshot.map_err(|error| unreadable(&error, error.hint()))?;
        Ok(Goroutines { snapshot, wanted: None, mapping: session.code_mapping().map(mapping) })
    }

    fn leaked(&self, id: &str) -> Result<Goroutines, AskError> {
        let mut session = self.heap_session(id)?;
        let found = session.find_leaks(&LeakSearch::default(), |_| (), |_, _| Vec::new());
        let (snapshot, found) = found.map_err(|error| unreadable(&error, error.hint()))?;
        if !found.proven && !found.asleep.is_empty() {
            return Err(AskError::Unreadable {
                reason: format!("nothing is proven: {}", found.doubts.join("; ")),
                hint: Some("ask again: it may come to rest; or run gostat leaks --freeze".to_owned()),
            });
        }
        let mut wanted: Vec<GoroutineId> = found.asleep.iter().map(|asleep| asleep.id).collect();
        wanted.sort_unstable();
        let mapping = session.code_mapping().map(mapping);
        Ok(Goroutines { snapshot, wanted: Some(wanted), mapping })
    }

    fn live(&self, id: &str) -> Result<LiveFrames, AskError> {
        let facts = self.registry.status(id).map_err(unknown)?.facts;
        if let Some(frames) = self.live.join(&facts.id).map_err(unwatched)? {
            return Ok(frames);
        }
        self.live.begin(&facts.id, self.session(id)?).map_err(unwatched)
    }

    fn may_watch(&self, id: &str) -> Result<(), AskError> {
        let facts = self.registry.status(id).map_err(unknown)?.facts;
        self.live.admits(&facts.id).map_err(unwatched)
    }

    fn goroutine(&self, id: &str, goroutine: GoroutineId) -> Result<Text, AskError> {
        explain::goroutine(&mut self.session(id)?, goroutine)
    }

    fn why(&self, id: &str, goroutine: GoroutineId) -> Result<Text, AskError> {
        explain::why(&mut self.heap_session(id)?, goroutine)
    }

    fn graph(&self, id: &str) -> Result<Text, AskError> {
        explain::graph(&mut self.heap_session(id)?)
    }

    fn leaks(&self, id: &str) -> Result<Text, AskError> {
        explain::leaked(&mut self.heap_session(id)?)
    }

    fn history(&self, question: &HistoryQuestion) -> Result<HistoryAnswer, AskError> {
        let question = Question::try_from(question).map_err(|error| past(&error))?;
        self.past()?.range(&question, now_unix_ms()).map_err(|error| past(&error))
    }

    fn marks(&self, question: &MarksQuestion) -> Result<Marks, AskError> {
        self.past()?.marks_asked(question, now_unix_ms()).map_err(|error| past(&error))
    }

    fn mark(&self, wanted: NewMark) -> Result<MarkJson, AskError> {
        let memory = self.memory.as_ref().ok_or_else(no_history)?;
        let process = match &wanted.target {
            Some(id) => Some(memory.key(&self.registry.status(id).map_err(unknown)?.facts)),
            None => None,
        };
        let kept_ms = u64::try_from((self.config)().history.hours.as_millis()).unwrap_or(u64::MAX);
        let mark = user_marks::understood(wanted, process, now_unix_ms(), kept_ms)?;
        memory.post(mark.clone()).map_err(|error| AskError::Unreadable {
            reason: error.to_string(),
            hint: Some("GET /readyz says what is wrong with the history".to_owned()),
        })?;
        Ok(mark_json(mark))
    }

    fn processes(&self) -> Result<PastProcesses, AskError> {
        self.past()?.processes(0).map_err(|error| past(&error))
    }
}

impl Answers {
    /// The history as it is now.
    fn past(&self) -> Result<Past, AskError> {
        if self.memory.is_none() {
            return Err(no_history());
        }
        let directory = (self.config)().state_directory.clone();
        Past::open(&directory.join(HISTORY_FILE)).map_err(|error| past(&error))
    }

    /// Findings of a span: those of now, and those that only the history still has.
    fn past_findings(
        &self,
        question: &FindingsQuestion,
    ) -> Result<(FindingsView, Vec<FindingState>, FindingsPast), AskError> {
        let (now_ms, all) = (now_unix_ms(), Moment::At(0));
        let span = asked_span(question.since.as_deref(), question.until.as_deref(), all, now_ms);
        let span = span.map_err(|error| past(&error))?;
        let mut basis =
            FindingsPast { since_ms: span.0, until_ms: span.1, reaches_back_to_ms: None, left_out: 0 };
        let mut stored = Vec::new();
        if self.memory.is_some() {
            let (listed, reaches_ms) = self.past()?.stored_findings(span).map_err(|error| past(&error))?;
            let kept_ms = u64::try_from((self.config)().history.hours.as_millis()).unwrap_or(u64::MAX);
            basis.reaches_back_to_ms = reaches_ms.map(|ms| ms.max(now_ms.saturating_sub(kept_ms)));
            basis.left_out = listed.left_out;
            stored = listed.entries;
        }
        // After the history: what began meanwhile is known here.
        let view = self.judge.view();
        let alert = |finding: &Finding| self.judge.alert(finding);
        let (findings, unknown) = found::joined(&view.findings, &stored, span, &alert);
        basis.left_out += unknown;
        Ok((view, findings, basis))
    }

    /// As [`Answers::session`], for who copies the heap: not more of it than the configuration allows.
    fn heap_session(&self, id: &str) -> Result<Session, AskError> {
        let mut session = self.session(id)?;
        session.set_heap_bytes_max((self.config)().leaks.heap_mib << 20);
        Ok(session)
    }

    /// A way into a target of its own, so that looks do not wait for it.
    fn session(&self, id: &str) -> Result<Session, AskError> {
        let facts = self.registry.status(id).map_err(unknown)?.facts;
        let failed = |error: AttachError| unreadable(&error, error.hint());
        let session = Session::attach(facts.target.pid).map_err(failed)?;
        let same = session.start_ticks() == Some(facts.start_ticks);
        if same { Ok(session) } else { Err(AskError::UnknownTarget { id: id.to_owned() }) }
    }
}

fn mapping(code: CodeMapping) -> Mapping {
    Mapping { start: code.start.0, limit: code.end.0, offset: code.file_offset, build_id: String::new() }
}
