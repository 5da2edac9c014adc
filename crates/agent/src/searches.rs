//! Searching targets for leaks: those that grow first, and all of them now and then.
//!
//! A search copies the target's heap, so it has a share of the budget of its own, and heaps that are too large are left
//! alone. Each search attaches anew: looks go on meanwhile.

use std::sync::{Arc, Condvar, Mutex};
use std::time::{Duration, Instant};

use alerting::{Observation, observe_held_up, observe_leaks, observe_pathologies};
use analysis::{Meanings, Rules};
use capture::{LeakSearch, Session};
use leak_detection::{
    GroupKey, Leak, Reachability, Suspicion, Verdict, group_key, held_up, leaks, pathologies,
};
use linux_process::ProcessTable;
use rustc_hash::{FxHashMap, FxHashSet};
use snapshot::GoroutineId;

use crate::config::Config;
use crate::judge::Judge;
use crate::locks::locked;
use crate::target::{Facts, TargetId, tags};
use crate::turns::{Reasons, Watched, next};
use crate::watcher::{Look, thread_cpu};

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
        let watched = Watched::new(facts, Instant::now());
        locked(&self.targets).insert(facts.id.clone(), watched);
    }

    /// Takes in a look, and hands the growth of the whole process, and whom others hold up, to the judge.
    pub(crate) fn looked(&self, look: &Look<'_, '_>, judge: &Judge) {
        let mut targets = locked(&self.targets);
        let Some(watched) = targets.get_mut(&look.facts.id) else { return };
        if !watched.growths.push(look.census) {
            return;
        }
        let (growth, count) = watched.growths.total();
        watched.grows(watched.growths.growing(), watched.growths.any_fast());
        let stuck = held_up(Rules::built_in(), look.census, watched.leaked());
        let told = stuck.filter(|stuck| watched.is_held_up(stuck, Instant::now()));
        let urgent = watched.is_urgent();
        drop(targets);
        judge.counted(look.facts, look.census.taken_at_unix_ms, count, &growth);
        if let Some(stuck) = told {
            judge.blocked(look.facts, observe_held_up(&stuck, &tags(look.facts)));
        }
        if urgent {
            self.woken.notify_one();
        }
    }

    pub(crate) fn ended(&self, facts: &Facts) {
        locked(&self.targets).remove(&facts.id);
    }

    /// What the last search of a target found; `None` before the first.
    pub(crate) fn searched(&self, id: &TargetId) -> Option<Searched> {
        locked(&self.targets).get(id).and_then(Watched::searched).cloned()
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
                Some((facts, reasons)) => {
                    let cpu = thread_cpu();
                    let found = search(&facts, rules, reasons, &now);
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

    /// The target whose turn it is, and why.
    fn next(&self, config: &Config, rested: bool) -> Option<(Arc<Facts>, Reasons)> {
        let mut targets = locked(&self.targets);
        for watched in targets.values_mut() {
            watched.wanted = config.leaks.search && config.watched(&watched.facts.selected()).leaks;
        }
        let now = Instant::now();
        let chosen = next(targets.values_mut(), now, rested, config.leaks.every)?;
        let reasons = chosen.begin(now);
        Some((Arc::clone(&chosen.facts), reasons))
    }

    fn note(&self, facts: &Facts, found: Result<Found, String>, judge: &Judge) {
        let mut targets = locked(&self.targets);
        let Some(watched) = targets.get_mut(&facts.id) else { return };
        watched.note(&found, Instant::now());
        drop(targets);
        match found {
            Ok(found) => judge.searched(facts, found.observations),
            Err(error) => {
                tracing::warn!(target = %facts.id, name = facts.target.name, error, "cannot search for leaks");
            }
        }
    }
}

/// What a search found.
#[derive(Default)]
pub(crate) struct Found {
    /// Goroutines that are proven to leak, and the groups that they are.
    pub(crate) proven: FxHashSet<GoroutineId>,
    pub(crate) proven_groups: FxHashSet<GroupKey>,
    /// How many are suspected to.
    pub(crate) suspected: u64,
    pub(crate) observations: Vec<Observation>,
}

fn search(facts: &Facts, rules: &Rules, reasons: Reasons, config: &Config) -> Result<Found, String> {
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
    let reachability = Reachability { proven_before: reasons.proven, ..(&found).into() };
    let mut leaks = leaks(&meanings, &reachability, &reasons.growing, Suspicion::default());
    let (proven, suspected): (Vec<&Leak>, Vec<&Leak>) =
        leaks.leaks.iter().partition(|leak| leak.verdict == Verdict::Proven);
    let key = |leak: &Leak| group_key(&meanings, &leak.group);
    let mut found = Found {
        proven: proven.iter().flat_map(|leak| leak.group.ids.iter().copied()).collect(),
        proven_groups: proven.iter().filter_map(|leak| key(leak)).collect(),
        suspected: suspected.iter().map(|leak| leak.group.count).sum(),
        observations: observe_pathologies(&pathologies(None, &snapshot), &tags(facts)),
    };
    // Who is held up is told of as such. That they are many or old is no news then; that they have leaked is.
    leaks.leaks.retain(|leak| {
        leak.verdict == Verdict::Proven || !key(leak).is_some_and(|key| reasons.held_up.contains(&key))
    });
    found.observations.extend(observe_leaks(&meanings, &leaks, &tags(facts)));
    Ok(found)
}
