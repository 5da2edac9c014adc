//! The embedded layout table: complete for every release it has, and nearest when it has not.

#![expect(clippy::expect_used, reason = "a test may panic, in its helpers too")]

use go_binary::layout::encoding::{Measured, MinorFile};
use go_binary::layout::table::{self, Known};
use go_binary::layout::{
    Architecture, ArrayLayout, FieldLayout, LabelForm, Layouts, Release, TypeKind, TypeLayout,
};

const ARCHITECTURES: [Architecture; 2] = [Architecture::Amd64, Architecture::Arm64];

/// What every supported release has, and the decoders cannot do without.
const FIELDS: &[(&str, &str)] = &[
    (
        "runtime.g",
        "stack.lo stack.hi stackguard0 m sched.sp sched.pc sched.g sched.ctxt sched.lr sched.bp syscallsp syscallpc \
         stktopsp param atomicstatus goid schedlink waitsince waitreason preempt asyncSafePoint activeStackChans \
         parkingOnChan.u trackingSeq lockedm gopc ancestors startpc waiting cgoCtxt.array cgoCtxt.len labels timer \
         selectDone",
    ),
    (
        "runtime.m",
        "g0 procid gsignal curg p nextp oldp id mallocing throwing locks dying spinning blocked incgo ncgocall ncgo \
         alllink schedlink lockedg lockedExt lockedInt createstack freelink",
    ),
    (
        "runtime.p",
        "id status link schedtick syscalltick m mcache runqhead runqtail runq runnext gFree timers",
    ),
    (
        "runtime.schedt",
        "goidgen.value lastpoll.value lock midle nmidle nmidlelocked mnext maxmcount nmfreed ngsys.value pidle \
         npidle.value nmspinning.value runq.head runq.tail gFree.stack gFree.noStack freem gcwaiting stopwait \
         sysmonwait procresizetime totaltime",
    ),
    (
        "runtime.hchan",
        "qcount dataqsiz buf elemsize closed elemtype sendx recvx recvq.first recvq.last sendq.first lock",
    ),
    ("runtime.sudog", "g next prev elem ticket isSelect success parent waitlink waittail c"),
    (
        "runtime.moduledata",
        "pcHeader funcnametab.array cutab.array filetab.array pctab.array pclntable.array ftab.array ftab.len \
         findfunctab minpc maxpc text etext noptrdata enoptrdata data edata bss ebss noptrbss enoptrbss types etypes \
         rodata gofunc textsectmap.array next hasmain",
    ),
    ("runtime._func", "deferreturn pcsp pcfile pcln npcdata cuOffset funcID flag nfuncdata"),
    (
        "runtime.pcHeader",
        "magic minLC ptrSize nfunc nfiles funcnameOffset cuOffset filetabOffset pctabOffset",
    ),
    ("runtime.semaRoot", "lock treap nwait"),
    ("runtime.mheap", "lock allspans.array allspans.len arenas central"),
    ("runtime.mspan", "startAddr npages nelems spanclass state elemsize freeindex allocBits sweepgen"),
    ("runtime.ancestorInfo", "pcs.array goid gopc"),
    ("runtime.pollDesc", "link fd rg wg"),
    ("runtime.timer", "when period f arg seq"),
    ("runtime._defer", "sp pc fn link"),
    ("runtime._panic", "arg link recovered"),
    ("runtime.mstats", "enablegc"),
    ("sync.RWMutex", "w writerSem readerSem readerCount readerWait"),
    ("sync.Cond", "notify L"),
    ("sync.Mutex", ""),
    ("sync.WaitGroup", ""),
];

fn each_known(mut check: impl FnMut(&Known, &Layouts)) {
    let known = table::known();
    assert!(known.len() > 150, "the table has {} releases only", known.len());
    for known in known {
        let layouts = table::exact(known.release, known.arch).expect("what is known is found");
        check(&known, &layouts);
    }
}

fn release(version: &str) -> Release {
    version.parse().expect("a release")
}

#[test]
fn every_release_has_the_fields_that_decoders_need() {
    each_known(|known, layouts| {
        for (name, paths) in FIELDS {
            assert!(layouts.get(name).is_some(), "{known:?}: no {name}");
            // Types that are words in one release are structures with one word in others.
            for path in paths.split_whitespace() {
                let plain = path.strip_suffix(".value").or(path.strip_suffix(".u")).unwrap_or(path);
                let found = layouts.offset(name, path).or(layouts.offset(name, plain));
                assert!(found.is_some(), "{known:?}: no {name} {path}");
            }
        }
        for constant in
            ["_Gwaiting", "_Gdead", "_Prunning", "waitReasonSelect", "mSpanInUse", "heapArenaBytes"]
        {
            assert!(layouts.constant(&format!("runtime.{constant}")).is_some(), "{known:?}: no {constant}");
        }
    });
}

#[test]
fn fields_lie_within_their_types() {
    each_known(|known, layouts| {
        for (name, layout) in &layouts.types {
            for (path, field) in &layout.fields {
                assert!(field.offset + field.size <= layout.size, "{known:?}: {name} {path}");
                if let Some(array) = field.array {
                    assert_eq!(array.stride * array.len, field.size, "{known:?}: {name} {path}");
                }
            }
        }
    });
}

#[test]
fn fields_appear_and_go_with_the_releases_that_brought_them() {
    each_known(|known, layouts| {
        let minor = known.release.minor;
        let has = |name, path| layouts.offset(name, path).is_some();
        assert_eq!(has("runtime.g", "parentGoid"), minor >= 21, "{known:?}");
        assert_eq!(has("runtime.g", "syscallbp"), minor >= 23, "{known:?}");
        assert_eq!(has("runtime.g", "bubble"), minor >= 25, "{known:?}");
        assert_eq!(has("runtime.g", "secret"), minor >= 26, "{known:?}");
        assert_eq!(has("runtime.hchan", "timer"), minor >= 23, "{known:?}");
        assert_eq!(has("runtime.schedt", "pollingNet"), minor >= 25, "{known:?}");
        assert_eq!(has("runtime.sudog", "elem.vu"), minor >= 26, "{known:?}");
        assert_eq!(has("runtime.moduledata", "typelinks"), minor <= 26, "{known:?}");
        assert_eq!(layouts.constant("runtime._Gleaked"), (minor >= 26).then_some(10), "{known:?}");
    });
}

/// Issue 2: the guess "a slice since 1.23" that others made is wrong by one.
#[test]
fn labels_are_a_map_up_to_go_1_23_and_a_slice_since() {
    each_known(|known, layouts| {
        let expected =
            if known.release.minor <= 23 { LabelForm::Map } else { LabelForm::Slice { offset: 0 } };
        assert_eq!(layouts.label_form(), Some(expected), "{known:?}");
        if expected == LabelForm::Map {
            assert_eq!(layouts.size("bucket<string,string>"), Some(272), "{known:?}");
            assert_eq!(layouts.offset("hash<string,string>", "buckets"), Some(16), "{known:?}");
        }
    });
}

#[test]
fn semaphore_roots_are_a_cache_line_apart() {
    each_known(|known, layouts| {
        // CacheLinePadSize of arm64 grew with Go 1.20 (internal/cpu/cpu_arm64.go).
        let stride = layouts.array("runtime.semTable").map(|array| (array.stride, array.len));
        let wide = known.arch == Architecture::Arm64 && known.release.minor >= 20;
        assert_eq!(stride, Some((if wide { 128 } else { 64 }, 251)), "{known:?}");
        assert_eq!(layouts.offset("runtime.semTable", "[].root.treap"), Some(8), "{known:?}");
    });
}

/// Patches of one minor differ: `m.allpSnapshot` (it looks like the fix of golang/go#74414) came here. No other field
/// of `g` or `m` that is read moves in 1.23 or 1.24.
#[test]
fn threads_moved_with_1_23_12_and_1_24_6() {
    each_known(|known, layouts| {
        let Release { minor, patch: Some(patch) } = known.release else { return };
        if ![23, 24].contains(&minor) {
            return;
        }
        let moved = (minor, patch) >= (24, 6) || (minor == 23 && patch >= 12);
        assert_eq!(layouts.offset("runtime.m", "alllink"), Some(if moved { 352 } else { 328 }), "{known:?}");
        assert_eq!(layouts.offset("runtime.m", "allpSnapshot").is_some(), moved, "{known:?}");
        assert_eq!(layouts.offset("runtime.g", "labels"), Some(352), "{known:?}");
    });
}

/// Offsets of `g` written down from the runtime's source, independently of the generator.
#[test]
fn known_offsets_are_what_the_source_says() {
    for (version, goid, labels, alllink) in [
        ("1.19.13", 152, 360, 336),
        ("1.23.9", 160, 352, 328),
        ("1.25.5", 152, 344, 344),
        ("1.27.3", 152, 352, 352),
    ] {
        for arch in ARCHITECTURES {
            let layouts = table::exact(release(version), arch).expect(version);
            assert_eq!(layouts.offset("runtime.g", "goid"), Some(goid), "{version} {arch}");
            assert_eq!(layouts.offset("runtime.g", "labels"), Some(labels), "{version} {arch}");
            assert_eq!(layouts.offset("runtime.m", "alllink"), Some(alllink), "{version} {arch}");
        }
    }
}

#[test]
fn constants_keep_their_sign() {
    let base = |arch| {
        let layouts = table::exact(release("1.27.3"), arch)?;
        layouts.constant("runtime.arenaBaseOffsetUintptr")
    };
    assert_eq!(base(Architecture::Amd64), Some(0xffff_8000_0000_0000_u64.cast_signed()));
    assert_eq!(base(Architecture::Arm64), Some(0));
    let layouts = table::exact(release("1.27.3"), Architecture::Amd64).expect("1.27.3");
    let reasons = layouts.constants_with_prefix("runtime.waitReason").count();
    assert!((40..60).contains(&reasons), "{reasons}");
}

#[test]
fn an_unknown_patch_gets_its_neighbour_and_an_unknown_minor_the_newest_older_one() {
    let newest = table::known().last().expect("not empty").release;
    for arch in ARCHITECTURES {
        let nearest = |version: &str| table::nearest(release(version), arch).map(|found| found.release);
        assert_eq!(nearest("1.21.7"), Some(release("1.21.7")));
        assert_eq!(nearest("1.21.99"), Some(release("1.21.13")));
        assert_eq!(nearest("go1.27rc1"), Some(release("1.27.0")));
        assert_eq!(nearest("1.99.1"), Some(newest));
        assert_eq!(nearest("1.18.10"), None);
        assert_eq!(table::exact(release("1.21.99"), arch), None);
        assert_eq!(table::exact(release("go1.27rc1"), arch), None);
    }
}

#[test]
fn supported_minors_are_all_there_without_a_hole_at_either_end() {
    for (minor, newest) in
        [(19, 13), (20, 14), (21, 13), (22, 12), (23, 12), (24, 13), (25, 14), (26, 11), (27, 4)]
    {
        for arch in ARCHITECTURES {
            for patch in [0, newest] {
                let release = Release { minor, patch: Some(patch) };
                let found = table::nearest(release, arch).expect("some");
                assert_eq!((found.release, found.measured), (release, true), "{release} {arch}");
            }
        }
    }
}

fn layouts(offset: u32) -> Layouts {
    let array = Some(ArrayLayout { stride: 8, len: 2 });
    let fields = [
        ("sched.sp".into(), FieldLayout { offset, size: 8, array: None }),
        ("runq".into(), FieldLayout { offset: offset + 8, size: 16, array }),
    ];
    let layout = TypeLayout { size: offset + 24, kind: TypeKind::Struct, fields: fields.into() };
    let map = TypeLayout { size: 8, kind: TypeKind::Map, fields: Default::default() };
    Layouts {
        types: [("runtime.g".into(), layout), ("runtime/pprof.labelMap".into(), map)].into(),
        constants: [("runtime._Gwaiting".into(), 4)].into(),
    }
}

#[test]
fn a_file_gives_back_what_was_measured_and_covers_only_between_equals() {
    let without_labels = Layouts { types: Default::default(), ..layouts(0) };
    let measured = Measured::from([
        ((Architecture::Amd64, 0), layouts(56)),
        ((Architecture::Amd64, 3), layouts(56)),
        ((Architecture::Amd64, 7), layouts(64)),
        ((Architecture::Amd64, 9), layouts(56)),
        ((Architecture::Arm64, 0), without_labels),
    ]);
    let file = MinorFile::of_measured(30, &measured);
    let text = file.to_json().expect("writes");
    let again = MinorFile::parse(&text).expect("parses");
    assert_eq!(again, file);
    assert_eq!(again.measured().expect("consistent"), measured);
    assert_eq!(
        MinorFile::of_measured(30, &again.measured().expect("consistent")).to_json().expect("writes"),
        text
    );
    let covered: Vec<Vec<u16>> =
        file.builds.iter().map(|build| build.patches.iter().copied().collect()).collect();
    // 4 to 6 lie between two that differ, and 8 too: nobody knows them.
    assert_eq!(covered, [vec![0, 1, 2, 3, 9], vec![7], vec![0]]);
}

#[test]
fn embedded_files_are_as_the_generator_writes_them() {
    let directory = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("layouts");
    let mut files = 0;
    for entry in std::fs::read_dir(directory).expect("the table") {
        let path = entry.expect("an entry").path();
        let text = std::fs::read_to_string(&path).expect("a file");
        let file = MinorFile::parse(&text).expect("parses");
        let again = MinorFile::of_measured(file.minor, &file.measured().expect("consistent"));
        assert_eq!(again.to_json().expect("writes"), text, "{}", path.display());
        files += 1;
    }
    assert_eq!(
        files,
        table::known()
            .iter()
            .map(|known| known.release.minor)
            .collect::<std::collections::BTreeSet<_>>()
            .len()
    );
}
