//! Goroutines with their stacks.

use snapshot::Address;

use crate::function_table::named;
use crate::process::ProcessBuilder;
use crate::wait::Waits;

/// `_Grunnable` and so on, of `runtime/runtime2.go`.
const RUNNABLE: u32 = 1;
const RUNNING: u32 = 2;
const SYSCALL: u32 = 3;
const WAITING: u32 = 4;
const DEAD: u32 = 6;
/// A stack has at least so much room below its stack pointer.
const STACK_ROOM: u64 = 512;

/// What a goroutine is like.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Goroutine {
    /// `goid`
    pub id: u64,
    /// `atomicstatus`
    pub status: u32,
    /// Words of its wait reason.
    pub wait_reason: &'static str,
    /// `trackingSeq`
    pub tracking_seq: u8,
    /// Functions on its stack, innermost first, without `runtime.goexit`.
    pub stack: Vec<&'static str>,
    /// The function that it was started with.
    pub entry: &'static str,
    /// The function whose `go` statement started it; empty for the main goroutine.
    pub created_by: &'static str,
    /// `parentGoid`
    pub parent_id: u64,
    /// `waitsince`, nanoseconds of the monotonic clock.
    pub wait_since_ns: i64,
    /// What it waits on.
    pub waits: Waits,
    /// pprof labels.
    pub labels: Vec<(String, String)>,
}

impl Goroutine {
    fn new(id: u64, status: u32, wait_reason: &'static str, stack: &[&'static str]) -> Self {
        Goroutine {
            id,
            status,
            wait_reason,
            tracking_seq: 3,
            stack: stack.to_vec(),
            entry: stack.last().copied().unwrap_or("main.main"),
            created_by: if id == 1 { "" } else { "main.main" },
            parent_id: u64::from(id != 1),
            wait_since_ns: 0,
            waits: Waits::Nothing,
            labels: Vec::new(),
        }
    }

    /// A parked one.
    pub fn waiting(id: u64, wait_reason: &'static str, stack: &[&'static str]) -> Self {
        Self::new(id, WAITING, wait_reason, stack)
    }

    /// One on a run queue.
    pub fn runnable(id: u64, stack: &[&'static str]) -> Self {
        Self::new(id, RUNNABLE, "", stack)
    }

    /// One in a system call.
    pub fn in_syscall(id: u64, stack: &[&'static str]) -> Self {
        Self::new(id, SYSCALL, "", stack)
    }

    /// One on a thread: it has no saved registers.
    pub fn running(id: u64) -> Self {
        Goroutine { entry: "main.worker", ..Self::new(id, RUNNING, "", &[]) }
    }

    /// A descriptor not in use.
    pub fn dead(id: u64) -> Self {
        Goroutine { entry: "main.worker", ..Self::new(id, DEAD, "", &[]) }
    }

    /// The same with labels.
    #[must_use]
    pub fn labelled(self, labels: &[(&str, &str)]) -> Self {
        let labels = labels.iter().map(|(key, value)| (String::from(*key), String::from(*value)));
        Goroutine { labels: labels.collect(), ..self }
    }

    /// The same waiting on something.
    #[must_use]
    pub fn on(self, waits: Waits) -> Self {
        Goroutine { waits, ..self }
    }
}

impl ProcessBuilder {
    /// Adds a goroutine and says where its `runtime.g` is.
    pub fn goroutine(&mut self, goroutine: Goroutine) -> Address {
        let size = usize::try_from(self.layout.g.size).expect("a small structure");
        let at = self.allocate(size);
        self.goroutines.push(at);
        self.write_goroutine(at, &goroutine);
        at
    }

    /// Writes a goroutine over the one at `at`, with a stack of its own: what a reused descriptor looks like.
    pub fn write_goroutine(&mut self, at: Address, goroutine: &Goroutine) {
        let g = &self.layout.g;
        self.highest_id = self.highest_id.max(goroutine.id);
        let reason =
            if goroutine.wait_reason.is_empty() { 0 } else { self.layout.wait_reason(goroutine.wait_reason) };
        let entry = self.entry(goroutine.entry);
        let creator = match goroutine.created_by {
            "" => Address::NULL,
            name => self.return_address(name),
        };
        let labels = self.labels(&goroutine.labels);
        let (low, sp, high) = self.write_stack(&goroutine.stack);
        let innermost = goroutine.stack.first().map(|name| self.return_address(name));
        let waiting = self.wait(at, &goroutine.waits);
        let in_syscall = goroutine.status == SYSCALL;
        let words = [
            (g.stack_lo, low.0),
            (g.stack_hi, high.0),
            (g.sched_g, at.0),
            (g.goid, goroutine.id),
            (g.parent_goid, goroutine.parent_id),
            (g.gopc, creator.0),
            (g.startpc, entry.0),
            (g.waiting, waiting.0),
            (g.labels, labels.0),
            (g.waitsince, goroutine.wait_since_ns.cast_unsigned()),
            (g.sched_sp, innermost.map_or(0, |_| sp.0)),
            (g.sched_pc, innermost.map_or(0, |pc| pc.0)),
            (g.syscallsp, if in_syscall { sp.0 } else { 0 }),
            (g.syscallpc, innermost.filter(|_| in_syscall).map_or(0, |pc| pc.0)),
        ];
        for (offset, word) in words {
            self.memory.put_u64(at.offset(offset), word);
        }
        self.memory.put_u32(at.offset(g.atomicstatus), goroutine.status);
        self.memory.put_u8(at.offset(g.waitreason), reason);
        self.memory.put_u8(at.offset(g.tracking_seq), goroutine.tracking_seq);
    }

    /// Writes a stack for calls of those functions, innermost first: (low end, stack pointer, high end).
    fn write_stack(&mut self, functions: &[&'static str]) -> (Address, Address, Address) {
        // A frame is what the function put on the stack, then the address that it returns to.
        let used: u64 = functions.iter().map(|name| u64::from(named(name).frame_bytes) + 8).sum();
        let used = used + 16;
        let low = self.allocate(usize::try_from(used + STACK_ROOM).expect("a small stack"));
        let high = low.offset((used + STACK_ROOM).next_multiple_of(16));
        let sp = Address(high.0 - used);
        let callers = functions.iter().skip(1).copied().chain(["runtime.goexit"]);
        let mut at = sp;
        for (name, caller) in functions.iter().zip(callers) {
            let frame = u64::from(named(name).frame_bytes);
            // Locals that look like addresses on the heap.
            for word in 0..frame / 8 {
                self.memory.put_u64(at.offset(word * 8), low.0 + word);
            }
            at = at.offset(frame);
            let return_to = self.return_address(caller);
            self.memory.put_address(at, return_to);
            at = at.offset(8);
        }
        (low, sp, high)
    }
}
