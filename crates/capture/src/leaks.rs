//! Looking for goroutines that can never run again.
//!
//! One look is one copy of the target's heap, and what marking makes of it. A copy of a target that stands still is of
//! one moment, and what it says is proven as soon as nobody whom it calls asleep has moved after all. A target that is
//! not stopped may stand still by itself: if the kernel has not run any of its threads from before the copy until after
//! it, the copy is of one moment as well. A copy of a target that runs on is of many moments: something alive may have
//! moved from a place that was yet to be copied to one that had been copied already. That hits other goroutines each
//! time, so of several copies only what all of them say counts; but where a list changes all the time, all of them may
//! be torn in it, so it is no proof.

use std::collections::BTreeSet;
use std::thread::sleep;
use std::time::Duration;

use go_binary::LogicalFrame;
use go_runtime::heap::{Sleeper, Unreachable};
use process_memory::ProcessMemory;
use rustc_hash::{FxHashMap, FxHashSet};
use snapshot::{Address, Asleep, CallSite, GoroutineId, GroupFacts, LeakFindings, Snapshot};

use crate::blocking::Blocked;
use crate::error::CaptureError;
use crate::heap_copy::HeapLook;
use crate::options::Options;
use crate::session::Session;

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

/// What the last copy is of, what all of them say, and that copy.
struct Searched {
    snapshot: Snapshot,
    findings: LeakFindings,
    look: HeapLook,
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
        begins: impl FnMut(u32),
        group: impl FnOnce(&Snapshot, &[Asleep]) -> Vec<Vec<GoroutineId>>,
    ) -> Result<(Snapshot, LeakFindings), CaptureError> {
        let Searched { snapshot, findings, .. } =
            self.search_heap(search, &Options::default(), begins, group)?;
        Ok((snapshot, findings))
    }

    /// As [`Session::find_leaks`] and [`Session::blocked`], both of one moment and of one copy. The snapshot has
    /// everything that there is to ask for.
    ///
    /// # Errors
    /// As theirs.
    pub fn find_leaks_and_blocked(
        &mut self,
        search: &LeakSearch,
        begins: impl FnMut(u32),
        group: impl FnOnce(&Snapshot, &[Asleep]) -> Vec<Vec<GoroutineId>>,
    ) -> Result<(Blocked, LeakFindings), CaptureError> {
        let Searched { snapshot, findings, look } =
            self.search_heap(search, &Options::EVERYTHING, begins, group)?;
        Ok((self.blocked_in(snapshot, look)?, findings))
    }

    fn search_heap(
        &mut self,
        search: &LeakSearch,
        options: &Options,
        mut begins: impl FnMut(u32),
        group: impl FnOnce(&Snapshot, &[Asleep]) -> Vec<Vec<GoroutineId>>,
    ) -> Result<Searched, CaptureError> {
        let wanted = if search.freeze.is_some() { 1 } else { search.passes.max(1) };
        let mut copies = Copies::default();
        for tries in 1.. {
            begins(tries);
            let look = self.copy_heap(search.freeze)?;
            // Who has not moved from the copy to the check below has not moved here either.
            let snapshot = self.snapshot(options)?;
            let found = self.runtime().unreachable(self.memory(), &look.copy);
            let mut found = found.map_err(|cause| self.copy_failed(cause))?;
            sleep(SETTLING * tries);
            let asleep = self.runtime().still_asleep(self.memory(), &found.sleepers);
            let asleep = asleep.map_err(|cause| self.unreadable(cause))?;
            copies.add(&look, &found, asleep.iter().filter(|asleep| !**asleep).count());
            if tries < wanted * TRIES && copies.leave_open(wanted, &look) {
                continue;
            }
            let mut doubts = copies.doubts(tries, wanted);
            if found.missing > 0 {
                doubts.push(format!("{} pieces of memory could not be copied", found.missing));
            }
            let asleep: Vec<Asleep> =
                copies.agreed.as_ref().unwrap_or(&found.sleepers).iter().map(asleep_of).collect();
            for Asleep { id, .. } in &asleep {
                copies.kept_by_words.remove(id);
            }
            let groups = group(&snapshot, &asleep);
            let facts = |group: Vec<GoroutineId>| GroupFacts {
                made_at: found.made_at(objects_of(&snapshot, &group)).map(call_site),
                retained_bytes: found.retained(&group),
                ids: group,
            };
            let groups = groups.into_iter().map(facts).collect();
            let agreed = doubts.is_empty();
            if !copies.of_one_moment && search.freeze.is_none() {
                doubts.push("it ran on while it was copied".to_owned());
            }
            let findings = LeakFindings {
                asleep,
                agreed,
                proven: doubts.is_empty(),
                doubts,
                candidates: found.candidates,
                kept_by_words: copies.kept_by_words.into_iter().collect(),
                passes: copies.passes,
                frozen: copies.frozen,
                at_rest: look.at_rest.filter(|_| copies.of_one_moment && search.freeze.is_none()),
                copied_bytes: look.copy.size(),
                groups,
            };
            return Ok(Searched { snapshot, findings, look });
        }
        unreachable!("the last try returns")
    }
}

/// What the copies so far say together.
#[derive(Default)]
struct Copies {
    /// Whom all good ones call asleep.
    agreed: Option<Vec<Sleeper>>,
    /// Good ones: nobody moved after all.
    passes: u32,
    /// Whether the last one is good, and of one moment.
    of_one_moment: bool,
    /// Whom only words kept alive that may be no pointers, in the last one if that is of one moment, else in any.
    kept_by_words: BTreeSet<GoroutineId>,
    /// The longest time that the target was stopped.
    frozen: Option<Duration>,
    /// Goroutines that ran through all of them, each with the number of the run.
    running: Option<Vec<(GoroutineId, u8)>>,
    /// During how many a garbage collection ended.
    collected: u32,
    /// Who moved after all, in the last one.
    moved: usize,
}

impl Copies {
    fn add<M: ProcessMemory>(&mut self, look: &HeapLook, found: &Unreachable<'_, M>, moved: usize) {
        self.moved = moved;
        self.frozen = self.frozen.max(look.frozen);
        self.collected += u32::from(found.collected);
        self.of_one_moment = look.copy.is_of_one_moment() && moved == 0;
        if self.of_one_moment {
            // It needs no others.
            self.kept_by_words.clear();
            (self.agreed, self.passes, self.running) = (Some(found.sleepers.clone()), 1, None);
        } else if moved == 0 && (!found.collected || found.sleepers.is_empty()) {
            self.passes += 1;
            let running = self.running.take();
            let same = |run: &(GoroutineId, u8)| running.as_ref().is_none_or(|running| running.contains(run));
            self.running = Some(found.running.iter().copied().filter(same).collect());
            let both = |earlier: Vec<Sleeper>| in_both(earlier, &found.sleepers);
            self.agreed = Some(self.agreed.take().map_or_else(|| found.sleepers.clone(), both));
        }
        self.kept_by_words.extend(found.kept_by_words.iter().copied());
    }

    /// Whether another copy could say more.
    fn leave_open(&self, wanted: u32, last: &HeapLook) -> bool {
        let suspected = self.agreed.as_ref().is_some_and(|agreed| !agreed.is_empty());
        // Where it comes to rest at times, it may rest for the whole of a copy.
        !self.of_one_moment && (self.passes < wanted || suspected && last.at_rest.is_some())
    }

    /// Why they do not agree.
    fn doubts(&self, tries: u32, wanted: u32) -> Vec<String> {
        let mut doubts = Vec::new();
        if self.passes < wanted && !self.of_one_moment && self.moved > 0 {
            doubts.push(format!("{} of them ran after all, and some in each of {tries} copies", self.moved));
        } else if self.passes < wanted && !self.of_one_moment {
            doubts.push(format!("garbage was collected during {} of {tries} copies", self.collected));
        }
        for (goroutine, _) in self.running.iter().flatten() {
            doubts.push(format!(
                "goroutine {} ran all the time: only of a target that stands still it is known what it has in hand",
                goroutine.0
            ));
        }
        doubts
    }
}

fn asleep_of(sleeper: &Sleeper) -> Asleep {
    Asleep { id: sleeper.id, known_to_runtime: sleeper.known_to_runtime }
}

fn call_site(frame: LogicalFrame) -> CallSite {
    CallSite { function: frame.function, file: frame.file, line: frame.line }
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
