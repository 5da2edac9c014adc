//! How the groups of goroutines of one target grow: what a search for leaks should look at first.

use std::collections::VecDeque;

use analysis::Fingerprint;
use leak_detection::{GroupKey, Growth, Point, Urgency, growth};
use rustc_hash::FxHashMap;
use snapshot::{Census, FrameId, StackId, Status};

/// Counts are compared over windows of this length.
const WINDOW_NS: u64 = 10_000_000_000;
/// Counts that are kept: five minutes of them, and the one before.
const POINTS_KEPT: usize = 32;
/// Groups that are followed at most, the first that were seen.
const GROUPS_MAX: usize = 4096;
/// A group with fewer goroutines may grow as it likes: that is how small numbers are.
const GROWING_MIN: u64 = 20;

/// Counts over time.
#[derive(Debug, Default)]
struct Series(VecDeque<Point>);

impl Series {
    fn push(&mut self, point: Point) {
        if self.0.len() == POINTS_KEPT {
            self.0.pop_front();
        }
        self.0.push_back(point);
    }

    fn growth(&self) -> Growth {
        let points: Vec<Point> = self.0.iter().copied().collect();
        growth(&points)
    }

    fn is_of_nobody(&self) -> bool {
        self.0.iter().all(|point| point.count == 0)
    }
}

/// The groups of one target.
#[derive(Debug, Default)]
pub(crate) struct Growths {
    groups: FxHashMap<GroupKey, Series>,
    total: Series,
    /// Keys of what the census' tables name, which change their meaning with the generation.
    keys: FxHashMap<(StackId, Option<FrameId>), Option<GroupKey>>,
    generation: u64,
    window: Option<u64>,
}

impl Growths {
    /// Takes in a look. Whether it was the first of a window: only those count.
    pub(crate) fn push(&mut self, census: &Census<'_>) -> bool {
        let at_monotonic_ns = census.taken_at_monotonic_ns;
        let window = at_monotonic_ns / WINDOW_NS;
        if self.window.replace(window) == Some(window) {
            return false;
        }
        if self.generation != census.generation {
            self.generation = census.generation;
            self.keys.clear();
        }
        let mut counts: FxHashMap<GroupKey, (u64, u64)> = FxHashMap::default();
        let mut total = (0, 0);
        for (cohort, members) in census.cohorts.iter().filter(|(cohort, _)| !cohort.is_runtime) {
            let blocked = if cohort.status == Status::Waiting { *members } else { 0 };
            total = (total.0 + members, total.1 + blocked);
            let key = self.keys.entry((cohort.stack, cohort.created_by));
            let key = key.or_insert_with(|| key_of(census, cohort.stack, cohort.created_by));
            if let Some(key) = key {
                let sums = counts.entry(key.clone()).or_default();
                *sums = (sums.0 + members, sums.1 + blocked);
            }
        }
        let point = |(count, blocked)| Point { at_monotonic_ns, count, blocked };
        self.total.push(point(total));
        // Who is gone now has a count as well: none.
        for (key, series) in &mut self.groups {
            series.push(point(counts.remove(key).unwrap_or_default()));
        }
        self.groups.retain(|_, series| !series.is_of_nobody());
        for (key, sums) in counts {
            if self.groups.len() < GROUPS_MAX {
                self.groups.entry(key).or_default().push(point(sums));
            }
        }
        true
    }

    /// How all goroutines together grow, and how many there are.
    pub(crate) fn total(&self) -> (Growth, u64) {
        (self.total.growth(), self.total.0.back().map_or(0, |point| point.count))
    }

    /// The groups that grow so much that somebody should look.
    pub(crate) fn growing(&self) -> FxHashMap<GroupKey, Growth> {
        let large = |series: &&Series| series.0.back().is_some_and(|point| point.count >= GROWING_MIN);
        let groups = self.groups.iter().filter(|(_, series)| large(series));
        let growing = groups.map(|(key, series)| (key.clone(), series.growth()));
        growing.filter(|(_, growth)| growth.urgency > Urgency::None).collect()
    }
}

fn key_of(census: &Census<'_>, stack: StackId, created_by: Option<FrameId>) -> Option<GroupKey> {
    let creator = created_by.and_then(|id| census.tables.frames.get(id));
    let creator = creator.map(|frame| census.tables.text(frame.function).to_owned());
    Some((Fingerprint::of(census.tables, stack)?, creator))
}
