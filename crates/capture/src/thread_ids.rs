//! Thread ids as the target's runtime knows them, and as we do.
//!
//! The runtime records what `gettid` told it. In a container that is an id of the container's own pid
//! namespace, while `/proc` as we see it has ours.

use linux_process::Process;
use rustc_hash::FxHashMap;
use snapshot::{Scheduler, Snapshot};

/// The threads of a process at one moment.
#[derive(Debug, Clone, Default)]
pub(crate) struct ThreadIds {
    /// Our id by the target's own; empty where both are the same.
    ours: FxHashMap<u32, u32>,
    /// All threads by the target's own ids.
    own: Vec<u32>,
}

impl ThreadIds {
    /// The threads that the process has now. None if they cannot be listed: then it is gone.
    pub(crate) fn of(process: &Process) -> Self {
        let nested = process.status().is_ok_and(|status| status.namespace_pids.len() > 1);
        let tids = process.thread_ids().unwrap_or_default();
        if !nested {
            return ThreadIds { ours: FxHashMap::default(), own: tids };
        }
        let inner = |tid: u32| process.thread_status(tid).ok()?.namespace_pids.last().copied();
        let ours: FxHashMap<u32, u32> = tids.iter().filter_map(|tid| Some((inner(*tid)?, *tid))).collect();
        ThreadIds { own: ours.keys().copied().collect(), ours }
    }

    /// All threads, by the target's own ids.
    pub(crate) fn own(&self) -> &[u32] {
        &self.own
    }

    /// Our id of a thread that the target knows by `own`.
    pub(crate) fn ours(&self, own: u32) -> Option<u32> {
        if self.ours.is_empty() { Some(own) } else { self.ours.get(&own).copied() }
    }

    /// Makes a snapshot say our ids. A thread that has ended meanwhile has none.
    pub(crate) fn translate(&self, snapshot: &mut Snapshot) {
        if self.ours.is_empty() {
            return;
        }
        for goroutine in &mut snapshot.goroutines {
            goroutine.tid = goroutine.tid.and_then(|tid| self.ours(tid));
        }
        snapshot.scheduler.iter_mut().for_each(|scheduler| self.translate_scheduler(scheduler));
    }

    /// The same for a scheduler alone.
    pub(crate) fn translate_scheduler(&self, scheduler: &mut Scheduler) {
        if !self.ours.is_empty() {
            for machine in &mut scheduler.machines {
                machine.tid = self.ours(machine.tid).unwrap_or_default();
            }
        }
    }
}
