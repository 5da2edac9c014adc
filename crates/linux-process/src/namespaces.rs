//! Namespaces: whether a process sees other pids, files and users than we do.

/// The number by which the kernel knows a namespace (its inode in nsfs).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct NamespaceId(pub u64);

impl NamespaceId {
    /// The first pid namespace, that of the machine: `PROC_PID_INIT_INO` of `include/linux/proc_ns.h`.
    pub const INITIAL_PID: NamespaceId = NamespaceId(0xEFFF_FFFC);
    /// The first user namespace: `PROC_USER_INIT_INO`.
    pub const INITIAL_USER: NamespaceId = NamespaceId(0xEFFF_FFFD);
}

/// The namespaces of a process that matter for looking into it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Namespaces {
    /// Which pids it sees.
    pub pid: NamespaceId,
    /// Which files it sees: its paths mean something else than ours if this differs.
    pub mount: NamespaceId,
    /// Where its user ids and capabilities hold.
    pub user: NamespaceId,
}
