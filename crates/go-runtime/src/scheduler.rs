//! The scheduler as a whole: Ms, Ps and its counters.

use go_binary::Bytes;
use process_memory::{ProcessMemory, ReadError, ReadValues};
use rustc_hash::FxHashMap;
use snapshot::{Address, GapCause, GapSubject, Machine, Scheduler};

use crate::bound_goroutines;
use crate::gaps::Gaps;
use crate::header::Header;
use crate::limits::Limits;
use crate::program::Program;
use crate::{machines, processors};

/// The scheduler, and who is who in it by address.
#[derive(Debug, Default)]
pub(crate) struct Machinery {
    pub(crate) scheduler: Scheduler,
    /// Index into `scheduler.machines` by address of the M.
    pub(crate) machines: FxHashMap<Address, usize>,
    /// Addresses of the goroutines that the Ms run.
    pub(crate) goroutines: Vec<Address>,
    /// Goroutines that the Ms run or that are locked to them.
    pub(crate) bound: Vec<Header>,
    /// Ids of Ps by address of the goroutines in their queues.
    pub(crate) queued: FxHashMap<Address, i32>,
}

impl Machinery {
    pub(crate) fn machine(&self, at: Address) -> Option<&Machine> {
        self.scheduler.machines.get(*self.machines.get(&at)?)
    }
}

/// Reads everything; what cannot be read is a gap.
pub(crate) fn read<M: ProcessMemory>(
    program: &Program,
    memory: &M,
    limits: &Limits,
    gaps: &mut Gaps,
) -> Option<Machinery> {
    let mut machinery = Machinery::default();
    // Ps that GOMAXPROCS does away with add what they have counted to this one (`(*p).destroy` of runtime/proc.go,
    // from Go 1.26 on). If it moves while the Ps are read, some are counted twice, or not at all.
    let before = created_by_former_ps(program, memory);
    let machines = machines::read(program, memory, limits, gaps);
    machinery.bound = bound_goroutines::read(program, memory, &machines, gaps);
    let ids = machinery.bound.iter().map(|header| (header.at, header.id)).collect();
    let numbers: FxHashMap<Address, i64> = machines.iter().map(|m| (m.at, m.id())).collect();
    let (processors, created_by_ps) = processors::read(program, memory, limits, &numbers, gaps)
        .map_err(|error| gaps.of(GapSubject::Processors, error.cause.into()))
        .unwrap_or_default();
    let by_address: FxHashMap<Address, i32> = processors.iter().map(|p| (p.at, p.processor.id)).collect();
    for machine in machines {
        if !machine.goroutine.is_null() {
            machinery.goroutines.push(machine.goroutine);
        }
        machinery.machines.insert(machine.at, machinery.scheduler.machines.len());
        machinery.scheduler.machines.push(machine.named(&ids, &by_address));
    }
    let queued = processors.iter().flat_map(|p| p.queued.iter().map(|at| (*at, p.processor.id)));
    machinery.queued = queued.collect();
    machinery.scheduler.processors = processors.into_iter().map(|p| p.processor).collect();
    match read_counters(program, memory, &mut machinery.scheduler) {
        Ok(created_by_former_ps) => {
            if before != created_by_former_ps {
                gaps.of(GapSubject::Scheduler, GapCause::Torn);
            } else if let Some((former, present)) = created_by_former_ps.zip(created_by_ps) {
                machinery.scheduler.goroutines_created = Some(former.wrapping_add(present));
            }
            Some(machinery)
        }
        Err(error) => {
            gaps.of(GapSubject::Scheduler, error.cause.into());
            None
        }
    }
}

/// Goroutines that Ps started which are no more; `None` before Go 1.26, or where it cannot be read.
fn created_by_former_ps<M: ProcessMemory>(program: &Program, memory: &M) -> Option<u64> {
    let field = program.fields.sched.goroutines_created?;
    memory.read_u64(program.globals.sched.offset(field as u64)).ok()
}

/// Fills in what `sched` counts, and returns what [`created_by_former_ps`] would.
fn read_counters<M: ProcessMemory>(
    program: &Program,
    memory: &M,
    scheduler: &mut Scheduler,
) -> Result<Option<u64>, ReadError> {
    let fields = &program.fields.sched;
    let sched = memory.read_vec(program.globals.sched, fields.size)?;
    let count = |at| sched.i32_at(at).and_then(|n| u32::try_from(n).ok());
    let known = |at| count(at).unwrap_or_default();
    // Flags have been words, and are single bytes now: either is little-endian.
    let flag = |at| sched.u8_at(at).map(|flag| flag != 0);
    scheduler.idle_machines = known(fields.idle_machines);
    scheduler.idle_locked_machines = fields.idle_locked_machines.and_then(count);
    scheduler.idle_processors = known(fields.idle_processors);
    scheduler.spinning_machines = known(fields.spinning);
    scheduler.need_spinning = fields.need_spinning.and_then(flag);
    scheduler.global_run_queue = known(fields.run_queue_size);
    scheduler.gc_waiting = flag(fields.gc_waiting).unwrap_or_default();
    scheduler.stop_wait = fields.stop_wait.and_then(|at| sched.i32_at(at));
    scheduler.sysmon_waiting = fields.sysmon_wait.and_then(flag);
    let started = fields.machines_started.and_then(|at| sched.u64_at(at));
    let freed = fields.machines_freed.and_then(|at| sched.u64_at(at));
    scheduler.machine_count = started.zip(freed).and_then(|(started, freed)| started.checked_sub(freed));
    scheduler.goroutine_id_limit = sched.u64_at(fields.goidgen).unwrap_or_default();
    scheduler.descriptors = memory.read_u64(program.globals.allglen)?;
    Ok(fields.goroutines_created.and_then(|at| sched.u64_at(at)))
}
