//! What is measured before anything is judged.

use std::hint::black_box;
use std::path::Path;

use linux_process::{
    Capabilities, Mount, NamespaceId, OwnContainer, ProcessError, ProcessTable, Stat, System,
};
use process_memory::{LiveMemory, ProcessMemory, ReadError, SamplerError, perf_available};
use snapshot::Address;

/// Processes whose memory we try to open at most: enough to tell, and no burden on a crowded machine.
const PROCESSES_TRIED_MAX: usize = 5_000;

/// Everything that the examinations judge.
#[derive(Debug)]
pub(super) struct Facts {
    pub(super) kernel_release: Option<String>,
    /// Our effective user id and capabilities; `None` if `/proc` does not say.
    pub(super) user: Option<OurUser>,
    pub(super) ptrace_scope: Option<i64>,
    /// Reading our own memory by the system call that reads everybody's.
    pub(super) own_memory: Result<(), ReadError>,
    /// What became of opening the memory of other processes.
    pub(super) tries: Result<Tries, ProcessError>,
    pub(super) perf_event_paranoid: Option<i64>,
    pub(super) perf: Result<(), SamplerError>,
    pub(super) unprivileged_bpf_disabled: Option<i64>,
    pub(super) has_btf: bool,
    pub(super) has_uprobes: bool,
    pub(super) mounts: Vec<Mount>,
    /// Version 2 hierarchies that can be read, by their mount points.
    pub(super) readable_cgroup_mounts: usize,
    pub(super) container: OwnContainer,
    /// Whether our pid namespace is the machine's.
    pub(super) in_initial_pid_namespace: Option<bool>,
}

/// Who we are.
#[derive(Debug, Clone)]
pub(super) struct OurUser {
    pub(super) uid: u32,
    pub(super) capabilities: Capabilities,
    pub(super) seccomp_filter: bool,
    /// Whether capabilities count for the whole machine.
    pub(super) in_initial_user_namespace: Option<bool>,
}

/// Tries to open the memory of processes that are not ours to begin with.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Tries {
    pub(super) readable: usize,
    pub(super) denied: usize,
    /// Of the denied ones, those of our own user.
    pub(super) denied_own_user: usize,
}

impl Facts {
    /// Measures this machine.
    pub(super) fn gather() -> Facts {
        let system = System::default();
        let mounts = system.mounts();
        let user = system.own_status().ok().map(|status| OurUser {
            uid: status.uid,
            capabilities: status.capabilities,
            seccomp_filter: status.seccomp_filter,
            in_initial_user_namespace: system.in_initial_user_namespace(),
        });
        Facts {
            kernel_release: system.kernel_release(),
            ptrace_scope: system.ptrace_scope(),
            own_memory: read_own_memory(),
            tries: try_others(&system.processes(), user.as_ref().map(|user| user.uid)),
            user,
            perf_event_paranoid: system.perf_event_paranoid(),
            perf: perf_available(),
            unprivileged_bpf_disabled: system.unprivileged_bpf_disabled(),
            has_btf: system.has_btf(),
            has_uprobes: system.has_uprobes(),
            readable_cgroup_mounts: mounts.iter().filter(|mount| is_readable_cgroup(mount)).count(),
            mounts,
            container: system.own_container(),
            in_initial_pid_namespace: system
                .own_namespaces()
                .ok()
                .map(|namespaces| namespaces.pid == NamespaceId::INITIAL_PID),
        }
    }
}

fn read_own_memory() -> Result<(), ReadError> {
    let word = black_box(0x676f_7374_6174_u64);
    let address = Address(std::ptr::from_ref(&word).addr() as u64);
    let mut bytes = [0; 8];
    LiveMemory::of(std::process::id()).read(address, &mut bytes)
}

fn try_others(table: &ProcessTable, own_uid: Option<u32>) -> Result<Tries, ProcessError> {
    let own_pid = table.own_pid();
    let mut tries = Tries::default();
    let has_program =
        |stat: &Stat| !stat.kernel_thread && !stat.state.has_exited() && Some(stat.pid) != own_pid;
    for stat in table.list()?.into_iter().filter(has_program).take(PROCESSES_TRIED_MAX) {
        let Ok(process) = table.open(stat.pid) else { continue };
        match capture::require_readable(&process) {
            Ok(()) => tries.readable += 1,
            Err(ProcessError::PermissionDenied { owner_uid, .. }) => {
                tries.denied += 1;
                tries.denied_own_user += usize::from(owner_uid.is_some() && owner_uid == own_uid);
            }
            // Gone meanwhile.
            Err(_) => {}
        }
    }
    Ok(tries)
}

fn is_readable_cgroup(mount: &Mount) -> bool {
    // Both versions have this file in every group, and it is not behind any other right than the mount's.
    mount.file_system.starts_with("cgroup")
        && std::fs::File::open(Path::new(&mount.point).join("cgroup.procs")).is_ok()
}
