//! What is written is read again, and nothing that is not.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::io::Cursor;

use proptest::prelude::*;
use recording::{DamageKind, Moment, OpenError, ReadError, Recording, encode, header};
use snapshot::*;

mod moments;

fn moment(goroutines: u64) -> Moment {
    Moment { snapshot: moments::service(goroutines), code: None, heap: None }
}

fn file(moments: &[Moment]) -> Vec<u8> {
    let mut file = header().to_vec();
    moments.iter().for_each(|moment| file.extend(encode(moment).unwrap()));
    file
}

fn open(bytes: &[u8]) -> Recording<Cursor<&[u8]>> {
    Recording::open(Cursor::new(bytes)).unwrap()
}

/// A moment with something everywhere.
fn everything() -> Moment {
    let mut snapshot = moments::service(9);
    let kinds = [
        WaitObjectKind::NilChannel(WaitDirection::Send),
        WaitObjectKind::EmptySelect,
        WaitObjectKind::Mutex { state: -1 },
        WaitObjectKind::RwMutex { writing: true, reader_count: i32::MIN, reader_wait: 2 },
        WaitObjectKind::WaitGroup { counter: 1, waiters: u32::MAX },
        WaitObjectKind::Timer { when_ns: Some(i64::MIN) },
    ];
    snapshot.wait_objects.extend(kinds.map(|kind| WaitObject { kind, address: Address(u64::MAX) }));
    let thread = Thread { name: "a\nb".into(), state: 'D', cpu_ns: 1 << 40, cgroup: Some("/x".into()) };
    let machine = Machine { thread: Some(thread), preempt_off: Some("x".into()), ..Machine::default() };
    let processor = Processor { status: ProcessorStatus::Unknown(9), ..Processor::default() };
    snapshot.scheduler =
        Some(Scheduler { processors: vec![processor], machines: vec![machine], ..Scheduler::default() });
    snapshot.memory = Some(MemoryStatistics { mallocs: Some(u64::MAX), ..MemoryStatistics::default() });
    let (subject, cause) = (GapSubject::Stack, GapCause::Torn);
    snapshot.gaps = vec![Gap { subject, goroutine: Some(GoroutineId(1)), address: None, cause, count: 1 }];
    let asleep = vec![Asleep { id: GoroutineId(3), known_to_runtime: true }];
    let made_at = Some(CallSite { function: "main.f".into(), file: "f.go".into(), line: 3 });
    let groups = vec![GroupFacts { ids: vec![GoroutineId(3)], retained_bytes: 9, made_at }];
    let leaks = LeakFindings { asleep, groups, doubts: vec!["none".into()], ..LeakFindings::default() };
    let references = References { names: vec![(Address(1), "main.x".into())], ..References::default() };
    let blocking = recording::Blocking { references, frozen: None, unmoved: vec![GoroutineId(3)] };
    let code = recording::Code { start: Address(1), end: Address(2), file_offset: 3 };
    Moment { snapshot, code: Some(code), heap: Some(recording::Heap { leaks, blocking }) }
}

#[test]
fn moments_are_what_they_were() {
    let written = [moment(0), everything(), moment(3000)];
    let file = file(&written);
    let mut recording = open(&file);
    assert!(recording.damage().is_none());
    assert_eq!(recording.moments().iter().map(|info| info.goroutines).collect::<Vec<_>>(), [0, 9, 3000]);
    for (index, moment) in written.iter().enumerate() {
        assert_eq!(&recording.moment(index).unwrap(), moment);
    }
    assert!(matches!(recording.moment(3), Err(ReadError::NoSuchMoment { number: 4, moments: 3 })));
}

/// Written by the first gostat that could record. What cannot be read any more takes a new version of the format.
#[test]
fn old_recordings_are_read_for_ever() {
    let file = include_bytes!("fixtures/version-1.gostat");
    assert_eq!(open(file).moment(0).unwrap(), everything());
}

#[test]
fn what_is_no_moment_is_refused_behind_right_checksums() {
    for unpacked in [&b""[..], b"\xc0", b"\x80", b"\xdd\xff\xff\xff\xff", &[0x91; 100_000]] {
        let file = recording::with_stored(unpacked).unwrap();
        let mut recording = open(&file);
        assert!(recording.damage().is_none());
        assert!(matches!(recording.moment(0), Err(ReadError::Undecodable { number: 1, .. })));
    }
}

#[test]
fn a_file_that_is_cut_anywhere_is_read_up_to_there() {
    let whole = file(&[moment(1), moment(2)]);
    let second_at = file(&[moment(1)]).len();
    for length in header().len()..whole.len() {
        let recording = open(&whole[..length]);
        let (moments, good) = if length < second_at { (0, header().len()) } else { (1, second_at) };
        assert_eq!(recording.moments().len(), moments, "{length}");
        match recording.damage() {
            None => assert_eq!(length, good),
            Some(damage) => {
                assert_eq!(damage.kind, DamageKind::Cut);
                assert_eq!((damage.good_bytes, damage.lost_bytes), (good as u64, (length - good) as u64));
            }
        }
    }
}

#[test]
fn other_files_and_later_formats_are_refused() {
    let refused = |bytes: &[u8]| Recording::open(Cursor::new(bytes)).unwrap_err();
    for bytes in [&b""[..], b"{}", b"\x89PNG\r\n"] {
        assert!(matches!(refused(bytes), OpenError::NotARecording));
    }
    assert!(matches!(refused(&header()[..12]), OpenError::DamagedHeader));
    let mut later = header();
    later[8] = 2;
    assert!(matches!(refused(&later), OpenError::DamagedHeader), "its checksum is not right");
    let crc = crc32fast::hash(&later[..12]);
    later[12..].copy_from_slice(&crc.to_le_bytes());
    let error = refused(&later);
    assert_eq!(error.to_string(), "the recording has format 2; this gostat reads formats up to 1");
    assert!(error.hint().is_some());
}

/// What is wrong with a snapshot once it has been changed.
fn wrong(change: impl Fn(&mut Moment)) -> String {
    let mut moment = everything();
    change(&mut moment);
    let file = file(&[moment]);
    open(&file).moment(0).unwrap_err().to_string()
}

#[test]
fn ids_and_ranges_that_lead_nowhere_are_refused() {
    let goroutine = |change: fn(&mut Goroutine)| wrong(|moment| change(&mut moment.snapshot.goroutines[0]));
    let mut many = Tables::default();
    let strange = (0..1000).map(|number| many.strings.intern_str(&number.to_string())).last().unwrap();
    assert!(wrong(|moment| moment.snapshot.goroutines[0].wait_reason = Some(strange)).contains("no string"));
    assert!(goroutine(|goroutine| goroutine.waiting_on = (u32::MAX, u32::MAX)).contains("no wait object"));
    let frame = Frame { function: strange, ..Frame::default() };
    let dangling = |moment: &mut Moment| {
        moment.snapshot.tables.frames.intern(frame);
    };
    assert!(wrong(dangling).contains("no string"));
    assert!(wrong(|moment| moment.snapshot.tables.strings = Strings::default()).contains("does not begin"));
    let names = vec![(Address(2), String::new()), (Address(1), String::new())];
    let unordered = |moment: &mut Moment| {
        moment.heap.as_mut().unwrap().blocking.references.names.clone_from(&names);
    };
    assert!(wrong(unordered).contains("the variables are not in order"));
}

proptest! {
    #[test]
    fn changed_bytes_are_noticed(at in 16_usize..2000, bit in 0..8_u8) {
        let mut bytes = file(&[moment(20), moment(30)]);
        let at = at % (bytes.len() - 16) + 16;
        bytes[at] ^= 1 << bit;
        let mut recording = open(&bytes);
        let damage = *recording.damage().unwrap();
        // A length that is changed looks like any other byte: the head has a checksum.
        prop_assert_eq!(damage.kind, DamageKind::Changed);
        prop_assert_eq!(damage.good_bytes + damage.lost_bytes, bytes.len() as u64);
        prop_assert!(damage.good_bytes <= at as u64);
        for index in 0..recording.moments().len() {
            prop_assert!(recording.moment(index).is_ok());
        }
    }

    #[test]
    fn any_goroutine_is_what_it_was(
        id in any::<u64>(), status in 0..9_usize, m in any::<Option<i64>>(), p in any::<Option<i32>>(),
        ms in any::<u64>(), flags in any::<[bool; 3]>(), names in prop::collection::vec(".*", 1..4),
    ) {
        let mut snapshot = moments::empty();
        let texts: Vec<StringId> =
            names.iter().map(|name| snapshot.tables.strings.intern_str(name)).collect();
        let labels = LabelSet(texts.iter().map(|text| (*text, texts[0])).collect());
        let frames = texts.iter().map(|function| {
            snapshot.tables.frames.intern(Frame { function: *function, pc: id, ..Frame::default() })
        });
        let frames: Box<[FrameId]> = frames.collect();
        snapshot.goroutines.push(Goroutine {
            id: GoroutineId(id), status: Status::ALL[status], m, p, scanning: flags[0], is_runtime: flags[1],
            waiting_since: flags[2].then_some(WaitingSince::AtLeastMs(ms)), created_by: frames.first().copied(),
            labels: snapshot.tables.label_sets.intern(labels),
            stack: snapshot.tables.stacks.intern(StackTrace { frames, complete: flags[1] }),
            ..moments::goroutine()
        });
        let moment = Moment { snapshot, code: None, heap: None };
        let bytes = file(std::slice::from_ref(&moment));
        prop_assert_eq!(open(&bytes).moment(0).unwrap(), moment);
    }
}
