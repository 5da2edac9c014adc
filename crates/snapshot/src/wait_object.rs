//! What a blocked goroutine waits on.

use crate::address::Address;
use serde::{Deserialize, Serialize};

/// One thing that a goroutine waits on. A `select` waits on several at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct WaitObject {
    /// What it is, with its state when it was read.
    pub kind: WaitObjectKind,
    /// Where it lies: the channel, or the word of the semaphore, mutex, … ; null where only its kind is
    /// known (a timer or network wait, which the goroutine does not point to).
    pub address: Address,
}

/// The kinds of things to wait on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum WaitObjectKind {
    /// A channel, and which way.
    Channel(WaitDirection, Channel),
    /// A channel whose state could not be read consistently.
    UnreadableChannel(WaitDirection),
    /// A nil channel: nothing can ever happen.
    NilChannel(WaitDirection),
    /// A select without cases: nothing can ever happen.
    EmptySelect,
    /// A runtime semaphore of unknown use.
    Semaphore,
    /// `sync.Mutex`, with its raw state word (1 locked, 2 woken, 4 starving, waiters above).
    Mutex {
        /// The state word.
        state: i32,
    },
    /// `sync.RWMutex`.
    RwMutex {
        /// Whether the goroutine wants to write.
        writing: bool,
        /// Readers, less 2^30 while a writer is pending.
        reader_count: i32,
        /// Readers that the pending writer still waits for.
        reader_wait: i32,
    },
    /// `sync.WaitGroup`.
    WaitGroup {
        /// The counter: how many `Done` are missing.
        counter: i32,
        /// How many goroutines wait for it.
        waiters: u32,
    },
    /// `sync.Cond`.
    Cond,
    /// A timer or `time.Sleep`.
    Timer {
        /// When it fires on the runtime's monotonic clock, nanoseconds, where the release records it.
        when_ns: Option<i64>,
    },
    /// Readiness of a network connection or other polled file.
    Network,
}

/// Which way a goroutine uses a channel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum WaitDirection {
    /// It wants to receive.
    Receive,
    /// It wants to send.
    Send,
}

/// State of a channel when it was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Channel {
    /// Elements buffered.
    pub len: u64,
    /// Elements that the buffer holds; 0 for an unbuffered channel.
    pub cap: u64,
    /// Bytes of one element.
    pub element_size: u16,
    /// Whether it is closed.
    pub closed: bool,
    /// Whether the runtime's timer feeds it (`time.After`, `time.Ticker`; Go 1.23 and later).
    pub timer: bool,
}
