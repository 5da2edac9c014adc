//! Remembering what is seen: looks become ticks of the history, which one thread writes.
//!
//! Looks never wait for the disk. While it is full or slow, what is to be written waits in memory, as much as there may
//! be; beyond that the newest looks are left out and counted, and the history shows a gap.

mod earlier;
mod deploys;
mod figures;
mod waiting;
mod writing;
mod posted;
#[cfg(test)]
mod tests;

use std::path::Path;
use std::sync::{Condvar, Mutex};

use capture::CaptureError;
use history_store::{
    Batch, Ending, EndingKind, History, HistoryError, Limits, Mark, MarkKind, ProcessInfo, ProcessKey,
    SqliteStore, Translator,
};
use linux_process::CgroupFigures;
use rustc_hash::FxHashMap;

use crate::clock::Clock;
use crate::config::{Collect, Config};
use crate::locks::locked;
use crate::target::{Facts, TargetId};
use crate::watcher::Look;
use deploys::Deploys;
use waiting::Waiting;

pub use earlier::EarlierPrograms;
pub(crate) use waiting::WAITING_MAX;

/// Name of the history's file.
pub const FILE: &str = "history.sqlite";

/// How remembering goes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Remembered {
    /// Ticks written.
    pub ticks: u64,
    /// Ticks that wait.
    pub waiting: usize,
    /// Ticks that were left out, as too many waited.
    pub left_out: u64,
    /// Entries that the history did not take, and never would.
    pub refused: u64,
    /// The last of these, and why.
    pub last_refused: Option<String>,
    /// Why nothing can be written, if so.
    pub error: Option<String>,
}

impl Remembered {
    /// What is wrong, for people.
    pub(crate) fn problems(&self) -> Vec<String> {
        let error = self.error.as_ref().map(|error| {
            let (waiting, left_out) = (self.waiting, self.left_out);
            format!("history: {error}; {waiting} looks wait to be written, {left_out} were left out")
        });
        let refused = self.last_refused.as_ref().map(|last| {
            format!("history: {} entries were not taken and are left out, the last: {last}", self.refused)
        });
        error.into_iter().chain(refused).collect()
    }
}

/// Remembers.
pub(crate) struct Memory {
    boot_id: String,
    clock: Clock,
    targets: Mutex<FxHashMap<TargetId, Watched>>,
    deploys: Mutex<Deploys>,
    waiting: Mutex<Waiting>,
    woken: Condvar,
    state: Mutex<Remembered>,
}

/// A target of which is remembered.
struct Watched {
    translator: Translator,
    key: ProcessKey,
    /// Whether its record has an ending for now, though it is there.
    has_ending: bool,
}

impl Memory {
    /// Goes on with what is in a history, and says which programs processes ran.
    ///
    /// # Errors
    /// The history cannot be read.
    pub(crate) fn of(
        store: &impl History,
        proc: &Path,
        clock: Clock,
    ) -> Result<(Memory, EarlierPrograms), HistoryError> {
        let boot_id = std::fs::read_to_string(proc.join("sys/kernel/random/boot_id")).unwrap_or_default();
        let boot_id = boot_id.trim().to_owned();
        let left = earlier::left(store, &boot_id)?;
        let version = env!("CARGO_PKG_VERSION");
        let text = match left.endings.len() {
            0 => format!("gostat {version}"),
            watched => format!(
                "gostat {version}; the agent before it had not ended as it should, and watched {watched} processes"
            ),
        };
        let start = mark_of_the_machine(clock.now_unix_ms(), MarkKind::AgentStart, text);
        let first = Batch { marks: vec![start], endings: left.endings, ..Batch::default() };
        let memory = Memory {
            boot_id,
            clock,
            targets: Mutex::default(),
            deploys: Mutex::new(left.deploys),
            waiting: Mutex::new(Waiting::beginning_with(first)),
            woken: Condvar::new(),
            state: Mutex::default(),
        };
        Ok((memory, left.programs))
    }

    pub(crate) fn state(&self) -> Remembered {
        let waiting = locked(&self.waiting);
        let (ticks, left_out) = (waiting.len(), waiting.left_out);
        drop(waiting);
        Remembered { waiting: ticks, left_out, ..locked(&self.state).clone() }
    }

    /// Which process a target is, in histories.
    pub(crate) fn key(&self, facts: &Facts) -> ProcessKey {
        let (boot_id, pid) = (self.boot_id.clone(), facts.target.pid);
        ProcessKey { boot_id, pid, start_ticks: facts.start_ticks, execs: facts.execs }
    }

    pub(crate) fn began(&self, facts: &Facts) {
        let key = self.key(facts);
        let watched = Watched { translator: Translator::new(), key: key.clone(), has_ending: false };
        locked(&self.targets).insert(facts.id.clone(), watched);
        let deploy = locked(&self.deploys).began(&key, facts);
        let mut waiting = locked(&self.waiting);
        waiting.describe(key.clone(), described(facts));
        if let Some(deploys::Deploy { service, text }) = deploy {
            tracing::info!(target = %facts.id, text, "deployed");
            // The agent may have come later.
            let now_ms = self.clock.now_unix_ms();
            let at_ms = facts.started_unix_ms.map_or(now_ms, |started_ms| started_ms.min(now_ms));
            let (process, service) = (Some(key), Some(service));
            waiting.rest.marks.push(Mark { process, service, at_ms, kind: MarkKind::Deploy, text });
        }
    }

    /// Looks at a target, whose control groups say this.
    pub(crate) fn looked(&self, look: &Look<'_, '_>, groups: Option<&CgroupFigures>) {
        let mut targets = locked(&self.targets);
        let Some(watched) = targets.get_mut(&look.facts.id) else { return };
        let counts_only = look.collect != Collect::Stacks;
        let mut tick = watched.translator.tick(look.census, &watched.key, counts_only);
        tick.measures.extend(groups.into_iter().flat_map(figures::measures));
        let is_back = std::mem::take(&mut watched.has_ending);
        drop(targets);
        let mut waiting = locked(&self.waiting);
        if is_back {
            waiting.describe(tick.process.clone(), described(look.facts));
        }
        waiting.push(tick);
    }

    /// A look failed. Who may not be read any more has an ending until it may be again.
    pub(crate) fn failed(&self, facts: &Facts, error: &CaptureError) {
        if matches!(error, CaptureError::NotPermitted(_)) {
            self.left_alone(facts, EndingKind::NotPermitted);
        }
    }

    /// A target is not looked at until it is wanted again.
    pub(crate) fn unwatched(&self, facts: &Facts) {
        self.left_alone(facts, EndingKind::NotWatched);
    }

    fn left_alone(&self, facts: &Facts, how: EndingKind) {
        let mut targets = locked(&self.targets);
        let Some(watched) = targets.get_mut(&facts.id).filter(|watched| !watched.has_ending) else { return };
        watched.has_ending = true;
        let ending = (watched.key.clone(), Ending { at_ms: self.clock.now_unix_ms(), how });
        drop(targets);
        locked(&self.waiting).rest.endings.push(ending);
    }

    pub(crate) fn ended(&self, facts: &Facts, error: &CaptureError) {
        locked(&self.targets).remove(&facts.id);
        let (key, at_ms, how) = (self.key(facts), self.clock.now_unix_ms(), earlier::ending(error));
        locked(&self.deploys).ended(&key);
        let rest = &mut locked(&self.waiting).rest;
        if how == EndingKind::Executed {
            let (process, kind) = (Some(key.clone()), MarkKind::Exec);
            rest.marks.push(Mark { process, service: None, at_ms, kind, text: error.to_string() });
        }
        rest.endings.push((key, Ending { at_ms, how }));
    }

    /// Findings as they are now.
    pub(crate) fn found(&self, findings: Vec<history_store::Finding>) {
        locked(&self.waiting).replace_findings(findings);
    }

    /// Ends: nobody looks any more. What is still watched is left as it is.
    pub(crate) fn stop(&self) {
        let at_ms = self.clock.now_unix_ms();
        let targets = std::mem::take(&mut *locked(&self.targets));
        let watched = targets.into_values().filter(|watched| !watched.has_ending);
        let ending = Ending { at_ms, how: EndingKind::AgentStopped };
        let endings: Vec<_> = watched.map(|watched| (watched.key, ending)).collect();
        let mut waiting = locked(&self.waiting);
        let text =
            format!("gostat {} ended, and watched {} processes", env!("CARGO_PKG_VERSION"), endings.len());
        waiting.rest.marks.push(mark_of_the_machine(at_ms, MarkKind::AgentStop, text));
        waiting.rest.endings.extend(endings);
        waiting.stopping = true;
        drop(waiting);
        self.woken.notify_all();
    }
}

fn mark_of_the_machine(at_ms: u64, kind: MarkKind, text: String) -> Mark {
    Mark { process: None, service: None, at_ms, kind, text }
}

/// What is known of a target.
fn described(facts: &Facts) -> ProcessInfo {
    let target = &facts.target;
    let mut info = ProcessInfo {
        executable: target.executable.clone(),
        command: target.name.clone(),
        go_version: target.go_version.clone(),
        module: target.module.clone(),
        module_version: target.module_version.clone(),
        container_id: facts.container.as_ref().map(|container| container.id.clone()),
        tags: facts.labels.clone(),
    };
    deploys::tag(&mut info, &facts.build);
    info
}

/// Opens the history of a configuration for writing.
pub(crate) fn open(config: &Config) -> Result<SqliteStore, HistoryError> {
    SqliteStore::open(&config.state_directory.join(FILE), Limits::default())
}
