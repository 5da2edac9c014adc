//! Who refers to what goroutines wait for, hence who could end their waits.

use crate::address::Address;
use crate::goroutine::GoroutineId;
use serde::{Deserialize, Serialize};

/// What one copy of a process's memory says of the objects that its goroutines wait for.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct References {
    /// One for each object, ascending by address.
    pub objects: Vec<ObjectReferences>,
    /// Files that goroutines in `IO wait` wait for, ascending by goroutine: (goroutine, descriptor number).
    pub files: Vec<(GoroutineId, u64)>,
    /// Names of variables, ascending by address, where the executable has symbols: (address, name).
    pub names: Vec<(Address, String)>,
    /// Pieces of memory that could not be copied: whoever refers by them is not seen to.
    pub missing: u64,
}

/// Who refers to one object.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ObjectReferences {
    /// Where the object is.
    pub address: Address,
    /// Goroutines from whose stacks it can be reached, each once, ascending by id.
    pub holders: Vec<Holder>,
    /// Variables from which it can be reached, or in which it lies.
    pub variables: Vec<Address>,
    /// Whether that is everybody: the search upwards came to no bound, and nothing was missing.
    pub complete: bool,
    /// Who waits in its queues, in the order in which they will be served: receivers of a channel, or waiters for a
    /// semaphore or condition.
    pub queue: Vec<GoroutineId>,
    /// Senders of a channel, likewise.
    pub senders: Vec<GoroutineId>,
    /// When the timer that feeds the channel fires by the runtime's monotonic clock, nanoseconds.
    pub deadline_ns: Option<i64>,
}

/// A goroutine from whose stack an object can be reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Holder {
    /// Its id.
    pub goroutine: GoroutineId,
    /// Where the frame that refers to it stands, as in [`Frame::pc`](crate::Frame::pc); `None` if it is a deferred
    /// call, or if it is not known which frame it is.
    pub pc: Option<u64>,
    /// Heap objects in between; 0 if the stack itself points to it.
    pub depth: u32,
    /// How it is known.
    pub by: ReferredBy,
    /// Whether the frame stands between taking and releasing a lock.
    pub lock: LockPosition,
}

/// How it is known that a goroutine refers to something.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum ReferredBy {
    /// The compiler's map of the frame says that the pointer will still be used.
    Map,
    /// A deferred call has it.
    Deferred,
    /// The code of the frame's function names the variable.
    Code,
    /// A word on the stack looks like it: it may be left from before.
    Word,
}

/// Where a frame stands among the calls of its function that take and release locks.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum LockPosition {
    /// The last such call before it takes a lock of this kind.
    Between,
    /// The function has no such calls, or its code is not known.
    #[default]
    Unknown,
    /// The last such call before it releases one, or there is none before it.
    Outside,
}

impl References {
    /// What is known of the object at an address.
    pub fn of(&self, address: Address) -> Option<&ObjectReferences> {
        let index = self.objects.binary_search_by_key(&address, |object| object.address).ok()?;
        self.objects.get(index)
    }

    /// The name of a variable, or of the one that an address is in.
    pub fn name_of(&self, variable: Address) -> Option<&str> {
        let index = self.names.binary_search_by_key(&variable, |(at, _)| *at).ok()?;
        self.names.get(index).map(|(_, name)| name.as_str())
    }

    /// The file that a goroutine waits for.
    pub fn file_of(&self, goroutine: GoroutineId) -> Option<u64> {
        let index = self.files.binary_search_by_key(&goroutine, |(id, _)| *id).ok()?;
        self.files.get(index).map(|(_, file)| *file)
    }
}
