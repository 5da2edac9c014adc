//! Who waits for what, so that reaching it wakes them.

use process_memory::ProcessMemory;

use super::Marking;
use crate::heap::awaits::Awaits;
use crate::unwind::StackCopy;

impl<M: ProcessMemory> Marking<'_, M> {
    /// Puts each goroutine that may be blocked for good on the list of what it waits for; wakes the others.
    pub(super) fn note_who_waits(&mut self) {
        for index in 0..self.awaits.len() {
            if self.awaits.get(index) == Some(&Awaits::OnOwnStack) {
                let condition = self.condition_of(index).map_or(Awaits::Anything, Awaits::Objects);
                if let Some(slot) = self.awaits.get_mut(index) {
                    *slot = condition.clone();
                }
            }
            let objects = match self.awaits.get(index) {
                Some(Awaits::Objects(objects)) => objects.clone(),
                Some(Awaits::Nothing) => continue,
                _ => {
                    self.reached.woken.push(index);
                    continue;
                }
            };
            for at in objects {
                match self.reached.object(at) {
                    Some((.., number)) => {
                        self.reached.awaited.insert(number);
                        self.reached.waiting_for.entry(number).or_default().push(index);
                    }
                    None => match self.stack_with(at) {
                        Some(holder) => self.waiting_on_stack.entry(holder).or_default().push(index),
                        // A variable, or nothing that is known: it may always be reached.
                        None => self.reached.woken.push(index),
                    },
                }
            }
        }
    }

    /// The goroutine on whose stack an address is.
    fn stack_with(&self, at: u64) -> Option<usize> {
        let behind = self.stacks.partition_point(|(lo, _)| *lo <= at);
        let &(_, index) = self.stacks.get(behind.checked_sub(1)?)?;
        (at < self.reached.copy.goroutines.list.get(index)?.header.stack_hi).then_some(index)
    }

    fn condition_of(&mut self, index: usize) -> Option<Vec<u64>> {
        let goroutine = self.reached.copy.goroutines.list.get(index)?;
        let stack = goroutine.stack?;
        let stack = StackCopy { at: stack.at, bytes: stack.bytes(&self.reached.copy.goroutines.stacks) };
        let start = goroutine.header.start();
        let found = self.frames.pointers_in(
            self.program,
            self.memory,
            self.limits,
            start,
            stack,
            "sync.(*Cond).Wait",
        )?;
        (!found.is_empty()).then_some(found)
    }
}
