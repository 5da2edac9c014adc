//! The programs, as `test-programs/` has them.

use crate::release::GoRelease;
use crate::variant::Variant;

/// One of the programs. See `test-programs/README.md` for what each shows and what it can be asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Program {
    /// A goroutine in every state that holds still.
    States,
    /// Goroutines in C, and in Go that C called.
    Cgo,
    /// A Go library in a program in C.
    CShared,
    /// `net/http` with connections, and `net/http/pprof`.
    HttpServer,
    /// Goroutines of `net/http`, `database/sql` and others, of which the program says what each is doing.
    Meanings,
    /// More goroutines that compute than Ps.
    Running,
    /// Goroutines that have not run yet. It cannot be asked anything.
    NeverRan,
    /// Goroutines that live microseconds.
    Churn,
    /// Goroutines that come and go in bursts, counted by the program; it rests before and after.
    Bursts,
    /// Goroutines that move between known places, many at a time, counted by the program; the argument says how many.
    Storm,
    /// Many parked goroutines; the argument says how many.
    Many,
    /// Many parked goroutines, of which some move when asked to; the argument says how many there are.
    Waves,
    /// Goroutines that queue for one thing; the arguments say for what, and how many (`lock-held 200`).
    Queues,
    /// Goroutines that nothing can wake.
    Leaked,
    /// Go's own leak programs, one of which the argument names; see [`leak_programs`](crate::leak_programs).
    GoLeaksMicro,
    /// As `GoLeaksMicro`: the leaks of real programs.
    GoLeaksGoker,
    /// One way to leak a goroutine and its healthy twin; the arguments say which and how many (`nil-channel 3`), or
    /// `all`.
    Leaks,
    /// Servers, pools and queues under load, of which nothing ever leaks.
    Healthy,
    /// As `Healthy`, with goroutines in C and from C.
    HealthyCgo,
    /// As `Healthy`, with leaks planted at random and counted; the arguments are the seed and how many.
    Planted,
    /// Goroutines that wait for what is hard to see from outside, but alive; arguments choose parts.
    Elusive,
    /// A large heap, and many goroutines that have leaked; the arguments say how many megabytes and how many.
    Large,
    /// Goroutines that wait for each other's locks, channels and connections; it knows who waits for whom.
    Blocked,
    /// A `testing/synctest` bubble.
    Synctest,
    /// Goroutines inside `runtime/secret`.
    Secret,
    /// Names that want to be more than text: labels, files, threads.
    HostileNames,
    /// One program after the other in one process. It cannot be asked anything; the argument says how long each
    /// of them lives (`5ms`).
    Executes,
}

impl Program {
    /// Every program.
    pub const ALL: [Program; 27] = [
        Program::States,
        Program::Cgo,
        Program::CShared,
        Program::HttpServer,
        Program::Meanings,
        Program::Running,
        Program::NeverRan,
        Program::Churn,
        Program::Bursts,
        Program::Storm,
        Program::Many,
        Program::Waves,
        Program::Queues,
        Program::Leaked,
        Program::GoLeaksMicro,
        Program::GoLeaksGoker,
        Program::Leaks,
        Program::Healthy,
        Program::HealthyCgo,
        Program::Planted,
        Program::Elusive,
        Program::Large,
        Program::Blocked,
        Program::Synctest,
        Program::Secret,
        Program::HostileNames,
        Program::Executes,
    ];

    /// Its directory in `test-programs/`.
    pub fn directory(self) -> &'static str {
        match self {
            Program::States => "states",
            Program::Cgo => "cgo",
            Program::CShared => "c-shared",
            Program::HttpServer => "http-server",
            Program::Meanings => "meanings",
            Program::Running => "running",
            Program::NeverRan => "never-ran",
            Program::Churn => "churn",
            Program::Bursts => "bursts",
            Program::Storm => "storm",
            Program::Many => "many",
            Program::Waves => "waves",
            Program::Queues => "queues",
            Program::Leaked => "leaked",
            Program::GoLeaksMicro => "go-leaks-micro",
            Program::GoLeaksGoker => "go-leaks-goker",
            Program::Leaks => "leaks",
            Program::Healthy => "healthy",
            Program::HealthyCgo => "healthy-cgo",
            Program::Planted => "planted",
            Program::Elusive => "elusive",
            Program::Large => "large",
            Program::Blocked => "blocked",
            Program::Synctest => "synctest",
            Program::Secret => "secret",
            Program::HostileNames => "hostile-names",
            Program::Executes => "executes",
        }
    }

    /// Whether that release has what the program shows.
    pub fn exists_in(self, release: GoRelease) -> bool {
        match self {
            Program::Synctest => release.minor >= 25,
            Program::Secret => release.minor >= 26,
            _ => true,
        }
    }

    /// Whether it is about leaks; where the runtime has a leak profile, it answers `leaked`.
    pub(crate) fn is_about_leaks(self) -> bool {
        matches!(
            self,
            Program::GoLeaksMicro
                | Program::GoLeaksGoker
                | Program::Leaks
                | Program::Healthy
                | Program::HealthyCgo
                | Program::Planted
                | Program::Elusive
                | Program::Large
        )
    }

    /// The `GOEXPERIMENT` that it takes, empty for none. What 1.27 has by default was one in 1.26.
    pub(crate) fn experiment(self, release: GoRelease) -> &'static str {
        match self {
            Program::Secret => "runtimesecret",
            _ if self.is_about_leaks() && release.minor == 26 => "goroutineleakprofile",
            _ => "",
        }
    }

    /// The variant that says least: for the programs that are about cgo, the plainest one with it.
    pub fn plainest_variant(self) -> Variant {
        match self {
            Program::Cgo | Program::HealthyCgo => Variant::Cgo,
            Program::CShared => Variant::CShared,
            _ => Variant::Plain,
        }
    }

    /// Whether the program can be built so.
    pub fn has(self, variant: Variant) -> bool {
        match self {
            Program::CShared => variant == Variant::CShared,
            Program::Cgo | Program::HealthyCgo => variant.uses_cgo() && variant != Variant::CShared,
            _ => variant != Variant::CShared,
        }
    }
}
