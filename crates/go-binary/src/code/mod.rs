//! Which variables a function's code refers to, in order, and which functions it calls.
//!
//! A stripped executable has no symbols, but the runtime's own functions still name the runtime's
//! variables: by RIP-relative operands on amd64, by ADRP pairs on arm64. Both are decoded into the same
//! few steps.

mod amd64;
mod arm64;

use snapshot::Architecture;

use crate::address::StaticAddress;

/// What one instruction does, as far as it matters here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// Refers to a variable.
    Reference {
        /// The variable.
        target: StaticAddress,
        /// What is done with it.
        access: Access,
    },
    /// Stores a register at an offset from another one.
    Store {
        /// Distance from the base register.
        offset: i64,
        /// Number of the register stored.
        from: u8,
    },
    /// Anything else.
    Other,
}

/// What an instruction does with a variable.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// Takes its address.
    Address,
    /// Loads it into this register.
    Load(u8),
    /// Stores to it, compares it, …
    Other,
}

/// Decodes the code of a function, which begins at `entry`.
pub fn steps(architecture: Architecture, code: &[u8], entry: StaticAddress) -> Vec<Step> {
    match architecture {
        Architecture::Amd64 => amd64::steps(code, entry),
        Architecture::Arm64 => arm64::steps(code, entry),
    }
}

/// The calls of fixed functions in the code of a function that begins at `entry`: where each call is, and what is
/// called.
pub fn calls(
    architecture: Architecture,
    code: &[u8],
    entry: StaticAddress,
) -> Vec<(StaticAddress, StaticAddress)> {
    match architecture {
        Architecture::Amd64 => amd64::calls(code, entry),
        Architecture::Arm64 => arm64::calls(code, entry),
    }
}
