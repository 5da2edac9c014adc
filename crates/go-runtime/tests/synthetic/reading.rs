//! Attaching to a synthetic process, and what a snapshot says of it in a form that is easy to compare.

use std::collections::BTreeMap;

use go_binary::{Bias, Executable};
use go_runtime::{AttachError, Limits, Moment, Options, Runtime};
use process_memory::{ProcessMemory, ReadError};
use snapshot::{
    Architecture, GapSubject, Goroutine, LayoutSource, Snapshot, StackState, Status, Target, WaitObject,
};
use synthetic_process::Process;

/// What one goroutine looks like.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Seen {
    pub(crate) status: Status,
    pub(crate) wait_reason: Option<String>,
    pub(crate) state: StackState,
    pub(crate) complete: bool,
    pub(crate) stack: Vec<String>,
    pub(crate) labels: Vec<(String, String)>,
    pub(crate) waits: Vec<WaitObject>,
    pub(crate) entry: Option<String>,
    pub(crate) created_by: Option<String>,
    pub(crate) parent: Option<u64>,
    pub(crate) tid: Option<u32>,
}

pub(crate) fn attach<M: ProcessMemory>(
    process: &Process,
    memory: &M,
    limits: Limits,
) -> Result<Runtime, AttachError> {
    let executable = Executable::parse(Box::new(process.executable.clone())).unwrap();
    Runtime::attach(executable, Bias(0), memory, limits, None)
}

/// Attaches to the process as it is.
pub(crate) fn attached(process: &Process) -> Runtime {
    attach(process, &process.memory, Limits::default()).expect("a process that is as it should be")
}

/// Attaches to the process as it is, then takes a snapshot of `memory`.
pub(crate) fn snapshot_of<M: ProcessMemory>(process: &Process, memory: &M) -> Result<Snapshot, ReadError> {
    take(&mut attached(process), process, memory)
}

pub(crate) fn take<M: ProcessMemory>(
    runtime: &mut Runtime,
    process: &Process,
    memory: &M,
) -> Result<Snapshot, ReadError> {
    // Each is to prove something on its own.
    runtime.forget();
    look(runtime, process, memory)
}

/// One more look of a session.
pub(crate) fn look<M: ProcessMemory>(
    runtime: &mut Runtime,
    process: &Process,
    memory: &M,
) -> Result<Snapshot, ReadError> {
    let target = Target {
        pid: 1,
        name: "synthetic".into(),
        executable: "/synthetic".into(),
        architecture: Architecture::Amd64,
        go_version: process.layout.version.into(),
        module: None,
        module_version: None,
        stripped: false,
        layout: LayoutSource::Table,
    };
    let moment = Moment { unix_ms: 1_700_000_000_000, monotonic_ns: 4_000_000_000 };
    runtime.snapshot(memory, &target, &Options::default(), moment, None)
}

pub(crate) fn seen(snapshot: &Snapshot, goroutine: &Goroutine) -> Seen {
    let tables = &snapshot.tables;
    let function = |id| tables.frames.get(id).map(|frame| tables.text(frame.function).to_owned());
    let stack = snapshot.frames(goroutine).map(|frame| tables.text(frame.function).to_owned()).collect();
    let labels = snapshot.labels(goroutine).map(|(key, value)| (key.to_owned(), value.to_owned())).collect();
    Seen {
        status: goroutine.status,
        wait_reason: snapshot.wait_reason(goroutine).map(str::to_owned),
        state: goroutine.stack_state,
        complete: tables.stacks.get(goroutine.stack).is_some_and(|stack| stack.complete),
        stack,
        labels,
        waits: snapshot.waiting_on(goroutine).to_vec(),
        entry: goroutine.entry.and_then(function),
        created_by: goroutine.created_by.and_then(function),
        parent: goroutine.parent_id.map(|id| id.0),
        tid: goroutine.tid,
    }
}

/// By goroutine id, each of which there is once.
pub(crate) fn all_seen(snapshot: &Snapshot) -> BTreeMap<u64, Seen> {
    let all: BTreeMap<u64, Seen> = snapshot.goroutines.iter().map(|g| (g.id.0, seen(snapshot, g))).collect();
    assert_eq!(all.len(), snapshot.goroutines.len(), "ids are unique");
    all
}

pub(crate) fn has_gap(snapshot: &Snapshot, subject: GapSubject) -> bool {
    snapshot.gaps.iter().any(|gap| gap.subject == subject)
}

/// A gap in something of one goroutine (or in that of all).
pub(crate) fn has_gap_of(snapshot: &Snapshot, subject: GapSubject, id: u64) -> bool {
    let about = |gap: &&snapshot::Gap| gap.subject == subject && gap.goroutine.is_none_or(|of| of.0 == id);
    snapshot.gaps.iter().any(|gap| about(&gap))
}
