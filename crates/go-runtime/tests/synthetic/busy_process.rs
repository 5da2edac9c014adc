//! A process with goroutines in every state, and the truth about each of them.

use snapshot::Address;
use synthetic_process::layout::Layout;
use synthetic_process::{Channel, Goroutine, Machine, Process, ProcessBuilder, Processor, Waits};

/// The process, and where some of its things are.
pub(crate) struct Busy {
    pub(crate) process: Process,
    /// `runtime.g` by goroutine id - 1.
    pub(crate) goroutines: Vec<Address>,
    pub(crate) machines: [Address; 2],
    pub(crate) processors: [Address; 2],
    /// Holds 3 of 8 elements.
    pub(crate) buffered: Address,
    /// Holds nothing.
    pub(crate) unbuffered: Address,
    /// Locked, with two waiters.
    pub(crate) mutex: Address,
    /// Two to go, one waiter.
    pub(crate) wait_group: Address,
}

impl Busy {
    /// Where goroutine `id` is.
    pub(crate) fn g(&self, id: usize) -> Address {
        self.goroutines[id - 1]
    }

    /// What `runtime.g` of `id` waits on: the first sudog.
    pub(crate) fn first_sudog(&self, id: usize) -> Address {
        let at = self.g(id).offset(self.process.layout.g.waiting);
        process_memory::ReadValues::read_address(&self.process.memory, at).unwrap()
    }
}

pub(crate) const MAIN: [&str; 5] =
    ["runtime.gopark", "runtime.chanrecv", "runtime.chanrecv1", "main.main", "runtime.main"];
pub(crate) const SELECTING: [&str; 4] = ["runtime.gopark", "runtime.selectgo", "main.handler", "main.worker"];
const LOCKING: [&str; 6] = [
    "runtime.gopark",
    "runtime.semacquire1",
    "sync.runtime_SemacquireMutex",
    "sync.(*Mutex).Lock",
    "main.handler",
    "main.worker",
];
const JOINING: [&str; 4] =
    ["runtime.gopark", "runtime.semacquire1", "sync.(*WaitGroup).Wait", "main.worker.func1"];
pub(crate) const SENDING: [&str; 3] = ["runtime.gopark", "runtime.chansend", "main.worker"];

/// Labels of goroutine 13: more than fit into one bucket of a map.
pub(crate) fn many_labels() -> Vec<(String, String)> {
    (10..21).map(|n| (format!("key{n}"), format!("value{n}"))).collect()
}

/// Goroutines 1 to 14, of which 12 is dead, then `workers` more that all send to one channel.
pub(crate) fn busy(layout: &'static Layout, workers: u64) -> Busy {
    let mut builder = ProcessBuilder::new(layout);
    let buffered = builder.channel(Channel { len: 3, cap: 8, element_bytes: 24, closed: false });
    let unbuffered = builder.channel(Channel { element_bytes: 8, ..Channel::default() });
    let mutex = builder.allocate(8);
    builder.memory().put_u32(mutex, 1 | 2 << 3);
    // state: the counter in the upper half, the number of waiters in the lower; then the semaphore
    let wait_group = builder.allocate(16);
    builder.memory().put_u64(wait_group, 2 << 32 | 1);

    let joining = if layout.semaphores_named { "sync.WaitGroup.Wait" } else { "semacquire" };
    let main = Goroutine { entry: "runtime.main", ..Goroutine::waiting(1, "chan receive", &MAIN) };
    let helper = Goroutine::waiting(2, "force gc (idle)", &["runtime.gopark", "runtime.forcegchelper"]);
    let mut all = vec![
        main.on(Waits::Receive(unbuffered)),
        Goroutine { created_by: "runtime.main", ..helper },
        Goroutine::waiting(3, "select", &SELECTING)
            .on(Waits::Select(vec![(unbuffered, false), (buffered, true)]))
            .labelled(&[("endpoint", "/pay"), ("user", "κ")]),
        Goroutine::waiting(4, "sync.Mutex.Lock", &LOCKING).on(Waits::Semaphore(mutex.offset(4))),
        Goroutine::waiting(5, "sync.Mutex.Lock", &LOCKING).on(Waits::Semaphore(mutex.offset(4))),
        Goroutine::waiting(6, joining, &JOINING).on(Waits::Semaphore(wait_group.offset(8))),
        Goroutine::waiting(7, "sleep", &["runtime.gopark", "time.Sleep", "main.worker"]),
        Goroutine::waiting(
            8,
            "IO wait",
            &["runtime.gopark", "internal/poll.runtime_pollWait", "main.worker"],
        ),
        Goroutine::runnable(9, &["main.worker.func1", "main.worker"]),
        Goroutine::in_syscall(10, &["syscall.Syscall", "main.worker"]),
        Goroutine::running(11),
        Goroutine::dead(12),
        Goroutine {
            labels: many_labels(),
            wait_since_ns: 1_000_000_000,
            ..Goroutine::waiting(13, "sleep", &["runtime.gopark", "time.Sleep", "main.handler"])
        },
        Goroutine::waiting(14, "chan send (nil chan)", &SENDING),
    ];
    let worker = |id| Goroutine::waiting(id, "chan send", &SENDING).on(Waits::Send(buffered));
    all.extend((15..15 + workers).map(worker));
    let goroutines: Vec<Address> = all.into_iter().map(|goroutine| builder.goroutine(goroutine)).collect();

    let machines = [(0, 100), (1, 101)].map(|(id, tid)| {
        let blocked = id == 1;
        builder.machine(Machine { id, tid, spinning: false, blocked })
    });
    let run_next = goroutines[8];
    let processors = [
        builder.processor(Processor { status: 1, sched_tick: 77, queued: 5, run_next }),
        builder.processor(Processor::default()),
    ];
    builder.bind(machines[0], processors[0]);
    builder.run(machines[0], goroutines[10]);
    let process = builder.build();
    Busy { process, goroutines, machines, processors, buffered, unbuffered, mutex, wait_group }
}
