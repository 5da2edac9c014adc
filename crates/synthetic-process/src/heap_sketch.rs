//! What is in a heap, in words: objects, channels, goroutines that wait for them, and who refers to whom; and the
//! process that has it.

use process_memory::ReadValues;
use snapshot::Address;

use crate::goroutine::Goroutine;
use crate::heap_image::{HeapImage, ObjectKind};
use crate::layout::Layout;
use crate::process::{Process, ProcessBuilder};
use crate::scheduler::{Machine, Processor};
use crate::wait::{Channel, Waits};

/// Bytes of the builder's own heap, more than it uses.
const BUILT_BYTES: u64 = 64 * 8192;
/// Of the frame of `main.handler`, above that of `runtime.gopark` and its return address.
const LOCALS: u64 = 24 + 8;
const LOCAL_WORDS: usize = 100;
const STACK: [&str; 3] = ["runtime.gopark", "main.handler", "main.worker"];
/// `g._defer`, and of `runtime._defer` its size and link: the same in Go 1.23 and 1.27.
const DEFERRED: [u64; 3] = [40, 48, 32];

/// What a word refers to. Numbers are taken modulo how many there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reference {
    /// Nothing.
    Nothing,
    /// The middle of an object, as a pointer to a field.
    Object(usize),
    /// A channel.
    Channel(usize),
}

/// An object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SketchedObject {
    /// What it is like.
    pub kind: ObjectKind,
    /// Whether it is in use.
    pub allocated: bool,
    /// What its pointers refer to.
    pub pointers: [Reference; 4],
    /// What words refer to that are no pointers.
    pub others: [Reference; 4],
}

/// A goroutine that sleeps.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sleeper {
    /// Channels that it waits on; none: it sleeps, and will go on.
    pub channels: Vec<usize>,
    /// What words on its stack refer to.
    pub stack: [Reference; 3],
}

/// What is in a heap.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeapSketch {
    /// Objects; at least one.
    pub objects: Vec<SketchedObject>,
    /// How many channels there are; at least one.
    pub channels: usize,
    /// Goroutines, by ids from 2 on: 1 is the main one.
    pub sleepers: Vec<Sleeper>,
    /// What words of variables refer to, and whether these are pointers.
    pub variables: Vec<(Reference, bool)>,
    /// Whether there is also one of each thing that a heap may have besides: records at an object, queued finalizers,
    /// deferred calls, a running goroutine, and some that wait for semaphores.
    pub furnished: bool,
}

/// A process that has a heap.
#[derive(Debug, Clone)]
pub struct SketchedHeap {
    /// The process.
    pub process: Process,
    /// Where things are in it that have to do with the heap: objects, goroutines, stacks, records.
    pub places: Vec<Address>,
    /// The stack pointer of the running goroutine's thread, whose id is [`SketchedHeap::TID`].
    pub running_sp: Address,
}

impl SketchedHeap {
    /// The only thread.
    pub const TID: u32 = 100;
}

impl HeapSketch {
    /// The process that has this heap.
    ///
    /// # Panics
    /// When it is too large.
    pub fn process(&self, layout: &'static Layout) -> SketchedHeap {
        let mut builder = ProcessBuilder::new(layout);
        let channels: Vec<Address> =
            (0..self.channels).map(|_| builder.channel(Channel::default())).collect();
        let main = Goroutine::waiting(1, "sleep", &["runtime.gopark", "time.Sleep", "main.main"]);
        builder.goroutine(Goroutine { entry: "runtime.main", ..main });
        let sleepers = (2..).zip(&self.sleepers).map(|(id, sleeper)| sleeper.goroutine(id, &channels));
        let sleepers: Vec<Address> = sleepers.map(|goroutine| builder.goroutine(goroutine)).collect();
        let machine = builder.machine(Machine { id: 0, tid: SketchedHeap::TID.into(), ..Machine::default() });
        let processor = builder.processor(Processor { status: 1, ..Processor::default() });
        builder.bind(machine, processor);
        let mut places = vec![machine, processor];
        places.extend(channels.iter().chain(&sleepers));
        let first_id = 2 + self.sleepers.len() as u64;
        let further = if self.furnished { furnish(&mut builder, first_id, machine) } else { Vec::new() };
        places.extend(&further);
        let mut process = builder.build();
        // The rest of the span of what was built, at the end of which is its bitmap: nothing there is a pointer.
        let used = process.memory.append(0).0 - 0xc0_0000_0000;
        let rest = BUILT_BYTES.checked_sub(used).expect("a heap with room for what was built");
        process.memory.append(usize::try_from(rest).expect("a small heap"));
        let objects = self.write_objects(&mut process, &channels, &mut places);
        for (sleeper, at) in self.sleepers.iter().zip(sleepers) {
            let sp = process.memory.read_address(at.offset(layout.g.sched_sp)).expect("a goroutine");
            for word in 0..LOCAL_WORDS {
                let value = sleeper.stack.get(word).map_or(0, |value| value.address(&objects, &channels));
                process.memory.put_u64(sp.offset(LOCALS + word as u64 * 8), value);
            }
            places.push(sp);
        }
        let low = further.last().map(|g| process.memory.read_address(g.offset(layout.g.stack_lo)));
        let running_sp = low.map_or(Address::NULL, |low| low.expect("a goroutine").offset(64));
        places.extend(objects);
        SketchedHeap { process, places, running_sp }
    }

    fn write_objects(
        &self,
        process: &mut Process,
        channels: &[Address],
        places: &mut Vec<Address>,
    ) -> Vec<Address> {
        let mut image = HeapImage::new(process, BUILT_BYTES);
        let mut objects = Vec::new();
        for object in &self.objects {
            objects.push(image.object(object.kind, object.allocated));
        }
        if let (true, Some(last), Some(keeps)) = (self.furnished, objects.last(), channels.first()) {
            image.specials(*last, *keeps);
            image.finalizers(*keeps);
        }
        let variables = self.variables.iter();
        let variables: Vec<(u64, bool)> =
            variables.map(|(target, is_pointer)| (target.address(&objects, channels), *is_pointer)).collect();
        places.extend(image.finish(&variables));
        for (object, at) in self.objects.iter().zip(&objects) {
            let words = object.kind.pointer_words().iter().zip(&object.pointers);
            for (word, target) in words.chain(object.kind.other_words().iter().zip(&object.others)) {
                process.memory.put_u64(at.offset(word * 8), target.address(&objects, channels));
            }
        }
        objects
    }
}

impl Sleeper {
    fn goroutine(&self, id: u64, channels: &[Address]) -> Goroutine {
        let mut cases: Vec<(Address, bool)> = Vec::new();
        for channel in &self.channels {
            cases.extend(channels.get(channel % channels.len()).map(|at| (*at, false)));
        }
        cases.sort_unstable();
        cases.dedup();
        let (reason, waits) = match cases.as_slice() {
            [] => ("sleep", Waits::Nothing),
            [(only, _)] => ("chan receive", Waits::Receive(*only)),
            _ => ("select", Waits::Select(cases)),
        };
        Goroutine::waiting(id, reason, &STACK).on(waits)
    }
}

impl Reference {
    fn address(self, objects: &[Address], channels: &[Address]) -> u64 {
        let of = |list: &[Address], number: usize| list.get(number % list.len()).map_or(0, |at| at.0);
        match self {
            Reference::Nothing => 0,
            Reference::Object(number) => of(objects, number) + 24,
            Reference::Channel(number) => of(channels, number),
        }
    }
}

/// Goroutines of further kinds, two of which wait for the same lock; the last one runs on `machine`, and has deferred
/// calls.
fn furnish(builder: &mut ProcessBuilder, first_id: u64, machine: Address) -> Vec<Address> {
    let (lock, condition) = (builder.allocate(16), builder.allocate(64));
    builder.memory().put_u32(lock, 1 | 2 << 3);
    let locking = ["runtime.gopark", "runtime.semacquire1", "sync.(*Mutex).Lock", "main.worker"];
    let waiting = ["runtime.gopark", "sync.(*Cond).Wait", "main.worker"];
    let polling = ["runtime.gopark", "internal/poll.runtime_pollWait", "main.worker"];
    let on_lock = |id| {
        Goroutine::waiting(first_id + id, "sync.Mutex.Lock", &locking).on(Waits::Semaphore(lock.offset(4)))
    };
    let all = [
        on_lock(0),
        on_lock(1),
        Goroutine::waiting(first_id + 2, "sync.Cond.Wait", &waiting).on(Waits::Semaphore(condition)),
        Goroutine::waiting(first_id + 3, "IO wait", &polling),
        Goroutine::in_syscall(first_id + 4, &["syscall.Syscall", "main.worker"]),
        Goroutine::running(first_id + 5),
    ];
    let mut places: Vec<Address> = all.into_iter().map(|goroutine| builder.goroutine(goroutine)).collect();
    let Some(running) = places.pop() else { return places };
    builder.run(machine, running);
    let [field, size, link] = DEFERRED;
    let calls = [0; 2].map(|_| builder.allocate(usize::try_from(size).expect("a small record")));
    builder.memory().put_address(running.offset(field), calls[0]);
    builder.memory().put_address(calls[0].offset(link), calls[1]);
    places.extend([lock, condition]);
    places.extend(calls);
    places.push(running);
    places
}
