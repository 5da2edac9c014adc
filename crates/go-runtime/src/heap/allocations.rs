//! Where objects were made, as far as the target's memory profiler has sampled them: one in half a megabyte, if the
//! program links it (`runtime.MemProfileRate`).

use go_binary::{Bytes, LogicalFrame};
use process_memory::{ProcessMemory, ReadValues};
use rustc_hash::FxHashSet;
use snapshot::Address;

use super::copy::HeapCopy;
use super::specials::SpecialKind;
use crate::program::Program;

/// The fixed part of `runtime.bucket`, the same in all releases from Go 1.19 to 1.27: two links, kind, hash, size of
/// the objects, and how many pcs follow (`runtime/mprof.go`).
const BUCKET: usize = 48;
const PCS: usize = 40;
/// `MemProfileRecord` keeps 32, and `GODEBUG=profstackdepth` allows 1,024.
const PCS_MAX: u64 = 1024;

/// The innermost call outside the runtime by which one of the objects around `addresses` was made; `None` where none
/// was sampled.
pub(super) fn made_at<M: ProcessMemory>(
    program: &Program,
    memory: &M,
    copy: &HeapCopy,
    addresses: impl Iterator<Item = Address>,
) -> Option<LogicalFrame> {
    let objects: FxHashSet<_> = addresses.filter_map(|at| copy.spans.find(at.0)).collect();
    let mut profiled = copy.specials.iter().filter(|special| special.kind == SpecialKind::Profile);
    let of_them = profiled
        .find(|special| copy.spans.find(special.object).is_some_and(|object| objects.contains(&object)));
    let [bucket, ..] = of_them?.words;
    let header = memory.read_vec(Address(bucket), BUCKET).ok()?;
    let pcs = header.u64_at(PCS).filter(|pcs| *pcs <= PCS_MAX)?;
    let pcs =
        memory.read_vec(Address(bucket.checked_add(BUCKET as u64)?), usize::try_from(pcs).ok()? * 8).ok()?;
    let frames = pcs.chunks_exact(8).filter_map(|pc| frames_at(program, memory, pc.address_at(0)?)).flatten();
    let mut outside = frames.filter(|frame| !frame.function.starts_with("runtime."));
    outside.next()
}

/// What a return address stands for, innermost first.
fn frames_at<M: ProcessMemory>(program: &Program, memory: &M, pc: Address) -> Option<Vec<LogicalFrame>> {
    let located = program.locate(memory, pc)?;
    let call = located.module.bias.fixed(pc).offset(0_u64.wrapping_sub(1));
    let read = |tables: &dyn go_binary::StaticMemory| {
        located.module.functions.frames(tables, &located.function, call, program.release.minor)
    };
    program.with_tables(memory, located.module, read).ok()
}
