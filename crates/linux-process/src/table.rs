//! The processes of a machine, listed from one `/proc`.

use std::fs;
use std::os::unix::fs::DirEntryExt;
use std::path::{Path, PathBuf};

use crate::error::ProcessError;
use crate::parse::{decimal, fields};
use crate::process::{Process, ProcessIdentity};
use crate::stat::Stat;

/// A `/proc` file system: the real one, or a directory that looks like one.
#[derive(Debug, Clone)]
pub struct ProcessTable {
    root: PathBuf,
}

/// A process as it is listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ListedPid {
    /// Its pid.
    pub pid: u32,
    /// The inode of its directory. A later process with the same pid has another one; the same process may get another
    /// one when the kernel is short of memory.
    pub inode: u64,
}

impl Default for ProcessTable {
    fn default() -> Self {
        ProcessTable::at("/proc")
    }
}

impl ProcessTable {
    /// The processes below `root`, which is `/proc` for those of this machine.
    pub fn at(root: impl Into<PathBuf>) -> ProcessTable {
        ProcessTable { root: root.into() }
    }

    /// Where it lies.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// Opens one process.
    ///
    /// # Errors
    /// [`ProcessError::NoSuchProcess`], or what the system said.
    pub fn open(&self, pid: u32) -> Result<Process, ProcessError> {
        Process::open(&self.root, pid)
    }

    /// Our own pid as this `/proc` numbers processes; `None` if it is not ours at all.
    pub fn own_pid(&self) -> Option<u32> {
        let link = fs::read_link(self.root.join("self")).ok()?;
        decimal(link.as_os_str().as_encoded_bytes())
    }

    /// Pids of all visible processes, ascending; threads are not among them.
    ///
    /// # Errors
    /// When the directory cannot be read.
    pub fn pids(&self) -> Result<Vec<u32>, ProcessError> {
        Ok(self.listed()?.into_iter().map(|listed| listed.pid).collect())
    }

    /// All visible processes by what listing them tells, ascending: the cheapest way to see who is new.
    ///
    /// # Errors
    /// When the directory cannot be read.
    pub fn listed(&self) -> Result<Vec<ListedPid>, ProcessError> {
        let listing = |source| ProcessError::Listing { root: self.root.clone(), source };
        let mut listed = Vec::new();
        for entry in fs::read_dir(&self.root).map_err(listing)? {
            let entry = entry.map_err(listing)?;
            // Everything else in /proc has a name that is not a number.
            let pid = decimal::<u32>(entry.file_name().as_encoded_bytes());
            listed.extend(pid.map(|pid| ListedPid { pid, inode: entry.ino() }));
        }
        listed.sort_unstable();
        Ok(listed)
    }

    /// All visible processes with what one cheap read tells of each, by ascending pid. Processes that end
    /// meanwhile, or that `/proc` hides the inside of, are left out.
    ///
    /// # Errors
    /// When the directory cannot be read.
    pub fn list(&self) -> Result<Vec<Stat>, ProcessError> {
        let pids = self.pids()?;
        Ok(pids.into_iter().filter_map(|pid| self.open(pid).ok()?.stat().ok()).collect())
    }

    /// Whether a process seen before still is that process, and not a later one with the same pid.
    pub fn is_same(&self, identity: ProcessIdentity) -> bool {
        self.open(identity.pid).and_then(|process| process.identity()).is_ok_and(|now| now == identity)
    }

    /// Milliseconds since the machine started. `None` if `/proc/uptime` cannot be read.
    pub fn machine_uptime_ms(&self) -> Option<u64> {
        parse_uptime_ms(&fs::read(self.root.join("uptime")).ok()?)
    }

    /// When a process started, Unix milliseconds, as the kernel tells it: the same whenever it is asked. `None` if
    /// `/proc/stat` does not say when the machine was started.
    pub fn started_unix_ms(&self, start_ticks: u64) -> Option<u64> {
        let text = fs::read(self.root.join("stat")).ok()?;
        let boot_seconds: u64 = text
            .split(|byte| *byte == b'\n')
            .find_map(|line| decimal(fields(line.strip_prefix(b"btime")?).next()?))?;
        let since_boot_ms = start_ticks.saturating_mul(1000) / procfs::ticks_per_second().max(1);
        boot_seconds.checked_mul(1000)?.checked_add(since_boot_ms)
    }

    /// Milliseconds since a process started, given [`ProcessTable::machine_uptime_ms`].
    pub fn uptime_ms(machine_uptime_ms: u64, start_ticks: u64) -> u64 {
        let started_ms = start_ticks.saturating_mul(1000) / procfs::ticks_per_second().max(1);
        machine_uptime_ms.saturating_sub(started_ms)
    }
}

/// The first number of `/proc/uptime`: seconds, with two decimals.
fn parse_uptime_ms(text: &[u8]) -> Option<u64> {
    let seconds: f64 = decimal(fields(text).next()?)?;
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "float to integer casts saturate, and NaN becomes 0"
    )]
    Some((seconds * 1000.0) as u64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn uptime() {
        assert_eq!(parse_uptime_ms(b"12345.67 99.00\n"), Some(12_345_670));
        assert_eq!(parse_uptime_ms(b""), None);
        assert_eq!(parse_uptime_ms(b"soon"), None);
        assert_eq!(parse_uptime_ms(b"-1"), Some(0));
        assert_eq!(parse_uptime_ms(b"1e99"), Some(u64::MAX));
    }

    #[test]
    fn uptime_of_a_process_is_never_negative() {
        let second = procfs::ticks_per_second();
        assert_eq!(ProcessTable::uptime_ms(10_000, 3 * second), 7_000);
        assert_eq!(ProcessTable::uptime_ms(1_000, 3 * second), 0);
        assert_eq!(ProcessTable::uptime_ms(1_000, u64::MAX), 0);
    }
}
