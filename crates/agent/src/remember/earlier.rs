//! What the history says of the time before this agent: who was watched when the last one ended, and which programs
//! processes ran.

use capture::CaptureError;
use history_store::{Ending, EndingKind, History, HistoryError, Process, ProcessKey, Selection};
use rustc_hash::FxHashMap;
use snapshot::Target;

use super::deploys::Deploys;

/// Which program each process ran when it was last watched.
#[derive(Debug, Clone, Default)]
pub struct EarlierPrograms(FxHashMap<(u32, u64), Earlier>);

#[derive(Debug, Clone)]
struct Earlier {
    execs: u32,
    program: Program,
}

/// What makes a program another one: the same file may have been replaced by another build.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Program {
    executable: String,
    go_version: String,
    module: Option<String>,
    module_version: Option<String>,
}

impl EarlierPrograms {
    /// How many programs a process that is new to us has run before this one: one more than when it was last watched, if
    /// it runs another program now. 0 if it never was.
    pub(crate) fn execs(&self, pid: u32, start_ticks: u64, target: &Target) -> u32 {
        let Some(earlier) = self.0.get(&(pid, start_ticks)) else { return 0 };
        let program = Program {
            executable: target.executable.clone(),
            go_version: target.go_version.clone(),
            module: target.module.clone(),
            module_version: target.module_version.clone(),
        };
        earlier.execs + u32::from(program != earlier.program)
    }

    fn note(&mut self, process: &Process) {
        let info = &process.info;
        let program = Program {
            executable: info.executable.clone(),
            go_version: info.go_version.clone(),
            module: info.module.clone(),
            module_version: info.module_version.clone(),
        };
        let known = self.0.get(&(process.key.pid, process.key.start_ticks));
        if known.is_none_or(|known| known.execs <= process.key.execs) {
            let earlier = Earlier { execs: process.key.execs, program };
            self.0.insert((process.key.pid, process.key.start_ticks), earlier);
        }
    }
}

/// What is left of an agent that did not end as it should.
#[derive(Debug, Default)]
pub(super) struct Left {
    /// Endings of those that it watched, as late as they were seen.
    pub(super) endings: Vec<(ProcessKey, Ending)>,
    /// Which programs processes of this boot ran.
    pub(super) programs: EarlierPrograms,
    /// Which builds services ran.
    pub(super) deploys: Deploys,
}

/// Reads what is left.
pub(super) fn left(store: &impl History, boot_id: &str) -> Result<Left, HistoryError> {
    let mut left = Left::default();
    for process in store.processes(&Selection::All)? {
        if process.ended.is_none() {
            let ending = Ending { at_ms: process.last_seen_ms, how: EndingKind::AgentKilled };
            left.endings.push((process.key.clone(), ending));
        }
        left.deploys.learn(&process, boot_id);
        if process.key.boot_id == boot_id {
            left.programs.note(&process);
        }
    }
    Ok(left)
}

/// How a look that failed for good ends the record of its process.
pub(super) fn ending(how: &CaptureError) -> EndingKind {
    match how {
        CaptureError::Replaced { .. } => EndingKind::Executed,
        CaptureError::NotPermitted(_) => EndingKind::NotPermitted,
        _ => EndingKind::Exited,
    }
}
