//! `/proc/PID/status`: owner, pids in nested namespaces, capabilities.

use crate::parse::{ParseError, decimal, fields, hexadecimal, value_of};

/// What `/proc/PID/status` says, as far as it is needed here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Status {
    /// The process that this is a thread of: its own pid for a process.
    pub thread_group: u32,
    /// Real user id.
    pub real_uid: u32,
    /// Effective user id: what the process may do, and what ps(1) shows.
    pub uid: u32,
    /// Its pid in each pid namespace from ours inwards; the last is what it takes for its own pid.
    /// Empty on kernels before 4.1, which do not say.
    pub namespace_pids: Vec<u32>,
    /// Effective capabilities.
    pub capabilities: Capabilities,
    /// Whether a seccomp filter decides which system calls it may make.
    pub seccomp_filter: bool,
}

/// A set of capabilities, as the kernel's bit mask.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Capabilities(pub u64);

/// The capabilities that matter for looking into other processes. Numbers are those of
/// `include/uapi/linux/capability.h`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Capability {
    /// Read the memory of any process.
    SysPtrace = 19,
    /// Nearly everything; before Linux 5.8 the one that perf and BPF wanted.
    SysAdmin = 21,
    /// Performance events (Linux 5.8 and later).
    Perfmon = 38,
    /// BPF programs (Linux 5.8 and later).
    Bpf = 39,
}

impl Capability {
    /// Its name in capabilities(7).
    pub fn name(self) -> &'static str {
        match self {
            Capability::SysPtrace => "CAP_SYS_PTRACE",
            Capability::SysAdmin => "CAP_SYS_ADMIN",
            Capability::Perfmon => "CAP_PERFMON",
            Capability::Bpf => "CAP_BPF",
        }
    }
}

impl Capabilities {
    /// Whether the set has this one.
    pub fn has(self, capability: Capability) -> bool {
        self.0 & (1 << capability as u32) != 0
    }
}

/// Parses `/proc/PID/status`.
///
/// # Errors
/// When one of the lines that every kernel writes is missing or malformed.
pub fn parse_status(text: &[u8]) -> Result<Status, ParseError> {
    let line = |field: &'static str| value_of(text, field).ok_or(ParseError::Missing { field });
    let mut uids = fields(line("Uid")?).map(decimal);
    let mut uid = || uids.next().ok_or(ParseError::Missing { field: "Uid" });
    Ok(Status {
        thread_group: decimal(line("Tgid")?).ok_or(ParseError::NotANumber { field: "Tgid" })?,
        real_uid: uid()?.ok_or(ParseError::NotANumber { field: "Uid" })?,
        uid: uid()?.ok_or(ParseError::NotANumber { field: "Uid" })?,
        namespace_pids: value_of(text, "NSpid").map_or_else(Vec::new, |pids| {
            // Namespaces nest 32 deep at most (MAX_PID_NS_LEVEL).
            fields(pids).filter_map(decimal).take(64).collect()
        }),
        capabilities: Capabilities(
            hexadecimal(line("CapEff")?).ok_or(ParseError::NotANumber { field: "CapEff" })?,
        ),
        // Absent where the kernel has no seccomp: then nothing filters.
        seccomp_filter: value_of(text, "Seccomp").is_some_and(|mode| mode != b"0"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &[u8] = b"Name:\tserver\nUmask:\t0022\nState:\tS (sleeping)\nTgid:\t4242\nPid:\t4242\n\
        Uid:\t1000\t1001\t1000\t1000\nGid:\t1000\t1000\t1000\t1000\nNSpid:\t4242\t17\t1\n\
        CapEff:\t0000004000080000\nNoNewPrivs:\t0\nSeccomp:\t2\n";

    #[test]
    fn process_in_nested_namespaces() {
        let status = parse_status(TEXT).unwrap();
        assert_eq!((status.thread_group, status.real_uid, status.uid), (4242, 1000, 1001));
        assert_eq!(status.namespace_pids, [4242, 17, 1]);
        assert!(status.seccomp_filter);
        assert!(status.capabilities.has(Capability::SysPtrace));
        assert!(status.capabilities.has(Capability::Perfmon));
        assert!(!status.capabilities.has(Capability::SysAdmin));
        assert!(!status.capabilities.has(Capability::Bpf));
    }

    #[test]
    fn old_kernel_without_nspid_and_seccomp() {
        let text = b"Tgid:\t1\nUid:\t0\t0\t0\t0\nCapEff:\t0000001fffffffff\n";
        let status = parse_status(text).unwrap();
        assert_eq!(status.namespace_pids, []);
        assert!(!status.seccomp_filter);
    }

    #[test]
    fn cut_short() {
        assert_eq!(parse_status(b""), Err(ParseError::Missing { field: "Uid" }));
        assert_eq!(parse_status(b"Uid:\t5\nTgid:\t1\n"), Err(ParseError::Missing { field: "Uid" }));
        assert_eq!(parse_status(b"Uid:\tx\ty\nTgid:\t1\n"), Err(ParseError::NotANumber { field: "Uid" }));
    }
}
