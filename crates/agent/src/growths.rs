//! How the groups of goroutines of one target grow: what a search for leaks should look at first.

use std::collections::VecDeque;

use leak_detection::{GroupKey, Growth, Point, Urgency, growth, key_of};
use rustc_hash::FxHashMap;
use snapshot::{Census, FrameId, StackId, Status};

use crate::rise::Rise;

/// Counts are compared over windows of this length.
const WINDOW_NS: u64 = 10_000_000_000;
/// Counts that are kept: five minutes of them, and the one before.
const POINTS_KEPT: usize = 32;
/// Groups that are followed at most, the first that were seen.
const GROUPS_MAX: usize = 4096;
/// A group with fewer goroutines may grow as it likes: that is how small numbers are.
const GROWING_MIN: u64 = 20;

/// Counts over time, and what they come to.
#[derive(Debug)]
struct Series {
    points: VecDeque<Point>,
    rise: Rise,
    growth: Growth,
    /// Whether it is a growth by itself, and not only the rest of one.
    is_fast: bool,
}

impl Default for Series {
    fn default() -> Self {
        Series { points: VecDeque::new(), rise: Rise::default(), growth: growth(&[]), is_fast: false }
    }
}

impl Series {
    fn push(&mut self, point: Point) {
        if self.points.len() == POINTS_KEPT {
            self.points.pop_front();
        }
        self.points.push_back(point);
        let now = growth(self.points.make_contiguous());
        self.is_fast = now.urgency > Urgency::None;
        self.growth = self.rise.push(point.at_monotonic_ns, point.count, now);
    }

    fn count(&self) -> u64 {
        self.points.back().map_or(0, |point| point.count)
    }

    fn is_of_nobody(&self) -> bool {
        self.points.iter().all(|point| point.count == 0)
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
            let key = key.or_insert_with(|| key_of(census, cohort));
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
        (self.total.growth.clone(), self.total.count())
    }

    /// The groups that grow so much that somebody should look.
    pub(crate) fn growing(&self) -> FxHashMap<GroupKey, Growth> {
        let growing = self.large().filter(|(_, series)| series.growth.urgency > Urgency::None);
        growing.map(|(key, series)| (key.clone(), series.growth.clone())).collect()
    }

    /// Whether one of them grows so fast now that it cannot wait.
    pub(crate) fn any_fast(&self) -> bool {
        self.large().any(|(_, series)| series.is_fast)
    }

    fn large(&self) -> impl Iterator<Item = (&GroupKey, &Series)> {
        self.groups.iter().filter(|(_, series)| series.count() >= GROWING_MIN)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use snapshot::{
        Architecture, Cohort, Cost, Frame, LabelSetId, LayoutSource, StackState, StackTrace, Tables, Target,
    };

    const SECOND: u64 = 1_000_000_000;

    /// A process whose goroutines wait in functions of these names.
    struct Process {
        target: Target,
        tables: Tables,
        generation: u64,
    }

    impl Process {
        fn new() -> Self {
            let target = Target {
                pid: 1,
                name: "shop".to_owned(),
                executable: "/shop".to_owned(),
                architecture: Architecture::Amd64,
                go_version: "go1.27.4".to_owned(),
                module: None,
                module_version: None,
                stripped: true,
                layout: LayoutSource::Table,
            };
            Process { target, tables: Tables::default(), generation: 0 }
        }

        fn stack(&mut self, function: &str) -> StackId {
            let function = self.tables.strings.intern_str(function);
            let frame = self.tables.frames.intern(Frame { function, ..Frame::default() });
            self.tables.stacks.intern(StackTrace { frames: [frame].into(), complete: true })
        }

        fn key(&mut self, function: &str) -> GroupKey {
            let stack = self.stack(function);
            (analysis::Fingerprint::of(&self.tables, stack).unwrap(), None)
        }

        /// Hands over a look, at a time in seconds: who does what, and how many.
        fn push(&mut self, growths: &mut Growths, at_s: u64, counts: &[(&str, Status, u64)]) -> bool {
            let mut cohorts = Vec::new();
            for (function, status, count) in counts {
                let cohort = Cohort {
                    status: *status,
                    wait_reason: None,
                    stack: self.stack(function),
                    stack_state: StackState::Saved,
                    labels: LabelSetId::default(),
                    created_by: None,
                    entry: None,
                    is_runtime: *function == "runtime.bgsweep",
                    locked_to_thread: false,
                };
                cohorts.push((cohort, *count));
            }
            growths.push(&Census {
                target: &self.target,
                taken_at_unix_ms: 0,
                taken_at_monotonic_ns: at_s * SECOND,
                long_waits: vec![0; cohorts.len()],
                cohorts,
                locked: Vec::new(),
                scheduler: None,
                memory: None,
                tables: &self.tables,
                generation: self.generation,
                cost: Cost::default(),
                gaps: Vec::new(),
            })
        }
    }

    const WAITING: Status = Status::Waiting;

    #[test]
    fn of_each_window_the_first_look_counts() {
        let (mut process, mut growths) = (Process::new(), Growths::default());
        let pushed =
            [0, 1, 9, 10, 14, 25, 29].map(|at| process.push(&mut growths, at, &[("main.a", WAITING, at)]));
        assert_eq!(pushed, [true, false, false, true, false, true, false]);
        assert_eq!(growths.total().1, 25);
    }

    #[test]
    fn a_group_that_rises_by_more_than_15_percent_a_minute_in_three_windows_grows_and_others_do_not() {
        let (mut process, mut growths) = (Process::new(), Growths::default());
        // 3 % in 10 s are 18 % a minute; 2 % are 12 %.
        for (window, (fast, slow)) in
            [(1000, 1000), (1030, 1020), (1061, 1040), (1093, 1061)].into_iter().enumerate()
        {
            let counts = [
                ("main.fast", WAITING, fast),
                ("main.slow", WAITING, slow),
                ("runtime.bgsweep", WAITING, 1 << window),
            ];
            assert!(growths.growing().is_empty(), "before window {window}");
            process.push(&mut growths, window as u64 * 10, &counts);
        }
        let growing = growths.growing();
        assert_eq!(growing.len(), 1);
        let growth = &growing[&process.key("main.fast")];
        assert_eq!((growth.rising_windows, growth.urgency), (3, Urgency::P0), "over 100 of them are blocked");
        assert!((growth.per_minute.unwrap() - 93.0 / 0.5).abs() < 1e-9, "{growth:?}");
        let (total, count) = growths.total();
        assert_eq!((total.urgency, count), (Urgency::None, 1093 + 1061));
    }

    #[test]
    fn what_grew_fast_goes_on_growing_slowly_and_can_wait() {
        let (mut process, mut growths) = (Process::new(), Growths::default());
        // 12 a minute: 15 % of 80, which window 30 is above.
        for window in 0..60 {
            process.push(&mut growths, window * 10, &[("main.leak", WAITING, 21 + window * 2)]);
            let [growing, fast] = [!growths.growing().is_empty(), growths.any_fast()];
            assert_eq!((growing, fast), (window >= 3, (3..=30).contains(&window)), "in window {window}");
            assert_eq!(growths.total().0.urgency > Urgency::None, growing);
        }
    }

    #[test]
    fn who_runs_is_not_blocked_and_a_few_may_grow_as_they_like() {
        let (mut process, mut growths) = (Process::new(), Growths::default());
        for (window, count) in [200, 300, 400, 500].into_iter().enumerate() {
            let few = count / 30;
            let counts = [("main.busy", Status::Running, count), ("main.few", WAITING, few)];
            process.push(&mut growths, window as u64 * 10, &counts);
        }
        let growing = growths.growing();
        assert_eq!(growing.len(), 1, "{growing:?}");
        assert_eq!(growing[&process.key("main.busy")].urgency, Urgency::Growing);
    }

    #[test]
    fn who_is_gone_has_none_and_is_forgotten_after_five_minutes() {
        let (mut process, mut growths) = (Process::new(), Growths::default());
        process.push(&mut growths, 0, &[("main.a", WAITING, 50)]);
        // Windows without it are a fall, so that its return is one rise, not the fourth in a row.
        for window in 1..=3 {
            process.push(&mut growths, window * 10, &[]);
        }
        process.push(&mut growths, 40, &[("main.a", WAITING, 50)]);
        assert!(growths.growing().is_empty() && growths.groups.len() == 1);
        for window in 5..5 + POINTS_KEPT as u64 {
            process.push(&mut growths, window * 10, &[]);
        }
        assert!(growths.groups.is_empty());
    }

    #[test]
    fn a_large_total_that_grew_by_a_third_in_five_minutes_grows() {
        let (mut process, mut growths) = (Process::new(), Growths::default());
        // 30 windows of 1 % each: 6 % a minute.
        for window in 0..=30 {
            process.push(&mut growths, window * 10, &[("main.a", WAITING, 4000 + window * 40)]);
        }
        assert_eq!(growths.total().0.urgency, Urgency::None, "5,200 are 30 % more, not over 30 %");
        process.push(&mut growths, 310, &[("main.a", WAITING, 5300)]);
        let (growth, count) = growths.total();
        assert_eq!((growth.urgency, count), (Urgency::P0, 5300));
        assert!(growth.five_minutes.is_some_and(|share| share > 0.30 && share < 0.32), "{growth:?}");
    }

    #[test]
    fn tables_that_were_started_over_change_no_keys() {
        let (mut process, mut growths) = (Process::new(), Growths::default());
        for window in 0..4 {
            // What was the id of main.a is that of main.b now, as far as ids tell.
            process.tables = Tables::default();
            process.generation += 1;
            let names = if window % 2 == 0 { ["main.a", "main.b"] } else { ["main.b", "main.a"] };
            let counts =
                names.map(|name| (name, WAITING, if name == "main.a" { 100 << window } else { 100 }));
            process.push(&mut growths, window * 10, &counts);
        }
        let growing = growths.growing();
        assert!(growing.len() == 1 && growing.contains_key(&process.key("main.a")), "{growing:?}");
    }

    #[test]
    fn there_are_no_more_groups_than_allowed() {
        let (mut process, mut growths) = (Process::new(), Growths::default());
        let names: Vec<String> = (0..GROUPS_MAX + 10).map(|n| format!("main.f{}", letters(n))).collect();
        let counts: Vec<_> = names.iter().map(|name| (name.as_str(), WAITING, 1)).collect();
        process.push(&mut growths, 0, &counts);
        assert_eq!((growths.groups.len(), growths.total().1), (GROUPS_MAX, names.len() as u64));
    }

    /// Numbers at the end of a name are taken for those of closures, which are left out.
    fn letters(n: usize) -> String {
        n.to_string().bytes().map(|digit| char::from(digit - b'0' + b'a')).collect()
    }
}
