//! Addresses of the queues of functions that are to run because an object is gone: finalizers and cleanups. They lie
//! outside the heap, and keep objects in it alive.
//!
//! The rules are like those of [`crate::memory_globals`]; they are apart because only a look at the whole heap needs
//! them.

use snapshot::{Address, Architecture};

use crate::code::Access;
use crate::error::BinaryError;
use crate::globals::Code;
use crate::module_data::DataRange;

/// The variables that the collector starts from, in `markroot`; and the functions that fill those queues.
const FUNCTIONS: [&str; 3] = ["runtime.markroot", "runtime.queuefinalizer", RUN_CLEANUPS];
const RUN_CLEANUPS: &str = "runtime.runCleanups";
const SYMBOLS: [&str; 2] = ["runtime.allfin", "runtime.gcCleanups"];

/// Where the queues are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct QueueGlobals {
    /// `runtime.allfin`: the first of all blocks of finalizers, in use or not.
    pub finalizers: Address,
    /// `runtime.gcCleanups.all`: the same of cleanups. `None` in programs that
    /// have none, as before Go 1.25, where they were finalizers.
    pub cleanups: Option<Address>,
}

impl QueueGlobals {
    /// Finds both. Where symbols name them, the code still has to agree if it can be read.
    ///
    /// # Errors
    /// [`BinaryError`] names the variable that could not be found, or that two ways disagree on.
    pub fn find(code: &Code<'_>) -> Result<Self, BinaryError> {
        let from_code = Self::from_code(code);
        let symbols = if code.executable.stripped() { [None; 2] } else { code.executable.symbols(SYMBOLS) };
        let [finalizers, cleanups] = symbols.map(|at| at.map(|at| code.bias.live(at)));
        let Some(finalizers) = finalizers else { return from_code };
        // A program that has no cleanups has the variable, but nothing that uses it.
        let [run] = code.functions.named(code.executable, [RUN_CLEANUPS])?;
        let all = |queue: Address| queue.offset(all_offset(code.executable.architecture()));
        let named = QueueGlobals { finalizers, cleanups: run.and(cleanups).map(all) };
        if from_code.is_ok_and(|found| found != named) {
            return Err(BinaryError::Contradiction { global: "runtime.allfin" });
        }
        Ok(named)
    }

    /// Finds both without symbols.
    ///
    /// # Errors
    /// As [`QueueGlobals::find`].
    pub fn from_code(code: &Code<'_>) -> Result<Self, BinaryError> {
        let [markroot, queue, run] = code.functions.named(code.executable, FUNCTIONS)?;
        let markroot = markroot.ok_or(BinaryError::MissingFunction("runtime.markroot"))?;
        let queue = queue.ok_or(BinaryError::MissingFunction("runtime.queuefinalizer"))?;
        let marked: Vec<(Address, Access)> =
            code.references(&markroot).map(|(at, _, access)| (at, access)).collect();
        let loaded = marked.iter().filter(|(_, access)| matches!(access, Access::Load(_))).map(|(at, _)| at);
        // `finc.alllink = allfin; allfin = finc`: loaded and stored, and loaded by the collector.
        let queueing: Vec<_> = code.references(&queue).collect();
        let accessed = |at: &Address, how: fn(&Access) -> bool| {
            let same = |(other, kind, access): &(Address, DataRange, Access)| {
                other == at && *kind == DataRange::NoPointerBss && how(access)
            };
            queueing.iter().any(same)
        };
        let is_list = |at: &&Address| {
            accessed(at, |access| matches!(access, Access::Load(_)))
                && accessed(at, |access| *access == Access::Other)
        };
        let finalizers = only(loaded.filter(is_list), "runtime.allfin")?;
        let cleanups = match run {
            None => None,
            Some(run) => {
                let offset = all_offset(code.executable.architecture());
                let bases: Vec<Address> = code.references(&run).map(|(at, ..)| at.offset(offset)).collect();
                // Without optimisation it is loaded by a method.
                let known = marked.iter().map(|(at, _)| at).filter(|at| bases.contains(at));
                Some(only(known, "runtime.gcCleanups")?)
            }
        };
        Ok(QueueGlobals { finalizers, cleanups })
    }
}

/// `cleanupQueue.all` is on its third cache line (`runtime/mcleanup.go`); how long those are is
/// `internal/cpu.CacheLinePadSize`.
fn all_offset(architecture: Architecture) -> u64 {
    match architecture {
        Architecture::Amd64 => 2 * 64,
        Architecture::Arm64 => 2 * 128,
    }
}

/// The one variable that was found, once or several times.
fn only<'a>(
    mut found: impl Iterator<Item = &'a Address>,
    global: &'static str,
) -> Result<Address, BinaryError> {
    let missing = BinaryError::MissingGlobal { global, function: "runtime.markroot" };
    let first = *found.next().ok_or(missing)?;
    if found.all(|other| *other == first) { Ok(first) } else { Err(BinaryError::Contradiction { global }) }
}
