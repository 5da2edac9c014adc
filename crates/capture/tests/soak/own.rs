//! What this process itself takes.

use std::{fmt, fs};

/// Memory and open files of ours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Own {
    /// Memory that is in use (`VmRSS`), KiB.
    pub(crate) resident_kib: u64,
    /// Open file descriptors.
    pub(crate) files: usize,
}

impl fmt::Display for Own {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} KiB resident, {} files open", self.resident_kib, self.files)
    }
}

impl Own {
    /// As it is now.
    pub(crate) fn now() -> Own {
        let status = fs::read_to_string("/proc/self/status").unwrap();
        let resident = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
        let resident_kib = resident.trim().trim_end_matches(" kB").parse().unwrap();
        Own { resident_kib, files: fs::read_dir("/proc/self/fd").unwrap().count() }
    }

    /// Whether that is as much as it was `before`: a twentieth more, and 16 MiB for what the allocator leaves lying,
    /// are still the same.
    pub(crate) fn is_flat_since(&self, before: &Own) -> bool {
        self.resident_kib <= before.resident_kib + before.resident_kib / 20 + (16 << 10)
            && self.files == before.files
    }
}
