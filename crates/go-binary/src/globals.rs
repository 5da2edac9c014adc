//! Addresses of the runtime's variables, from symbols or, in a stripped executable, from code.
//!
//! Each rule below names a small runtime function and which of its references is the variable. The same
//! rules held for Go 1.19 to 1.27, on both architectures, in every link mode tried (`go-runtime` tests).

use snapshot::Address;

use crate::address::Bias;
use crate::code::{Access, Step, steps};
use crate::elf::Executable;
use crate::error::BinaryError;
use crate::function_table::{Function, FunctionTable};
use crate::layout::Layouts;
use crate::module_data::{DataRange, ModuleData};
use crate::source::StaticMemory;

/// No runtime function that is decoded here is anywhere near as long.
const CODE_MAX: u64 = 1 << 20;

/// Where the runtime's variables are in the process.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Globals {
    /// `runtime.allglen`: number of goroutine descriptors. To be read before `allgptr`.
    pub allglen: Address,
    /// `runtime.allgptr`: pointer to the array of descriptors.
    pub allgptr: Address,
    /// `runtime.allp`: slice of Ps.
    pub allp: Address,
    /// `runtime.allm`: first of the list of Ms.
    pub allm: Address,
    /// `runtime.sched`.
    pub sched: Address,
    /// `runtime.semtable`: semaphore waiters.
    pub semtable: Address,
    /// `runtime.waitReasonStrings`.
    pub wait_reasons: Address,
    /// `runtime.mheap_`.
    pub mheap: Option<Address>,
    /// Offset of `m.alllink` as the code uses it: a check on the layout of `m`, which has moved within
    /// minor releases.
    pub alllink_offset: Option<u32>,
}

/// What is needed to look at the runtime's code.
pub struct Code<'a> {
    /// The executable.
    pub executable: &'a Executable,
    /// Its functions.
    pub functions: &'a FunctionTable,
    /// Its variables' ranges.
    pub module: &'a ModuleData,
    /// Where it is loaded.
    pub bias: Bias,
}

/// Functions whose code is looked at.
const FUNCTIONS: [&str; 9] = [
    "runtime.forEachGRace",
    "runtime.atomicAllG",
    "runtime.preemptall",
    "runtime.incidlelocked",
    "runtime.mcommoninit",
    "runtime.semrelease1",
    "runtime.waitReason.String",
    "runtime.allgadd",
    "runtime.allocmcache.func1",
];

impl Globals {
    /// Finds all of them.
    ///
    /// # Errors
    /// [`BinaryError`] names the first variable that could not be found, or that two ways disagree on.
    pub fn find(code: &Code<'_>, layouts: &Layouts) -> Result<Self, BinaryError> {
        let functions = code.functions.named(code.executable, FUNCTIONS)?;
        let [race, atomic, preemptall, incidlelocked, mcommoninit, semrelease1, reason, allgadd, mcache] =
            functions;
        let from_code = code.all_goroutines(atomic.or(race).as_ref(), allgadd.as_ref());
        if let Some(globals) = from_symbols(code) {
            // Symbols name the variables; the code still has to agree where it can be read.
            if from_code.is_ok_and(|(len, ptr)| (len, ptr) != (globals.allglen, globals.allgptr)) {
                return Err(BinaryError::Contradiction { global: "runtime.allgptr" });
            }
            let alllink_offset = mcommoninit.and_then(|function| code.alllink(&function, globals.allm));
            return Ok(Globals { alllink_offset, ..globals });
        }
        let (allglen, allgptr) = from_code?;
        let lock =
            code.first("runtime.sched", "runtime.incidlelocked", incidlelocked, DataRange::Bss, None)?;
        let lock_offset = layouts.offset("runtime.schedt", "lock").unwrap_or_default();
        let allm =
            code.first("runtime.allm", "runtime.mcommoninit", mcommoninit, DataRange::Bss, Some(lock))?;
        let bss = |global, name, function| code.first(global, name, function, DataRange::Bss, None);
        Ok(Globals {
            allglen,
            allgptr,
            allp: bss("runtime.allp", "runtime.preemptall", preemptall)?,
            allm,
            sched: Address(lock.0.wrapping_sub(u64::from(lock_offset))),
            semtable: bss("runtime.semtable", "runtime.semrelease1", semrelease1)?,
            wait_reasons: code.first(
                "runtime.waitReasonStrings",
                "runtime.waitReason.String",
                reason,
                DataRange::Data,
                None,
            )?,
            mheap: bss("runtime.mheap_", "runtime.allocmcache.func1", mcache).ok(),
            alllink_offset: mcommoninit.and_then(|function| code.alllink(&function, allm)),
        })
    }
}

fn from_symbols(code: &Code<'_>) -> Option<Globals> {
    if code.executable.stripped() {
        return None;
    }
    let [allglen, allgptr, allp, allm, sched, semtable, wait_reasons, mheap] = code
        .executable
        .symbols([
            "runtime.allglen",
            "runtime.allgptr",
            "runtime.allp",
            "runtime.allm",
            "runtime.sched",
            "runtime.semtable",
            "runtime.waitReasonStrings",
            "runtime.mheap_",
        ])
        .map(|at| at.map(|at| code.bias.live(at)));
    Some(Globals {
        allglen: allglen?,
        allgptr: allgptr?,
        allp: allp?,
        allm: allm?,
        sched: sched?,
        semtable: semtable?,
        wait_reasons: wait_reasons?,
        mheap,
        alllink_offset: None,
    })
}

impl Code<'_> {
    fn steps(&self, function: &Function) -> Vec<Step> {
        let len = function.end.0.saturating_sub(function.entry.0);
        let len = usize::try_from(len.min(CODE_MAX)).unwrap_or_default();
        let code = self.executable.read_static_vec(function.entry, len).unwrap_or_default();
        steps(self.executable.architecture(), &code, function.entry)
    }

    /// References of a function to variables, in order.
    pub(crate) fn references(
        &self,
        function: &Function,
    ) -> impl Iterator<Item = (Address, DataRange, Access)> {
        self.steps(function).into_iter().filter_map(|step| match step {
            Step::Reference { target, access } => {
                let at = self.bias.live(target);
                Some((at, self.module.data_range(at)?, access))
            }
            _ => None,
        })
    }

    /// The first reference of `function` to a variable of a kind, other than `except`.
    fn first(
        &self,
        global: &'static str,
        name: &'static str,
        function: Option<Function>,
        kind: DataRange,
        except: Option<Address>,
    ) -> Result<Address, BinaryError> {
        let function = function.ok_or(BinaryError::MissingFunction(name))?;
        self.references(&function)
            .find(|(at, found, _)| *found == kind && Some(*at) != except)
            .map(|(at, ..)| at)
            .ok_or(BinaryError::MissingGlobal { global, function: name })
    }

    /// `allglen` and `allgptr`: the first two variables that `atomicAllG` touches, wherever it was inlined.
    /// `allgadd` writes both and has to know them.
    fn all_goroutines(
        &self,
        reader: Option<&Function>,
        writer: Option<&Function>,
    ) -> Result<(Address, Address), BinaryError> {
        let reader = reader.ok_or(BinaryError::MissingFunction("runtime.forEachGRace"))?;
        let mut distinct: Vec<(Address, DataRange)> = Vec::new();
        for (at, kind, _) in self.references(reader) {
            if !distinct.contains(&(at, kind)) {
                distinct.push((at, kind));
            }
        }
        let [(len, DataRange::NoPointerBss), (ptr, DataRange::Bss), ..] = *distinct else {
            let function = "runtime.forEachGRace";
            return Err(BinaryError::MissingGlobal { global: "runtime.allgptr", function });
        };
        let confirmed = writer.is_none_or(|writer| {
            let written: Vec<Address> = self.references(writer).map(|(at, ..)| at).collect();
            written.contains(&len) && written.contains(&ptr)
        });
        if confirmed { Ok((len, ptr)) } else { Err(BinaryError::Contradiction { global: "runtime.allgptr" }) }
    }

    /// `m.alllink` as `mcommoninit` uses it: `mp.alllink = allm`, a load of `allm` and the next store of
    /// that register. (Stores near a register's own address are those of the write barrier's buffer.)
    fn alllink(&self, mcommoninit: &Function, allm: Address) -> Option<u32> {
        let steps = self.steps(mcommoninit);
        let loads = steps.iter().enumerate().filter_map(|(index, step)| match step {
            Step::Reference { target, access: Access::Load(register) } if self.bias.live(*target) == allm => {
                Some((index, *register))
            }
            _ => None,
        });
        for (index, register) in loads {
            let after = steps.get(index + 1..)?.iter().take(16);
            let stored = after.clone().find_map(|step| match step {
                Step::Store { offset, from } if *from == register && *offset >= 64 => {
                    u32::try_from(*offset).ok()
                }
                _ => None,
            });
            if stored.is_some() {
                return stored;
            }
        }
        None
    }
}
