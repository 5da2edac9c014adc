//! Ms: the list of them, and what each says of itself.

use go_binary::Bytes;
use process_memory::{ProcessMemory, ReadValues};
use rustc_hash::{FxHashMap, FxHashSet};
use snapshot::{Address, GapCause, GapSubject, GoroutineId, Machine};

use crate::fields::MFields;
use crate::gaps::Gaps;
use crate::limits::Limits;
use crate::program::Program;

/// An M as read, its pointers not yet turned into ids.
pub(crate) struct ReadMachine {
    pub(crate) at: Address,
    /// The goroutine that it runs; null for none.
    pub(crate) goroutine: Address,
    /// The goroutine locked to it; null for none.
    pub(crate) locked_goroutine: Address,
    p: Address,
    machine: Machine,
}

impl ReadMachine {
    /// Its number.
    pub(crate) fn id(&self) -> i64 {
        self.machine.id
    }

    /// The M with ids instead of pointers. What a pointer leads to that has no id there is no goroutine or P.
    pub(crate) fn named(
        self,
        ids: &FxHashMap<Address, GoroutineId>,
        processors: &FxHashMap<Address, i32>,
    ) -> Machine {
        Machine {
            goroutine: ids.get(&self.goroutine).copied(),
            locked_goroutine: ids.get(&self.locked_goroutine).copied(),
            p: processors.get(&self.p).copied(),
            ..self.machine
        }
    }
}

/// All Ms, by following `alllink`. Ms come and go: the walk is bounded and ends where it cannot go on.
pub(crate) fn read<M: ProcessMemory>(
    program: &Program,
    memory: &M,
    limits: &Limits,
    gaps: &mut Gaps,
) -> Vec<ReadMachine> {
    let fields = &program.fields.m;
    let mut machines = Vec::new();
    let mut known = FxHashSet::default();
    let mut at = match memory.read_address(program.globals.allm) {
        Ok(first) => first,
        Err(error) => {
            gaps.of(GapSubject::Machines, error.cause.into());
            return machines;
        }
    };
    let mut bytes = vec![0; fields.size];
    while !at.is_null() {
        if machines.len() >= limits.threads_max {
            gaps.of(GapSubject::Machines, GapCause::BudgetSpent);
            break;
        }
        // An M that was freed and reused while the list was followed can lead back.
        if !known.insert(at) {
            gaps.add(GapSubject::Machines, GapCause::Corrupt, None, Some(at));
            break;
        }
        if let Err(error) = memory.read(at, &mut bytes) {
            gaps.add(GapSubject::Machines, error.cause.into(), None, Some(at));
            break;
        }
        let mut machine = decode(&bytes, at, fields);
        machine.machine.preempt_off = preempt_off(&bytes, fields, memory, limits).unwrap_or_else(|cause| {
            gaps.add(GapSubject::Machines, cause, None, Some(at));
            None
        });
        machines.push(machine);
        at = bytes.address_at(fields.alllink).unwrap_or_default();
    }
    machines
}

fn decode(bytes: &[u8], at: Address, fields: &MFields) -> ReadMachine {
    let pointer = |at| bytes.address_at(at).unwrap_or_default();
    let flag = |at| bytes.u8_at(at).is_some_and(|flag| flag != 0);
    let number = |at: Option<usize>| at.and_then(|at| bytes.i32_at(at));
    let count = |at: Option<usize>| at.and_then(|at| bytes.u32_at(at));
    ReadMachine {
        at,
        goroutine: pointer(fields.curg),
        locked_goroutine: pointer(fields.locked_g),
        p: pointer(fields.p),
        machine: Machine {
            id: bytes.i64_at(fields.id).unwrap_or_default(),
            tid: bytes.u64_at(fields.procid).and_then(|tid| u32::try_from(tid).ok()).unwrap_or_default(),
            spinning: flag(fields.spinning),
            blocked: flag(fields.blocked),
            in_cgo: flag(fields.in_cgo),
            mallocing: number(fields.mallocing),
            throwing: number(fields.throwing),
            locks: number(fields.locks),
            locked_by_program: count(fields.locked_by_program),
            locked_by_runtime: count(fields.locked_by_runtime),
            dying: number(fields.dying),
            ..Machine::default()
        },
    }
}

/// `m.preemptoff`: a string, almost always empty, otherwise one of the runtime's literals.
fn preempt_off<M: ProcessMemory>(
    bytes: &[u8],
    fields: &MFields,
    memory: &M,
    limits: &Limits,
) -> Result<Option<String>, GapCause> {
    let Some(field) = fields.preempt_off else { return Ok(None) };
    let (at, len) = (bytes.address_at(field), bytes.u64_at(field + 8));
    let (Some(at), Some(len)) = (at, len) else { return Ok(None) };
    if len == 0 {
        return Ok(Some(String::new()));
    }
    // Pointer and length are stored one after the other.
    if at.is_null() {
        return Err(GapCause::Torn);
    }
    let len = usize::try_from(len).ok().filter(|len| *len <= limits.text_max).ok_or(GapCause::BudgetSpent)?;
    let text = memory.read_vec(at, len).map_err(|error| error.cause)?;
    Ok(Some(String::from_utf8_lossy(&text).into_owned()))
}
