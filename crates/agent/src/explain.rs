//! One goroutine, what it waits for, and which have leaked: as the commands of the same names say it in JSON.

use analysis::blocking::BlockingGraph;
use analysis::{Meanings, Rules};
use capture::{CaptureError, LeakSearch, Options, Session};
use leak_detection::{Suspicion, groups_to_weigh, leaks, pathologies};
use report::{BlockingReport, LeakReport, not_blocked};
use rustc_hash::FxHashMap;
use snapshot::GoroutineId;
use web_server::{AskError, Text};

/// A goroutine as `gostat dump --json` has it.
pub(crate) fn goroutine(session: &mut Session, id: GoroutineId) -> Result<Text, AskError> {
    let snapshot = session.snapshot(&Options::default()).map_err(unreadable)?;
    let wanted: Vec<_> = snapshot.goroutines.iter().filter(|goroutine| goroutine.id == id).collect();
    if wanted.is_empty() {
        return Err(no_such(id));
    }
    let meanings = Meanings::new(Rules::built_in(), &snapshot);
    written(|out| report::json::write_dump(&meanings, wanted, out))
}

/// What a goroutine waits for, as `gostat why --json` says it.
pub(crate) fn why(session: &mut Session, id: GoroutineId) -> Result<Text, AskError> {
    let blocked = session.blocked(None).map_err(unreadable)?;
    let graph = BlockingGraph::new(&blocked.snapshot, &blocked.references);
    let at = graph.index_of(id).ok_or_else(|| no_such(id))?;
    if let Some(doing) = graph.goroutine(at).and_then(|goroutine| not_blocked(&blocked.snapshot, goroutine)) {
        return Err(AskError::NothingKnown {
            reason: format!("goroutine {} is not blocked: it is {doing}", id.0),
            hint: Some("try again, if it should be blocked".to_owned()),
        });
    }
    let deadlocks = graph.deadlocks();
    let still = |members: &_| session.still_blocked(&blocked, members);
    let report = BlockingReport::new(&graph, &deadlocks, still).map_err(unreadable)?;
    let chain = graph.chain(at);
    written(|out| report.write_why_json(&chain, out))
}

/// Who waits for whom, as `gostat graph --format json` says it.
pub(crate) fn graph(session: &mut Session) -> Result<Text, AskError> {
    let blocked = session.blocked(None).map_err(unreadable)?;
    let graph = BlockingGraph::new(&blocked.snapshot, &blocked.references);
    let deadlocks = graph.deadlocks();
    let still = |members: &_| session.still_blocked(&blocked, members);
    let report = BlockingReport::new(&graph, &deadlocks, still).map_err(unreadable)?;
    let merged = graph.merged(&deadlocks);
    written(|out| report.write_graph_json(&merged, out))
}

/// Which goroutines have leaked, as `gostat leaks --json` says it.
pub(crate) fn leaked(session: &mut Session) -> Result<Text, AskError> {
    let rules = Rules::built_in();
    let grouped = |snapshot: &_, asleep: &_| groups_to_weigh(rules, snapshot, asleep);
    let found = session.find_leaks(&LeakSearch::default(), |_| (), grouped);
    let (snapshot, findings) = found.map_err(unreadable)?;
    let meanings = Meanings::new(rules, &snapshot);
    let mut found = leaks(&meanings, &(&findings).into(), &FxHashMap::default(), Suspicion::default());
    found.add_facts(&findings.groups);
    let pathologies = pathologies(None, &snapshot);
    let report = LeakReport::new(&snapshot, &found, &pathologies, &findings);
    written(|out| report.write_json(out))
}

fn written(write: impl FnOnce(&mut Vec<u8>) -> std::io::Result<()>) -> Result<Text, AskError> {
    let mut out = Vec::new();
    let written = write(&mut out).map_err(|error| error.to_string());
    let body = written.and_then(|()| String::from_utf8(out).map_err(|error| error.to_string()));
    let unreadable = |reason| AskError::Unreadable { reason, hint: None };
    Ok(Text { media_type: "application/json", body: body.map_err(unreadable)? })
}

fn no_such(id: GoroutineId) -> AskError {
    AskError::NothingKnown {
        reason: format!("there is no goroutine {}", id.0),
        hint: Some("it may have ended".to_owned()),
    }
}

fn unreadable(error: CaptureError) -> AskError {
    AskError::Unreadable { reason: error.to_string(), hint: error.hint() }
}
