//! Ps, Ms and the scheduler's counters.

use go_binary::Bytes;
use process_memory::{ProcessMemory, ReadError, ReadValues};
use rustc_hash::{FxHashMap, FxHashSet};
use snapshot::{Address, GapCause, GapSubject, GoroutineId, Machine, Processor, ProcessorStatus, Scheduler};

use crate::bulk::Batch;
use crate::gaps::Gaps;
use crate::header::Header;
use crate::limits::Limits;
use crate::program::Program;
use crate::sweep::is_live;

/// The scheduler, and who is who in it by address.
#[derive(Debug, Default)]
pub(crate) struct Machinery {
    pub(crate) scheduler: Scheduler,
    /// Index into `scheduler.machines` by address of the M.
    pub(crate) machines: FxHashMap<Address, usize>,
    /// Addresses of the goroutines that the Ms run.
    pub(crate) goroutines: Vec<Address>,
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
    let machines = read_machines(program, memory, limits, gaps);
    let numbers: FxHashMap<Address, i64> = machines.iter().map(|m| (m.at, m.id)).collect();
    let (processors, created_by_ps) = read_processors(program, memory, limits, &numbers, gaps)
        .map_err(|error| gaps.of(GapSubject::Processors, error.cause.into()))
        .unwrap_or_default();
    let by_address: FxHashMap<Address, i32> = processors.iter().map(|p| (p.at, p.processor.id)).collect();
    for machine in machines {
        if !machine.goroutine.is_null() {
            machinery.goroutines.push(machine.goroutine);
        }
        machinery.machines.insert(machine.at, machinery.scheduler.machines.len());
        machinery.scheduler.machines.push(Machine {
            id: machine.id,
            tid: machine.tid,
            goroutine: goroutine_id(program, memory, machine.goroutine, gaps),
            p: by_address.get(&machine.p).copied(),
            spinning: machine.spinning,
            blocked: machine.blocked,
            in_cgo: machine.in_cgo,
            locked_goroutine: goroutine_id(program, memory, machine.locked_goroutine, gaps),
        });
    }
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

/// The id of the goroutine that an M points to, if there is one.
fn goroutine_id<M: ProcessMemory>(
    program: &Program,
    memory: &M,
    at: Address,
    gaps: &mut Gaps,
) -> Option<GoroutineId> {
    if at.is_null() {
        return None;
    }
    let fields = &program.fields.g;
    let header = memory.read_vec(at, fields.size);
    let header =
        header.map_err(|error| gaps.add(GapSubject::Machines, error.cause.into(), None, Some(at))).ok()?;
    Header::decode(&header, at, fields).filter(is_live).map(|header| header.id)
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
    let count = |at| sched.i32_at(at).and_then(|n| u32::try_from(n).ok()).unwrap_or_default();
    scheduler.idle_machines = count(fields.idle_machines);
    scheduler.idle_processors = count(fields.idle_processors);
    scheduler.spinning_machines = count(fields.spinning);
    scheduler.global_run_queue = count(fields.run_queue_size);
    scheduler.gc_waiting = sched.u32_at(fields.gc_waiting).is_some_and(|flag| flag != 0);
    scheduler.goroutine_id_limit = sched.u64_at(fields.goidgen).unwrap_or_default();
    scheduler.descriptors = memory.read_u64(program.globals.allglen)?;
    Ok(fields.goroutines_created.and_then(|at| sched.u64_at(at)))
}

struct ReadProcessor {
    at: Address,
    processor: Processor,
}

/// All Ps, and how many goroutines they have started: known only if every one of them could be read.
fn read_processors<M: ProcessMemory>(
    program: &Program,
    memory: &M,
    limits: &Limits,
    machines: &FxHashMap<Address, i64>,
    gaps: &mut Gaps,
) -> Result<(Vec<ReadProcessor>, Option<u64>), ReadError> {
    let fields = &program.fields.p;
    let slice = memory.read_vec(program.globals.allp, 16)?;
    let (array, len) = (slice.address_at(0).unwrap_or_default(), slice.u64_at(8).unwrap_or_default());
    let bounded = usize::try_from(len).unwrap_or(usize::MAX).min(limits.threads_max);
    let mut created_by_all = Some(0_u64);
    if bounded as u64 != len {
        created_by_all = None;
        gaps.of(GapSubject::Processors, GapCause::BudgetSpent);
    }
    let pointers = memory.read_vec(array, bounded * 8)?;
    let mut batch = Batch::default();
    let reads: Vec<_> = pointers
        .chunks_exact(8)
        .filter_map(|pointer| pointer.address_at(0))
        .map(|at| {
            let created = fields.goroutines_created.map(|field| batch.push(at.offset(field as u64), 8));
            (at, batch.push(at, fields.size), created)
        })
        .collect();
    batch.read(memory);
    let mut processors = Vec::with_capacity(reads.len());
    for (at, slot, created) in reads {
        let bytes = match batch.get(slot) {
            Ok(bytes) => bytes,
            Err(error) => {
                gaps.add(GapSubject::Processors, error.cause.into(), None, Some(at));
                created_by_all = None;
                continue;
            }
        };
        let word = |at| bytes.u32_at(at).unwrap_or_default();
        let pointer = |at| bytes.address_at(at).unwrap_or_default();
        let processor = Processor {
            id: bytes.i32_at(fields.id).unwrap_or_default(),
            status: status(word(fields.status)),
            // Head and tail move while they are read; more than the queue holds is a torn pair.
            run_queue: word(fields.run_queue_tail).wrapping_sub(word(fields.run_queue_head)).min(256),
            run_next: !pointer(fields.run_next).is_null(),
            sched_tick: word(fields.sched_tick),
            syscall_tick: word(fields.syscall_tick),
            m: machines.get(&pointer(fields.m)).copied(),
        };
        let created = created.map(|slot| batch.get(slot)).transpose().unwrap_or_else(|error| {
            gaps.add(GapSubject::Processors, error.cause.into(), None, Some(at));
            None
        });
        let created = created.and_then(|bytes| bytes.u64_at(0));
        created_by_all = created_by_all.zip(created).map(|(sum, created)| sum.wrapping_add(created));
        processors.push(ReadProcessor { at, processor });
    }
    Ok((processors, created_by_all))
}

fn status(raw: u32) -> ProcessorStatus {
    match raw {
        0 => ProcessorStatus::Idle,
        1 => ProcessorStatus::Running,
        2 => ProcessorStatus::Syscall,
        3 => ProcessorStatus::GcStop,
        4 => ProcessorStatus::Dead,
        other => ProcessorStatus::Unknown(other),
    }
}

/// An M as read, its pointers not yet turned into ids.
pub(crate) struct ReadMachine {
    at: Address,
    id: i64,
    pub(crate) tid: u32,
    goroutine: Address,
    p: Address,
    spinning: bool,
    blocked: bool,
    in_cgo: bool,
    locked_goroutine: Address,
}

/// All Ms, by following `alllink`. Ms come and go: the walk is bounded and ends where it cannot go on.
pub(crate) fn read_machines<M: ProcessMemory>(
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
        let pointer = |at| bytes.address_at(at).unwrap_or_default();
        let flag = |at| bytes.u8_at(at).is_some_and(|flag| flag != 0);
        machines.push(ReadMachine {
            at,
            id: bytes.i64_at(fields.id).unwrap_or_default(),
            tid: bytes.u64_at(fields.procid).and_then(|tid| u32::try_from(tid).ok()).unwrap_or_default(),
            goroutine: pointer(fields.curg),
            p: pointer(fields.p),
            spinning: flag(fields.spinning),
            blocked: flag(fields.blocked),
            in_cgo: flag(fields.in_cgo),
            locked_goroutine: pointer(fields.locked_g),
        });
        at = pointer(fields.alllink);
    }
    machines
}
