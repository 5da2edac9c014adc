//! What waits to be written: bounded, in order, and put back if it could not be.

use std::collections::VecDeque;

use history_store::{Batch, Finding, ProcessInfo, ProcessKey, Tick};

use super::posted::Posted;

/// Ticks that may wait.
pub(crate) const WAITING_MAX: usize = 20_000;
/// Counts and figures of all ticks that may wait: some 60 MB.
const FIGURES_MAX: usize = 1_000_000;
/// Ticks written at once.
const WRITTEN_AT_ONCE: usize = 2_000;

/// What is to be written.
#[derive(Default)]
pub(super) struct Waiting {
    ticks: VecDeque<Tick>,
    /// Everything else.
    pub(super) rest: Batch,
    /// Marks of users, who wait to hear that they are written.
    pub(super) posted: Vec<Posted>,
    /// Of ticks, those that are being written included: how many there are, and their counts and figures.
    held: usize,
    figures: usize,
    /// Ticks that there was no room for.
    pub(super) left_out: u64,
    pub(super) stopping: bool,
}

impl Waiting {
    /// What is to be written first.
    pub(super) fn beginning_with(rest: Batch) -> Self {
        Waiting { rest, ..Waiting::default() }
    }

    /// Ticks that wait or are being written.
    pub(super) fn len(&self) -> usize {
        self.held
    }

    /// Whether there are ticks to be taken.
    pub(super) fn has_ticks(&self) -> bool {
        !self.ticks.is_empty()
    }

    /// Takes a tick, if there is room.
    pub(super) fn push(&mut self, tick: Tick) {
        if self.held < WAITING_MAX && self.figures < FIGURES_MAX {
            (self.held, self.figures) = (self.held + 1, self.figures + figures(&tick));
            self.ticks.push_back(tick);
        } else {
            self.left_out += 1;
        }
    }

    /// A process is watched, for the first time or again: an ending that waits is none.
    pub(super) fn describe(&mut self, key: ProcessKey, info: ProcessInfo) {
        self.rest.endings.retain(|(ended, _)| *ended != key);
        self.rest.processes.push((key, info));
    }

    /// Of a finding only the latest is to be written.
    pub(super) fn replace_findings(&mut self, later: Vec<Finding>) {
        replace(&mut self.rest.findings, later);
    }

    /// What is to be written next.
    pub(super) fn take(&mut self, at_ms: u64) -> Batch {
        let mut batch = std::mem::take(&mut self.rest);
        let count = self.ticks.len().min(WRITTEN_AT_ONCE);
        batch.ticks.extend(self.ticks.drain(..count));
        batch.at_ms = at_ms;
        batch
    }

    /// These need no room any more: they are written, or never will be.
    pub(super) fn forget(&mut self, ticks: &[Tick]) {
        self.held = self.held.saturating_sub(ticks.len());
        self.figures = self.figures.saturating_sub(ticks.iter().map(figures).sum());
    }

    /// What could not be written is before what has come since.
    pub(super) fn put_back(&mut self, mut batch: Batch) {
        for tick in std::mem::take(&mut batch.ticks).into_iter().rev() {
            self.ticks.push_front(tick);
        }
        let later = std::mem::replace(&mut self.rest, batch);
        let rest = &mut self.rest;
        rest.endings.retain(|(ended, _)| later.processes.iter().all(|(again, _)| again != ended));
        rest.processes.extend(later.processes);
        rest.endings.extend(later.endings);
        rest.marks.extend(later.marks);
        replace(&mut rest.findings, later.findings);
        // The oldest are given up, as hundreds of processes may come and go while nothing can be written.
        keep_newest(&mut rest.processes);
        keep_newest(&mut rest.endings);
        keep_newest(&mut rest.marks);
    }
}

fn figures(tick: &Tick) -> usize {
    tick.counts.len() + tick.measures.len()
}

fn replace(findings: &mut Vec<Finding>, later: Vec<Finding>) {
    findings.retain(|earlier| later.iter().all(|later| later.key != earlier.key));
    findings.extend(later);
}

fn keep_newest<T>(list: &mut Vec<T>) {
    list.drain(..list.len().saturating_sub(WAITING_MAX));
}

/// Two batches that are one, in order; the second is none of what cannot be divided.
pub(super) fn halves(mut batch: Batch) -> (Batch, Option<Batch>) {
    let mut first = Batch { at_ms: batch.at_ms, ..Batch::default() };
    let kinds = [
        !batch.processes.is_empty(),
        !batch.ticks.is_empty(),
        !batch.endings.is_empty(),
        !batch.marks.is_empty(),
        !batch.findings.is_empty(),
    ];
    // One kind after the other, and then halves of one kind.
    let several = kinds.iter().filter(|has| **has).count() > 1;
    let half = |len: usize| if several { len } else { len / 2 };
    let [processes, ticks, endings, marks, _] = kinds;
    if processes {
        first.processes = batch.processes.drain(..half(batch.processes.len())).collect();
    } else if ticks {
        first.ticks = batch.ticks.drain(..half(batch.ticks.len())).collect();
    } else if endings {
        first.endings = batch.endings.drain(..half(batch.endings.len())).collect();
    } else if marks {
        first.marks = batch.marks.drain(..half(batch.marks.len())).collect();
    } else {
        first.findings = batch.findings.drain(..half(batch.findings.len())).collect();
    }
    if entries(&first) == 0 { (batch, None) } else { (first, Some(batch)) }
}

/// Entries of a batch.
pub(super) fn entries(batch: &Batch) -> u64 {
    let Batch { at_ms: _, processes, ticks, endings, marks, findings } = batch;
    (processes.len() + ticks.len() + endings.len() + marks.len() + findings.len()) as u64
}
