//! A session that looks again and again, and whether what it says can be.

use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::time::Duration;

use capture::{CaptureError, Options, Pace, Session, monotonic_ns};
use snapshot::{Cohort, Cost, Gap, Tables};

use crate::legal::{Legal, Verdict};
use crate::storm::{Counts, Place, Storm};

const INTERVAL: Duration = Duration::from_millis(100);
/// One look in so many is a snapshot of every single goroutine.
const SNAPSHOTS: u64 = 16;
/// One look in so many asks for the stacks of running goroutines, too.
const SAMPLES: u64 = 8;
/// Looks after which every stack has been read again, whatever its goroutine's header says.
pub(crate) const ROTATION: u64 = 64;
/// Looks at rest that must all say the same; after three of them stacks are believed.
const LOOKS_AT_REST: u64 = 5;

/// What all looks have come to.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    pub(crate) ticks: u64,
    pub(crate) snapshots: u64,
    /// Walkers that were shown with a whole stack, in all looks.
    pub(crate) accepted: u64,
    pub(crate) read: u64,
    pub(crate) known: u64,
    pub(crate) retried: u64,
    pub(crate) torn: u64,
    pub(crate) stale: u64,
    /// Those with a stack that cannot be, and what the first of them were.
    pub(crate) wrong: u64,
    pub(crate) wrongs: Vec<String>,
    pub(crate) slowest_ms: u64,
    pub(crate) most: u64,
    /// Rests at which everything was compared, and numbers that were.
    pub(crate) rests: u64,
    pub(crate) numbers: u64,
    /// Goroutines that were shown elsewhere at the first look at a rest, and the most looks until none was.
    pub(crate) misplaced: u64,
    pub(crate) looks_to_settle: u64,
    /// Distinct stacks that the session remembers.
    pub(crate) distinct_stacks: usize,
    /// What was missing, by what it was and why.
    pub(crate) gaps: BTreeMap<(&'static str, &'static str), u64>,
}

/// How many walkers were seen where.
#[derive(Debug, Default)]
struct Seen {
    goroutines: u64,
    shapes: BTreeMap<usize, u64>,
    /// Walkers that did not wait, by shape.
    moving: BTreeMap<usize, u64>,
    places: BTreeMap<Place, u64>,
    /// Walkers with a whole stack.
    whole: u64,
    /// What was missing.
    gaps: Vec<Gap>,
}

/// A session and the program that it watches.
pub(crate) struct Watch<'s> {
    pub(crate) session: Session,
    storm: &'s Storm,
    legal: Legal,
    pace: Pace,
    generation: u64,
    verdicts: HashMap<Cohort, Verdict>,
    pub(crate) tally: Tally,
}

impl<'s> Watch<'s> {
    pub(crate) fn new(storm: &'s Storm) -> Watch<'s> {
        let legal = Legal::new(storm.chains());
        let mut session = Session::attach(storm.pid()).unwrap();
        session.set_workers(2);
        let pace = Pace::new(INTERVAL).unwrap();
        let (verdicts, tally) = (HashMap::new(), Tally::default());
        Watch { session, storm, legal, pace, generation: 0, verdicts, tally }
    }

    /// Tells the program to do something that ends with a rest, looks on until then, and compares what is seen
    /// at rest with what the program says; after so many looks at rest everything has to be right.
    pub(crate) fn watch(&mut self, command: &'static str, looks_max: u64) {
        self.storm.command(command);
        let answer = loop {
            let now = monotonic_ns();
            let due = Duration::from_nanos(self.pace.due_ns(now).saturating_sub(now));
            if let Some(answer) = self.storm.answer_within(due) {
                break answer;
            }
            self.pace.began(monotonic_ns());
            self.tick().unwrap();
        };
        self.compare(command, &Counts::parse(&answer), looks_max);
    }

    /// Looks until the session says that there is nothing left to look at.
    pub(crate) fn until_the_end(&mut self) -> CaptureError {
        loop {
            if let Err(error) = self.tick() {
                return error;
            }
        }
    }

    fn tick(&mut self) -> Result<(), CaptureError> {
        let running = self.tally.ticks % SAMPLES == 1;
        match self.tally.ticks % SNAPSHOTS {
            0 => self.snapshot(true).map(drop),
            _ => self.census(running).map(drop),
        }
    }

    /// At rest, all goroutines are there and wait as they do at once; where, is right after `looks_max` looks, and
    /// stays so.
    fn compare(&mut self, command: &str, told: &Counts, looks_max: u64) {
        let mut settled = None;
        let mut looks = 0;
        while settled.is_none_or(|settled| looks < settled + LOOKS_AT_REST) {
            looks += 1;
            let last = settled.is_some_and(|settled| looks == settled + LOOKS_AT_REST - 1);
            // Not even the goroutine that has just answered is to be sampled: that may fail in its own ways.
            let seen = if last { self.snapshot(false) } else { self.census(false) }.unwrap();
            let at = format!("look {looks} after {command}");
            assert_eq!(seen.goroutines, told.goroutines, "{at}: goroutines");
            assert_eq!(seen.shapes, told.shapes(), "{at}: waiting; moving: {:?}", seen.moving);
            assert_eq!(seen.moving, BTreeMap::new(), "{at}: moving");
            self.tally.numbers += 1 + told.shapes().len() as u64 + told.places.len() as u64;
            let misplaced = told.misplaced(&seen.places);
            if looks == 1 {
                self.tally.misplaced += misplaced;
            }
            assert!(seen.gaps.is_empty(), "{at}: {:?}", seen.gaps);
            if misplaced == 0 && settled.is_none() {
                settled = Some(looks);
                self.tally.looks_to_settle = self.tally.looks_to_settle.max(looks);
            }
            assert!(settled.is_none() || misplaced == 0, "{at}: {misplaced} elsewhere again");
            assert!(misplaced == 0 || looks < looks_max, "{at}: {misplaced} still elsewhere");
            assert_eq!(self.tally.wrong, 0, "{at}: {:#?}", self.tally.wrongs);
        }
        self.tally.rests += 1;
    }

    fn census(&mut self, running: bool) -> Result<Seen, CaptureError> {
        let options = Options { running, ..Options::default() };
        let census = self.session.census(&options)?;
        if census.generation != self.generation {
            self.generation = census.generation;
            self.verdicts.clear();
        }
        let mut seen = Seen::default();
        for (cohort, count) in &census.cohorts {
            let verdict = match self.verdicts.get(cohort) {
                Some(verdict) => *verdict,
                None => {
                    let verdict = self.tally.judge(&self.legal, census.tables, cohort);
                    self.verdicts.insert(*cohort, verdict);
                    verdict
                }
            };
            seen.add(cohort, verdict, *count);
        }
        let (cost, stacks) = (census.cost, census.tables.stacks.len());
        self.tally.gaps(&census.gaps);
        seen.gaps = census.gaps;
        self.tally.add(&cost, stacks, &seen);
        Ok(seen)
    }

    fn snapshot(&mut self, running: bool) -> Result<Seen, CaptureError> {
        let snapshot = self.session.snapshot(&Options { running, ..Options::default() })?;
        let mut seen = Seen::default();
        for (cohort, count) in snapshot.census(&snapshot.goroutines).cohorts {
            let verdict = self.tally.judge(&self.legal, &snapshot.tables, &cohort);
            seen.add(&cohort, verdict, count);
        }
        self.tally.snapshots += 1;
        self.tally.gaps(&snapshot.gaps);
        seen.gaps.clone_from(&snapshot.gaps);
        self.tally.add(&snapshot.cost, snapshot.tables.stacks.len(), &seen);
        Ok(seen)
    }
}

impl Seen {
    fn add(&mut self, cohort: &Cohort, verdict: Verdict, count: u64) {
        self.goroutines += if cohort.is_runtime { 0 } else { count };
        match verdict {
            Verdict::Other => {}
            Verdict::Moving(shape, whole) => {
                *self.moving.entry(shape).or_default() += count;
                self.whole += if whole { count } else { 0 };
            }
            Verdict::Waiting(shape, place) => {
                *self.shapes.entry(shape).or_default() += count;
                if let Some(place) = place {
                    *self.places.entry(place).or_default() += count;
                    self.whole += count;
                }
            }
        }
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Tally { ticks, snapshots, slowest_ms, most, .. } = self;
        writeln!(
            f,
            "{ticks} looks ({snapshots} of them snapshots, the slowest {slowest_ms} ms) at up to {most} goroutines"
        )?;
        let Tally { read, known, retried, torn, stale, .. } = self;
        writeln!(
            f,
            "stacks: {read} read, {retried} again, {torn} torn; {known} known, {stale} of them found stale"
        )?;
        let Tally { accepted, wrong, distinct_stacks, .. } = self;
        writeln!(
            f,
            "walkers: {accepted} with a whole stack, {wrong} of them wrong; {distinct_stacks} distinct stacks"
        )?;
        let Tally { rests, numbers, misplaced, looks_to_settle, .. } = self;
        writeln!(
            f,
            "{rests} rests: {numbers} numbers compared, {misplaced} goroutines elsewhere at first, none after {looks_to_settle} looks"
        )?;
        write!(f, "missing: {:?}", self.gaps)
    }
}

impl Tally {
    fn judge(&mut self, legal: &Legal, tables: &Tables, cohort: &Cohort) -> Verdict {
        legal.judge(tables, cohort).unwrap_or_else(|why| {
            self.wrong += 1;
            if self.wrongs.len() < 10 {
                let frames = tables.frames_of(cohort.stack);
                let frames = frames.map(|frame| format!("{}:{}", tables.text(frame.function), frame.line));
                let stack = frames.collect::<Vec<_>>().join(" ");
                self.wrongs.push(format!("{why}: {:?} {:?} {stack}", cohort.status, cohort.stack_state));
            }
            Verdict::Other
        })
    }

    fn gaps(&mut self, gaps: &[Gap]) {
        for gap in gaps {
            let kind = (gap.subject.name(), gap.cause.name());
            *self.gaps.entry(kind).or_default() += gap.count;
        }
    }

    fn add(&mut self, cost: &Cost, stacks: usize, seen: &Seen) {
        self.ticks += 1;
        self.accepted += seen.whole;
        self.read += cost.stacks_read;
        self.known += cost.known;
        self.retried += cost.retried;
        self.torn += cost.torn;
        self.stale += cost.stale;
        self.slowest_ms = self.slowest_ms.max(cost.total_us / 1000);
        self.most = self.most.max(seen.goroutines);
        self.distinct_stacks = stacks;
    }
}
