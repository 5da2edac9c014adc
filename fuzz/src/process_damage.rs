//! A whole synthetic process whose file and memory are damaged, and whose reads fail, as the bytes say.

use std::cell::RefCell;

use go_binary::{Bias, Executable};
use go_runtime::{AttachError, Limits, Moment, Options, Runtime};
use process_memory::{Fault, FaultInjecting, ProcessMemory, ReadFailure};
use snapshot::{Address, Architecture, LayoutSource, Snapshot, Target};
use synthetic_process::{Damage, Damages, layout};

use crate::busy_process::{Busy, busy};

/// When the snapshots are taken.
pub const MOMENT: Moment = Moment { unix_ms: 1_700_000_000_000, monotonic_ns: 9_000_000_000 };

/// Low enough that a walk which ignores them shows.
fn limits() -> Limits {
    Limits {
        goroutines_max: 1000,
        stack_bytes_max: 1 << 16,
        frames_max: 200,
        threads_max: 64,
        select_cases_max: 64,
        semaphore_waiters_max: 256,
        labels_max: 32,
        text_max: 256,
        retries_max: 3,
        ..Limits::default()
    }
}

/// Reads that one snapshot of this process may need at most; beyond, it would go on for ever.
const READS_MAX: u64 = 200_000;

/// Damages a process, attaches, takes a snapshot, and puts it through every writer.
pub fn check(bytes: &[u8]) {
    let Some((release, bytes)) = bytes.split_first() else { return };
    let Busy { process, goroutines, machines, processors, buffered, unbuffered, mutex, .. } =
        if release % 2 == 0 { fresh(0) } else { fresh(1) };
    let variables = process.variables;
    let (mut file, mut memory) = (process.executable, process.memory);
    let mut places = vec![
        variables.allglen,
        variables.allgptr,
        variables.allp,
        variables.allm,
        variables.sched,
        variables.semtable,
        variables.wait_reasons,
        variables.module_data,
    ];
    places.extend(goroutines);
    places.extend(machines);
    places.extend(processors);
    places.extend([buffered, unbuffered, mutex, Address(0xc0_0000_0000), Address(0x50_0000)]);

    let mut faults: Vec<Damage> = Vec::new();
    let mut damages = Damages::new(bytes);
    while let Some(damage) = damages.next_damage() {
        let place = places[usize::from(damage.place) % places.len()];
        match damage.kind % 8 {
            // A small offset: fields of the thing itself.
            0..=2 => {
                damage.write_to(&mut memory, place.offset(u64::from(damage.offset % 1024)), damage.value)
            }
            // A pointer to another thing, or into one: cycles and confusions of types.
            3 | 4 => {
                let other = places[damage.value as usize % places.len()];
                let into = if damage.kind % 8 == 3 { 0 } else { damage.value >> 32 & 0xff8 };
                damage.write_to(
                    &mut memory,
                    place.offset(u64::from(damage.offset % 128) * 8),
                    other.0 + into,
                );
            }
            5 => damage.apply_to(&mut file),
            _ => faults.push(damage),
        }
    }
    let failing = FaultInjecting::new(memory, |number, _, len| fault(&faults, number, len));
    if let Ok(mut runtime) = open(&file, &failing) {
        if let Ok(snapshot) = runtime.snapshot(&failing, &target(), &Options::default(), MOMENT, None) {
            hold_true(&snapshot);
            write_everywhere(&snapshot);
        }
    }
    assert!(failing.reads() < READS_MAX, "{} reads", failing.reads());
}

/// Attaches to a process as its file and memory have it.
pub fn open<M: ProcessMemory>(file: &[u8], memory: &M) -> Result<Runtime, AttachError> {
    let executable = Executable::parse(Box::new(file.to_vec()))?;
    Runtime::attach(executable, Bias(0), memory, limits(), None)
}

/// What the snapshots say that they are of.
pub fn target() -> Target {
    Target {
        pid: 1,
        name: "fuzzed".into(),
        executable: "/fuzzed".into(),
        architecture: Architecture::Amd64,
        go_version: "go1.27.0".into(),
        module: None,
        module_version: None,
        stripped: false,
        layout: LayoutSource::Dwarf,
    }
}

/// A process to damage. Building it costs more than copying it.
fn fresh(which: usize) -> Busy {
    thread_local! {
        static BUSY: RefCell<Option<[Busy; 2]>> = const { RefCell::new(None) };
    }
    BUSY.with_borrow_mut(|kept| {
        let both = kept.get_or_insert_with(|| [busy(&layout::GO_1_23, 3), busy(&layout::GO_1_27, 3)]);
        let Busy { process, goroutines, machines, processors, buffered, unbuffered, mutex, wait_group } =
            &both[which];
        Busy {
            process: process.clone(),
            goroutines: goroutines.clone(),
            machines: *machines,
            processors: *processors,
            buffered: *buffered,
            unbuffered: *unbuffered,
            mutex: *mutex,
            wait_group: *wait_group,
        }
    })
}

fn fault(faults: &[Damage], number: u64, len: usize) -> Fault {
    for fault in faults {
        // One read, or all from one on: a process that goes away.
        let (at, all) = (u64::from(fault.offset % 512), fault.kind % 8 == 7);
        if number != at && !(all && number > at) {
            continue;
        }
        return match fault.place % 6 {
            0 => Fault::Fail(ReadFailure::NotMapped),
            1 => Fault::Fail(ReadFailure::ProcessExited),
            2 => Fault::Fail(ReadFailure::PermissionDenied),
            3 => Fault::Fill(fault.value as u8),
            _ => Fault::Flip(fault.value as usize % len.max(1)),
        };
    }
    Fault::None
}

/// What holds for every snapshot, whatever it is of.
fn hold_true(snapshot: &Snapshot) {
    let limits = limits();
    assert!(snapshot.goroutines.len() as u64 <= limits.goroutines_max);
    for goroutine in &snapshot.goroutines {
        // Inlined calls come on top of the frames that the limit counts.
        assert!(snapshot.frames(goroutine).count() <= limits.frames_max * 64);
        assert!(snapshot.labels(goroutine).count() <= limits.labels_max);
        let (start, len) = goroutine.waiting_on;
        assert!(start as usize + len as usize <= snapshot.wait_objects.len());
        assert!(len as usize <= limits.select_cases_max);
    }
}

/// Writers must cope with whatever a snapshot says; readers must understand what they wrote.
fn write_everywhere(snapshot: &Snapshot) {
    let mut text = Vec::new();
    let options = goroutine_dump::WriteOptions::default();
    goroutine_dump::write(snapshot, &snapshot.goroutines, &options, &mut text).expect("memory takes all");
    let text = String::from_utf8(text).expect("a dump is text");
    let (parsed, problems) = goroutine_dump::parse(&text);
    assert_eq!(parsed.len(), snapshot.goroutines.len(), "{problems:?}\n{text}");

    let mut profile = Vec::new();
    let options = pprof_profile::WriteOptions { include_runtime: true, mapping: None };
    pprof_profile::write(&snapshot.census(&snapshot.goroutines), &options, &mut profile)
        .expect("memory takes all");
    let profile = pprof_profile::read(&profile, &Default::default()).expect("we read what we write");
    let counted: i64 = profile.samples().filter_map(|sample| sample.values().first().copied()).sum();
    assert_eq!(counted, snapshot.goroutines.len() as i64);

    let meanings = analysis::Meanings::new(analysis::Rules::built_in(), snapshot);
    _ = analysis::group(&meanings, &snapshot.goroutines);
    _ = analysis::group_similar(&meanings, &snapshot.goroutines);
    _ = analysis::count(&snapshot.census(&snapshot.goroutines));
}
