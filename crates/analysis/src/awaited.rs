//! What the goroutines of a group have in common in what they wait on.

use std::collections::BTreeMap;

use rustc_hash::FxHashMap;
use snapshot::{Address, WaitDirection, WaitObject, WaitObjectKind};

/// What the goroutines of a group wait on, each counted once for each object.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Awaited {
    /// The one object that every member waits on, in the state in which its last waiter was read; `None` if there is
    /// no such object. Of several (a select), one that is no timer, then the one with the lowest address.
    pub shared: Option<WaitObject>,
    /// How many different objects there are of each kind. Objects without an address (timers, network, nil channels)
    /// are not told apart: they count as one for each goroutine.
    pub distinct: BTreeMap<AwaitedKind, u64>,
}

/// Kinds of objects that are waited on, coarsely.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum AwaitedKind {
    /// A channel to receive from.
    ChannelReceive,
    /// A channel to send to.
    ChannelSend,
    /// A nil channel, or a select without cases.
    Nothing,
    /// A mutex.
    Mutex,
    /// A read-write mutex.
    RwMutex,
    /// A wait group.
    WaitGroup,
    /// A condition variable.
    Cond,
    /// A semaphore of unknown use.
    Semaphore,
    /// A timer, a sleep, or a channel that a timer feeds.
    Timer,
    /// The network, or another polled file.
    Network,
}

impl AwaitedKind {
    /// The kind of an object.
    pub fn of(kind: &WaitObjectKind) -> AwaitedKind {
        match kind {
            WaitObjectKind::Channel(_, channel) if channel.timer => AwaitedKind::Timer,
            WaitObjectKind::Channel(WaitDirection::Receive, _)
            | WaitObjectKind::UnreadableChannel(WaitDirection::Receive) => AwaitedKind::ChannelReceive,
            WaitObjectKind::Channel(WaitDirection::Send, _)
            | WaitObjectKind::UnreadableChannel(WaitDirection::Send) => AwaitedKind::ChannelSend,
            WaitObjectKind::NilChannel(_) | WaitObjectKind::EmptySelect => AwaitedKind::Nothing,
            WaitObjectKind::Semaphore => AwaitedKind::Semaphore,
            WaitObjectKind::Mutex { .. } => AwaitedKind::Mutex,
            WaitObjectKind::RwMutex { .. } => AwaitedKind::RwMutex,
            WaitObjectKind::WaitGroup { .. } => AwaitedKind::WaitGroup,
            WaitObjectKind::Cond => AwaitedKind::Cond,
            WaitObjectKind::Timer { .. } => AwaitedKind::Timer,
            WaitObjectKind::Network => AwaitedKind::Network,
        }
    }

    /// A word for it, singular: `channel`, `mutex`, …
    pub fn noun(self) -> &'static str {
        match self {
            AwaitedKind::ChannelReceive | AwaitedKind::ChannelSend => "channel",
            AwaitedKind::Nothing => "nothing",
            AwaitedKind::Mutex => "mutex",
            AwaitedKind::RwMutex => "rwmutex",
            AwaitedKind::WaitGroup => "wait group",
            AwaitedKind::Cond => "cond",
            AwaitedKind::Semaphore => "semaphore",
            AwaitedKind::Timer => "timer",
            AwaitedKind::Network => "connection",
        }
    }
}

/// Counts what goroutines wait on, one after the other.
#[derive(Debug, Default)]
pub(crate) struct Waiters {
    goroutines: u64,
    objects: FxHashMap<(Address, AwaitedKind), (u64, Option<WaitObject>)>,
    /// Objects without an address.
    unnamed: BTreeMap<AwaitedKind, u64>,
}

impl Waiters {
    pub(crate) fn add(&mut self, waiting_on: &[WaitObject]) {
        self.goroutines += 1;
        for (position, object) in waiting_on.iter().enumerate() {
            let kind = AwaitedKind::of(&object.kind);
            if object.address.is_null() {
                *self.unnamed.entry(kind).or_default() += 1;
                continue;
            }
            // A select may have one channel in several cases.
            let earlier = waiting_on.get(..position).unwrap_or_default();
            if earlier.iter().any(|o| o.address == object.address && AwaitedKind::of(&o.kind) == kind) {
                continue;
            }
            let known = self.objects.entry((object.address, kind)).or_default();
            known.0 += 1;
            known.1 = Some(*object);
        }
    }

    pub(crate) fn merge(&mut self, other: Waiters) {
        self.goroutines += other.goroutines;
        for (key, (count, object)) in other.objects {
            let known = self.objects.entry(key).or_default();
            known.0 += count;
            known.1 = object;
        }
        for (kind, count) in other.unnamed {
            *self.unnamed.entry(kind).or_default() += count;
        }
    }

    pub(crate) fn awaited(self) -> Awaited {
        let mut distinct = self.unnamed;
        for (_, kind) in self.objects.keys() {
            *distinct.entry(*kind).or_default() += 1;
        }
        let everyones = self.objects.iter().filter(|(_, (count, _))| *count == self.goroutines);
        let shared = everyones.min_by_key(|((address, kind), _)| (*kind == AwaitedKind::Timer, *address));
        Awaited { shared: shared.and_then(|(_, (_, object))| *object), distinct }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use snapshot::Channel;

    fn channel(address: u64, direction: WaitDirection) -> WaitObject {
        let channel = Channel { len: 0, cap: 0, element_size: 8, closed: false, timer: false };
        WaitObject { kind: WaitObjectKind::Channel(direction, channel), address: Address(address) }
    }

    #[test]
    fn one_object_of_all_is_shared_and_others_are_counted() {
        use WaitDirection::{Receive, Send};
        let mut waiters = Waiters::default();
        waiters.add(&[channel(0x20, Send), channel(0x10, Receive), channel(0x20, Send)]);
        waiters.add(&[channel(0x20, Send), channel(0x11, Receive)]);
        let mut more = Waiters::default();
        more.add(&[channel(0x20, Send), channel(0x12, Receive)]);
        waiters.merge(more);
        let awaited = waiters.awaited();
        assert_eq!(awaited.shared.map(|object| object.address), Some(Address(0x20)));
        assert_eq!(awaited.distinct[&AwaitedKind::ChannelReceive], 3);
        assert_eq!(awaited.distinct[&AwaitedKind::ChannelSend], 1);
    }

    #[test]
    fn nothing_is_shared_by_those_who_wait_for_different_or_nameless_things() {
        let mut waiters = Waiters::default();
        for address in [0x10, 0x20] {
            waiters.add(&[channel(address, WaitDirection::Receive)]);
        }
        waiters.add(&[WaitObject { kind: WaitObjectKind::Network, address: Address::NULL }]);
        let awaited = waiters.awaited();
        assert_eq!(awaited.shared, None);
        assert_eq!(awaited.distinct[&AwaitedKind::Network], 1);
        assert_eq!(Waiters::default().awaited(), Awaited::default());
    }
}
