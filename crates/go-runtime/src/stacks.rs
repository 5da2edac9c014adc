//! Taking stacks: header, stack, header again, and accept only what did not move.
//!
//! Goroutines are taken in groups small enough that a group's three reads lie some tens of microseconds
//! apart: less than it takes `trackingSeq`, eight bits wide, to come round.

use process_memory::{ProcessMemory, ReadFailure};
use snapshot::{Address, GapCause, GapSubject, StackId, StackState, Status};

use crate::bulk::{Batch, Slot};
use crate::gaps::Gaps;
use crate::header::Header;
use crate::limits::Limits;
use crate::program::Program;
use crate::symbols::{Symbols, TableFiller};
use crate::unwind::{End, StackCopy, unwind};

/// Goroutines of one group.
const GROUP: usize = 64;
/// Bytes of stack of one group; a deeper stack is a group of its own.
const GROUP_BYTES: u64 = 256 << 10;

/// A goroutine whose stack is wanted, and what came of it.
#[derive(Debug, Clone)]
pub(crate) struct Taken {
    /// The header that belongs to the stack (or the latest one, where there is no stack).
    pub(crate) header: Header,
    pub(crate) stack: StackId,
    pub(crate) state: StackState,
}

impl Taken {
    /// A goroutine before its stack is taken.
    pub(crate) fn wanted(header: Header) -> Self {
        let state = match header.status() {
            _ if header.secret => StackState::Secret,
            Some(Status::Running) => StackState::Running,
            _ => StackState::Torn,
        };
        Taken { header, stack: StackId::default(), state }
    }

    fn wants_stack(&self) -> bool {
        self.state == StackState::Torn && self.header.has_saved_stack()
    }
}

/// Counters of the protocol.
#[derive(Debug, Default, Clone, Copy)]
pub(crate) struct Tally {
    pub(crate) read: u64,
    pub(crate) retried: u64,
    pub(crate) torn: u64,
}

/// What taking stacks works with.
pub(crate) struct Context<'a, M> {
    pub(crate) program: &'a Program,
    pub(crate) memory: &'a M,
    pub(crate) limits: &'a Limits,
    pub(crate) symbols: &'a mut Symbols,
    pub(crate) filler: &'a mut TableFiller,
    pub(crate) gaps: &'a mut Gaps,
}

impl<M: ProcessMemory> Context<'_, M> {
    /// Takes the stacks of all `goroutines` that have one, and marks the others. `goroutines` are sorted by
    /// address.
    pub(crate) fn take_stacks(&mut self, goroutines: &mut [Taken]) -> Tally {
        let mut tally = Tally::default();
        let mut batch = Batch::default();
        let mut left: Vec<usize> = goroutines
            .iter()
            .enumerate()
            .filter(|(_, g)| g.state == StackState::Torn)
            .map(|(i, _)| i)
            .collect();
        let mut bytes_left = self.limits.stacks_bytes_max;
        for attempt in 0..=self.limits.retries_max {
            left.retain(|index| {
                goroutines.get_mut(*index).is_some_and(|goroutine| self.affords(goroutine, &mut bytes_left))
            });
            if left.is_empty() {
                break;
            }
            if attempt > 0 {
                tally.retried += left.len() as u64;
            }
            let mut again = Vec::new();
            let mut rest = left.as_slice();
            while !rest.is_empty() {
                let (group, tail) = rest.split_at(group_len(goroutines, rest));
                self.take_group(&mut batch, goroutines, group, &mut again, &mut tally);
                rest = tail;
            }
            left = again;
        }
        for index in left {
            let Some(goroutine) = goroutines.get(index) else { continue };
            tally.torn += 1;
            let (id, at) = (Some(goroutine.header.id), Some(goroutine.header.at));
            self.gaps.add(GapSubject::Stack, GapCause::Torn, id, at);
        }
        tally
    }

    /// Whether there is budget for this stack; if not, that is a gap.
    fn affords(&mut self, goroutine: &mut Taken, bytes_left: &mut u64) -> bool {
        let wanted = if goroutine.wants_stack() { extent(&goroutine.header, self.limits).1 } else { 0 };
        match bytes_left.checked_sub(wanted) {
            Some(rest) => {
                *bytes_left = rest;
                true
            }
            None => {
                goroutine.state = StackState::Unreadable;
                let (id, at) = (Some(goroutine.header.id), Some(goroutine.header.at));
                self.gaps.add(GapSubject::Stack, GapCause::BudgetSpent, id, at);
                false
            }
        }
    }

    /// One group: one batch of reads, then a verdict on each.
    fn take_group(
        &mut self,
        batch: &mut Batch,
        goroutines: &mut [Taken],
        group: &[usize],
        again: &mut Vec<usize>,
        tally: &mut Tally,
    ) {
        let size = self.program.fields.g.size;
        let addresses: Vec<Address> =
            group.iter().filter_map(|index| goroutines.get(*index)).map(|g| g.header.at).collect();
        batch.clear();
        let before = batch.push_each(addresses.iter().copied(), size);
        let stacks: Vec<Option<(u64, Slot)>> = group
            .iter()
            .map(|index| {
                let goroutine = goroutines.get(*index).filter(|g| g.wants_stack())?;
                let (sp, len) = extent(&goroutine.header, self.limits);
                Some((sp, batch.push(Address(sp), usize::try_from(len).unwrap_or_default())))
            })
            .collect();
        let after = batch.push_each(addresses.iter().copied(), size);
        batch.read(self.memory);
        for (((index, before), stack), after) in group.iter().zip(before).zip(stacks).zip(after) {
            let Some(goroutine) = goroutines.get_mut(*index) else { continue };
            tally.read += u64::from(stack.is_some());
            let decode = |slot| {
                let bytes = batch.get(slot).map_err(|error| error.cause)?;
                Ok(Header::decode(bytes, goroutine.header.at, &self.program.fields.g))
            };
            let known = goroutine.header;
            match (decode(before), decode(after)) {
                (Ok(Some(before)), Ok(Some(after))) => {
                    let still = known.unmoved(&before) && before.unmoved(&after) && !after.scanning();
                    match stack {
                        Some((sp, slot)) if still => {
                            // The later one proves the earlier one whole, but may itself end in another state.
                            goroutine.header = before;
                            let bytes = batch.get(slot).map_err(|error| error.cause);
                            self.accept(goroutine, sp, bytes);
                        }
                        _ => {
                            *goroutine = Taken::wanted(after);
                            if goroutine.state == StackState::Torn && after.status() != Some(Status::Dead) {
                                again.push(*index);
                            }
                        }
                    }
                }
                (Err(cause), _) | (_, Err(cause)) => self.unreadable(goroutine, cause),
                _ => self.corrupt(goroutine),
            }
        }
    }

    /// The stack belongs to the header: unwind it.
    fn accept(&mut self, goroutine: &mut Taken, sp: u64, bytes: Result<&[u8], ReadFailure>) {
        let bytes = match bytes {
            Ok(bytes) => bytes,
            Err(cause) => return self.unreadable(goroutine, cause),
        };
        let header = &goroutine.header;
        let stack = StackCopy { at: sp, bytes };
        let start = header.start();
        let (program, max) = (self.program, self.limits.frames_max);
        let unwound = unwind(program, self.symbols, self.memory, start, false, stack, max);
        let complete = unwound.end == End::Top;
        if !complete {
            let cut = unwound.end == End::Limit || header.stack_hi - sp > bytes.len() as u64;
            let cause = if cut { GapCause::BudgetSpent } else { GapCause::Corrupt };
            self.gaps.add(GapSubject::OuterFrames, cause, Some(header.id), Some(header.at));
        }
        goroutine.stack = self.filler.stack(self.symbols, program, self.memory, unwound.pcs, complete);
        goroutine.state = StackState::Saved;
    }

    fn unreadable(&mut self, goroutine: &mut Taken, cause: ReadFailure) {
        goroutine.state = StackState::Unreadable;
        let (id, at) = (Some(goroutine.header.id), Some(goroutine.header.at));
        self.gaps.add(GapSubject::Stack, cause.into(), id, at);
    }

    fn corrupt(&mut self, goroutine: &mut Taken) {
        goroutine.state = StackState::Unreadable;
        let (id, at) = (Some(goroutine.header.id), Some(goroutine.header.at));
        self.gaps.add(GapSubject::Stack, GapCause::Corrupt, id, at);
    }
}

/// Stack pointer, and bytes to read from there.
fn extent(header: &Header, limits: &Limits) -> (u64, u64) {
    let sp = header.start().sp;
    (sp, header.stack_hi.saturating_sub(sp).min(limits.stack_bytes_max))
}

/// How many of `left` make the next group: at least one.
fn group_len(goroutines: &[Taken], left: &[usize]) -> usize {
    let mut bytes = 0;
    let within = left.iter().take(GROUP).take_while(|index| {
        let header = goroutines.get(**index).map(|g| &g.header);
        bytes += header.map_or(0, |header| header.stack_hi.saturating_sub(header.start().sp));
        bytes <= GROUP_BYTES
    });
    within.count().clamp(1, left.len())
}
