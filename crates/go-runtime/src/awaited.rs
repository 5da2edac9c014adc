//! What a goroutine's wait reason says to look for.

use snapshot::{Address, WaitDirection, WaitObject, WaitObjectKind};

use crate::header::Header;

/// What a wait reason says to look for. The words are the runtime's own (`waitReasonStrings`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Awaited {
    Channel(WaitDirection),
    NilChannel(WaitDirection),
    Select,
    EmptySelect,
    Semaphore(SemaphoreUse),
    Cond,
    Sleep,
    Network,
}

/// Which type of package `sync` a semaphore belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum SemaphoreUse {
    /// The reason does not say (before Go 1.20, or 1.24 for wait groups): the stack does.
    Unnamed,
    Mutex,
    WaitGroup,
    RwReader,
    RwWriter,
}

impl Awaited {
    pub(crate) fn by(reason: &str) -> Option<Self> {
        // Inside synctest bubbles the words have a suffix: "(synctest)" in Go 1.24, "(durable)" later.
        let reason =
            reason.strip_suffix(" (synctest)").or(reason.strip_suffix(" (durable)")).unwrap_or(reason);
        Some(match reason {
            "chan receive" => Awaited::Channel(WaitDirection::Receive),
            "chan send" => Awaited::Channel(WaitDirection::Send),
            "chan receive (nil chan)" => Awaited::NilChannel(WaitDirection::Receive),
            "chan send (nil chan)" => Awaited::NilChannel(WaitDirection::Send),
            "select" => Awaited::Select,
            "select (no cases)" => Awaited::EmptySelect,
            "semacquire" => Awaited::Semaphore(SemaphoreUse::Unnamed),
            "sync.Mutex.Lock" => Awaited::Semaphore(SemaphoreUse::Mutex),
            "sync.WaitGroup.Wait" => Awaited::Semaphore(SemaphoreUse::WaitGroup),
            "sync.RWMutex.RLock" => Awaited::Semaphore(SemaphoreUse::RwReader),
            "sync.RWMutex.Lock" => Awaited::Semaphore(SemaphoreUse::RwWriter),
            "sync.Cond.Wait" => Awaited::Cond,
            "sleep" => Awaited::Sleep,
            "IO wait" => Awaited::Network,
            _ => return None,
        })
    }

    /// Whether the goroutine's sudogs have to be read.
    pub(crate) fn by_sudog(self) -> bool {
        !matches!(self, Awaited::Sleep | Awaited::Network | Awaited::NilChannel(_) | Awaited::EmptySelect)
    }
}

/// An object of which only the kind is known.
pub(crate) fn named_only(awaited: Awaited, header: &Header) -> WaitObject {
    let kind = match awaited {
        Awaited::NilChannel(way) => WaitObjectKind::NilChannel(way),
        Awaited::EmptySelect => WaitObjectKind::EmptySelect,
        Awaited::Sleep => WaitObjectKind::Timer { when_ns: header.sleep_when_ns },
        _ => WaitObjectKind::Network,
    };
    WaitObject { kind, address: Address::NULL }
}
