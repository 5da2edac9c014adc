//! What a group of goroutines waits on, in words.

use analysis::{AwaitedKind, Group};
use snapshot::{WaitDirection, WaitObject, WaitObjectKind};

/// `on one channel 0xc000012345, cap 0, len 0, 25000 senders`, or `on 12 channels`; `None` where there is nothing
/// that the title of the group's meaning does not say.
pub fn awaited_text(group: &Group) -> Option<String> {
    if let Some(shared) = &group.awaited.shared {
        return Some(format!("on one {}", object_text(shared, group.count)));
    }
    let counted: Vec<String> = group
        .awaited
        .distinct
        .iter()
        .filter(|(kind, _)| !matches!(kind, AwaitedKind::Nothing | AwaitedKind::Timer | AwaitedKind::Network))
        .map(|(kind, count)| {
            let noun = kind.noun();
            let plural = match (count, noun) {
                (1, noun) => noun.to_owned(),
                (_, "mutex" | "rwmutex") => format!("{noun}es"),
                (_, noun) => format!("{noun}s"),
            };
            match kind {
                AwaitedKind::ChannelSend => format!("{count} {plural} to send to"),
                AwaitedKind::ChannelReceive => format!("{count} {plural} to receive from"),
                _ => format!("{count} {plural}"),
            }
        })
        .collect();
    (!counted.is_empty()).then(|| format!("on {}", counted.join(", ")))
}

/// An object that all of `waiters` goroutines wait on.
fn object_text(object: &WaitObject, waiters: u64) -> String {
    let address = object.address;
    let plural = |noun: &str| if waiters == 1 { noun.to_owned() } else { format!("{noun}s") };
    match object.kind {
        WaitObjectKind::Channel(_, channel) if channel.timer => format!("timer channel {address}"),
        WaitObjectKind::Channel(direction, channel) => {
            let who = match direction {
                WaitDirection::Send => plural("sender"),
                WaitDirection::Receive => plural("receiver"),
            };
            let closed = if channel.closed { ", closed" } else { "" };
            format!("channel {address}, cap {}, len {}{closed}, {waiters} {who}", channel.cap, channel.len)
        }
        WaitObjectKind::UnreadableChannel(_)
        | WaitObjectKind::NilChannel(_)
        | WaitObjectKind::EmptySelect => {
            format!("channel {address}")
        }
        WaitObjectKind::Semaphore => format!("semaphore {address}, {waiters} {}", plural("waiter")),
        WaitObjectKind::Mutex { state } => {
            let locked = if state & 1 != 0 { "locked" } else { "not locked" };
            format!("mutex {address}, {locked}, {waiters} {}", plural("waiter"))
        }
        WaitObjectKind::RwMutex { writing, reader_count, .. } => {
            // 2^30 is taken off while a writer is pending.
            let readers = if reader_count < 0 { reader_count.saturating_add(1 << 30) } else { reader_count };
            let who = if writing { plural("writer") } else { plural("reader") };
            format!("rwmutex {address}, {readers} readers counted, {waiters} {who} waiting")
        }
        WaitObjectKind::WaitGroup { counter, .. } => {
            format!("wait group {address}, {counter} not done, {waiters} {}", plural("waiter"))
        }
        WaitObjectKind::Cond => format!("cond {address}, {waiters} {}", plural("waiter")),
        WaitObjectKind::Timer { .. } => format!("timer {address}"),
        WaitObjectKind::Network => format!("connection {address}"),
    }
}
