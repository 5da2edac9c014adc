//! The processes of a history, as answers have them.

use history_store::{GOROUTINES, History, Process, Selection};

use super::{Past, PastError, PastProcess, PastProcesses, find};

/// Processes that are listed.
const LISTED_MAX: usize = 1_000;

impl Past {
    /// The processes that were seen since a moment (Unix milliseconds), those seen last first.
    ///
    /// # Errors
    /// The history cannot be read.
    pub fn processes(&self, since_ms: u64) -> Result<PastProcesses, PastError> {
        let mut processes = self.store.processes(&Selection::All)?;
        processes.retain(|process| process.last_seen_ms >= since_ms);
        processes.sort_by_key(|process| (std::cmp::Reverse(process.last_seen_ms), process.id));
        let left_out = processes.len().saturating_sub(LISTED_MAX);
        processes.truncate(LISTED_MAX);
        let listed = processes.iter().map(|process| {
            Ok(PastProcess { goroutines: self.last_goroutines(process)?, ..past_process(process) })
        });
        Ok(PastProcesses { processes: listed.collect::<Result<_, PastError>>()?, left_out })
    }

    fn last_goroutines(&self, process: &Process) -> Result<Option<u64>, PastError> {
        // The clock may have been set back: the latest time is not always that of the last look.
        let state = self.store.at(process.id, process.last_seen_ms)?;
        let measures = state.map(|state| state.measures).unwrap_or_default();
        let found = measures.into_iter().find(|measure| *measure.name == *GOROUTINES);
        Ok(found.and_then(|measure| u64::try_from(measure.value).ok()))
    }
}

pub(super) fn past_process(process: &Process) -> PastProcess {
    let info = &process.info;
    PastProcess {
        id: find::id(&process.key),
        pid: process.key.pid,
        name: info.command.clone(),
        executable: info.executable.clone(),
        go_version: info.go_version.clone(),
        module: info.module.clone(),
        module_version: info.module_version.clone(),
        container: info.container_id.clone(),
        labels: info.tags.clone(),
        first_seen_ms: process.first_seen_ms,
        last_seen_ms: process.last_seen_ms,
        ended_ms: process.ended.map(|ended| ended.at_ms),
        ended: process.ended.map(|ended| ended.how.name()),
        goroutines: None,
    }
}
