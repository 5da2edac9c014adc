//! Questions that take a copy of the heap: asked by a thread and a session of their own, so that looks go on.

use std::collections::HashSet;
use std::path::PathBuf;
use std::sync::Arc;

use analysis::blocking::{BlockingGraph, Deadlock};
use analysis::{Meanings, Rules};
use capture::{LeakSearch, Replay, Session, Source};
use leak_detection::{Suspicion, groups_to_weigh, leaks, pathologies};
use report::{BlockingReport, LeakReport};
use rustc_hash::FxHashMap;
use snapshot::GoroutineId;

use crate::event::{Event, Progress, Question};
use crate::mailbox::Mailbox;
use crate::settings::{Settings, Trouble};
use crate::text::{lines, time_of_day};

/// What is asked about, so that it can be opened once more.
#[derive(Debug, Clone)]
pub(crate) enum Origin {
    /// A process, by pid and time of start.
    Process(u32, Option<u64>),
    /// A recording.
    Recording(PathBuf),
}

impl Origin {
    fn open(&self, moment: Option<usize>) -> Result<Source, Trouble> {
        match self {
            Origin::Process(pid, started) => {
                let session = Session::attach(*pid).map_err(|error| Trouble::new(&error, error.hint()))?;
                if started.is_some() && session.start_ticks() != *started {
                    return Err(Trouble::new(format!("process {pid} has exited"), None));
                }
                Ok(Source::Live(Box::new(session)))
            }
            Origin::Recording(path) => {
                let told =
                    |error: capture::ReplayError| Trouble::new(&error, error.hint().map(str::to_owned));
                let mut replay = Replay::open(path).map_err(told)?;
                if let Some(index) = moment {
                    replay.choose(index).map_err(told)?;
                }
                Ok(Source::Replay(Box::new(replay)))
            }
        }
    }
}

/// Begins to look for an answer, which comes as events.
pub(crate) fn ask(
    question: Question,
    origin: Origin,
    moment: Option<usize>,
    settings: Settings,
    mailbox: Mailbox,
) -> std::io::Result<()> {
    let search = move || {
        let found = origin.open(moment).and_then(|mut source| {
            source.set_workers(settings.workers);
            match question {
                Question::Leaks => find_leaks(&mut source, &settings.rules, &mailbox),
                Question::Why(goroutine) => why(&mut source, goroutine, &mailbox),
            }
        });
        let progress = match found {
            Ok(lines) => Progress::Answer(lines.into()),
            Err(trouble) => Progress::Failed(trouble),
        };
        mailbox.send(Event::Search(question, progress));
    };
    std::thread::Builder::new().name("search".into()).spawn(search).map(|_| ())
}

fn find_leaks(source: &mut Source, rules: &Arc<Rules>, mailbox: &Mailbox) -> Result<Vec<String>, Trouble> {
    let begins = |copy: u32| {
        let step = format!("looking at the heap, copy {copy}");
        mailbox.send(Event::Search(Question::Leaks, Progress::Working(step)));
    };
    let weighed = |snapshot: &_, asleep: &_| groups_to_weigh(rules, snapshot, asleep);
    let found = source.find_leaks(&LeakSearch::default(), begins, weighed);
    let (snapshot, findings) = found.map_err(|error| Trouble::new(&error, error.hint()))?;
    let meanings = Meanings::new(rules, &snapshot);
    let mut found = leaks(&meanings, &(&findings).into(), &FxHashMap::default(), Suspicion::default());
    found.add_facts(&findings.groups);
    let pathologies = pathologies(None, &snapshot);
    let report = LeakReport::new(&snapshot, &found, &pathologies, &findings);
    let mut text = Vec::new();
    report.write(&mut text).map_err(|error| Trouble::new(error, None))?;
    let mut answer = vec![format!("as of {}; L searches again", time_of_day(snapshot.taken_at_unix_ms))];
    // The sum comes first: the screen is small.
    let mut report = lines(&text);
    let sums = report.iter().rposition(|line| line.is_empty()).map_or(0, |empty| empty + 1);
    answer.extend(report.split_off(sums));
    answer.push(String::new());
    answer.extend(report);
    Ok(answer)
}

fn why(source: &mut Source, goroutine: GoroutineId, mailbox: &Mailbox) -> Result<Vec<String>, Trouble> {
    mailbox.send(Event::Search(Question::Why(goroutine), Progress::Working("copying the heap".into())));
    let told = |error: capture::CaptureError| Trouble::new(&error, error.hint());
    let blocked = source.blocked(None).map_err(told)?;
    let graph = BlockingGraph::new(&blocked.snapshot, &blocked.references);
    let id = goroutine.0;
    let Some(index) = graph.index_of(goroutine) else {
        return Err(Trouble::new(format!("there is no goroutine {id} any more"), None));
    };
    let deadlocks = graph.deadlocks();
    let members = graph.members(&deadlocks);
    let still = if members.is_empty() {
        Vec::new()
    } else {
        source.still_blocked(&blocked, &members).map_err(told)?
    };
    let still: HashSet<GoroutineId> = still.into_iter().collect();
    let stayed = |deadlock: &Deadlock| {
        let mut ids = deadlock.goroutines.iter().filter_map(|at| Some(graph.goroutine(*at)?.id));
        ids.all(|id| still.contains(&id))
    };
    let confirmed = deadlocks.iter().map(stayed).collect();
    let report = BlockingReport { graph: &graph, deadlocks: &deadlocks, confirmed, frozen_us: None };
    let mut text = Vec::new();
    report.write_why(&graph.chain(index), &mut text).map_err(|error| Trouble::new(error, None))?;
    let mut answer = vec![format!("as of {}; y asks again", time_of_day(blocked.snapshot.taken_at_unix_ms))];
    answer.extend(lines(&text));
    Ok(answer)
}
