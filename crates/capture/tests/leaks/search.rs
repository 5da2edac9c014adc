//! One search, in either way, and what it found.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Mutex;
use std::time::Duration;

use capture::{Asleep, CaptureError, LeakFindings, LeakSearch, Session};
use target_programs::{GoRelease, LeakProgram, LeakSet, Variant, leak_programs};

/// How the target is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Way {
    /// While it runs.
    Running,
    /// While it stands still.
    Frozen,
}

impl Way {
    pub(crate) const ALL: [Way; 2] = [Way::Running, Way::Frozen];

    fn search(self) -> LeakSearch {
        // Machines that run tests are busy, and nobody waits for these programs.
        let freeze = (self == Way::Frozen).then_some(Duration::from_secs(5));
        LeakSearch { freeze, ..LeakSearch::default() }
    }
}

/// A process that is searched.
pub(crate) struct Searched {
    name: String,
    session: Session,
}

impl Searched {
    pub(crate) fn attach(name: impl ToString, pid: u32) -> Self {
        Searched { name: name.to_string(), session: Session::attach(pid).unwrap() }
    }

    /// What a search finds; `None` where it is not permitted to stop others.
    pub(crate) fn search(&mut self, way: Way) -> Option<LeakFindings> {
        match self.session.find_leaks(
            &way.search(),
            |_| (),
            |_, asleep| vec![asleep.iter().map(|one| one.id).collect()],
        ) {
            Err(refusal @ CaptureError::NotPermitted(_)) => {
                eprintln!("SKIPPED: {}: {refusal}", self.name);
                None
            }
            found => Some(found.unwrap_or_else(|error| panic!("{} {way:?}: {error}", self.name)).1),
        }
    }

    /// Who is asleep for ever, as all copies say; nobody if they do not agree; `None` as above.
    pub(crate) fn asleep(&mut self, way: Way) -> Option<ForEver> {
        let found = self.search(way)?;
        if !found.proven {
            println!("{} {way:?}: not proven: {:?}", self.name, found.doubts);
        }
        let ids = if found.agreed { ids(&found.asleep) } else { BTreeSet::new() };
        Some(ForEver { ids, proven: found.proven })
    }
}

/// Who is asleep for ever.
#[derive(Debug, Default, Clone)]
pub(crate) struct ForEver {
    pub(crate) ids: BTreeSet<u64>,
    /// Whether that is a proof.
    pub(crate) proven: bool,
}

/// Per cent of all that leaked which are proven at least without stopping anything, if all that leaked are seen to be
/// asleep for ever: not every program rests.
pub(crate) const PROVEN_AT_REST_MIN: usize = 75;

pub(crate) fn ids(asleep: &[Asleep]) -> BTreeSet<u64> {
    asleep.iter().map(|asleep| asleep.id.0).collect()
}

/// Whether everything is tested that can be, however long it takes.
pub(crate) fn is_long() -> bool {
    std::env::var_os("GOSTAT_TEST_RELEASES").is_some_and(|wanted| wanted == "all")
}

/// They wait most of the time, for their own goroutines.
const AT_ONCE: usize = 6;

/// What `ask` says of each of Go's leak programs, several at a time, by their names: of every program in the long run,
/// else of all that are about one kind of blocking each, and of one in eight of the others.
pub(crate) fn of_each<T: Send>(
    release: GoRelease,
    ask: impl Fn(&LeakProgram) -> T + Sync,
) -> BTreeMap<String, T> {
    let programs = leak_programs(release).unwrap();
    for set in LeakSet::ALL {
        programs.iter().find(|program| program.set == set).unwrap().build(Variant::Plain).unwrap();
    }
    let chosen = programs
        .iter()
        .enumerate()
        .filter(|(number, program)| is_long() || program.set == LeakSet::Micro || number % 8 == 0);
    let (left, found) = (Mutex::new(chosen), Mutex::new(BTreeMap::new()));
    std::thread::scope(|scope| {
        for _ in 0..AT_ONCE {
            scope.spawn(|| {
                loop {
                    let Some((_, program)) = left.lock().unwrap().next() else { break };
                    let answer = ask(program);
                    found.lock().unwrap().insert(program.name.clone(), answer);
                }
            });
        }
    });
    found.into_inner().unwrap()
}
