//! What the kernel allows on this machine: settings, mounts and the namespaces that we are in.

use std::fs;
use std::path::{Path, PathBuf};

use crate::container::{Container, container_of};
use crate::error::ProcessError;
use crate::mounts::{Mount, parse_mounts};
use crate::namespaces::{NamespaceId, Namespaces};
use crate::parse::{decimal, fields};
use crate::process::Process;
use crate::status::Status;
use crate::table::ProcessTable;

/// The places from which the machine is judged: `/proc`, `/sys` and `/` on a real one.
#[derive(Debug, Clone)]
pub struct System {
    proc: PathBuf,
    sys: PathBuf,
    root: PathBuf,
}

impl Default for System {
    fn default() -> Self {
        System::at("/")
    }
}

impl System {
    /// A machine whose files lie below `root`.
    pub fn at(root: impl Into<PathBuf>) -> System {
        let root = root.into();
        System { proc: root.join("proc"), sys: root.join("sys"), root }
    }

    /// Its processes.
    pub fn processes(&self) -> ProcessTable {
        ProcessTable::at(&self.proc)
    }

    /// The kernel's release, as of `uname -r`.
    pub fn kernel_release(&self) -> Option<String> {
        self.text(&self.proc.join("sys/kernel/osrelease"))
    }

    /// `kernel.yama.ptrace_scope`: 0 all of one's own processes, 1 only descendants, 2 only with
    /// `CAP_SYS_PTRACE`, 3 none. `None` where Yama is not built in, which means 0.
    pub fn ptrace_scope(&self) -> Option<i64> {
        self.number(&self.proc.join("sys/kernel/yama/ptrace_scope"))
    }

    /// `kernel.perf_event_paranoid`: 2 or more forbids kernel samples, 3 or more (some distributions)
    /// everything, to those without `CAP_PERFMON`. `None` where the kernel has no performance events.
    pub fn perf_event_paranoid(&self) -> Option<i64> {
        self.number(&self.proc.join("sys/kernel/perf_event_paranoid"))
    }

    /// `kernel.unprivileged_bpf_disabled`: 0 allowed, 1 and 2 only with `CAP_BPF`. `None` where the kernel
    /// has no BPF system call.
    pub fn unprivileged_bpf_disabled(&self) -> Option<i64> {
        self.number(&self.proc.join("sys/kernel/unprivileged_bpf_disabled"))
    }

    /// Whether the kernel describes its types for BPF programs (`/sys/kernel/btf/vmlinux`).
    pub fn has_btf(&self) -> bool {
        self.sys.join("kernel/btf/vmlinux").is_file()
    }

    /// Whether uprobes can be opened as performance events.
    pub fn has_uprobes(&self) -> bool {
        self.sys.join("bus/event_source/devices/uprobe/type").is_file()
    }

    /// What is mounted in our mount namespace.
    pub fn mounts(&self) -> Vec<Mount> {
        fs::read(self.proc.join("self/mountinfo")).map(|text| parse_mounts(&text)).unwrap_or_default()
    }

    /// Our own status: user ids and capabilities.
    ///
    /// # Errors
    /// When `/proc` is not mounted or is another pid namespace's.
    pub fn own_status(&self) -> Result<Status, ProcessError> {
        self.own_process()?.status()
    }

    /// Our own namespaces.
    ///
    /// # Errors
    /// As [`System::own_status`].
    pub fn own_namespaces(&self) -> Result<Namespaces, ProcessError> {
        self.own_process()?.namespaces()
    }

    /// Whether our user ids are those of the machine: in a user namespace capabilities count for less.
    pub fn in_initial_user_namespace(&self) -> Option<bool> {
        let namespaces = self.own_namespaces().ok()?;
        if namespaces.user == NamespaceId::INITIAL_USER {
            return Some(true);
        }
        // Some container runtimes hide the number, but not the mapping.
        let map = fs::read(self.proc.join("self/uid_map")).ok()?;
        Some(is_identity_map(&map))
    }

    /// The container that we run in, if the system shows signs of one.
    pub fn own_container(&self) -> OwnContainer {
        let cgroups = self.own_process().and_then(|process| process.cgroups()).unwrap_or_default();
        if let Some(container) = container_of(&cgroups) {
            return OwnContainer::Known(container);
        }
        // Docker and podman leave these for programs that want to know.
        let markers = [".dockerenv", "run/.containerenv"];
        if markers.iter().any(|marker| self.root.join(marker).exists()) {
            return OwnContainer::Unnamed;
        }
        OwnContainer::None
    }

    fn own_process(&self) -> Result<Process, ProcessError> {
        let table = self.processes();
        let pid = table.own_pid().ok_or_else(|| ProcessError::Listing {
            root: self.proc.clone(),
            source: std::io::ErrorKind::NotFound.into(),
        })?;
        table.open(pid)
    }

    fn text(&self, path: &Path) -> Option<String> {
        let text = fs::read(path).ok()?;
        Some(String::from_utf8_lossy(text.trim_ascii()).into_owned())
    }

    fn number(&self, path: &Path) -> Option<i64> {
        decimal(fs::read(path).ok()?.trim_ascii())
    }
}

/// Whether we run in a container.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum OwnContainer {
    /// No sign of one.
    None,
    /// In one whose id is hidden from us by a cgroup namespace.
    Unnamed,
    /// In this one.
    Known(Container),
}

/// Whether `/proc/self/uid_map` maps all user ids to themselves, as in the initial namespace.
fn is_identity_map(text: &[u8]) -> bool {
    let numbers: Vec<Option<u64>> = fields(text).map(decimal).collect();
    numbers == [Some(0), Some(0), Some(u64::from(u32::MAX))]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identity_maps() {
        assert!(is_identity_map(b"         0          0 4294967295\n"));
        assert!(!is_identity_map(b"         0     100000      65536\n"));
        assert!(!is_identity_map(b""));
        assert!(!is_identity_map(b"0 0 4294967295\n1 1 1\n"));
    }
}
