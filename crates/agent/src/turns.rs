//! Whose turn it is to be searched for leaks, and what is known of each target for that.

use std::sync::Arc;
use std::time::{Duration, Instant};

use leak_detection::{GroupKey, Growth, HeldUp};
use rustc_hash::{FxHashMap, FxHashSet};
use snapshot::GoroutineId;

use crate::growths::Growths;
use crate::searches::{Found, Searched};
use crate::target::Facts;

/// A target that grows, or of which goroutines are held up, is not searched more often.
pub(crate) const URGENT_EVERY: Duration = Duration::from_secs(20);
/// A target is watched for so long before it is searched without a reason.
pub(crate) const FIRST_AFTER: Duration = Duration::from_secs(30);

/// What is known of a target for searches.
pub(crate) struct Watched {
    pub(crate) facts: Arc<Facts>,
    since: Instant,
    /// Whether it may be searched.
    pub(crate) wanted: bool,
    pub(crate) growths: Growths,
    /// Groups that grow, and whether one of them does so fast.
    growing: FxHashMap<GroupKey, Growth>,
    grows_fast: bool,
    /// Groups of goroutines that others hold up, and since when there have been any.
    held_up: FxHashSet<GroupKey>,
    held_up_since: Option<Instant>,
    /// Groups that the last search has proven to leak.
    leaked: FxHashSet<GroupKey>,
    /// Goroutines that have been proven to leak: they never run again, also where a later search can prove nothing.
    proven: FxHashSet<GoroutineId>,
    /// When the last search began, and when the last one that was to tell what leaks ended.
    last: Option<Instant>,
    answered: Option<Instant>,
    searched: Searched,
}

/// What a search is to know beforehand.
#[derive(Debug, Clone, Default)]
pub(crate) struct Reasons {
    /// Groups that grow.
    pub(crate) growing: FxHashMap<GroupKey, Growth>,
    /// Groups of goroutines that others hold up.
    pub(crate) held_up: FxHashSet<GroupKey>,
    /// Goroutines that have been proven to leak before.
    pub(crate) proven: FxHashSet<GoroutineId>,
}

impl Watched {
    pub(crate) fn new(facts: &Facts, now: Instant) -> Self {
        Watched {
            facts: Arc::new(facts.clone()),
            since: now,
            wanted: true,
            growths: Growths::default(),
            growing: FxHashMap::default(),
            grows_fast: false,
            held_up: FxHashSet::default(),
            held_up_since: None,
            leaked: FxHashSet::default(),
            proven: FxHashSet::default(),
            last: None,
            answered: None,
            searched: Searched::default(),
        }
    }

    /// Takes note of what grows now, and whether a part of it does so fast.
    pub(crate) fn grows(&mut self, growing: FxHashMap<GroupKey, Growth>, fast: bool) {
        (self.growing, self.grows_fast) = (growing, fast);
    }

    /// Groups that are known to leak.
    pub(crate) fn leaked(&self) -> &FxHashSet<GroupKey> {
        &self.leaked
    }

    /// Takes note of whom others hold up now. Whether somebody may be told: what leaks looks just so, hence a search has
    /// to have said that it does not, unless there are none.
    pub(crate) fn is_held_up(&mut self, found: &[HeldUp], now: Instant) -> bool {
        self.held_up = found.iter().flat_map(|cause| cause.groups.iter().cloned()).collect();
        if found.is_empty() {
            self.held_up_since = None;
            return true;
        }
        let since = *self.held_up_since.get_or_insert(now);
        !self.wanted || self.answered.is_some_and(|answered| answered >= since)
    }

    /// Whether there is a reason to search it now rather than some time.
    pub(crate) fn is_urgent(&self) -> bool {
        let unanswered = |since| self.answered.is_none_or(|answered| answered < since);
        self.wanted && (self.grows_fast || self.held_up_since.is_some_and(unanswered))
    }

    /// Whether it is to be searched. `rested` says whether there is budget for searches without a reason, which come
    /// `every` so often.
    fn is_due(&self, now: Instant, rested: bool, every: Duration) -> bool {
        let waited = |since: Instant| now.saturating_duration_since(since);
        match self.last {
            _ if !self.wanted => false,
            Some(last) if self.is_urgent() => waited(last) >= URGENT_EVERY,
            None if self.is_urgent() => true,
            Some(last) => rested && waited(last) >= every,
            None => rested && waited(self.since) >= FIRST_AFTER,
        }
    }

    /// A search begins.
    pub(crate) fn begin(&mut self, now: Instant) -> Reasons {
        self.last = Some(now);
        let (growing, held_up) = (self.growing.clone(), self.held_up.clone());
        Reasons { growing, held_up, proven: self.proven.clone() }
    }

    /// Takes note of what a search brought. One that failed answers as well: nothing better will be known soon.
    pub(crate) fn note(&mut self, found: &Result<Found, String>, now: Instant) {
        self.answered = Some(now);
        self.searched.searches += 1;
        match found {
            Ok(found) => {
                let proven = found.proven.len() as u64;
                (self.searched.proven, self.searched.suspected) = (proven, found.suspected);
                self.searched.error = None;
                self.leaked = found.proven_groups.clone();
                self.proven = found.proven.clone();
            }
            Err(error) => self.searched.error = Some(error.clone()),
        }
    }

    /// What the last search found; `None` before the first.
    pub(crate) fn searched(&self) -> Option<&Searched> {
        Some(&self.searched).filter(|searched| searched.searches > 0)
    }
}

/// The one whose turn it is: of those with a reason, or else without, the one that has waited longest.
pub(crate) fn next<'w>(
    targets: impl Iterator<Item = &'w mut Watched>,
    now: Instant,
    rested: bool,
    every: Duration,
) -> Option<&'w mut Watched> {
    let due = targets.filter(|watched| watched.is_due(now, rested, every));
    due.min_by_key(|watched| (!watched.is_urgent(), watched.last))
}

#[cfg(test)]
mod tests {
    use super::*;
    use leak_detection::{Urgency, growth};
    use snapshot::{Architecture, LayoutSource, Target};

    use crate::target::TargetId;

    const EVERY: Duration = Duration::from_secs(300);

    fn key(n: u64) -> GroupKey {
        (analysis::Fingerprint(n), None)
    }

    fn watched(pid: u32, now: Instant) -> Watched {
        let target = Target {
            pid,
            name: "shop".to_owned(),
            executable: "/shop".to_owned(),
            architecture: Architecture::Amd64,
            go_version: "go1.27.4".to_owned(),
            module: None,
            module_version: None,
            stripped: true,
            layout: LayoutSource::Table,
        };
        let facts = Facts {
            id: TargetId::new(pid, 1, 0),
            target,
            build: Default::default(),
            start_ticks: 1,
            execs: 0,
            started_unix_ms: None,
            user: None,
            container: None,
            labels: Default::default(),
        };
        Watched::new(&facts, now)
    }

    fn grows(watched: &mut Watched) {
        let growth = Growth { urgency: Urgency::Growing, ..growth(&[]) };
        watched.grows([(key(1), growth)].into_iter().collect(), true);
    }

    fn cause(n: u64) -> HeldUp {
        HeldUp {
            package: None,
            route: None,
            pool: None,
            count: 200,
            waits: Default::default(),
            places: Default::default(),
            advice: None,
            groups: [key(n)].into_iter().collect(),
        }
    }

    fn pid_of(chosen: Option<&mut Watched>) -> Option<u32> {
        chosen.map(|watched| watched.facts.target.pid)
    }

    #[test]
    fn without_a_reason_it_comes_after_half_a_minute_and_then_every_so_often_if_there_is_budget() {
        let began = Instant::now();
        let mut one = watched(1, began);
        let due = |one: &Watched, s: u64, rested| one.is_due(began + Duration::from_secs(s), rested, EVERY);
        assert_eq!([29, 30].map(|s| due(&one, s, true)), [false, true]);
        assert!(!due(&one, 3600, false), "the budget is spent");
        one.begin(began + Duration::from_secs(30));
        one.note(&Ok(Found::default()), began + Duration::from_secs(31));
        assert_eq!([31, 329, 330].map(|s| due(&one, s, true)), [false, false, true]);
        one.wanted = false;
        assert!(!due(&one, 3600, true));
    }

    #[test]
    fn who_grows_is_searched_at_once_and_again_after_some_time_whatever_the_budget() {
        let began = Instant::now();
        let mut one = watched(1, began);
        grows(&mut one);
        assert!(one.is_due(began, false, EVERY));
        let reasons = one.begin(began);
        assert!(reasons.growing.contains_key(&key(1)) && reasons.held_up.is_empty());
        one.note(&Ok(Found::default()), began);
        let after = |s: u64| began + Duration::from_secs(s);
        assert_eq!([19, 20].map(|s| one.is_due(after(s), false, EVERY)), [false, true]);
        // As soon as it grows no more, or not fast, there is time.
        let slow = reasons.growing;
        for growing in [slow, FxHashMap::default()] {
            one.grows(growing, false);
            assert!(!one.is_due(after(20), true, EVERY));
        }
        grows(&mut one);
        one.wanted = false;
        assert!(!one.is_due(after(60), true, EVERY) && !one.is_urgent());
    }

    #[test]
    fn who_has_a_reason_goes_first_and_of_these_who_has_waited_longest() {
        let began = Instant::now();
        let after = |s: u64| began + Duration::from_secs(s);
        let mut all: Vec<Watched> = (1..=4).map(|pid| watched(pid, began)).collect();
        assert_eq!(pid_of(next(all.iter_mut(), after(10), true, EVERY)), None);
        // 1 was searched long ago, 2 and 3 grow, of which 3 was searched before 2; 4 is new.
        all[0].begin(began);
        all[1].begin(after(120));
        all[2].begin(after(60));
        grows(&mut all[1]);
        grows(&mut all[2]);
        let mut order = Vec::new();
        while let Some(chosen) = next(all.iter_mut(), after(400), true, EVERY) {
            chosen.begin(after(400));
            order.push(chosen.facts.target.pid);
        }
        assert_eq!(order, [3, 2, 4, 1]);
    }

    #[test]
    fn whom_others_hold_up_is_told_of_when_a_search_has_said_that_it_is_no_leak() {
        let began = Instant::now();
        let after = |s: u64| began + Duration::from_secs(s);
        let mut one = watched(1, began);
        one.begin(began);
        one.note(&Ok(Found::default()), began);
        assert!(one.is_held_up(&[], after(10)), "that there is nobody is known");
        assert!(!one.is_held_up(&[cause(7)], after(20)));
        assert!(one.is_urgent() && one.is_due(after(20), false, EVERY));
        assert!(one.begin(after(21)).held_up.contains(&key(7)));
        // It took some time, in which there was another look.
        assert!(!one.is_held_up(&[cause(7)], after(22)));
        let found = Found { proven_groups: [key(8)].into_iter().collect(), ..Found::default() };
        one.note(&Ok(found), after(23));
        assert!(one.leaked().contains(&key(8)) && !one.is_urgent());
        assert!(one.is_held_up(&[cause(7)], after(30)));
        // The next time it has to be asked again.
        assert!(one.is_held_up(&[], after(40)));
        assert!(!one.is_held_up(&[cause(7)], after(50)));
        // A search that fails will fail again.
        one.note(&Err("the heap is too large".to_owned()), after(51));
        assert!(one.is_held_up(&[cause(7)], after(60)));
    }

    #[test]
    fn what_was_proven_is_handed_to_the_next_search() {
        let began = Instant::now();
        let mut one = watched(1, began);
        assert!(one.begin(began).proven.is_empty());
        let known: FxHashSet<GoroutineId> = [4, 7].map(GoroutineId).into_iter().collect();
        one.note(&Ok(Found { proven: known.clone(), ..Found::default() }), began);
        assert_eq!(one.begin(began).proven, known);
        one.note(&Err("it could not be read".to_owned()), began);
        assert_eq!(one.begin(began).proven, known);
        one.note(&Ok(Found::default()), began);
        assert!(one.begin(began).proven.is_empty(), "they are gone, or were none");
    }

    #[test]
    fn where_nobody_searches_whom_others_hold_up_is_told_of_at_once() {
        let began = Instant::now();
        let mut one = watched(1, began);
        one.wanted = false;
        assert!(one.is_held_up(&[cause(7)], began) && !one.is_urgent());
    }

    #[test]
    fn a_search_that_failed_leaves_what_was_found_before_and_says_why() {
        let began = Instant::now();
        let mut one = watched(1, began);
        assert_eq!(one.searched(), None);
        let found = Found { proven_groups: [key(8)].into_iter().collect(), ..Found::default() };
        one.note(&Ok(found), began);
        one.note(&Err("it has ended".to_owned()), began);
        let searched = one.searched().unwrap();
        assert_eq!((searched.searches, searched.error.as_deref()), (2, Some("it has ended")));
        assert!(one.leaked().contains(&key(8)));
        one.note(&Ok(Found::default()), began);
        assert!(one.leaked().is_empty() && one.searched().unwrap().error.is_none());
    }
}
