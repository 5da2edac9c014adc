//! One moment of a target, as the views show it: counts and groups at hand, single goroutines on demand.

use std::mem::size_of;
use std::sync::Arc;

use analysis::{Meanings, Rules, count};
use report::{SchedTable, SchedTick, write_detail};
use snapshot::{Cost, Gap, Goroutine, MemoryStatistics, Snapshot, Status, Tables, Target, WaitObject};

use crate::cluster::{Cluster, StackTexts, clusters};

/// Groups beyond so many, the smallest, are only counted.
pub(crate) const CLUSTERS_MAX: usize = 1000;

/// One moment of a target.
#[derive(Debug, Clone)]
pub struct Look {
    /// Counts the looks of a session, from 1; of a recording, the number of the moment.
    pub number: u64,
    /// What was looked at.
    pub target: Target,
    /// Wall clock, milliseconds since the Unix epoch.
    pub taken_at_unix_ms: u64,
    /// The monotonic clock, nanoseconds.
    pub taken_at_monotonic_ns: u64,
    /// Goroutines without the runtime's own.
    pub total: u64,
    /// The runtime's own.
    pub runtime: u64,
    /// All goroutines by status; statuses that nobody has are absent.
    pub by_status: Vec<(Status, u64)>,
    /// Goroutines started since the process began, where the release counts that.
    pub created: Option<u64>,
    /// Groups of equal stacks, the largest first.
    pub clusters: Arc<[Arc<Cluster>]>,
    /// Groups that are not among them.
    pub clusters_left_out: usize,
    /// Ps, Ms and queues, as `gostat sched --detail` prints them.
    pub scheduler: Arc<[String]>,
    /// Memory and garbage collections.
    pub memory: Option<MemoryStatistics>,
    /// What the look cost.
    pub cost: Cost,
    /// What could not be read.
    pub gaps: Vec<Gap>,
    /// How long the process had been running, milliseconds; of a recording nobody knows.
    pub uptime_ms: Option<u64>,
    /// Looks that were due before this one and left out, because the one before took too long.
    pub missed: u64,
    /// Where in a recording this is.
    pub place: Option<Place>,
    /// Every goroutine; `None` once it was given up to save memory.
    pub snapshot: Option<Arc<Snapshot>>,
}

/// A moment among those of a recording.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// Its index, from 0.
    pub index: usize,
    /// How many goroutines each moment has, as the file lists them.
    pub totals: Arc<[u64]>,
    /// Whether what the heap said was recorded.
    pub has_heap: bool,
}

impl Place {
    /// How many moments there are.
    pub(crate) fn count(&self) -> usize {
        self.totals.len()
    }
}

/// Makes looks of the snapshots of one target, one after the other.
#[derive(Debug, Default)]
pub struct Observer {
    stacks: StackTexts,
    /// The snapshot before, without goroutines: rates are since then.
    before: Option<Snapshot>,
}

impl Observer {
    /// Rates of the next look are since this snapshot.
    pub(crate) fn compare_with(&mut self, before: &Snapshot) {
        self.before = Some(without_goroutines(before));
    }

    /// Makes a look of a snapshot; number, place, uptime and missed looks are the caller's to fill in.
    pub fn look(&mut self, rules: &Rules, snapshot: Arc<Snapshot>) -> Look {
        let counts = count(&snapshot.census(&snapshot.goroutines));
        let meanings = Meanings::new(rules, &snapshot);
        let all = clusters(&meanings, snapshot.goroutines.iter(), &mut self.stacks);
        let clusters_left_out = all.len().saturating_sub(CLUSTERS_MAX);
        let look = Look {
            number: 0,
            target: snapshot.target.clone(),
            taken_at_unix_ms: snapshot.taken_at_unix_ms,
            taken_at_monotonic_ns: snapshot.taken_at_monotonic_ns,
            total: counts.total.saturating_sub(counts.runtime),
            runtime: counts.runtime,
            by_status: counts.by_status.iter().map(|(status, count)| (*status, *count)).collect(),
            created: snapshot.scheduler.as_ref().and_then(|scheduler| scheduler.goroutines_created),
            clusters: all.into_iter().take(CLUSTERS_MAX).map(Arc::new).collect(),
            clusters_left_out,
            scheduler: scheduler_lines(self.before.as_ref(), &snapshot).into(),
            memory: snapshot.memory,
            cost: snapshot.cost,
            gaps: snapshot.gaps.clone(),
            uptime_ms: None,
            missed: 0,
            place: None,
            snapshot: None,
        };
        self.before = Some(without_goroutines(&snapshot));
        Look { snapshot: Some(snapshot), ..look }
    }
}

impl Look {
    /// How many have a status.
    pub fn status(&self, status: Status) -> u64 {
        self.by_status.iter().find(|(known, _)| *known == status).map_or(0, |(_, count)| *count)
    }

    /// Reads that were given up because the target moved, and other things that are missing.
    pub fn lost(&self) -> u64 {
        self.gaps.iter().map(|gap| gap.count.max(1)).sum()
    }

    /// The same without what takes most memory.
    pub(crate) fn thinned(&self) -> Look {
        Look { snapshot: None, ..self.clone() }
    }

    /// Bytes that [`Look::thinned`] frees, about.
    pub(crate) fn bytes(&self) -> usize {
        let Some(snapshot) = &self.snapshot else { return 0 };
        let Tables { strings, frames, stacks, label_sets } = &snapshot.tables;
        snapshot.goroutines.len() * size_of::<Goroutine>()
            + snapshot.wait_objects.len() * size_of::<WaitObject>()
            + frames.len() * size_of::<snapshot::Frame>()
            // Texts and lists of frames, with the table that finds them.
            + (strings.len() + stacks.len() + label_sets.len()) * 160
    }
}

fn scheduler_lines(before: Option<&Snapshot>, snapshot: &Snapshot) -> Vec<String> {
    let tick = SchedTick::new(before, snapshot);
    let mut text = Vec::new();
    // Writing to memory does not fail.
    let _ = SchedTable::new(1).write(&tick, &mut text).and_then(|()| {
        text.push(b'\n');
        write_detail(&tick, &mut text)
    });
    crate::text::lines(&text)
}

fn without_goroutines(snapshot: &Snapshot) -> Snapshot {
    Snapshot {
        target: snapshot.target.clone(),
        taken_at_unix_ms: snapshot.taken_at_unix_ms,
        taken_at_monotonic_ns: snapshot.taken_at_monotonic_ns,
        goroutines: Vec::new(),
        wait_objects: Vec::new(),
        scheduler: snapshot.scheduler.clone(),
        memory: None,
        tables: Tables::default(),
        cost: Cost::default(),
        gaps: Vec::new(),
    }
}
