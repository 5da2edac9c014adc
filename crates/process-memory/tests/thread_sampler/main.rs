//! Thread samples of a real Go program, checked against what the program says and what its memory holds.
//!
//! Where perf events are not permitted (`perf_available`), each test checks instead that sampling says so.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by panicking")]

mod spinning;

use std::fs;
use std::process::Command;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use process_memory::{
    LiveMemory, ReadValues, SamplerError, SamplingLimits, ThreadSample, perf_available, sample_threads,
};
use snapshot::Address;
use spinning::Spinning;

/// Far more than a thread ever waits for a CPU, even on a busy machine.
const PATIENT: SamplingLimits = SamplingLimits {
    threads_max: 64,
    deadline: Duration::from_secs(60),
    period: Duration::from_micros(500),
    stack_bytes: 16 * 1024 - 256,
};

/// One test at a time: one of them counts this process's events.
fn one_at_a_time() -> MutexGuard<'static, ()> {
    static ONE: Mutex<()> = Mutex::new(());
    ONE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Whether sampling is permitted here; if it is not, checks that a sample is refused for the same reason.
fn permitted() -> bool {
    match perf_available() {
        Ok(()) => true,
        Err(refusal) => {
            let own = std::process::id();
            assert_eq!(sample_threads(&[own], &PATIENT), (vec![], vec![(own, refusal)]));
            false
        }
    }
}

#[test]
fn spinning_goroutines_are_seen_where_they_are() {
    let _one = one_at_a_time();
    if !permitted() {
        return;
    }
    let program = Spinning::start();
    let memory = LiveMemory::of(program.pid());
    let mut g_of_thread = [0, 0];
    for _ in 0..25 {
        let (samples, errors) = sample_threads(&program.spinning, &PATIENT);
        assert_eq!(errors, []);
        for (tid, g) in program.spinning.iter().zip(&mut g_of_thread) {
            let sample = samples.iter().find(|sample| sample.tid == *tid).expect("one sample each");
            assert!(program.text.contains(&sample.pc.0), "{sample:x?}");
            // `g` begins with `stack stack{lo, hi uintptr}` in every Go release.
            let (lo, hi) = (memory.read_u64(Address(sample.g)), memory.read_u64(Address(sample.g + 8)));
            assert!((lo.unwrap()..hi.unwrap()).contains(&sample.sp.0), "{sample:x?}");
            assert!(program.text.contains(&return_address(sample)), "{sample:x?}");
            assert!(*g == 0 || *g == sample.g, "{sample:x?} was on {g:x}");
            *g = sample.g;
        }
    }
    assert_ne!(g_of_thread[0], g_of_thread[1]);
}

/// What the frame that the frame pointer shows will return to, from the stack bytes of the sample.
fn return_address(sample: &ThreadSample) -> u64 {
    let at = usize::try_from(sample.bp + 8 - sample.stack_at.0).unwrap();
    u64::from_le_bytes(*sample.stack[at..].first_chunk().unwrap())
}

#[test]
fn a_thread_that_sleeps_gives_no_sample_and_no_error() {
    let _one = one_at_a_time();
    if !permitted() {
        return;
    }
    let program = Spinning::start();
    let limits = SamplingLimits { deadline: Duration::from_millis(30), ..PATIENT };
    let start = Instant::now();
    assert_eq!(sample_threads(&[program.blocked], &limits), (vec![], vec![]));
    assert!(start.elapsed() >= limits.deadline);
    // It does not keep the others from being sampled.
    let limits = SamplingLimits { deadline: Duration::from_secs(2), ..PATIENT };
    let (samples, errors) = sample_threads(&[program.blocked, program.spinning[0]], &limits);
    assert_eq!(samples.iter().map(|sample| sample.tid).collect::<Vec<_>>(), [program.spinning[0]]);
    assert_eq!(errors, []);
}

#[test]
fn a_thread_that_is_not_there_is_an_error() {
    let _one = one_at_a_time();
    if !permitted() {
        return;
    }
    let mut child = Command::new("true").spawn().unwrap();
    child.wait().unwrap();
    for tid in [child.id(), 0, u32::MAX] {
        assert_eq!(sample_threads(&[tid], &PATIENT), (vec![], vec![(tid, SamplerError::NoSuchThread)]));
    }
}

#[test]
fn a_thread_that_ends_meanwhile_ends_the_wait() {
    let _one = one_at_a_time();
    if !permitted() {
        return;
    }
    let program = Spinning::start();
    let tid = program.blocked;
    // Whether the end comes before, during or after the opening: it is the same error, long before the deadline.
    let end = std::thread::spawn(move || drop(program));
    let start = Instant::now();
    assert_eq!(sample_threads(&[tid], &PATIENT), (vec![], vec![(tid, SamplerError::NoSuchThread)]));
    assert!(start.elapsed() < PATIENT.deadline);
    end.join().unwrap();
}

#[test]
fn what_the_limits_leave_out_is_reported() {
    let _one = one_at_a_time();
    if !permitted() {
        return;
    }
    let program = Spinning::start();
    let [first, second] = program.spinning;
    let (samples, errors) = sample_threads(&[first, second], &SamplingLimits { threads_max: 1, ..PATIENT });
    assert_eq!(samples.iter().map(|sample| sample.tid).collect::<Vec<_>>(), [first]);
    assert_eq!(errors, [(second, SamplerError::TooManyThreads { threads_max: 1 })]);

    let deadline = Duration::ZERO;
    let (samples, errors) = sample_threads(&[first], &SamplingLimits { deadline, ..PATIENT });
    assert_eq!((samples, errors), (vec![], vec![(first, SamplerError::OutOfTime { deadline })]));
}

#[test]
fn as_much_stack_as_asked_for_at_most() {
    let _one = one_at_a_time();
    if !permitted() {
        return;
    }
    let program = Spinning::start();
    for (asked, most) in [(0, 0), (1, 0), (8, 8), (1001, 1000), (u32::MAX, 65_528)] {
        let (samples, errors) =
            sample_threads(&program.spinning, &SamplingLimits { stack_bytes: asked, ..PATIENT });
        assert_eq!((samples.len(), errors), (2, vec![]), "{asked} bytes");
        for sample in samples {
            // Go's heap behind so small a stack is not always resident: the largest may come shorter.
            let got = sample.stack.len();
            assert!(
                if most <= 1000 { got == most } else { (1000..=most).contains(&got) },
                "{got} of {asked}"
            );
        }
    }
}

#[test]
fn nothing_stays_open_or_mapped() {
    let _one = one_at_a_time();
    if !permitted() {
        return;
    }
    let open_events = || {
        let fds = fs::read_dir("/proc/self/fd").unwrap();
        let links = fds.filter_map(|fd| fs::read_link(fd.unwrap().path()).ok());
        let open = links.filter(|link| link.to_string_lossy().contains("perf_event")).count();
        let maps = fs::read_to_string("/proc/self/maps").unwrap();
        (open, maps.lines().filter(|line| line.contains("perf_event")).count())
    };
    let program = Spinning::start();
    let tids = [program.spinning[0], program.blocked, u32::MAX];
    for limits in [SamplingLimits::default(), SamplingLimits { threads_max: 1, ..PATIENT }] {
        sample_threads(&tids, &limits);
        assert_eq!(open_events(), (0, 0));
    }
}
