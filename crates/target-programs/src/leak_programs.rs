//! Go's own leak programs, kept alive: what there is, and how one is started.

use std::collections::BTreeMap;

use crate::build::{Build, Built};
use crate::derived;
use crate::error::TargetError;
use crate::matrix::NEWEST;
use crate::program::Program;
use crate::release::GoRelease;
use crate::running::Running;
use crate::variant::Variant;

/// What is never run, and why.
const LEFT_OUT: &[(&str, &str)] =
    &[("Kubernetes1321", "may follow a nil pointer; Go's own test leaves it out for that reason")];

/// Functions of `test-programs/leaks` whose goroutines have leaked, though Go's own profile does not say so, and why.
pub const LEAKS_THAT_GO_MISSES: &[(&str, &str)] = &[(
    "main.leakDeferWaiter",
    "a leaked goroutine's heap-allocated deferred call has the channel; the profile marks such calls by the \
     goroutine's descriptor, leaked or not",
)];

/// A folder of leak programs; one executable.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum LeakSet {
    /// One kind of blocking each, common patterns, and two that stress the detector.
    Micro,
    /// `GoKer`: bugs of real programs, most of them started a hundred or a thousand times, since they depend on timing.
    Goker,
}

impl LeakSet {
    /// Both.
    pub const ALL: [LeakSet; 2] = [LeakSet::Micro, LeakSet::Goker];

    /// The program that it is built as.
    pub fn program(self) -> Program {
        match self {
            LeakSet::Micro => Program::GoLeaksMicro,
            LeakSet::Goker => Program::GoLeaksGoker,
        }
    }
}

/// One of Go's leak programs, by one release.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct LeakProgram {
    /// Where it is from.
    pub set: LeakSet,
    /// Its function, which is its argument: `NilRecv`, `Cockroach584`.
    pub name: String,
    /// What it is built with.
    pub release: GoRelease,
}

impl LeakProgram {
    /// Builds its set for amd64, unless that has been done before.
    ///
    /// # Errors
    /// As [`Build::build`].
    pub fn build(&self, variant: Variant) -> Result<Built, TargetError> {
        Build::amd64(self.set.program(), self.release, variant).build()
    }

    /// Builds it if need be, starts it, and waits until its goroutines rest, but no longer than two seconds, as some
    /// never do (`settled` says which it was). It is ready where it would take the profile; [`Running::leaked`] takes
    /// it then. `GOMAXPROCS` and the like are what they are by themselves.
    ///
    /// # Errors
    /// As [`Build::build`] and [`Running::start`].
    pub fn start(&self, variant: Variant) -> Result<Running, TargetError> {
        Running::start(&self.build(variant)?, &[&self.name])
    }
}

/// What the newest runtime said of a program's goroutines by their sites, the places in its files where they stand
/// ([`Running::sites`]): all releases have the same files, but only the newest say what leaks.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LeakSites {
    /// Of each site, how many goroutines had leaked and how many had not.
    seen: BTreeMap<String, (usize, usize)>,
}

impl LeakSites {
    /// Whether goroutines at a site have leaked; `None` where that was not seen, or seen both ways.
    ///
    /// One in five may be otherwise. A lock of less than 16 bytes without pointers shares its place in the heap with
    /// other small things, and is reachable by them, and so is whatever waits for whoever waits for it: the runtime
    /// calls 998 or 999 of the 1000 goroutines of `MutexStack` leaked, and sometimes leaves out a hundred of
    /// `Hugo3251`.
    pub fn leaked(&self, site: &str) -> Option<bool> {
        let &(leaked, alive) = self.seen.get(site)?;
        if leaked > 5 * alive {
            return Some(true);
        }
        (alive > 5 * leaked).then_some(false)
    }

    fn add(&mut self, running: &mut Running) -> Result<(), TargetError> {
        let sites = running.sites()?;
        let has_leaked = running.leaked()?.unwrap_or_default();
        for (id, site) in sites {
            let (leaked, alive) = self.seen.entry(site).or_default();
            *(if has_leaked.contains(&id) { leaked } else { alive }) += 1;
        }
        Ok(())
    }
}

impl LeakProgram {
    /// What its sites mean, by so many processes of it with the newest release: programs that depend on timing get
    /// stuck elsewhere each time.
    ///
    /// # Errors
    /// As [`LeakProgram::start`].
    pub fn expected(&self, processes: usize) -> Result<LeakSites, TargetError> {
        let newest = LeakProgram { release: NEWEST, ..self.clone() };
        let mut sites = LeakSites::default();
        for _ in 0..processes {
            sites.add(&mut newest.start(Variant::Plain)?)?;
        }
        Ok(sites)
    }
}

/// All of Go's leak programs, by a release. What they are does not depend on it: the sources are always those of the
/// newest one, and all of it compiles with all releases.
///
/// # Errors
/// When the newest release cannot be had.
pub fn leak_programs(release: GoRelease) -> Result<Vec<LeakProgram>, TargetError> {
    let mut programs = Vec::new();
    for set in LeakSet::ALL {
        for (_, text) in derived::sources(set.program())?.unwrap_or_default() {
            let names =
                registered(&text).filter(|name| LEFT_OUT.iter().all(|(left_out, _)| left_out != name));
            programs.extend(names.map(|name| LeakProgram { set, name: name.to_owned(), release }));
        }
    }
    Ok(programs)
}

/// The names in `register("NAME", …)`.
fn registered(text: &str) -> impl Iterator<Item = &str> {
    text.lines().filter_map(|line| line.trim().strip_prefix("register(\"")?.split('"').next())
}
