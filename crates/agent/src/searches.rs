//! Searching targets for leaks: those that grow first, and all of them now and then.
//!
//! A search copies the target's heap, so it has a share of the budget of its own, and heaps that are too large are left
//! alone. Each search attaches anew: looks go on meanwhile.

use std::sync::{Arc, Condvar, Mutex};
use std::time::{Duration, Instant};

use alerting::{Observation, observe_leaks, observe_pathologies};
use analysis::{Meanings, Rules};
use capture::{LeakSearch, Session};
use leak_detection::{GroupKey, Growth, Leaks, Suspicion, Verdict, leaks, pathologies};
use linux_process::ProcessTable;
use rustc_hash::FxHashMap;

use crate::config::Config;
use crate::growths::Growths;
use crate::judge::Judge;
use crate::locks::locked;
use crate::target::{Facts, TargetId, tags};
use crate::watcher::{Look, thread_cpu};

/// A target that grows is not searched more often.
const GROWING_EVERY: Duration = Duration::from_secs(20);
/// A target is watched for so long before it is searched without a reason.
const FIRST_AFTER: Duration = Duration::from_secs(30);
/// Searches without a reason may take this part of the budget.
const SHARE_OF_BUDGET: f64 = 0.25;
/// How often it is seen whose turn it is.
const ASKED_EVERY: Duration = Duration::from_secs(1);

/// What the last search of a target found, in goroutines.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Searched {
    /// Searches so far.
    pub searches: u64,
    /// Proven to have leaked.
    pub proven: u64,
    /// Suspected to.
    pub suspected: u64,
    /// Why the last search failed, if it did.
    pub error: Option<String>,
}

struct Watched {
    facts: Arc<Facts>,
    since: Instant,
    growths: Growths,
    growing: FxHashMap<GroupKey, Growth>,
    last: Option<Instant>,
    searched: Searched,
}

/// Which targets there are to search, and what was found.
pub(crate) struct Searches {
    targets: Mutex<FxHashMap<TargetId, Watched>>,
    woken: Condvar,
    stopping: Mutex<bool>,
}

impl Searches {
    pub(crate) fn new() -> Self {
        Searches { targets: Mutex::default(), woken: Condvar::new(), stopping: Mutex::new(false) }
    }

    pub(crate) fn began(&self, facts: &Facts) {
        let watched = Watched {
            facts: Arc::new(facts.clone()),
            since: Instant::now(),
            growths: Growths::default(),
            growing: FxHashMap::default(),
            last: None,
            searched: Searched::default(),
        };
        locked(&self.targets).insert(facts.id.clone(), watched);
    }

    /// Takes in a look, and hands the growth of the whole process to the judge.
    pub(crate) fn looked(&self, look: &Look<'_, '_>, judge: &Judge) {
        let mut targets = locked(&self.targets);
        let Some(watched) = targets.get_mut(&look.facts.id) else { return };
        if !watched.growths.push(look.census) {
            return;
        }
        let (growth, count) = watched.growths.total();
        watched.growing = watched.growths.growing();
        let grows = !watched.growing.is_empty();
        drop(targets);
        judge.counted(look.facts, look.census.taken_at_unix_ms, count, &growth);
        if grows {
            self.woken.notify_one();
        }
    }

    pub(crate) fn ended(&self, facts: &Facts) {
        locked(&self.targets).remove(&facts.id);
    }

    /// What the last search of a target found; `None` before the first.
    pub(crate) fn searched(&self, id: &TargetId) -> Option<Searched> {
        let targets = locked(&self.targets);
        targets.get(id).map(|watched| watched.searched.clone()).filter(|searched| searched.searches > 0)
    }

    pub(crate) fn stop(&self) {
        *locked(&self.stopping) = true;
        self.woken.notify_all();
    }

    /// Searches one target after the other, until it is stopped.
    pub(crate) fn work(&self, config: &dyn Fn() -> Arc<Config>, judge: &Judge) {
        let rules = Rules::built_in();
        let mut rested = Instant::now();
        while !*locked(&self.stopping) {
            let now = config();
            match self.next(&now, Instant::now() >= rested) {
                Some((facts, growing)) => {
                    let cpu = thread_cpu();
                    let found = search(&facts, rules, &growing, &now);
                    let cpu = thread_cpu().saturating_sub(cpu);
                    let share = (now.budget.cpu_percent / 100.0 * SHARE_OF_BUDGET).max(1e-4);
                    rested = Instant::now() + cpu.div_f64(share).min(Duration::from_secs(3600));
                    self.note(&facts, found, judge);
                }
                None => {
                    let stopping = locked(&self.stopping);
                    let waited = self.woken.wait_timeout_while(stopping, ASKED_EVERY, |stopping| !*stopping);
                    drop(waited);
                }
            }
        }
    }

    /// The target that grows and has waited longest, or one whose turn it is without a reason.
    fn next(&self, config: &Config, rested: bool) -> Option<(Arc<Facts>, FxHashMap<GroupKey, Growth>)> {
        if !config.leaks.search {
            return None;
        }
        let mut targets = locked(&self.targets);
        let due = |watched: &&mut Watched| match watched.last {
            Some(last) if !watched.growing.is_empty() => last.elapsed() >= GROWING_EVERY,
            None if !watched.growing.is_empty() => true,
            Some(last) => rested && last.elapsed() >= config.leaks.every,
            None => rested && watched.since.elapsed() >= FIRST_AFTER,
        };
        let chosen = targets
            .values_mut()
            .filter(|watched| config.watched(&watched.facts.selected()).leaks)
            .filter(due)
            .min_by_key(|watched| (watched.growing.is_empty(), watched.last))?;
        chosen.last = Some(Instant::now());
        Some((Arc::clone(&chosen.facts), chosen.growing.clone()))
    }

    fn note(&self, facts: &Facts, found: Result<Found, String>, judge: &Judge) {
        let mut targets = locked(&self.targets);
        let Some(watched) = targets.get_mut(&facts.id) else { return };
        let searched = &mut watched.searched;
        searched.searches += 1;
        match found {
            Ok(found) => {
                let of = |verdict: Verdict| {
                    let leaks = found.leaks.leaks.iter().filter(|leak| leak.verdict == verdict);
                    leaks.map(|leak| leak.group.count).sum()
                };
                (searched.proven, searched.suspected) = (of(Verdict::Proven), of(Verdict::Suspected));
                searched.error = None;
                drop(targets);
                judge.searched(facts, found.observations);
            }
            Err(error) => {
                tracing::warn!(target = %facts.id, name = facts.target.name, error, "cannot search for leaks");
                searched.error = Some(error);
            }
        }
    }
}

/// What a search found.
struct Found {
    leaks: Leaks,
    observations: Vec<Observation>,
}

fn search(
    facts: &Facts,
    rules: &Rules,
    growing: &FxHashMap<GroupKey, Growth>,
    config: &Config,
) -> Result<Found, String> {
    let process = ProcessTable::default().open(facts.target.pid).map_err(|error| error.to_string())?;
    let is_it = process.identity().is_ok_and(|identity| identity.start_ticks == facts.start_ticks);
    if !is_it {
        return Err("the process has ended".to_owned());
    }
    let mut session = Session::of(process).map_err(|error| error.to_string())?;
    session.set_heap_bytes_max(config.leaks.heap_mib << 20);
    let found = session.find_leaks(&LeakSearch::default(), |_| (), |_, _| Vec::new());
    let (snapshot, found) = found.map_err(|error| error.to_string())?;
    let meanings = Meanings::new(rules, &snapshot);
    let leaks = leaks(&meanings, &(&found).into(), growing, Suspicion::default());
    let target = tags(facts);
    let mut observations = observe_leaks(&meanings, &leaks, &target);
    observations.extend(observe_pathologies(&pathologies(None, &snapshot), &target));
    Ok(Found { leaks, observations })
}
