//! From what the user typed, a pid or a name, to the one process that it means.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use crate::error::ProcessError;
use crate::process::Process;
use crate::table::ProcessTable;

/// How many processes a message lists before it says "and so many more".
const LISTED_MAX: usize = 8;
/// How many similar names are offered for one that is not there.
const SIMILAR_MAX: usize = 3;

/// Why no single process was found.
#[derive(Debug, thiserror::Error)]
pub enum FindError {
    /// No process is called so.
    #[error("no process is named {name}")]
    NoneNamed {
        /// What was looked for.
        name: String,
        /// Processes whose names contain it.
        similar: Vec<NamedProcess>,
    },
    /// Several processes are called so.
    #[error("{} processes are named {name}: {}", matches.len(), pids(matches))]
    Ambiguous {
        /// What was looked for.
        name: String,
        /// All of them, by ascending pid.
        matches: Vec<NamedProcess>,
    },
    /// A number that no process can have.
    #[error("{text} is not a possible pid")]
    ImpossiblePid {
        /// What was typed.
        text: String,
    },
    /// The process, or the list of them, cannot be read.
    #[error(transparent)]
    Process(#[from] ProcessError),
}

impl FindError {
    /// What the user can do about it, if anything.
    pub fn hint(&self) -> Option<String> {
        match self {
            FindError::NoneNamed { similar, .. } if !similar.is_empty() => {
                let names: Vec<String> =
                    similar.iter().map(|found| format!("{} ({})", found.name, found.pid)).collect();
                Some(format!("there is {}; list Go processes with: gostat ps", names.join(", ")))
            }
            FindError::NoneNamed { .. } => Some("list Go processes with: gostat ps".into()),
            FindError::Ambiguous { .. } => Some("give one of the pids".into()),
            FindError::ImpossiblePid { .. } => Some("pids are whole numbers from 1".into()),
            FindError::Process(error) => error.hint(),
        }
    }
}

/// A process in a list of candidates.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NamedProcess {
    /// Its pid.
    pub pid: u32,
    /// Its name (`comm`).
    pub name: String,
}

impl ProcessTable {
    /// The process that `target` means. A number always is a pid. Anything else is compared with each
    /// process's short name (`comm`) and with the last part of the path of its executable and of the name
    /// that it was called by. Threads, zombies, kernel threads and ourselves are not candidates.
    ///
    /// The process that is returned has a program: [`Process::require_program`] holds.
    ///
    /// # Errors
    /// When no process fits, or several do, or the one that fits has no program.
    pub fn find(&self, target: &str) -> Result<Process, FindError> {
        if !target.is_empty() && target.bytes().all(|byte| byte.is_ascii_digit()) {
            // The kernel's pids are positive and below 2^22.
            let pid =
                target.parse::<i32>().ok().and_then(|pid| u32::try_from(pid).ok()).filter(|&pid| pid > 0);
            let pid = pid.ok_or_else(|| FindError::ImpossiblePid { text: target.into() })?;
            let process = self.open(pid)?;
            process.require_program()?;
            return Ok(process);
        }
        let mut matches = self.named(target)?;
        match matches.len() {
            0 => Err(FindError::NoneNamed { name: target.into(), similar: self.similar(target)? }),
            1 => Ok(matches.swap_remove(0).1),
            _ => Err(FindError::Ambiguous {
                name: target.into(),
                matches: matches.into_iter().map(|(found, _)| found).collect(),
            }),
        }
    }

    fn named(&self, name: &str) -> Result<Vec<(NamedProcess, Process)>, ProcessError> {
        let own_pid = self.own_pid();
        let mut matches = Vec::new();
        for pid in self.pids()? {
            if Some(pid) == own_pid {
                continue;
            }
            let Ok(process) = self.open(pid) else { continue };
            let Ok(stat) = process.stat() else { continue };
            if stat.kernel_thread || stat.state.has_exited() {
                continue;
            }
            if stat.name == name || is_called(&process, OsStr::new(name)) {
                matches.push((NamedProcess { pid, name: stat.name }, process));
            }
        }
        Ok(matches)
    }

    fn similar(&self, name: &str) -> Result<Vec<NamedProcess>, ProcessError> {
        let own_pid = self.own_pid();
        let wanted = name.to_lowercase();
        let is_similar = |candidate: &str| {
            let candidate = candidate.to_lowercase();
            // Names of one or two letters are contained in nearly everything.
            candidate.contains(&wanted) || (candidate.len() > 2 && wanted.contains(&candidate))
        };
        let candidates = self.list()?.into_iter();
        Ok(candidates
            .filter(|stat| !stat.kernel_thread && !stat.state.has_exited() && Some(stat.pid) != own_pid)
            .filter(|stat| is_similar(&stat.name))
            .map(|stat| NamedProcess { pid: stat.pid, name: stat.name })
            .take(SIMILAR_MAX)
            .collect())
    }
}

fn is_called(process: &Process, name: &OsStr) -> bool {
    // What may not be read cannot match.
    process.executable().is_ok_and(|executable| executable.path.file_name() == Some(name))
        || process.called_as().ok().flatten().is_some_and(|called| base_name(&called) == Some(name))
}

/// The last part of the first argument. A login shell's begins with `-`; some servers write their state
/// after the name and a colon (`nginx: worker process`): neither is a part of the name that people mean.
fn base_name(called: &OsStr) -> Option<&OsStr> {
    let name = Path::new(called).file_name()?.as_bytes();
    let name = name.strip_prefix(b"-").unwrap_or(name);
    name.split(|&byte| byte == b':').next().map(OsStr::from_bytes)
}

fn pids(matches: &[NamedProcess]) -> String {
    let listed: Vec<String> = matches.iter().take(LISTED_MAX).map(|found| found.pid.to_string()).collect();
    let mut text = listed.join(", ");
    if matches.len() > LISTED_MAX {
        text.push_str(&format!(" and {} more", matches.len() - LISTED_MAX));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_in_arguments() {
        let base =
            |called: &str| base_name(OsStr::new(called)).map(|name| name.to_string_lossy().into_owned());
        assert_eq!(base("/usr/bin/server").as_deref(), Some("server"));
        assert_eq!(base("server").as_deref(), Some("server"));
        assert_eq!(base("-bash").as_deref(), Some("bash"));
        assert_eq!(base("nginx: worker process").as_deref(), Some("nginx"));
        assert_eq!(base("/"), None);
        assert_eq!(base(""), None);
    }

    #[test]
    fn long_lists_are_cut() {
        let found: Vec<_> = (1..=11).map(|pid| NamedProcess { pid, name: "x".into() }).collect();
        assert_eq!(pids(&found), "1, 2, 3, 4, 5, 6, 7, 8 and 3 more");
        assert_eq!(pids(&found[..2]), "1, 2");
    }
}
