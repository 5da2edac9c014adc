//! Looking for goroutines that can never run again.
//!
//! One look is one copy of the target's heap, and what marking makes of it. A copy of a target that stands still is of
//! one moment, and what it says is proven as soon as nobody whom it calls asleep has moved after all. A copy of a
//! target that runs on is of many moments: something alive may have moved from a place that was yet to be copied to one
//! that had been copied already. That hits other goroutines each time, so of several copies only what all of them say
//! counts; but where a list changes all the time, all of them may be torn in it, so it is no proof.

use std::thread::sleep;
use std::time::Duration;

use go_binary::LogicalFrame;
use go_runtime::heap::{CopiedHeap, CopyError, Sleeper, StandingThread};
use process_memory::{FreezeLimits, ReadError};
use rustc_hash::{FxHashMap, FxHashSet};
use snapshot::{Address, GoroutineId, Snapshot};

use crate::error::CaptureError;
use crate::session::{Options, Session};

/// How to look.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LeakSearch {
    /// Copies that must agree, if the target runs on.
    pub passes: u32,
    /// Stop the target for the copy, at most so long.
    pub freeze: Option<Duration>,
}

impl Default for LeakSearch {
    fn default() -> Self {
        LeakSearch { passes: 3, freeze: None }
    }
}

/// Copies that are made before it is given up to have as many good ones as were asked for, for each of these.
const TRIES: u32 = 3;
/// After a copy it is waited so long, the longer the more copies there have been, for those who were just being woken.
const SETTLING: Duration = Duration::from_millis(50);

/// Goroutines that can never run again.
#[derive(Debug)]
pub struct LeakFindings {
    /// All goroutines, as they were after the last copy.
    pub snapshot: Snapshot,
    /// Those of them that nothing alive can wake.
    pub asleep: Vec<Asleep>,
    /// Whether all copies that were asked for are good ones, and agree.
    pub agreed: bool,
    /// Whether that is a proof: they agree, and the target stood still. Copies of a target that runs on may all miss the
    /// same link of a list that changes all the time.
    pub proven: bool,
    /// Why it is none, if it is none.
    pub doubts: Vec<String>,
    /// Goroutines in waits that only others can end, in the last copy.
    pub candidates: u64,
    /// Those that only words kept alive, in one copy at least, of which it is not known whether they are pointers: some
    /// of them may be asleep as well.
    pub kept_by_words: FxHashSet<GoroutineId>,
    /// Good copies.
    pub passes: u32,
    /// How long the target stood still, if it did: the longest time.
    pub frozen: Option<Duration>,
    /// Bytes of ours that the last copy took.
    pub copied_bytes: u64,
    /// What is known of each group that was asked for.
    pub groups: Vec<GroupFacts>,
}

/// What the heap says of a group of goroutines that nothing alive can wake.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GroupFacts {
    /// Bytes that would be free without them: their stacks, and objects that only they reach. What several groups
    /// reach is counted for the first of them.
    pub retained_bytes: u64,
    /// The innermost call outside the runtime that made one of the objects that they wait on, if the target's memory
    /// profiler has sampled one.
    pub made_at: Option<LogicalFrame>,
}

/// A goroutine that nothing alive can wake.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Asleep {
    /// Its id.
    pub id: GoroutineId,
    /// Whether the target's own collector has said so, too.
    pub known_to_runtime: bool,
}

impl Session {
    /// Looks for goroutines that can never run again. `begins` hears when the first, second, … copy is begun. `group`
    /// divides those that were found, of which the snapshot says more, into groups; for each it is found out what it
    /// retains.
    ///
    /// # Errors
    /// When the process is gone, or its heap cannot be copied.
    pub fn find_leaks(
        &mut self,
        search: &LeakSearch,
        mut begins: impl FnMut(u32),
        group: impl FnOnce(&Snapshot, &[Asleep]) -> Vec<Vec<GoroutineId>>,
    ) -> Result<LeakFindings, CaptureError> {
        let wanted = if search.freeze.is_some() { 1 } else { search.passes.max(1) };
        let (mut agreed, mut passes, mut frozen): (Option<Vec<Sleeper>>, u32, Option<Duration>) =
            (None, 0, None);
        let (mut running, mut collected): (Option<Vec<(GoroutineId, u8)>>, u32) = (None, 0);
        let mut kept_by_words = FxHashSet::default();
        for tries in 1.. {
            begins(tries);
            let (copy, stood) = self.copy_heap(search.freeze)?;
            frozen = frozen.max(stood);
            // Who has not moved from the copy to the check below has not moved here either.
            let snapshot = self.snapshot(&Options::default())?;
            let found = self.runtime().unreachable(self.memory(), &copy);
            let mut found = found.map_err(|cause| self.copy_failed(cause))?;
            sleep(SETTLING * tries);
            let asleep = self.runtime().still_asleep(self.memory(), &found.sleepers);
            let asleep = asleep.map_err(|cause| self.unreadable(cause))?;
            let moved = asleep.iter().filter(|asleep| !**asleep).count();
            collected += u32::from(found.collected);
            kept_by_words.extend(found.kept_by_words.iter().copied());
            // Of what stood still, only what happens behind a stop can be wrong.
            if moved == 0 && (stood.is_some() || !found.collected || found.sleepers.is_empty()) {
                passes += 1;
                let same =
                    |run: &(GoroutineId, u8)| running.as_ref().is_none_or(|running| running.contains(run));
                running = Some(found.running.iter().copied().filter(same).collect());
                let both = |earlier: Vec<Sleeper>| in_both(earlier, &found.sleepers);
                agreed = Some(agreed.take().map_or_else(|| found.sleepers.clone(), both));
            }
            if passes < wanted && tries < wanted * TRIES {
                continue;
            }
            let mut doubts = Vec::new();
            if passes < wanted && moved > 0 {
                doubts.push(format!("{moved} of them ran after all, and some in each of {tries} copies"));
            } else if passes < wanted {
                doubts.push(format!("garbage was collected during {collected} of {tries} copies"));
            }
            for (goroutine, _) in running.iter().flatten() {
                doubts.push(format!(
                    "goroutine {} ran all the time: only of a target that stands still it is known what it \
                     has in hand",
                    goroutine.0
                ));
            }
            if found.missing > 0 {
                doubts.push(format!("{} pieces of memory could not be copied", found.missing));
            }
            let asleep: Vec<Asleep> =
                agreed.as_ref().unwrap_or(&found.sleepers).iter().map(Asleep::of).collect();
            let groups = group(&snapshot, &asleep);
            let facts = |group: &Vec<GoroutineId>| GroupFacts {
                made_at: found.made_at(objects_of(&snapshot, group)),
                retained_bytes: found.retained(group),
            };
            let groups = groups.iter().map(facts).collect();
            let agreed = doubts.is_empty();
            if frozen.is_none() {
                doubts.push("it ran on while it was copied".to_owned());
            }
            let (candidates, proven) = (found.candidates, doubts.is_empty());
            let copied_bytes = copy.size();
            return Ok(LeakFindings {
                snapshot,
                asleep,
                agreed,
                proven,
                doubts,
                candidates,
                kept_by_words,
                passes,
                frozen,
                copied_bytes,
                groups,
            });
        }
        unreachable!("the last try returns")
    }

    /// Copies the target's heap, and says how long it stood still for that, if it did.
    pub(crate) fn copy_heap(
        &self,
        freeze: Option<Duration>,
    ) -> Result<(CopiedHeap, Option<Duration>), CaptureError> {
        let failed = |cause| self.copy_failed(cause);
        let (runtime, memory) = (self.runtime(), self.memory());
        let plan = runtime.plan_copy(memory).map_err(failed)?;
        let Some(deadline) = freeze else {
            let copy = runtime.copy_heap(memory, &plan, None).map_err(failed)?;
            return self.what_became().map_or(Ok((copy, None)), Err);
        };
        let limits = FreezeLimits { deadline, ..FreezeLimits::default() };
        let frozen = self.freeze(&limits, |standstill| {
            let thread_of = |procid| {
                let registers = &standstill.thread_of(procid)?.registers;
                let further = [registers.bp, registers.g].into_iter().chain(registers.lr);
                let words = registers.general.iter().chain(&registers.vector).copied().chain(further);
                Some(StandingThread { sp: registers.sp, registers: words.collect() })
            };
            runtime.copy_heap(memory, &plan, Some(&thread_of))
        })?;
        if frozen.expired {
            return Err(CaptureError::FreezeTooShort { pid: self.target().pid, deadline });
        }
        Ok((frozen.value.map_err(failed)?, Some(frozen.stopped)))
    }

    pub(crate) fn copy_failed(&self, cause: CopyError) -> CaptureError {
        match cause {
            CopyError::Memory(cause) => self.unreadable(cause),
            cause => CaptureError::Heap { pid: self.target().pid, cause },
        }
    }

    pub(crate) fn unreadable(&self, cause: ReadError) -> CaptureError {
        self.what_became().unwrap_or(CaptureError::Memory { pid: self.target().pid, cause })
    }
}

impl Asleep {
    fn of(sleeper: &Sleeper) -> Self {
        Asleep { id: sleeper.id, known_to_runtime: sleeper.known_to_runtime }
    }
}

/// Addresses of all that goroutines wait on.
fn objects_of<'s>(snapshot: &'s Snapshot, group: &[GoroutineId]) -> impl Iterator<Item = Address> + 's {
    let members: FxHashSet<GoroutineId> = group.iter().copied().collect();
    let goroutines = snapshot.goroutines.iter().filter(move |goroutine| members.contains(&goroutine.id));
    goroutines.flat_map(|goroutine| snapshot.waiting_on(goroutine)).map(|object| object.address)
}

/// Those of `earlier` that are asleep later as well.
fn in_both(earlier: Vec<Sleeper>, later: &[Sleeper]) -> Vec<Sleeper> {
    let later: FxHashMap<GoroutineId, &Sleeper> = later.iter().map(|sleeper| (sleeper.id, sleeper)).collect();
    earlier
        .into_iter()
        .filter(|sleeper| later.get(&sleeper.id).is_some_and(|later| sleeper.same_wait(later)))
        .collect()
}
