//! The registers of a stopped thread, as the kernel's register sets have them.

use snapshot::{Address, Architecture};

/// All registers of a thread that may hold a pointer.
///
/// They are words, not bytes of some layout: what looks for pointers goes through all of them. Flags and segments are
/// left out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Registers {
    /// Program counter. In a system call it is behind the instruction that made it, or on it if the call is made again.
    pub pc: Address,
    /// Stack pointer.
    pub sp: Address,
    /// Frame pointer register: rbp on amd64, x29 on arm64.
    pub bp: u64,
    /// Link register on architectures that have one (x30 on arm64).
    pub lr: Option<u64>,
    /// The register in which Go's ABIInternal keeps the current `g`, in Go code only: r14 on amd64, x28 on arm64.
    pub g: u64,
    /// Every general purpose register but the stack pointer: 15 on amd64, x0 to x30 on arm64.
    pub general: Vec<u64>,
    /// The vector registers by words: Go copies pointers through them (`memmove`, `duffcopy`, structures of two words).
    /// xmm, ymm and zmm on amd64 as far as the processor has them, v0 to v31 on arm64. Empty if the kernel does not
    /// give them. What was left behind in them by older code is still there, so they say "perhaps" only.
    pub vector: Vec<u64>,
}

/// A register set of the kernel: its number for `PTRACE_GETREGSET`, and a buffer's size for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct RegisterSet {
    /// `NT_…` of the kernel's `elf.h`.
    pub(super) kind: libc::c_int,
    /// What is taken of it at most.
    pub(super) bytes: usize,
}

/// Where an architecture's registers are in its register sets.
#[derive(Debug, Clone, Copy)]
pub(super) struct Sets {
    pub(super) general: RegisterSet,
    pub(super) vector: RegisterSet,
    /// A set of its own for the number of the system call, where it is not among the general ones.
    pub(super) system_call: Option<RegisterSet>,
    architecture: Architecture,
}

/// `struct user_regs_struct`: r15 r14 r13 r12 rbp rbx r11 r10 r9 r8 rax rcx rdx rsi rdi orig_rax rip cs eflags rsp …
#[cfg(any(test, target_arch = "x86_64"))]
const AMD64: Sets = Sets {
    general: RegisterSet { kind: 1, bytes: 27 * 8 },
    // NT_X86_XSTATE. The kernel gives it in the standard layout of XSAVE: AVX-512 ends at 2,688; AMX tiles follow.
    vector: RegisterSet { kind: 0x202, bytes: 2_688 },
    system_call: None,
    architecture: Architecture::Amd64,
};

/// `struct user_pt_regs`: x0 to x30, sp, pc, pstate.
#[cfg(any(test, target_arch = "aarch64"))]
const ARM64: Sets = Sets {
    general: RegisterSet { kind: 1, bytes: 34 * 8 },
    // NT_PRFPREG, `struct user_fpsimd_state`: v0 to v31, then two words of control.
    vector: RegisterSet { kind: 2, bytes: 32 * 16 },
    // NT_ARM_SYSTEM_CALL: an int.
    system_call: Some(RegisterSet { kind: 0x404, bytes: 4 }),
    architecture: Architecture::Arm64,
};

/// The sets of the machine that this was built for.
#[cfg(target_arch = "x86_64")]
pub(super) const NATIVE: Option<Sets> = Some(AMD64);
/// The sets of the machine that this was built for.
#[cfg(target_arch = "aarch64")]
pub(super) const NATIVE: Option<Sets> = Some(ARM64);
/// The sets of the machine that this was built for.
#[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
pub(super) const NATIVE: Option<Sets> = None;

impl Sets {
    /// Understands the kernel's bytes: registers, and the system call that the thread is in. `None` if they are too
    /// short.
    pub(super) fn decode(
        &self,
        general: &[u8],
        vector: &[u8],
        system_call: &[u8],
    ) -> Option<(Registers, Option<u64>)> {
        let words = words(general);
        let word = |index: usize| words.get(index).copied();
        let (registers, number) = match self.architecture {
            Architecture::Amd64 => {
                let (pc, sp) = (Address(word(16)?), Address(word(19)?));
                let general = words.get(..15)?.to_vec();
                // xmm0 to xmm15; from 576 on what has been added since: upper halves, mask registers, zmm16 to zmm31.
                let extended = [vector.get(160..416), vector.get(576..)];
                let vector = extended.into_iter().flatten().flat_map(self::words).collect();
                let registers = Registers { pc, sp, bp: word(4)?, lr: None, g: word(1)?, general, vector };
                // -1 if the thread was not in a system call.
                (registers, word(15)?)
            }
            Architecture::Arm64 => {
                let (pc, sp) = (Address(word(32)?), Address(word(31)?));
                let general = words.get(..31)?.to_vec();
                let vector = self::words(vector);
                let registers =
                    Registers { pc, sp, bp: word(29)?, lr: word(30), g: word(28)?, general, vector };
                let number = system_call.first_chunk().map_or(-1, |bytes| i32::from_ne_bytes(*bytes));
                (registers, i64::from(number).cast_unsigned())
            }
        };
        Some((registers, (number.cast_signed() >= 0).then_some(number)))
    }
}

fn words(bytes: &[u8]) -> Vec<u64> {
    bytes
        .chunks_exact(8)
        .filter_map(|word| word.first_chunk())
        .map(|word| u64::from_ne_bytes(*word))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn numbered(words: usize) -> Vec<u8> {
        (0..words as u64).flat_map(u64::to_ne_bytes).collect()
    }

    #[test]
    fn amd64_as_the_kernel_orders_it() {
        let (registers, system_call) = AMD64.decode(&numbered(27), &numbered(100), &[]).unwrap();
        assert_eq!((registers.pc, registers.sp), (Address(16), Address(19)));
        assert_eq!((registers.bp, registers.g, registers.lr), (4, 1, None));
        assert_eq!(registers.general, (0..15).collect::<Vec<u64>>());
        assert_eq!(registers.vector, (20..52).chain(72..100).collect::<Vec<u64>>());
        assert_eq!(system_call, Some(15));
        let mut outside = numbered(27);
        outside[15 * 8..16 * 8].copy_from_slice(&u64::MAX.to_ne_bytes());
        assert_eq!(AMD64.decode(&outside, &[], &[]).unwrap().1, None);
    }

    #[test]
    fn arm64_as_the_kernel_orders_it() {
        let (registers, system_call) =
            ARM64.decode(&numbered(34), &numbered(64), &98_i32.to_ne_bytes()).unwrap();
        assert_eq!((registers.pc, registers.sp), (Address(32), Address(31)));
        assert_eq!((registers.bp, registers.g, registers.lr), (29, 28, Some(30)));
        assert_eq!(registers.general, (0..31).collect::<Vec<u64>>());
        assert_eq!((registers.vector.len(), system_call), (64, Some(98)));
        assert_eq!(ARM64.decode(&numbered(34), &[], &(-1_i32).to_ne_bytes()).unwrap().1, None);
    }

    #[test]
    fn what_is_cut_short_is_nothing() {
        for sets in [AMD64, ARM64] {
            assert!(sets.decode(&numbered(19), &[], &[]).is_none());
            assert!(sets.decode(&[], &numbered(100), &[]).is_none());
        }
    }
}
