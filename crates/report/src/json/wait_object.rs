//! What a goroutine waits on, as JSON: an object whose `kind` says which other keys it has.

use serde::Serialize;
use snapshot::{Channel, WaitDirection, WaitObject, WaitObjectKind};

use super::AddressJson;

#[derive(Serialize)]
pub(super) struct WaitObjectJson {
    #[serde(flatten)]
    kind: KindJson,
    address: AddressJson,
}

#[derive(Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
enum KindJson {
    /// The state is null where it could not be read consistently.
    Channel {
        direction: &'static str,
        len: Option<u64>,
        cap: Option<u64>,
        element_size: Option<u16>,
        closed: Option<bool>,
        timer: Option<bool>,
    },
    NilChannel {
        direction: &'static str,
    },
    EmptySelect,
    Semaphore,
    Mutex {
        state: i32,
        locked: bool,
        starving: bool,
        waiters: i32,
    },
    #[serde(rename = "rwmutex")]
    RwMutex {
        writing: bool,
        reader_count: i32,
        reader_wait: i32,
    },
    #[serde(rename = "waitgroup")]
    WaitGroup {
        counter: i32,
        waiters: u32,
    },
    Cond,
    Timer {
        when_ns: Option<i64>,
    },
    Network,
}

impl WaitObjectJson {
    pub(super) fn new(object: &WaitObject) -> Self {
        WaitObjectJson { kind: KindJson::new(&object.kind), address: AddressJson(object.address) }
    }
}

impl KindJson {
    fn new(kind: &WaitObjectKind) -> Self {
        match *kind {
            WaitObjectKind::Channel(way, Channel { len, cap, element_size, closed, timer }) => {
                KindJson::Channel {
                    direction: direction(way),
                    len: Some(len),
                    cap: Some(cap),
                    element_size: Some(element_size),
                    closed: Some(closed),
                    timer: Some(timer),
                }
            }
            WaitObjectKind::UnreadableChannel(way) => KindJson::Channel {
                direction: direction(way),
                len: None,
                cap: None,
                element_size: None,
                closed: None,
                timer: None,
            },
            WaitObjectKind::NilChannel(way) => KindJson::NilChannel { direction: direction(way) },
            WaitObjectKind::EmptySelect => KindJson::EmptySelect,
            WaitObjectKind::Semaphore => KindJson::Semaphore,
            // Bits as in internal/sync/mutex.go: locked, woken, starving, then the number of waiters.
            WaitObjectKind::Mutex { state } => KindJson::Mutex {
                state,
                locked: state & 1 != 0,
                starving: state & 4 != 0,
                waiters: state >> 3,
            },
            WaitObjectKind::RwMutex { writing, reader_count, reader_wait } => {
                KindJson::RwMutex { writing, reader_count, reader_wait }
            }
            WaitObjectKind::WaitGroup { counter, waiters } => KindJson::WaitGroup { counter, waiters },
            WaitObjectKind::Cond => KindJson::Cond,
            WaitObjectKind::Timer { when_ns } => KindJson::Timer { when_ns },
            WaitObjectKind::Network => KindJson::Network,
        }
    }
}

fn direction(direction: WaitDirection) -> &'static str {
    match direction {
        WaitDirection::Receive => "receive",
        WaitDirection::Send => "send",
    }
}
