//! What is wanted of a look at a process.

/// What a snapshot should contain besides the states of all goroutines.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Options {
    /// All goroutines; otherwise only those that an M runs or that are locked to one.
    pub every_goroutine: bool,
    /// Stacks.
    pub stacks: bool,
    /// Stacks of running goroutines, by sampling their threads. Takes up to some tens of milliseconds.
    pub running: bool,
    /// What goroutines wait on.
    pub wait_objects: bool,
    /// pprof labels.
    pub labels: bool,
    /// What Linux says of the Ms' threads. Takes three small reads of `/proc` a thread.
    pub threads: bool,
    /// Counters of memory and garbage collections.
    pub memory: bool,
}

impl Default for Options {
    fn default() -> Self {
        Options {
            every_goroutine: true,
            stacks: true,
            running: true,
            wait_objects: true,
            labels: true,
            threads: false,
            memory: false,
        }
    }
}

impl Options {
    pub(crate) fn of_runtime<'t>(
        &self,
        threads: &'t dyn go_runtime::RunningThreads,
    ) -> (go_runtime::Options, Option<&'t dyn go_runtime::RunningThreads>) {
        let Options { every_goroutine, stacks, running, wait_objects, labels, threads: _, memory } = *self;
        let wanted = go_runtime::Options { every_goroutine, stacks, wait_objects, labels, memory };
        (wanted, running.then_some(threads))
    }

    /// States, wait reasons and the scheduler only: the cheapest snapshot.
    pub const COUNTS: Options = Options {
        every_goroutine: true,
        stacks: false,
        running: false,
        wait_objects: false,
        labels: false,
        threads: false,
        memory: false,
    };

    /// All that there is to know without the heap.
    pub const EVERYTHING: Options = Options {
        every_goroutine: true,
        stacks: true,
        running: true,
        wait_objects: true,
        labels: true,
        threads: true,
        memory: true,
    };

    /// The scheduler, and of goroutines only those that have to do with an M: its cost does not grow with the
    /// number of goroutines. For snapshots: a census of these counts nobody.
    pub const SCHEDULER: Options = Options { every_goroutine: false, ..Options::COUNTS };
}
