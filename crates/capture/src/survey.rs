//! All Go processes of a machine at a glance.

use linux_process::Process;

use crate::error::AttachError;
use crate::image::NotGo;
use crate::options::Options;
use crate::session::Session;

/// A Go process in a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GoProcess {
    /// Go release as the binary says it.
    pub go_version: String,
    /// Path of the main module.
    pub module: Option<String>,
    /// Version of the main module.
    pub module_version: Option<String>,
    /// Whether there is no symbol table.
    pub stripped: bool,
    /// Goroutines, without the runtime's own.
    pub goroutines: u64,
    /// Number of Ps.
    pub gomaxprocs: Option<u64>,
}

/// Looks at many processes; remembers which files are no Go programs, since many processes run the same ones.
#[derive(Debug, Default)]
pub struct Survey {
    not_go: NotGo,
}

impl Survey {
    /// Attaches to a process, to stay.
    ///
    /// # Errors
    /// As [`Survey::look_at`].
    pub fn attach(&mut self, process: Process) -> Result<Session, AttachError> {
        Session::with_known_files(process, &mut self.not_go)
    }

    /// What there is to say of one process.
    ///
    /// # Errors
    /// [`AttachError::is_not_go`] for a process that is no Go program, else why it could not be looked at.
    pub fn look_at(&mut self, process: Process) -> Result<GoProcess, AttachError> {
        let mut session = self.attach(process)?;
        let target = session.target().clone();
        let pid = target.pid;
        let census = session.census(&Options::COUNTS).map_err(|_| AttachError::Exited { pid })?;
        Ok(GoProcess {
            go_version: target.go_version,
            module: target.module,
            module_version: target.module_version,
            stripped: target.stripped,
            goroutines: census.cohorts.iter().filter(|(cohort, _)| !cohort.is_runtime).map(|(_, n)| n).sum(),
            gomaxprocs: census.scheduler.map(|scheduler| scheduler.processors.len() as u64),
        })
    }
}
