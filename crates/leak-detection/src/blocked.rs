//! Goroutines that are held up: many that wait, for long, for what is in the hands of others.

use std::collections::BTreeMap;

use analysis::{CohortMeanings, Fingerprint, Risk, Rule, Rules, Understanding, WaitClass};
use rustc_hash::{FxHashMap, FxHashSet};
use snapshot::{Census, Cohort, Status};

use crate::leaks::{GroupKey, Place};

/// More goroutines than this that are held up by one cause are an alarm (P0).
pub const BLOCKED_COUNT: u64 = 100;

/// What goroutines do that are held up, by the names of rules: they wait for a lock, for room in a channel, for a
/// connection of a pool or for a place under a limit. Only the rules of these names count whose risk is medium or high.
///
/// No others do: who receives, selects or waits for a condition may be an idle worker; who waits for a wait group waits
/// for others to work; who waits on a nil channel is a leak; and timers, network and system calls are in nobody's hands.
const HELD_UP: [&str; 10] = [
    "MUTEX",
    "RWMUTEX",
    "SEMAPHORE",
    "NET_LOCK",
    "CACHE_LOCK",
    "CHANNEL_SEND",
    "QUEUE_BACKLOG",
    "LIMIT_WAIT",
    "DB_ACQUIRE",
    "CACHE_ACQUIRE",
];

/// Goroutines that one cause holds up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeldUp {
    /// The package that they belong to.
    pub package: Option<Box<str>>,
    /// The route that they serve, if it is one and the same.
    pub route: Option<Box<str>>,
    /// The pool that they use or wait for.
    pub pool: Option<Box<str>>,
    /// How many there are.
    pub count: u64,
    /// What they wait for, in words, and how many do.
    pub waits: BTreeMap<String, u64>,
    /// Where they wait, and how many do, in the code of their package.
    pub places: BTreeMap<Place, u64>,
    /// What to do about that which most wait for.
    pub advice: Option<String>,
    /// Which groups they are.
    pub groups: FxHashSet<GroupKey>,
}

/// What is known while they are being counted.
#[derive(Default)]
struct Pile {
    routes: FxHashSet<Option<Box<str>>>,
    count: u64,
    waits: BTreeMap<String, u64>,
    places: BTreeMap<Place, u64>,
    advice: BTreeMap<String, u64>,
    groups: FxHashSet<GroupKey>,
}

/// Whose goroutines, and of which pool.
type Whose = (Option<Box<str>>, Option<Box<str>>);

/// All causes by which more than [`BLOCKED_COUNT`] goroutines are held up, the worst first. Each of them has been in one
/// and the same wait for long ([`Census::long_waits`]): where many wait in turn, as at a busy queue, nobody is held up.
/// `leaked` are groups that are known to leak, which is another trouble.
///
/// `None` where the census has no stacks, without which nobody can say.
pub fn held_up(rules: &Rules, census: &Census<'_>, leaked: &FxHashSet<GroupKey>) -> Option<Vec<HeldUp>> {
    let has_stack = |cohort: &Cohort| census.tables.frames_of(cohort.stack).next().is_some();
    if !census.cohorts.is_empty() && !census.cohorts.iter().any(|(cohort, _)| has_stack(cohort)) {
        return None;
    }
    let waiting: Vec<(&Cohort, u64)> = census
        .cohorts
        .iter()
        .zip(&census.long_waits)
        .map(|((cohort, _), long)| (cohort, *long))
        .filter(|(cohort, long)| *long > 0 && may_be_held_up(census, cohort))
        .collect();
    // Where there are not enough of them at all, which is almost always, no rule need be asked.
    if waiting.iter().map(|(_, long)| long).sum::<u64>() <= BLOCKED_COUNT {
        return Some(Vec::new());
    }
    let meanings = CohortMeanings::new(rules, census);
    let mut piles: FxHashMap<Whose, Pile> = FxHashMap::default();
    for (cohort, count) in waiting {
        let understood = meanings.of(cohort);
        let Some(rule) = understood.rule.as_deref().filter(|rule| holds_up(rule)) else { continue };
        let key = key_of(census, cohort);
        if !key.as_ref().is_some_and(|key| leaked.contains(key)) {
            let pile = piles.entry((understood.owner.clone(), understood.pool.clone())).or_default();
            pile.groups.extend(key);
            pile.add(&understood, rule, place(&meanings, census, cohort), count);
        }
    }
    let large = piles.into_iter().filter(|(_, pile)| pile.count > BLOCKED_COUNT);
    let mut found: Vec<HeldUp> = large.map(|((package, pool), pile)| pile.of(package, pool)).collect();
    found.sort_by(|a, b| {
        b.count.cmp(&a.count).then_with(|| (&a.package, &a.pool).cmp(&(&b.package, &b.pool)))
    });
    Some(found)
}

fn may_be_held_up(census: &Census<'_>, cohort: &Cohort) -> bool {
    let class = cohort.wait_reason.map(|reason| WaitClass::of(census.tables.text(reason)));
    cohort.status == Status::Waiting
        && !cohort.is_runtime
        && matches!(class, Some(WaitClass::Chan | WaitClass::Select | WaitClass::Lock))
}

/// Whether whoever does what a rule says is held up by others.
fn holds_up(rule: &Rule) -> bool {
    rule.risk > Risk::Low && HELD_UP.contains(&rule.name.as_str())
}

/// The key of a cohort's group; `None` without a stack.
pub fn key_of(census: &Census<'_>, cohort: &Cohort) -> Option<GroupKey> {
    let creator = cohort.created_by.and_then(|id| census.tables.frames.get(id));
    let creator = creator.map(|frame| census.tables.text(frame.function).to_owned());
    Some((Fingerprint::of(census.tables, cohort.stack)?, creator))
}

fn place(meanings: &CohortMeanings<'_>, census: &Census<'_>, cohort: &Cohort) -> Option<Place> {
    let frame = census.tables.frames.get(meanings.place(cohort)?)?;
    Some(Place {
        function: census.tables.text(frame.function).to_owned(),
        file: census.tables.text(frame.file).to_owned(),
        line: frame.line,
    })
}

impl Pile {
    fn add(&mut self, understood: &Understanding, rule: &Rule, place: Option<Place>, count: u64) {
        self.count += count;
        self.routes.insert(understood.route.clone());
        *self.waits.entry(rule.title.clone()).or_default() += count;
        *self.advice.entry(rule.advice.clone()).or_default() += count;
        if let Some(place) = place {
            *self.places.entry(place).or_default() += count;
        }
    }

    fn of(self, package: Option<Box<str>>, pool: Option<Box<str>>) -> HeldUp {
        let Pile { routes, count, waits, places, advice, groups } = self;
        let mut routes = routes.into_iter();
        let route = routes.next().filter(|_| routes.next().is_none()).flatten();
        let advice = advice.into_iter().max_by_key(|(_, count)| *count).map(|(advice, _)| advice);
        HeldUp { package, route, pool, count, waits, places, advice, groups }
    }
}
