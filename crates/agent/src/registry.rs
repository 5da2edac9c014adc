//! All targets, and whose turn it is.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::Duration;

use capture::{CaptureError, monotonic_ns};

use crate::budget::divide;
use crate::cell::Cell;
use crate::config::Config;
use crate::discovery::Found;
use crate::locks::locked;
use crate::target::{Facts, TargetId};
use crate::watcher::{Look, Next, Orders, Seen, Status};

/// Hears what happens to targets. It is called by the threads that look: what takes long belongs elsewhere.
pub trait Observer: Send + Sync {
    /// A process is watched from now on.
    fn began(&self, facts: &Facts);
    /// It was looked at.
    fn looked(&self, look: &Look<'_, '_>);
    /// It could not be looked at.
    fn failed(&self, facts: &Facts, error: &CaptureError);
    /// It is not looked at until rules and users want it to be again.
    fn unwatched(&self, facts: &Facts) {
        let _ = facts;
    }
    /// It is gone, or has executed another program.
    fn ended(&self, facts: &Facts, how: &CaptureError);
}

/// All targets.
pub struct Registry {
    cells: Mutex<BTreeMap<TargetId, Arc<Cell>>>,
    due: Mutex<Due>,
    woken: Condvar,
    observers: Vec<Arc<dyn Observer>>,
}

#[derive(Default)]
struct Due {
    queue: BinaryHeap<Reverse<(u64, TargetId)>>,
    /// Pids of targets that have ended, for discovery.
    ended: Vec<u32>,
    stopping: bool,
}

/// Why a target cannot be asked.
#[derive(Debug, thiserror::Error)]
pub enum TargetError {
    /// There is no such target.
    #[error("there is no target {id}")]
    Unknown {
        /// What was asked for.
        id: String,
    },
}

impl Registry {
    /// None yet.
    pub fn new(observers: Vec<Arc<dyn Observer>>) -> Self {
        Registry { cells: Mutex::default(), due: Mutex::default(), woken: Condvar::new(), observers }
    }

    /// Begins to watch a process.
    pub(crate) fn add(&self, found: Found, config: &Config) {
        let facts = Arc::new(found.facts);
        let wanted = config.watched(&facts.selected());
        let orders = Orders::new(wanted, config.breaker.clone());
        let cell = match Cell::new(Arc::clone(&facts), found.session, orders) {
            Ok(cell) => Arc::new(cell),
            Err(error) => return tracing::error!(target = %facts.id, %error, "cannot watch this process"),
        };
        self.observers.iter().for_each(|observer| observer.began(&facts));
        locked(&self.cells).insert(facts.id.clone(), cell);
        locked(&self.due).queue.push(Reverse((monotonic_ns(), facts.id.clone())));
        self.woken.notify_one();
    }

    /// How all targets are doing, in the order of their ids.
    pub fn statuses(&self) -> Vec<Status> {
        let cells: Vec<_> = locked(&self.cells).values().cloned().collect();
        cells.iter().map(|cell| cell.status()).collect()
    }

    /// How one target is doing.
    pub fn status(&self, id: &str) -> Result<Status, TargetError> {
        Ok(self.cell(id)?.1.status())
    }

    /// Number of targets.
    pub fn len(&self) -> usize {
        locked(&self.cells).len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Switches a target off, or on again. When this returns, the last of the regular looks at one that is off is over;
    /// whoever shows or searches it may be in the middle of one more.
    ///
    /// # Errors
    /// When there is no such target.
    pub fn set_disabled(&self, id: &str, disabled: bool) -> Result<(), TargetError> {
        let (_, cell) = self.cell(id)?;
        cell.order(|orders| orders.disabled = disabled);
        if disabled {
            cell.wait_for_look();
        }
        Ok(())
    }

    /// Applies rules, and divides the budget among all. Nothing waits for looks that are being made.
    pub(crate) fn plan(&self, config: &Config) {
        let cells: Vec<_> = locked(&self.cells).values().cloned().collect();
        let demands: Vec<_> = cells
            .iter()
            .map(|cell| {
                let wanted = config.watched(&cell.status().facts.selected());
                cell.order(|orders| (orders.wanted, orders.limits) = (wanted, config.breaker.clone()));
                cell.demand()
            })
            .collect();
        for (cell, allowed) in cells.iter().zip(divide(&config.budget, &demands)) {
            cell.order(|orders| orders.allowed = allowed);
        }
    }

    /// Has the target with the most goroutines of which stacks are remembered give them up: now, or at the end of the
    /// look that is being made. `None` if there is none, or another one has not given them up yet.
    pub(crate) fn relieve(&self) -> Option<Arc<Facts>> {
        let cells: Vec<_> = locked(&self.cells).values().cloned().collect();
        if cells.iter().any(|cell| cell.is_giving_up()) {
            return None;
        }
        let remembering =
            cells.iter().map(|cell| (cell, cell.status())).filter(|(_, status)| status.remembers_stacks());
        let (cell, status) = remembering.max_by_key(|(_, status)| status.goroutines.unwrap_or(0))?;
        cell.order(|orders| orders.relieved = true);
        Some(status.facts)
    }

    /// Looks at whose turn it is, one after the other, until [`Registry::stop`]. For any number of threads.
    pub(crate) fn work(&self) {
        while let Some(id) = self.next() {
            let Ok((id, cell)) = self.cell(id.as_str()) else { continue };
            let next = cell.look(|facts, seen| {
                self.observers.iter().for_each(|observer| match seen {
                    Seen::Look(look) => observer.looked(look),
                    Seen::Failed(error) => observer.failed(facts, error),
                    Seen::Unwatched => observer.unwatched(facts),
                });
            });
            match next {
                Next::At(at) => {
                    locked(&self.due).queue.push(Reverse((at, id)));
                    self.woken.notify_one();
                }
                Next::Ended(how) => self.end(&id, &how),
            }
        }
    }

    /// Pids of targets that have ended since this was last asked.
    pub(crate) fn take_ended(&self) -> Vec<u32> {
        std::mem::take(&mut locked(&self.due).ended)
    }

    /// Ends all work: looks that have begun are finished.
    pub(crate) fn stop(&self) {
        locked(&self.due).stopping = true;
        self.woken.notify_all();
    }

    fn end(&self, id: &TargetId, how: &CaptureError) {
        let Some(cell) = locked(&self.cells).remove(id) else { return };
        let facts = cell.status().facts;
        tracing::info!(target = %id, name = facts.target.name, %how, "target ended");
        self.observers.iter().for_each(|observer| observer.ended(&facts, how));
        locked(&self.due).ended.push(facts.target.pid);
    }

    /// Waits for the next target whose turn it is; `None` at the end.
    fn next(&self) -> Option<TargetId> {
        let mut due = locked(&self.due);
        loop {
            if due.stopping {
                return None;
            }
            let now = monotonic_ns();
            let wait = match due.queue.peek() {
                Some(Reverse((at, _))) if *at <= now => return due.queue.pop().map(|Reverse((_, id))| id),
                Some(Reverse((at, _))) => Duration::from_nanos(at - now),
                None => Duration::from_secs(3600),
            };
            due = self.woken.wait_timeout(due, wait).unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    fn cell(&self, id: &str) -> Result<(TargetId, Arc<Cell>), TargetError> {
        let cells = locked(&self.cells);
        let (id, cell) = cells.get_key_value(id).ok_or_else(|| TargetError::Unknown { id: id.to_owned() })?;
        Ok((id.clone(), Arc::clone(cell)))
    }
}
