//! Which registers are asked for, and where in a record each of them is.
//!
//! The numbers are those of the kernel's `asm/perf_regs.h`. A record holds the registers of the mask in
//! ascending order of their numbers, whatever the order in which one thinks of them.

use snapshot::Architecture;

/// The registers of one architecture that a sample needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct RegisterSet {
    /// Instruction pointer's number.
    pub(super) pc: u32,
    /// Stack pointer's number.
    pub(super) sp: u32,
    /// Frame pointer's number.
    pub(super) bp: u32,
    /// Link register's number, where there is one.
    pub(super) lr: Option<u32>,
    /// Number of the register in which Go keeps `g`.
    pub(super) g: u32,
}

/// rip, rsp, rbp, r14.
pub(super) const AMD64: RegisterSet = RegisterSet { pc: 8, sp: 7, bp: 6, lr: None, g: 22 };

/// pc, sp, x29, x30, x28. From the kernel's and Go's sources; not run on arm64 so far.
pub(super) const ARM64: RegisterSet = RegisterSet { pc: 32, sp: 31, bp: 29, lr: Some(30), g: 28 };

/// The set of the machine that this was built for: a target runs on the same one.
#[cfg(target_arch = "x86_64")]
pub(super) const NATIVE: Option<RegisterSet> = Some(AMD64);
/// The set of the machine that this was built for: a target runs on the same one.
#[cfg(target_arch = "aarch64")]
pub(super) const NATIVE: Option<RegisterSet> = Some(ARM64);
/// No set is known for the machine that this was built for.
#[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
pub(super) const NATIVE: Option<RegisterSet> = None;

impl RegisterSet {
    /// The set of an architecture.
    pub(super) fn of(architecture: Architecture) -> Self {
        match architecture {
            Architecture::Amd64 => AMD64,
            Architecture::Arm64 => ARM64,
        }
    }

    /// Bit set of the registers, as `perf_event_attr.sample_regs_user` wants it.
    pub(super) fn mask(&self) -> u64 {
        let lr = self.lr.map_or(0, |lr| 1 << lr);
        1 << self.pc | 1 << self.sp | 1 << self.bp | 1 << self.g | lr
    }

    /// How many registers a record holds.
    pub(super) fn count(&self) -> u32 {
        self.mask().count_ones()
    }

    /// Position of a register among those of a record.
    pub(super) fn position(&self, number: u32) -> u32 {
        (self.mask() & ((1 << number) - 1)).count_ones()
    }
}

#[cfg(test)]
mod tests {
    use super::{AMD64, ARM64};

    #[test]
    fn positions_follow_the_kernels_ascending_order() {
        let positions = |set: super::RegisterSet| [set.bp, set.sp, set.pc, set.g].map(|n| set.position(n));
        assert_eq!(positions(AMD64), [0, 1, 2, 3]);
        assert_eq!(positions(ARM64), [1, 3, 4, 0]);
        assert_eq!(ARM64.lr.map(|lr| ARM64.position(lr)), Some(2));
        assert_eq!((AMD64.count(), ARM64.count()), (4, 5));
    }
}
