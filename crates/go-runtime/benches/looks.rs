//! Our own work for a look at a process, without the kernel's: the process is synthetic, its memory our own.
//!
//! `cargo bench -p go-runtime`. Times are for all goroutines of the process together; the throughput is per
//! goroutine.

#![allow(clippy::expect_used, clippy::unwrap_used, reason = "a benchmark that cannot run should say so")]

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use go_binary::{Bias, Executable};
use go_runtime::{Limits, Moment, Options, Runtime};
use snapshot::{Architecture, Interner, LayoutSource, StackTrace, Tables, Target};
use synthetic_process::layout::GO_1_27;
use synthetic_process::{Goroutine, Machine, Process, ProcessBuilder, Processor};

const GOROUTINES: u64 = 10_000;
/// Looks after which goroutines that do not move are believed not to.
const SETTLING: usize = 3;
const STACK: [&str; 6] = [
    "runtime.gopark",
    "runtime.semacquire1",
    "sync.runtime_SemacquireMutex",
    "sync.(*Mutex).Lock",
    "main.handler",
    "main.worker",
];

fn process() -> Process {
    let mut builder = ProcessBuilder::new(&GO_1_27);
    let machine = builder.machine(Machine { id: 0, tid: 100, ..Machine::default() });
    let processor = builder.processor(Processor { status: 1, ..Processor::default() });
    builder.bind(machine, processor);
    for id in 1..=GOROUTINES {
        builder.goroutine(Goroutine::waiting(id, "sync.Mutex.Lock", &STACK));
    }
    builder.build()
}

fn target() -> Target {
    Target {
        pid: 1,
        name: "synthetic".into(),
        executable: "/synthetic".into(),
        architecture: Architecture::Amd64,
        go_version: GO_1_27.version.into(),
        module: None,
        module_version: None,
        stripped: false,
        layout: LayoutSource::Table,
    }
}

fn looks(criterion: &mut Criterion) {
    let process = process();
    let executable = Executable::parse(Box::new(process.executable.clone())).unwrap();
    let memory = &process.memory;
    let mut runtime = Runtime::attach(executable, Bias(0), memory, Limits::default(), None).unwrap();
    let (target, moment) = (target(), Moment { unix_ms: 0, monotonic_ns: 1 });
    let stacks = Options { wait_objects: false, ..Options::default() };
    let counts = Options { stacks: false, wait_objects: false, labels: false, ..Options::default() };

    let mut group = criterion.benchmark_group("10,000 goroutines");
    group.throughput(Throughput::Elements(GOROUTINES));
    group.bench_function("decode: nothing moved", |bencher| {
        for _ in 0..SETTLING {
            runtime.census(memory, &target, &counts, moment, None).unwrap();
        }
        bencher.iter(|| runtime.census(memory, &target, &counts, moment, None).unwrap().cohorts.len());
    });
    group.bench_function("unwind: every stack", |bencher| {
        bencher.iter(|| {
            runtime.forget();
            let census = runtime.census(memory, &target, &stacks, moment, None).unwrap();
            assert_eq!(census.cost.stacks_read, GOROUTINES);
        });
    });
    group.bench_function("snapshot: a record of each", |bencher| {
        bencher.iter(|| {
            let snapshot = runtime.snapshot(memory, &target, &stacks, moment, None).unwrap();
            assert_eq!(snapshot.goroutines.len() as u64, GOROUTINES);
        });
    });
    group.finish();
}

fn interning(criterion: &mut Criterion) {
    let mut tables = Tables::default();
    let frames: Vec<_> = (0..30)
        .map(|line| tables.frames.intern(snapshot::Frame { line, ..snapshot::Frame::default() }))
        .collect();
    let mut stacks: Interner<StackTrace> = Interner::default();
    let mut group = criterion.benchmark_group("intern");
    group.throughput(Throughput::Elements(1));
    group.bench_function("a known stack of 30 frames", |bencher| {
        bencher.iter(|| stacks.intern(StackTrace { frames: frames.clone().into(), complete: true }));
    });
    group.bench_function("a known text", |bencher| {
        tables.strings.intern_str("main.(*server).serve");
        bencher.iter(|| tables.strings.intern_str("main.(*server).serve"));
    });
    group.finish();
}

criterion_group!(benches, looks, interning);
criterion_main!(benches);
