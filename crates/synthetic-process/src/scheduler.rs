//! Ms and Ps.

use snapshot::Address;

use crate::process::ProcessBuilder;

/// A thread of the runtime.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Machine {
    /// `id`
    pub id: u64,
    /// `procid`: its thread id.
    pub tid: u64,
    /// `spinning`
    pub spinning: bool,
    /// `blocked`
    pub blocked: bool,
}

/// A P.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Processor {
    /// `status`
    pub status: u32,
    /// `schedtick`
    pub sched_tick: u32,
    /// Goroutines on its queue.
    pub queued: u32,
    /// The goroutine that runs next; null for none.
    pub run_next: Address,
}

impl ProcessBuilder {
    /// Adds an M in front of the list of all.
    pub fn machine(&mut self, machine: Machine) -> Address {
        let m = &self.layout.m;
        let at = self.allocate(usize::try_from(m.size).expect("a small structure"));
        self.memory.put_u64(at.offset(m.id), machine.id);
        self.memory.put_u64(at.offset(m.procid), machine.tid);
        self.memory.put_u8(at.offset(m.spinning), u8::from(machine.spinning));
        self.memory.put_u8(at.offset(m.blocked), u8::from(machine.blocked));
        self.memory.put_address(at.offset(m.alllink), self.last_machine);
        self.last_machine = at;
        at
    }

    /// Adds a P; they are numbered in this order.
    pub fn processor(&mut self, processor: Processor) -> Address {
        let p = &self.layout.p;
        let at = self.allocate(usize::try_from(p.size).expect("a small structure"));
        let number = u32::try_from(self.processors.len()).expect("few Ps");
        self.memory.put_u32(at.offset(p.id), number);
        self.memory.put_u32(at.offset(p.status), processor.status);
        self.memory.put_u32(at.offset(p.schedtick), processor.sched_tick);
        // The queue is a ring whose ends only grow, and wrap.
        self.memory.put_u32(at.offset(p.runqhead), u32::MAX);
        self.memory.put_u32(at.offset(p.runqtail), u32::MAX.wrapping_add(processor.queued));
        self.memory.put_address(at.offset(p.runnext), processor.run_next);
        self.processors.push(at);
        at
    }

    /// Gives a P to an M.
    pub fn bind(&mut self, machine: Address, processor: Address) {
        self.memory.put_address(machine.offset(self.layout.m.p), processor);
        self.memory.put_address(processor.offset(self.layout.p.m), machine);
    }

    /// Has an M run a goroutine.
    pub fn run(&mut self, machine: Address, g: Address) {
        self.memory.put_address(machine.offset(self.layout.m.curg), g);
        self.memory.put_address(g.offset(self.layout.g.m), machine);
    }
}
