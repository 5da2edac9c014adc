//! Ps: what each is doing, and what it has queued.

use go_binary::Bytes;
use process_memory::{ProcessMemory, ReadError, ReadValues};
use rustc_hash::FxHashMap;
use snapshot::{Address, GapCause, GapSubject, Processor, ProcessorStatus};

use crate::bulk::Batch;
use crate::fields::PFields;
use crate::gaps::Gaps;
use crate::limits::Limits;
use crate::program::Program;

/// A P, and where it is.
pub(crate) struct ReadProcessor {
    pub(crate) at: Address,
    pub(crate) processor: Processor,
    /// Goroutines in its queue, the next one included.
    pub(crate) queued: Vec<Address>,
}

/// Places of a P's queue (`len(p.runq)` of runtime/runtime2.go, in all releases).
const RING: u32 = 256;

/// All Ps, in order, and how many goroutines they have started: known only if every one of them could be read.
/// `machines` has the numbers of Ms by address.
pub(crate) fn read<M: ProcessMemory>(
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
            let mut word = |field: Option<usize>| field.map(|field| batch.push(at.offset(field as u64), 8));
            let tail = (word(fields.goroutines_created), word(fields.timers));
            (at, batch.push(at, fields.size), tail)
        })
        .collect();
    batch.read(memory);
    let mut processors = Vec::with_capacity(reads.len());
    for (at, slot, (created, timers)) in reads {
        let bytes = match batch.get(slot) {
            Ok(bytes) => bytes,
            Err(error) => {
                gaps.add(GapSubject::Processors, error.cause.into(), None, Some(at));
                created_by_all = None;
                continue;
            }
        };
        let mut word = |slot: Option<_>| {
            let read = batch.get(slot?).map_err(|error| {
                gaps.add(GapSubject::Processors, error.cause.into(), None, Some(at));
            });
            read.ok()?.u64_at(0)
        };
        let mut processor = decode(bytes, fields, machines);
        processor.timers = word(timers);
        created_by_all = created_by_all.zip(word(created)).map(|(sum, created)| sum.wrapping_add(created));
        processors.push(ReadProcessor { at, processor, queued: queued(bytes, fields) });
    }
    Ok((processors, created_by_all))
}

/// Who is in the queue: entries between head and tail, and the one that goes first.
fn queued(bytes: &[u8], fields: &PFields) -> Vec<Address> {
    let word = |at| bytes.u32_at(at).unwrap_or_default();
    let (head, tail) = (word(fields.run_queue_head), word(fields.run_queue_tail));
    let len = tail.wrapping_sub(head).min(RING);
    let ring = fields
        .run_queue
        .into_iter()
        .flat_map(|ring| (0..len).map(move |i| ring + (head.wrapping_add(i) % RING) as usize * 8));
    let entries = ring.chain([fields.run_next]).filter_map(|at| bytes.address_at(at));
    entries.filter(|at| !at.is_null()).collect()
}

fn decode(bytes: &[u8], fields: &PFields, machines: &FxHashMap<Address, i64>) -> Processor {
    let word = |at| bytes.u32_at(at).unwrap_or_default();
    let pointer = |at| bytes.address_at(at).unwrap_or_default();
    Processor {
        id: bytes.i32_at(fields.id).unwrap_or_default(),
        status: status(word(fields.status)),
        // Head and tail move while they are read; more than the queue holds is a torn pair.
        run_queue: word(fields.run_queue_tail).wrapping_sub(word(fields.run_queue_head)).min(RING),
        run_next: !pointer(fields.run_next).is_null(),
        sched_tick: word(fields.sched_tick),
        syscall_tick: word(fields.syscall_tick),
        m: machines.get(&pointer(fields.m)).copied(),
        free_goroutines: fields.free_goroutines.and_then(|at| bytes.u32_at(at)),
        timers: None,
    }
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
