//! What `/proc` says of the threads that are to be stopped.

use std::fs;

use nix::errno::Errno;

/// What one thread does, as `/proc/PID/task/TID/status` says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct TaskStatus {
    /// The letter of its state: R, S, D, T, t, Z, X.
    pub(super) state: u8,
    /// The thread that traces it; 0 for none (or one outside our pid namespace).
    pub(super) tracer: u32,
    /// The process that it is a thread of.
    pub(super) process: u32,
}

/// Ids of the threads of a process.
///
/// # Errors
/// `ENOENT` or `ESRCH` when there is no such process, or what else the kernel said.
pub(super) fn thread_ids(pid: u32) -> Result<Vec<u32>, Errno> {
    let errno = |error: std::io::Error| error.raw_os_error().map_or(Errno::UnknownErrno, Errno::from_raw);
    let mut tids = Vec::new();
    for entry in fs::read_dir(format!("/proc/{pid}/task")).map_err(errno)? {
        let name = entry.map_err(errno)?.file_name();
        tids.extend(name.to_str().and_then(|name| name.parse::<u32>().ok()));
    }
    Ok(tids)
}

/// The status of a thread, wherever it belongs to. `None` when it is gone.
pub(super) fn status(tid: u32) -> Option<TaskStatus> {
    parse(&fs::read(format!("/proc/{tid}/status")).ok()?)
}

/// The short name of a process.
pub(super) fn name(pid: u32) -> String {
    let name = fs::read(format!("/proc/{pid}/comm")).unwrap_or_default();
    String::from_utf8_lossy(name.trim_ascii()).into_owned()
}

impl TaskStatus {
    /// Whether it has ended and is only still listed.
    pub(super) fn has_ended(&self) -> bool {
        matches!(self.state, b'Z' | b'X')
    }
}

fn parse(text: &[u8]) -> Option<TaskStatus> {
    let field = |name: &[u8]| {
        let mut lines = text.split(|&byte| byte == b'\n');
        lines.find_map(|line| line.strip_prefix(name)?.strip_prefix(b":")).map(<[u8]>::trim_ascii)
    };
    let number = |name| std::str::from_utf8(field(name)?).ok()?.parse().ok();
    Some(TaskStatus {
        state: *field(b"State")?.first()?,
        tracer: number(b"TracerPid")?,
        process: number(b"Tgid")?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_traced_thread() {
        // The name is the target's own choice, but no name has a line break: the kernel writes `\n`.
        let text = b"Name:\tState:\tx\nState:\tt (tracing stop)\nTgid:\t10\nPid:\t12\nTracerPid:\t99\n";
        assert_eq!(parse(text), Some(TaskStatus { state: b't', tracer: 99, process: 10 }));
        assert_eq!(parse(b"Name:\tx\nState:\tR\nTgid:\t10\n"), None);
    }

    #[test]
    fn our_own_threads() {
        let own = nix::unistd::gettid().as_raw().unsigned_abs();
        assert!(thread_ids(std::process::id()).unwrap().contains(&own));
        let status = status(own).unwrap();
        assert_eq!((status.tracer, status.process), (0, std::process::id()));
        assert!(!status.has_ended());
        assert_eq!(thread_ids(u32::MAX), Err(Errno::ENOENT));
    }
}
