//! What makes two stacks the same code, whatever the build, process or Go release.

use std::borrow::Cow;
use std::fmt;

use snapshot::{Frame, FunctionRole, StackId, Tables};

use crate::normal_name::normal_name;
use crate::package::package_of;

/// Frames that a fingerprint is made of, from the innermost: beyond these, what a goroutine does hardly differs,
/// and recursion of different depth is the same code.
pub const FRAMES_COMPARED: usize = 15;

/// A hash of a stack that the same code has in every process and build.
///
/// It is FNV-1a (64 bits) over the [`normal_name`]s of the innermost [`FRAMES_COMPARED`] frames, each followed by a
/// zero byte. Lines, addresses, files and compiler-made wrappers have no part in it, nor have frames of `runtime` and
/// of `internal` packages of the standard library, which change with the Go release (a stack of nothing else counts
/// whole). The stack without frames has none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Fingerprint(pub u64);

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}", self.0)
    }
}

impl Fingerprint {
    /// The fingerprint of a stack, if it has frames.
    pub fn of(tables: &Tables, stack: StackId) -> Option<Fingerprint> {
        let names = compared_names(tables, stack);
        (!names.is_empty()).then(|| Fingerprint::of_names(names.iter().map(|name| name.as_ref())))
    }

    /// The fingerprint of normalised names, innermost first.
    pub(crate) fn of_names<'a>(names: impl Iterator<Item = &'a str>) -> Fingerprint {
        let bytes = names.flat_map(|name| name.bytes().chain([0]));
        Fingerprint(bytes.fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
        }))
    }
}

/// The normalised names of the frames that are compared, innermost first.
pub(crate) fn compared_names(tables: &Tables, stack: StackId) -> Vec<Cow<'_, str>> {
    let names = |keep: fn(&str) -> bool| -> Vec<Cow<'_, str>> {
        tables
            .frames_of(stack)
            .filter(|frame| frame.role == FunctionRole::Ordinary)
            .map(|frame: &Frame| tables.text(frame.function))
            .filter(|name| keep(name))
            .take(FRAMES_COMPARED)
            .map(normal_name)
            .collect()
    };
    let of_program = names(|name| !is_internal(name));
    if of_program.is_empty() { names(|_| true) } else { of_program }
}

/// Whether a function belongs to `runtime` or to an `internal` package of the standard library.
pub(crate) fn is_internal(function: &str) -> bool {
    // Without the dot that ends the path, these are the runtime's own functions in assembly.
    package_of(function).is_none_or(|package| {
        package == "runtime" || package.starts_with("runtime/internal/") || package.starts_with("internal/")
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use snapshot::{FrameId, StackTrace};

    fn stack(tables: &mut Tables, names: &[(&str, u32)]) -> StackId {
        let frames: Box<[FrameId]> = names
            .iter()
            .map(|(name, line)| {
                let function = tables.strings.intern_str(name);
                tables.frames.intern(Frame { function, line: *line, pc: (*line).into(), ..Frame::default() })
            })
            .collect();
        tables.stacks.intern(StackTrace { frames, complete: true })
    }

    #[test]
    fn the_same_code_has_one_fingerprint() {
        let mut tables = Tables::default();
        let old = [("runtime.gopark", 1), ("runtime.chanrecv1", 2), ("main.work.func1", 3), ("main.main", 4)];
        let new = [("runtime.gopark", 7), ("internal/x.F", 1), ("main.work.func2", 9), ("main.main", 5)];
        let (old, new) = (stack(&mut tables, &old), stack(&mut tables, &new));
        assert_eq!(Fingerprint::of(&tables, old), Fingerprint::of(&tables, new));
        let other = stack(&mut tables, &[("main.main", 4), ("main.work", 3)]);
        assert_ne!(Fingerprint::of(&tables, old), Fingerprint::of(&tables, other), "the order counts");
    }

    #[test]
    fn it_is_the_same_for_ever() {
        let mut tables = Tables::default();
        let stack = stack(&mut tables, &[("main.f.func1", 3), ("main.main", 4)]);
        // FNV-1a of "main.f.func\0main.main\0", computed elsewhere: stored data depends on it.
        let fnv = b"main.f.func\0main.main\0".iter().fold(14_695_981_039_346_656_037_u64, |hash, byte| {
            (hash ^ u64::from(*byte)).wrapping_mul(1_099_511_628_211)
        });
        assert_eq!(Fingerprint::of(&tables, stack), Some(Fingerprint(fnv)));
        assert_eq!(Fingerprint::of(&tables, StackId::default()), None);
        assert_eq!(Fingerprint(0xab).to_string(), "00000000000000ab");
    }

    #[test]
    fn deep_recursion_of_any_depth_is_the_same_and_internals_alone_count() {
        let mut tables = Tables::default();
        let deep = |n: usize| vec![("main.deep", 3); n];
        let (a, b) = (stack(&mut tables, &deep(20)), stack(&mut tables, &deep(500)));
        assert_eq!(Fingerprint::of(&tables, a), Fingerprint::of(&tables, b));
        let sweep = stack(&mut tables, &[("runtime.gopark", 1), ("runtime.bgsweep", 2)]);
        let scavenge = stack(&mut tables, &[("runtime.gopark", 1), ("runtime.bgscavenge", 2)]);
        assert_ne!(Fingerprint::of(&tables, sweep), Fingerprint::of(&tables, scavenge));
    }
}
