//! Taking stacks: header, stack, header again, and accept only what did not move.
//!
//! Goroutines are taken in groups small enough that a group's three reads lie some tens of microseconds
//! apart: less than it takes `trackingSeq`, eight bits wide, to come round.

use std::time::Duration;

use process_memory::{ProcessMemory, ReadFailure};
use snapshot::{Address, GapCause, GapSubject, LabelSetId, StackId, StackState, Status};

use crate::bulk::{Batch, Slot};
use crate::context::Context;
use crate::header::Header;
use crate::limits::Limits;
use crate::sweep::Sweep;
use crate::unwind::{End, StackCopy, unwind};

/// Goroutines of one group.
const GROUP: usize = 64;
/// Bytes of stack of one group; a deeper stack is a group of its own.
const GROUP_BYTES: u64 = 256 << 10;

/// A goroutine that is being looked at, and what came of it.
#[derive(Debug, Clone)]
pub(crate) struct Taken {
    /// The header that belongs to the stack (or the latest one, where there is no stack).
    pub(crate) header: Header,
    /// Where it is kept between looks.
    pub(crate) row: usize,
    pub(crate) stack: StackId,
    pub(crate) state: StackState,
    pub(crate) labels: LabelSetId,
    /// Whether something of it is missing: there is a gap that says what.
    pub(crate) flawed: bool,
}

impl Taken {
    /// A goroutine before its stack is taken.
    pub(crate) fn wanted(header: Header, row: usize) -> Self {
        let state = match header.status() {
            _ if header.secret => StackState::Secret,
            Some(Status::Running) => StackState::Running,
            _ => StackState::Torn,
        };
        Taken { header, row, stack: StackId::default(), state, labels: LabelSetId::default(), flawed: false }
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
    pub(crate) known: u64,
    pub(crate) stale: u64,
    /// How long reading headers for the first time took.
    pub(crate) headers: Duration,
}

impl Tally {
    /// Adds those of another worker, which ran at the same time.
    pub(crate) fn add(&mut self, other: Tally) {
        self.read += other.read;
        self.retried += other.retried;
        self.torn += other.torn;
        self.known += other.known;
        self.stale += other.stale;
        self.headers = self.headers.max(other.headers);
    }
}

impl<M: ProcessMemory> Sweep<'_, '_, M> {
    /// Takes the stacks of all `goroutines` that have one, and marks the others. `goroutines` are sorted by
    /// address.
    pub(crate) fn take_stacks(&self, batch: &mut Batch, goroutines: &mut [Taken], tally: &mut Tally) {
        let torn = |goroutine: &Taken| goroutine.state == StackState::Torn;
        let mut left: Vec<usize> =
            goroutines.iter().enumerate().filter(|(_, g)| torn(g)).map(|(index, _)| index).collect();
        for attempt in 0..=self.limits.retries_max {
            left.retain(|index| goroutines.get_mut(*index).is_some_and(|goroutine| self.affords(goroutine)));
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
                self.take_group(batch, goroutines, group, &mut again, tally);
                rest = tail;
            }
            left = again;
        }
        let mut context = self.context();
        for goroutine in left.iter().filter_map(|index| goroutines.get(*index)).filter(|g| torn(g)) {
            tally.torn += 1;
            let (id, at) = (Some(goroutine.header.id), Some(goroutine.header.at));
            context.gaps.add(GapSubject::Stack, GapCause::Torn, id, at);
        }
        for goroutine in goroutines {
            goroutine.flawed |= torn(goroutine);
        }
    }

    /// Whether there is budget for this stack; if not, that is a gap.
    fn affords(&self, goroutine: &mut Taken) -> bool {
        let wanted = if goroutine.wants_stack() { extent(&goroutine.header, self.limits).1 } else { 0 };
        let affordable = self.spend(wanted);
        if !affordable {
            self.context().give_up(goroutine, GapCause::BudgetSpent);
        }
        affordable
    }

    /// One group: one batch of reads, then a verdict on each.
    fn take_group(
        &self,
        batch: &mut Batch,
        goroutines: &mut [Taken],
        group: &[usize],
        again: &mut Vec<usize>,
        tally: &mut Tally,
    ) {
        let fields = &self.program.fields.g;
        let addresses = || group.iter().filter_map(|index| goroutines.get(*index)).map(|g| g.header.at);
        batch.clear();
        let before = batch.push_each(addresses(), fields.size);
        let stacks: Vec<Option<(u64, Slot)>> = group
            .iter()
            .map(|index| {
                let goroutine = goroutines.get(*index).filter(|g| g.wants_stack())?;
                let (sp, len) = extent(&goroutine.header, self.limits);
                Some((sp, batch.push(Address(sp), usize::try_from(len).unwrap_or_default())))
            })
            .collect();
        let after = batch.push_each(addresses(), fields.size);
        batch.read(self.memory);
        let mut context = self.context();
        for (((index, before), stack), after) in group.iter().zip(before).zip(stacks).zip(after) {
            let Some(goroutine) = goroutines.get_mut(*index) else { continue };
            tally.read += u64::from(stack.is_some());
            let decode = |slot| {
                let bytes = batch.get(slot).map_err(|error| error.cause)?;
                Ok::<_, ReadFailure>(Header::decode(bytes, goroutine.header.at, fields))
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
                            context.accept(goroutine, sp, bytes);
                        }
                        _ => {
                            *goroutine = Taken::wanted(after, goroutine.row);
                            if goroutine.state == StackState::Torn && after.status() != Some(Status::Dead) {
                                again.push(*index);
                            }
                        }
                    }
                }
                (Err(cause), _) | (_, Err(cause)) => context.give_up(goroutine, cause.into()),
                _ => context.give_up(goroutine, GapCause::Corrupt),
            }
        }
    }
}

impl<M: ProcessMemory> Context<'_, M> {
    /// The stack belongs to the header: unwind it.
    fn accept(&mut self, goroutine: &mut Taken, sp: u64, bytes: Result<&[u8], ReadFailure>) {
        let bytes = match bytes {
            Ok(bytes) => bytes,
            Err(cause) => return self.give_up(goroutine, cause.into()),
        };
        let header = &goroutine.header;
        let stack = StackCopy { at: sp, bytes };
        let (program, max) = (self.program, self.limits.frames_max);
        let mut pcs = std::mem::take(&mut self.pcs);
        pcs.clear();
        let end = unwind(
            program,
            &mut self.words.symbols,
            self.memory,
            header.start(),
            false,
            stack,
            max,
            |frame| pcs.push(frame.at),
        );
        let complete = end == End::Top;
        if !complete {
            let cut = end == End::Limit || header.stack_hi - sp > bytes.len() as u64;
            let cause = if cut { GapCause::BudgetSpent } else { GapCause::Corrupt };
            self.gaps.add(GapSubject::OuterFrames, cause, Some(header.id), Some(header.at));
            goroutine.flawed = true;
        }
        goroutine.stack = self.stack(&pcs, complete);
        goroutine.state = StackState::Saved;
        self.pcs = pcs;
    }

    /// There will be no stack.
    fn give_up(&mut self, goroutine: &mut Taken, cause: GapCause) {
        goroutine.state = StackState::Unreadable;
        goroutine.flawed = true;
        let (id, at) = (Some(goroutine.header.id), Some(goroutine.header.at));
        self.gaps.add(GapSubject::Stack, cause, id, at);
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
