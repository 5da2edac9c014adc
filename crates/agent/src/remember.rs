//! Remembering what is seen: looks become ticks of the history, which one thread writes.
//!
//! Looks never wait for the disk. While it is full or slow, what is to be written waits in memory, as much as there may
//! be; beyond that the newest looks are left out and counted, and the history shows a gap.

use std::collections::VecDeque;
use std::path::Path;
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::Duration;

use capture::CaptureError;
use history_store::{
    Batch, Ending, HistoryError, HistoryStore, Limits, Mark, MarkKind, ProcessInfo, ProcessKey, Retention,
    SqliteStore, Tick, Translator,
};
use rustc_hash::FxHashMap;

use crate::clock::now_unix_ms;
use crate::config::{Collect, Config};
use crate::locks::locked;
use crate::target::{Facts, TargetId};
use crate::watcher::Look;

/// Name of the history's file.
pub const FILE: &str = "history.sqlite";
/// How often what has come together is written.
const WRITTEN_EVERY: Duration = Duration::from_secs(1);
/// After a failure it is tried again in this time.
const RETRIED_AFTER: Duration = Duration::from_secs(10);
/// Ticks that may wait.
pub(crate) const WAITING_MAX: usize = 20_000;
/// Ticks written at once.
const WRITTEN_AT_ONCE: usize = 2_000;

/// What is to be written.
#[derive(Default)]
struct Waiting {
    ticks: VecDeque<Tick>,
    rest: Batch,
    left_out: u64,
    stopping: bool,
}

/// How remembering goes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Remembered {
    /// Ticks written.
    pub ticks: u64,
    /// Ticks that wait.
    pub waiting: usize,
    /// Ticks that were left out, as too many waited.
    pub left_out: u64,
    /// Why nothing can be written, if so.
    pub error: Option<String>,
}

/// Remembers.
pub(crate) struct Memory {
    boot_id: String,
    translators: Mutex<FxHashMap<TargetId, Translator>>,
    waiting: Mutex<Waiting>,
    woken: Condvar,
    state: Mutex<Remembered>,
}

impl Memory {
    pub(crate) fn new(proc: &Path) -> Self {
        let boot_id = std::fs::read_to_string(proc.join("sys/kernel/random/boot_id")).unwrap_or_default();
        let start = Mark {
            process: None,
            at_ms: now_unix_ms(),
            kind: MarkKind::AgentStart,
            text: format!("gostat {}", env!("CARGO_PKG_VERSION")),
        };
        let rest = Batch { marks: vec![start], ..Batch::default() };
        Memory {
            boot_id: boot_id.trim().to_owned(),
            translators: Mutex::default(),
            waiting: Mutex::new(Waiting { rest, ..Waiting::default() }),
            woken: Condvar::new(),
            state: Mutex::default(),
        }
    }

    pub(crate) fn state(&self) -> Remembered {
        let waiting = locked(&self.waiting);
        let (ticks, left_out) = (waiting.ticks.len(), waiting.left_out);
        drop(waiting);
        Remembered { waiting: ticks, left_out, ..locked(&self.state).clone() }
    }

    /// Which process a target is, in histories.
    pub(crate) fn key(&self, facts: &Facts) -> ProcessKey {
        ProcessKey { boot_id: self.boot_id.clone(), pid: facts.target.pid, start_ticks: facts.start_ticks }
    }

    pub(crate) fn began(&self, facts: &Facts) {
        let target = &facts.target;
        let info = ProcessInfo {
            executable: target.executable.clone(),
            command: target.name.clone(),
            go_version: target.go_version.clone(),
            module: target.module.clone(),
            module_version: target.module_version.clone(),
            container_id: facts.container.as_ref().map(|container| container.id.clone()),
            tags: facts.labels.clone(),
        };
        locked(&self.waiting).rest.processes.push((self.key(facts), info));
    }

    pub(crate) fn looked(&self, look: &Look<'_, '_>) {
        let mut translators = locked(&self.translators);
        let translator = translators.entry(look.facts.id.clone()).or_default();
        let tick = translator.tick(look.census, &self.key(look.facts), look.collect != Collect::Stacks);
        drop(translators);
        let mut waiting = locked(&self.waiting);
        if waiting.ticks.len() < WAITING_MAX {
            waiting.ticks.push_back(tick);
        } else {
            waiting.left_out += 1;
        }
    }

    pub(crate) fn ended(&self, facts: &Facts, how: &CaptureError) {
        locked(&self.translators).remove(&facts.id);
        let (process, at_ms) = (self.key(facts), now_unix_ms());
        let rest = &mut locked(&self.waiting).rest;
        match how {
            CaptureError::Replaced { .. } => rest.marks.push(Mark {
                process: Some(process),
                at_ms,
                kind: MarkKind::Exec,
                text: how.to_string(),
            }),
            _ => rest.endings.push((process, Ending { at_ms, how: "exited".to_owned() })),
        }
    }

    /// Findings as they are now.
    pub(crate) fn found(&self, findings: Vec<history_store::Finding>) {
        replace_findings(&mut locked(&self.waiting).rest, findings);
    }

    pub(crate) fn stop(&self) {
        locked(&self.waiting).stopping = true;
        self.woken.notify_all();
    }

    /// Writes what comes until it is stopped, and then the rest.
    pub(crate) fn work(&self, mut store: SqliteStore, config: &dyn Fn() -> Arc<Config>) {
        loop {
            let pause = if locked(&self.state).error.is_some() { RETRIED_AFTER } else { WRITTEN_EVERY };
            let waiting = locked(&self.waiting);
            let waited = self.woken.wait_timeout_while(waiting, pause, |waiting| !waiting.stopping);
            let (mut waiting, _) = waited.unwrap_or_else(PoisonError::into_inner);
            let stopping = waiting.stopping;
            let batch = take(&mut waiting);
            drop(waiting);
            self.write(&mut store, batch, &retention(&config()));
            if stopping && (locked(&self.waiting).ticks.is_empty() || locked(&self.state).error.is_some()) {
                return;
            }
        }
    }

    fn write(&self, store: &mut SqliteStore, batch: Batch, retention: &Retention) {
        let ticks = batch.ticks.len() as u64;
        let written = store.write(&batch).map(|()| store.tidy(now_unix_ms(), retention).map(drop));
        let mut state = locked(&self.state);
        match written {
            Ok(tidied) => {
                state.ticks += ticks;
                let error = tidied.err().map(|error| said(&error));
                if error.is_none() && state.error.is_some() {
                    tracing::info!("the history can be written again");
                }
                state.error = error;
            }
            Err(error) => {
                if state.error.is_none() {
                    tracing::error!(
                        error = said(&error),
                        "the history cannot be written: what is seen waits"
                    );
                }
                state.error = Some(said(&error));
                drop(state);
                put_back(&mut locked(&self.waiting), batch);
            }
        }
    }
}

fn said(error: &HistoryError) -> String {
    let hint = error.hint().map(|hint| format!(" ({hint})"));
    format!("{error}{}", hint.unwrap_or_default())
}

/// Opens the history of a configuration for writing.
pub(crate) fn open(config: &Config) -> Result<SqliteStore, HistoryError> {
    SqliteStore::open(&config.state_directory.join(FILE), Limits::default())
}

fn retention(config: &Config) -> Retention {
    let ms = |time: Duration| u64::try_from(time.as_millis()).unwrap_or(u64::MAX);
    let history = &config.history;
    Retention {
        raw_ms: ms(history.looks),
        minute_ms: ms(history.minutes),
        hour_ms: ms(history.hours),
        bytes_max: history.size_mib << 20,
    }
}

fn take(waiting: &mut Waiting) -> Batch {
    let mut batch = std::mem::take(&mut waiting.rest);
    let count = waiting.ticks.len().min(WRITTEN_AT_ONCE);
    batch.ticks.extend(waiting.ticks.drain(..count));
    batch.at_ms = now_unix_ms();
    batch
}

/// What could not be written is before what has come since.
fn put_back(waiting: &mut Waiting, mut batch: Batch) {
    for tick in std::mem::take(&mut batch.ticks).into_iter().rev() {
        waiting.ticks.push_front(tick);
    }
    let later = std::mem::replace(&mut waiting.rest, batch);
    let rest = &mut waiting.rest;
    rest.processes.extend(later.processes);
    rest.endings.extend(later.endings);
    rest.marks.extend(later.marks);
    replace_findings(rest, later.findings);
    // The oldest are given up, as hundreds of processes may come and go while nothing can be written.
    keep_newest(&mut rest.processes);
    keep_newest(&mut rest.endings);
    keep_newest(&mut rest.marks);
}

/// Of a finding only the latest is to be written.
fn replace_findings(rest: &mut Batch, later: Vec<history_store::Finding>) {
    rest.findings.retain(|earlier| later.iter().all(|later| later.key != earlier.key));
    rest.findings.extend(later);
}

fn keep_newest<T>(list: &mut Vec<T>) {
    list.drain(..list.len().saturating_sub(WAITING_MAX));
}
