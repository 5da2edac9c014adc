//! Copies of goroutines: what their descriptors say, and their stacks.

use go_binary::Bytes;
use process_memory::ProcessMemory;
use rustc_hash::FxHashMap;
use snapshot::{Address, GoroutineId, Status};

use super::ranges::Ranges;
use crate::bulk::Batch;
use crate::header::Header;
use crate::limits::Limits;
use crate::program::Program;

/// A goroutine as it was copied.
#[derive(Debug)]
pub(super) struct CopiedGoroutine {
    pub(super) header: Header,
    /// `g._defer`.
    pub(super) deferred: Address,
    /// The part of its stack that is in use; the whole stack where that is not known. `None` if it could not be
    /// copied, or if there is none.
    pub(super) stack: Option<CopiedStack>,
    /// It moved while the copy was made, or was running: its stack is not that of one moment.
    pub(super) moved: bool,
    /// Its stack as it was after the heap had been copied, if it moved meanwhile.
    pub(super) later: Option<CopiedStack>,
}

impl CopiedGoroutine {
    /// Whether its stack is of one moment, so that the compiler's maps say where pointers are. A stack that is being
    /// moved may refer to where it was before.
    pub(super) fn lies_still(&self) -> bool {
        !self.moved && !self.header.scanning()
    }
}

/// A piece of a stack.
#[derive(Debug, Clone, Copy)]
pub(super) struct CopiedStack {
    /// Where it is in the target.
    pub(super) at: u64,
    /// Where it is in the copy.
    begin: usize,
    len: usize,
}

impl CopiedStack {
    /// Leaves out what is below a stack pointer, if that is in it: it is not in use.
    pub(super) fn begin_at(&mut self, sp: u64) {
        let unused = sp.checked_sub(self.at).and_then(|unused| usize::try_from(unused).ok());
        if let Some(unused) = unused.filter(|unused| *unused <= self.len) {
            (self.at, self.begin, self.len) = (sp, self.begin + unused, self.len - unused);
        }
    }

    pub(super) fn bytes<'c>(&self, stacks: &'c Ranges) -> &'c [u8] {
        stacks.get(self.begin, self.len).unwrap_or_default()
    }
}

/// All goroutines that are alive.
#[derive(Debug, Default)]
pub(super) struct Goroutines {
    pub(super) list: Vec<CopiedGoroutine>,
    pub(super) stacks: Ranges,
    /// Index by address of the descriptor.
    pub(super) by_address: FxHashMap<Address, usize>,
    /// Those that ran from one look to the other without a rest, and the number of the run.
    pub(super) running: Vec<(GoroutineId, u8)>,
}

impl Goroutines {
    /// Copies all of `addresses` that are alive.
    pub(super) fn copy<M: ProcessMemory>(
        program: &Program,
        memory: &M,
        limits: &Limits,
        addresses: &[Address],
        room: usize,
    ) -> Self {
        let mut all = Goroutines { stacks: Ranges::with_room_for(room), ..Goroutines::default() };
        for (header, deferred) in headers(program, memory, addresses.to_vec()) {
            if matches!(header.status(), None | Some(Status::Dead | Status::Idle)) {
                continue;
            }
            all.by_address.insert(header.at, all.list.len());
            let moved = !header.has_saved_stack();
            all.list.push(CopiedGoroutine { header, deferred, stack: None, moved, later: None });
        }
        let list = all.list.iter().enumerate();
        let wanted: Vec<_> = list.map(|(index, g)| (index, begin(g), g.header.stack_hi)).collect();
        for (index, stack) in all.copy_stacks(memory, limits, &wanted) {
            if let Some(goroutine) = all.list.get_mut(index) {
                goroutine.stack = Some(stack);
            }
        }
        all
    }

    /// Looks again: who moved since, and who is new? Both have their whole stacks copied now.
    pub(super) fn copy_again<M: ProcessMemory>(
        &mut self,
        program: &Program,
        memory: &M,
        limits: &Limits,
        addresses: &[Address],
    ) {
        let mut again = Vec::new();
        for (header, deferred) in headers(program, memory, addresses.to_vec()) {
            let known = self.by_address.get(&header.at).and_then(|index| self.list.get(*index));
            if known.is_some_and(|known| known.header.same_run(&header)) {
                self.running.push((header.id, header.run()));
            }
            let alive = !matches!(header.status(), None | Some(Status::Dead | Status::Idle));
            match self.by_address.get(&header.at).and_then(|index| Some((*index, self.list.get_mut(*index)?)))
            {
                Some((index, known)) if known.moved || !known.header.unmoved_and_waiting_alike(&header) => {
                    known.moved = true;
                    if alive {
                        again.push((index, header.stack_lo, header.stack_hi));
                    }
                }
                None if alive => {
                    let index = self.list.len();
                    self.by_address.insert(header.at, index);
                    self.list.push(CopiedGoroutine {
                        header,
                        deferred,
                        stack: None,
                        moved: true,
                        later: None,
                    });
                    again.push((index, header.stack_lo, header.stack_hi));
                }
                _ => {}
            }
        }
        for (index, stack) in self.copy_stacks(memory, limits, &again) {
            if let Some(goroutine) = self.list.get_mut(index) {
                goroutine.later = Some(stack);
            }
        }
    }

    /// Copies stacks between the given addresses, as far as the budget of all looks together goes.
    fn copy_stacks<M: ProcessMemory>(
        &mut self,
        memory: &M,
        limits: &Limits,
        wanted: &[(usize, u64, u64)],
    ) -> Vec<(usize, CopiedStack)> {
        let mut left = limits.stacks_bytes_max.saturating_sub(self.stacks.len() as u64);
        let ranges = wanted.iter().filter_map(|&(index, from, to)| {
            let (at, len) = range(from, to, limits)?;
            left = left.checked_sub(len as u64)?;
            Some((index, at, len))
        });
        let ranges: Vec<_> = ranges.collect();
        let places: Vec<_> = ranges.iter().map(|&(_, at, len)| (at, len)).collect();
        let begins = self.stacks.append(memory, &places, limits.workers);
        let copied = ranges.into_iter().zip(begins);
        copied
            .filter_map(|((index, at, len), begin)| Some((index, CopiedStack { at, begin: begin?, len })))
            .collect()
    }
}

/// Where the stack of a goroutine is in use from: all of it, where it has no saved stack pointer.
fn begin(goroutine: &CopiedGoroutine) -> u64 {
    let header = &goroutine.header;
    if header.has_saved_stack() { header.start().sp } else { header.stack_lo }
}

fn range(from: u64, to: u64, limits: &Limits) -> Option<(u64, usize)> {
    let len = to.checked_sub(from).filter(|len| *len <= limits.stack_bytes_max)?;
    Some((from, usize::try_from(len).ok()?))
}

/// Descriptors, each with `g._defer`, in no particular order.
pub(super) fn headers<M: ProcessMemory>(
    program: &Program,
    memory: &M,
    mut addresses: Vec<Address>,
) -> Vec<(Header, Address)> {
    let fields = &program.fields.g;
    let deferred = program.fields.heap.as_ref().map_or(0, |heap| heap.g_defer);
    addresses.sort_unstable();
    let mut found = Vec::with_capacity(addresses.len());
    let (mut batch, mut alone) = (Batch::default(), Vec::new());
    for chunk in addresses.chunks(1 << 14) {
        batch.clear();
        let slots = batch.push_each(chunk.iter().copied(), fields.size);
        batch.read(memory);
        for (at, slot) in chunk.iter().zip(slots) {
            let Ok(bytes) = batch.get_or_reread(slot, memory, &mut alone) else { continue };
            let header = Header::decode(bytes, *at, fields);
            found.extend(header.map(|header| (header, bytes.address_at(deferred).unwrap_or_default())));
        }
    }
    found
}
