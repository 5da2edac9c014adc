//! Go's own leak programs, kept alive: what there is, and how one is started.

use crate::build::{Build, Built};
use crate::derived;
use crate::error::TargetError;
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
