//! Whether goroutines still stand in the queues of what they wait for.
//!
//! Whoever wakes a goroutine takes it out of its queue first and changes its status later (`send`, `recv`, `closechan`,
//! `readyWithTime`). In between it looks asleep, and what it waited for may be forgotten by everyone: the last send to a
//! channel. A thread can rest there for long: it may have no processor time left, or be stopped. But nobody is put back
//! into a queue without running, so who has not run and stands in the queue now has stood in it all the time.

use go_binary::Bytes;
use process_memory::ProcessMemory;
use snapshot::Address;

use super::unreachable::Sleeper;
use crate::bulk::Batch;
use crate::limits::Limits;
use crate::program::Program;

/// One place in one queue.
struct Place {
    sleeper: usize,
    sudog: Address,
    /// The sudog before it, or null if it is the first.
    prev: Address,
    channel: Address,
}

/// Which of `sleepers` stand in all the queues that they are said to stand in.
pub(super) fn enqueued<M: ProcessMemory>(
    program: &Program,
    memory: &M,
    limits: &Limits,
    sleepers: &[Sleeper],
) -> Vec<bool> {
    let mut stands = vec![true; sleepers.len()];
    let places = places(program, memory, limits, sleepers, &mut stands);
    // The one before refers to it, or the channel does.
    let (sudogs, channels) = (&program.fields.sudog, &program.fields.channel);
    let mut batch = Batch::default();
    let slots: Vec<_> = places
        .iter()
        .map(|place| match place.prev.is_null() {
            true => batch.push(place.channel, channels.size),
            false => batch.push(place.prev, sudogs.size),
        })
        .collect();
    batch.read(memory);
    let mut alone = Vec::new();
    for (place, slot) in places.iter().zip(slots) {
        let offsets = match place.prev.is_null() {
            true => [channels.receivers, channels.senders],
            false => [sudogs.next; 2],
        };
        let bytes = batch.get_or_reread(slot, memory, &mut alone);
        let refers = bytes.is_ok_and(|bytes| {
            offsets.into_iter().any(|offset| bytes.address_at(offset) == Some(place.sudog))
        });
        if let (false, Some(stands)) = (refers, stands.get_mut(place.sleeper)) {
            *stands = false;
        }
    }
    stands
}

/// Places in the queues of channels. Those of semaphores are checked here: whoever is taken out loses the address.
fn places<M: ProcessMemory>(
    program: &Program,
    memory: &M,
    limits: &Limits,
    sleepers: &[Sleeper],
    stands: &mut [bool],
) -> Vec<Place> {
    let fields = &program.fields.sudog;
    let mut places = Vec::new();
    let first = sleepers.iter().enumerate().map(|(index, sleeper)| (index, sleeper.sudog));
    let mut open: Vec<_> = first.filter(|(_, sudog)| !sudog.is_null()).collect();
    let (mut batch, mut alone) = (Batch::default(), Vec::new());
    for _ in 0..=limits.select_cases_max {
        open.sort_unstable_by_key(|(_, sudog)| *sudog);
        batch.clear();
        let slots = batch.push_each(open.iter().map(|(_, sudog)| *sudog), fields.size);
        batch.read(memory);
        let mut following = Vec::new();
        for ((index, at), slot) in open.into_iter().zip(slots) {
            let (Some(sleeper), Some(stands)) = (sleepers.get(index), stands.get_mut(index)) else {
                continue;
            };
            let sudog = batch.get_or_reread(slot, memory, &mut alone).ok();
            let Some(sudog) = sudog.filter(|sudog| sudog.address_at(fields.g) == Some(sleeper.at())) else {
                *stands = false;
                continue;
            };
            let word = |offset| sudog.address_at(offset).unwrap_or_default();
            if sleeper.by_channels {
                let (prev, channel) = (word(fields.prev), word(fields.channel));
                places.push(Place { sleeper: index, sudog: at, prev, channel });
                let next = word(fields.wait_link);
                following.extend((!next.is_null()).then_some((index, next)));
            } else {
                *stands &= !word(fields.elem).is_null();
            }
        }
        open = following;
        if open.is_empty() {
            return places;
        }
    }
    // A list without an end says nothing.
    for (index, _) in open {
        if let Some(stands) = stands.get_mut(index) {
            *stands = false;
        }
    }
    places
}
