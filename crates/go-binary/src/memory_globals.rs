//! Addresses of the variables that count memory, from symbols or, in a stripped executable, from code.
//!
//! The rules are like those of [`crate::globals`]; they are apart because few snapshots need them.

use snapshot::Address;

use crate::error::BinaryError;
use crate::function_table::Function;
use crate::globals::Code;
use crate::layout::Layouts;
use crate::module_data::DataRange;

/// Where the runtime counts memory and garbage collections.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MemoryGlobals {
    /// `runtime.memstats`.
    pub memstats: Address,
    /// `runtime.gcController`.
    pub gc_controller: Address,
}

/// A variable of which one function refers to one field, and another function to another: the one place for which
/// both are true.
struct Rule {
    global: &'static str,
    structure: &'static str,
    function: &'static str,
    field: &'static str,
    witness: &'static str,
    /// `None` for the variable itself.
    witness_field: Option<&'static str>,
}

/// `h.spanalloc.init(…, &memstats.mspan_sys)`, and `memstats.enablegc = true`.
const MEMSTATS: Rule = Rule {
    global: "runtime.memstats",
    structure: "runtime.mstats",
    function: "runtime.(*mheap).init",
    field: "mspan_sys",
    witness: "runtime.gcenable",
    witness_field: Some("enablegc"),
};

/// `gcController.mappedReady.Add(int64(n))`, and `gcController.init(readGOGC(), readGOMEMLIMIT())`.
const GC_CONTROLLER: Rule = Rule {
    global: "runtime.gcController",
    structure: "runtime.gcControllerState",
    function: "runtime.sysAlloc",
    field: "mappedReady",
    witness: "runtime.gcinit",
    witness_field: None,
};

impl MemoryGlobals {
    /// Finds both. Where symbols name them, the code still has to agree if it can be read.
    ///
    /// # Errors
    /// [`BinaryError`] names the variable that could not be found, or that two ways disagree on.
    pub fn find(code: &Code<'_>, layouts: &Layouts) -> Result<Self, BinaryError> {
        let from_code = Self::from_code(code, layouts);
        let symbols = match code.executable.stripped() {
            true => [None; 2],
            false => code.executable.symbols([MEMSTATS.global, GC_CONTROLLER.global]),
        };
        let [Some(memstats), Some(gc_controller)] = symbols.map(|at| at.map(|at| code.bias.live(at))) else {
            return from_code;
        };
        let named = MemoryGlobals { memstats, gc_controller };
        if from_code.is_ok_and(|found| found != named) {
            return Err(BinaryError::Contradiction { global: MEMSTATS.global });
        }
        Ok(named)
    }

    /// Finds both without symbols.
    ///
    /// # Errors
    /// As [`MemoryGlobals::find`].
    pub fn from_code(code: &Code<'_>, layouts: &Layouts) -> Result<Self, BinaryError> {
        let names = [MEMSTATS.function, MEMSTATS.witness, GC_CONTROLLER.function, GC_CONTROLLER.witness];
        let [init, enable, alloc, gcinit] = code.functions.named(code.executable, names)?;
        Ok(MemoryGlobals {
            memstats: MEMSTATS.variable(code, layouts, init, enable)?,
            gc_controller: GC_CONTROLLER.variable(code, layouts, alloc, gcinit)?,
        })
    }
}

impl Rule {
    fn variable(
        &self,
        code: &Code<'_>,
        layouts: &Layouts,
        function: Option<Function>,
        witness: Option<Function>,
    ) -> Result<Address, BinaryError> {
        let missing = BinaryError::MissingGlobal { global: self.global, function: self.function };
        let offset = |field| layouts.offset(self.structure, field).map(u64::from);
        let function = function.ok_or(BinaryError::MissingFunction(self.function))?;
        let witness = witness.ok_or(BinaryError::MissingFunction(self.witness))?;
        let Some(field) = offset(self.field) else { return Err(missing) };
        let Some(witness_field) = self.witness_field.map_or(Some(0), offset) else { return Err(missing) };
        let seen: Vec<Address> = code.references(&witness).map(|(at, ..)| at).collect();
        let mut found = code
            .references(&function)
            .filter(|(_, kind, _)| *kind == DataRange::NoPointerBss)
            .map(|(at, ..)| Address(at.0.wrapping_sub(field)))
            .filter(|base| seen.contains(&Address(base.0.wrapping_add(witness_field))));
        let first = found.next().ok_or(missing)?;
        // The same place may be meant twice, another one not.
        match found.all(|other| other == first) {
            true => Ok(first),
            false => Err(BinaryError::Contradiction { global: self.global }),
        }
    }
}
