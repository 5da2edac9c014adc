//! Channels, sudogs and the table of semaphores.

use process_memory::ReadValues;
use snapshot::Address;

use crate::process::ProcessBuilder;

/// `semTabSize`
const ROOTS: u64 = 251;
/// Bytes between two roots on amd64: a cache line.
const ROOT_STRIDE: u64 = 64;
/// `semaRoot.treap`
const ROOT_TREAP: u64 = 8;

/// State of a channel.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Channel {
    /// Elements in it.
    pub len: u64,
    /// Elements that it holds at most.
    pub cap: u64,
    /// Bytes of one.
    pub element_bytes: u16,
    /// Whether it is closed.
    pub closed: bool,
}

/// What a goroutine waits on.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Waits {
    /// Nothing that it has a sudog for.
    #[default]
    Nothing,
    /// To receive from a channel.
    Receive(Address),
    /// To send to a channel.
    Send(Address),
    /// A select: (channel, whether to send).
    Select(Vec<(Address, bool)>),
    /// The semaphore at an address.
    Semaphore(Address),
}

/// A sudog on a semaphore.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Waiter {
    semaphore: Address,
    sudog: Address,
}

impl ProcessBuilder {
    /// A channel.
    pub fn channel(&mut self, channel: Channel) -> Address {
        let hchan = &self.layout.hchan;
        let at = self.allocate(usize::try_from(hchan.size).expect("a small structure"));
        self.memory.put_u64(at.offset(hchan.qcount), channel.len);
        self.memory.put_u64(at.offset(hchan.dataqsiz), channel.cap);
        self.memory.put(at.offset(hchan.elemsize), &channel.element_bytes.to_le_bytes());
        self.memory.put_u32(at.offset(hchan.closed), u32::from(channel.closed));
        at
    }

    /// Puts a goroutine on the queues that it waits on, and says what its `g.waiting` is then.
    pub(crate) fn wait(&mut self, g: Address, waits: &Waits) -> Address {
        let cases: &[(Address, bool)] = match waits {
            Waits::Nothing => &[],
            Waits::Receive(channel) => &[(*channel, false)],
            Waits::Send(channel) => &[(*channel, true)],
            Waits::Select(cases) => cases,
            Waits::Semaphore(semaphore) => return self.wait_on_semaphore(g, *semaphore),
        };
        let fields = &self.layout.sudog;
        let mut first = Address::NULL;
        for (channel, sends) in cases.iter().rev() {
            let sudog = self.sudog(g);
            self.memory.put_address(sudog.offset(fields.c), *channel);
            self.memory.put_u8(sudog.offset(fields.is_select), u8::from(matches!(waits, Waits::Select(_))));
            self.memory.put_address(sudog.offset(fields.waitlink), first);
            self.enqueue(*channel, sudog, *sends);
            first = sudog;
        }
        first
    }

    fn sudog(&mut self, g: Address) -> Address {
        let at = self.allocate(usize::try_from(self.layout.sudog.size).expect("a small structure"));
        self.memory.put_address(at.offset(self.layout.sudog.g), g);
        at
    }

    /// Appends to a channel's queue.
    fn enqueue(&mut self, channel: Address, sudog: Address, sends: bool) {
        let hchan = &self.layout.hchan;
        let (first, last) = if sends {
            (channel.offset(hchan.sendq_first), channel.offset(hchan.sendq_last))
        } else {
            (channel.offset(hchan.recvq_first), channel.offset(hchan.recvq_last))
        };
        let before = self.memory.read_address(last).expect("a channel");
        if before.is_null() {
            self.memory.put_address(first, sudog);
        } else {
            self.memory.put_address(before.offset(self.layout.sudog.next), sudog);
            self.memory.put_address(sudog.offset(self.layout.sudog.prev), before);
        }
        self.memory.put_address(last, sudog);
    }

    fn wait_on_semaphore(&mut self, g: Address, semaphore: Address) -> Address {
        let sudog = self.sudog(g);
        self.memory.put_address(sudog.offset(self.layout.sudog.elem), semaphore);
        self.semaphores.push(Waiter { semaphore, sudog });
        if self.layout.semaphores_named { sudog } else { Address::NULL }
    }

    /// Writes `semtable`: a tree by address at each root (`prev` to lower ones, `next` to higher ones), and
    /// at each node a list of those that wait on the same address.
    pub(crate) fn write_semaphores(&mut self) {
        let table = Address(0x70_1000);
        let fields = &self.layout.sudog;
        for Waiter { semaphore, sudog } in std::mem::take(&mut self.semaphores) {
            let root = (semaphore.0 >> 3) % ROOTS;
            let mut link = table.offset(root * ROOT_STRIDE + ROOT_TREAP);
            loop {
                let node = self.memory.read_address(link).expect("a link");
                if node.is_null() {
                    self.memory.put_address(link, sudog);
                    break;
                }
                let at = self.memory.read_address(node.offset(fields.elem)).expect("a sudog");
                link = node.offset(match semaphore.cmp(&at) {
                    std::cmp::Ordering::Less => fields.prev,
                    std::cmp::Ordering::Greater => fields.next,
                    std::cmp::Ordering::Equal => fields.waitlink,
                });
            }
        }
    }
}
