//! A look at goroutines that have not moved allocates nothing for each of them.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on should say so")]

use allocation_counter::measure;
use go_binary::{Bias, Executable};
use go_runtime::{Limits, Moment, Options, Runtime};
use snapshot::{Architecture, LayoutSource, Target};
use synthetic_process::layout::GO_1_27;
use synthetic_process::{Goroutine, Machine, Process, ProcessBuilder, Processor};

const SENDING: [&str; 3] = ["runtime.gopark", "runtime.chansend", "main.worker"];

fn process(goroutines: u64) -> Process {
    let mut builder = ProcessBuilder::new(&GO_1_27);
    let machine = builder.machine(Machine { id: 0, tid: 100, ..Machine::default() });
    let processor = builder.processor(Processor { status: 1, ..Processor::default() });
    builder.bind(machine, processor);
    for id in 1..=goroutines {
        builder.goroutine(Goroutine::waiting(id, "chan send", &SENDING));
    }
    builder.build()
}

/// Allocations of a look at that many goroutines, of which none has moved for a while.
fn allocations(goroutines: u64) -> u64 {
    let process = process(goroutines);
    let executable = Executable::parse(Box::new(process.executable.clone())).unwrap();
    let memory = &process.memory;
    let mut runtime = Runtime::attach(executable, Bias(0), memory, Limits::default(), None).unwrap();
    let target = Target {
        pid: 1,
        name: "synthetic".into(),
        executable: "/synthetic".into(),
        architecture: Architecture::Amd64,
        go_version: GO_1_27.version.into(),
        module: None,
        module_version: None,
        stripped: false,
        layout: LayoutSource::Table,
    };
    let moment = Moment { unix_ms: 0, monotonic_ns: 1 };
    let options = Options { wait_objects: false, ..Options::default() };
    // Believed after some looks.
    for _ in 0..8 {
        runtime.census(memory, &target, &options, moment, None).unwrap();
    }
    let mut known = 0;
    let info = measure(|| {
        known = runtime.census(memory, &target, &options, moment, None).unwrap().cost.known;
    });
    assert!(known > goroutines * 9 / 10, "{known} of {goroutines} are known");
    info.count_total
}

#[test]
fn of_goroutines_that_do_not_move_none_costs_an_allocation() {
    let (few, many) = (allocations(2_000), allocations(20_000));
    // Chunks of 1,024 headers, and the goroutines that are looked at again in turn, cost some.
    assert!(many - few < 18_000 / 50, "{few} allocations for 2,000 goroutines, {many} for 20,000");
}
