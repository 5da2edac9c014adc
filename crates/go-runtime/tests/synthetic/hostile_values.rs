//! Memory that no Go program leaves behind: lists without end, absurd numbers, pointers to nowhere.
//!
//! Each case is done to a process that is as it should be, after attaching to it.

use std::sync::atomic::{AtomicUsize, Ordering};

use go_runtime::Limits;
use process_memory::{Fault, FaultInjecting, ReadFailure, ReadValues};
use snapshot::{Address, GapCause, GapSubject, Snapshot, StackState};
use synthetic_process::Image;
use synthetic_process::layout::{GO_1_23, GO_1_27};

use crate::busy_process::{Busy, busy};
use crate::reading::{Seen, all_seen, attach, attached, has_gap, has_gap_of, snapshot_of, take};

/// Bytes that a snapshot of so small a process may read, whatever is in it: 200 MiB.
const BYTES_MAX: usize = 200 << 20;
/// Ranges that it may ask for.
const READS_MAX: u64 = 20_000;

/// Takes a snapshot of a damaged process, within bounds.
fn bounded(busy: &Busy) -> Result<Snapshot, process_memory::ReadError> {
    let bytes = AtomicUsize::new(0);
    let memory = FaultInjecting::new(&busy.process.memory, |number, _, len| {
        let bytes = bytes.fetch_add(len, Ordering::Relaxed) + len;
        assert!(bytes < BYTES_MAX, "{bytes} bytes are too many");
        assert!(number < READS_MAX, "{number} reads are too many");
        Fault::None
    });
    take(&mut attached(&whole(busy)), &busy.process, &memory)
}

/// The process before it was damaged, as far as attaching needs it.
fn whole(damaged: &Busy) -> synthetic_process::Process {
    busy(damaged.process.layout, damaged.goroutines.len() as u64 - 14).process
}

fn damaged(damage: impl Fn(&mut Image, &Busy)) -> impl Iterator<Item = (Busy, Snapshot)> {
    [&GO_1_23, &GO_1_27].into_iter().map(move |layout| {
        let mut process = busy(layout, 3);
        let mut memory = process.process.memory.clone();
        damage(&mut memory, &process);
        process.process.memory = memory;
        let snapshot = bounded(&process).expect("the list of goroutines is there");
        (process, snapshot)
    })
}

/// Everything about goroutines other than `except` is as in the process before.
fn others_are_untouched(process: &Busy, snapshot: &Snapshot, except: &[u64]) {
    let whole = whole(process);
    let truth = all_seen(&snapshot_of(&whole, &whole.memory).unwrap());
    let seen = all_seen(snapshot);
    let others = |all: std::collections::BTreeMap<u64, Seen>| -> Vec<(u64, Seen)> {
        all.into_iter().filter(|(id, _)| !except.contains(id)).collect()
    };
    assert_eq!(others(seen), others(truth));
}

#[test]
fn a_list_of_machines_that_bites_its_tail() {
    let results = damaged(|memory, process| {
        let link = process.process.layout.m.alllink;
        memory.put_address(process.machines[0].offset(link), process.machines[1]);
    });
    for (process, snapshot) in results {
        others_are_untouched(&process, &snapshot, &[]);
        assert!(has_gap(&snapshot, GapSubject::Machines), "{:?}", snapshot.gaps);
        assert_eq!(snapshot.scheduler.unwrap().machines.len(), 2);
    }
}

#[test]
fn a_select_whose_cases_bite_their_tail() {
    let results = damaged(|memory, process| {
        let link = process.process.layout.sudog.waitlink;
        let first = process.first_sudog(3);
        let second = memory.read_address(first.offset(link)).unwrap();
        memory.put_address(second.offset(link), first);
    });
    for (process, snapshot) in results {
        others_are_untouched(&process, &snapshot, &[3]);
        assert!(has_gap_of(&snapshot, GapSubject::WaitObject, 3));
        assert_eq!(all_seen(&snapshot)[&3].waits, []);
    }
}

/// Both queues of a channel have somebody in them, and the way to a queue's head goes in a circle.
#[test]
fn a_queue_that_bites_its_tail() {
    let results = damaged(|memory, process| {
        let (sudog, hchan) = (&process.process.layout.sudog, &process.process.layout.hchan);
        let first = process.first_sudog(3);
        let second = memory.read_address(first.offset(sudog.waitlink)).unwrap();
        memory.put_address(process.buffered.offset(hchan.recvq_first), first);
        let other = process.first_sudog(15);
        memory.put_address(second.offset(sudog.prev), other);
        memory.put_address(other.offset(sudog.prev), second);
    });
    for (process, snapshot) in results {
        others_are_untouched(&process, &snapshot, &[3]);
        assert!(has_gap_of(&snapshot, GapSubject::WaitObject, 3));
        assert_eq!(all_seen(&snapshot)[&3].waits, []);
    }
}

#[test]
fn sudogs_of_somebody_else() {
    let results = damaged(|memory, process| {
        let fields = &process.process.layout.sudog;
        memory.put_address(process.first_sudog(1).offset(fields.g), process.g(2));
    });
    for (process, snapshot) in results {
        others_are_untouched(&process, &snapshot, &[1]);
        assert!(has_gap_of(&snapshot, GapSubject::WaitObject, 1));
        assert_eq!(all_seen(&snapshot)[&1].waits, []);
    }
}

#[test]
fn a_tree_of_semaphores_that_bites_its_tail() {
    let results = damaged(|memory, process| {
        let fields = &process.process.layout.sudog;
        let table = process.process.variables.semtable;
        for root in 0..251 {
            let node = memory.read_address(table.offset(root * 64 + 8)).unwrap();
            for link in [fields.prev, fields.next].iter().filter(|_| !node.is_null()) {
                memory.put_address(node.offset(*link), node);
            }
        }
    });
    for (process, snapshot) in results {
        others_are_untouched(&process, &snapshot, &[]);
    }
}

#[test]
fn labels_without_end() {
    let results = damaged(|memory, process| {
        let labels = process.g(13).offset(process.process.layout.g.labels);
        let set = memory.read_address(labels).unwrap();
        if process.process.layout.labels_are_maps {
            let map = memory.read_address(set).unwrap();
            let bucket = memory.read_address(map.offset(16)).unwrap();
            memory.put_address(bucket.offset(8 + 256), bucket);
        } else {
            memory.put_u64(set.offset(8), u64::MAX / 32);
        }
    });
    for (process, snapshot) in results {
        others_are_untouched(&process, &snapshot, &[13]);
        assert!(has_gap_of(&snapshot, GapSubject::Labels, 13));
        assert_eq!(all_seen(&snapshot)[&13].labels, []);
    }
}

#[test]
fn a_label_map_with_4096_buckets_in_a_circle() {
    let mut process = busy(&GO_1_23, 3);
    let memory = &mut process.process.memory;
    let set = memory.read_address(process.goroutines[12].offset(GO_1_23.g.labels)).unwrap();
    let map = memory.read_address(set).unwrap();
    memory.put_u8(map.offset(9), 12);
    // All of them are empty and lead to each other.
    let first = Address(0xd0_0000_0000);
    memory.map(first, 4096 * 272);
    for bucket in 0..4096 {
        memory.put_address(first.offset(bucket * 272 + 264), first.offset((bucket + 1) % 4096 * 272));
    }
    memory.put_address(map.offset(16), first);
    let snapshot = bounded(&process).unwrap();
    others_are_untouched(&process, &snapshot, &[13]);
    assert!(has_gap_of(&snapshot, GapSubject::Labels, 13));
}

#[test]
fn ten_million_goroutines_that_are_not_there() {
    for layout in [&GO_1_23, &GO_1_27] {
        for len in [10_000_000, u64::MAX, u64::MAX / 8, 1 << 40] {
            let mut process = busy(layout, 3);
            process.process.memory.put_u64(process.process.variables.allglen, len);
            // The array ends long before: there is no list to trust.
            assert!(bounded(&process).is_err(), "{len} goroutines");
        }
    }
}

#[test]
fn more_goroutines_than_the_limit() {
    let process = busy(&GO_1_27, 3).process;
    let limits = Limits { goroutines_max: 5, ..Limits::default() };
    let mut runtime = attach(&process, &process.memory, limits).unwrap();
    let snapshot = take(&mut runtime, &process, &process.memory).unwrap();
    assert_eq!(snapshot.goroutines.len(), 5);
    assert!(
        snapshot
            .gaps
            .iter()
            .any(|gap| { (gap.subject, gap.cause) == (GapSubject::GoroutineList, GapCause::BudgetSpent) })
    );
}

#[test]
fn a_list_full_of_the_same_goroutine_and_of_nothing() {
    for layout in [&GO_1_23, &GO_1_27] {
        let mut process = busy(layout, 3);
        let g = process.g(1);
        let memory = &mut process.process.memory;
        let array = Address(0xd0_0000_0000);
        let nowhere =
            [Address::NULL, Address(8), Address(u64::MAX), Address(u64::MAX - 200), Address(1 << 63)];
        memory.map(array, 100 * 8);
        for index in 0..100 {
            let at = nowhere.get(usize::try_from(index % 8).unwrap()).copied().unwrap_or(g);
            memory.put_address(array.offset(index * 8), at);
        }
        memory.put_address(process.process.variables.allgptr, array);
        memory.put_u64(process.process.variables.allglen, 100);
        let snapshot = bounded(&process).unwrap();
        assert_eq!(all_seen(&snapshot).into_keys().collect::<Vec<u64>>(), [1]);
        assert!(has_gap(&snapshot, GapSubject::Goroutine));
    }
}

#[test]
fn stacks_that_are_none() {
    const ABSURD: [u64; 7] = [0, 1, 0x1000, 1 << 47, 1 << 63, u64::MAX - 7, u64::MAX];
    for layout in [&GO_1_23, &GO_1_27] {
        let g = &layout.g;
        for field in [g.stack_lo, g.stack_hi, g.sched_sp, g.sched_pc, g.syscallsp, g.syscallpc] {
            for value in ABSURD {
                let results = damaged(|memory, process| {
                    memory.put_u64(process.g(3).offset(field), value);
                    memory.put_u64(process.g(10).offset(field), value);
                });
                for (process, snapshot) in results.filter(|(process, _)| process.process.layout == layout) {
                    others_are_untouched(&process, &snapshot, &[3, 10]);
                    let truth = all_seen(&snapshot_of(&whole(&process), &whole(&process).memory).unwrap());
                    let seen = all_seen(&snapshot);
                    for id in [3, 10] {
                        let case = format!("{id} with {value:#x} at {field}: {:?}", seen[&id]);
                        let whole = seen[&id].complete && seen[&id].state == StackState::Saved;
                        let gap = has_gap_of(&snapshot, GapSubject::Stack, id)
                            || has_gap_of(&snapshot, GapSubject::OuterFrames, id);
                        // Not every one of these values matters to every stack.
                        assert!(gap || whole && seen[&id].stack == truth[&id].stack, "{case}");
                    }
                }
            }
        }
    }
}

/// Stacks that claim the same memory over and over: each is within bounds, all of them together are not.
#[test]
fn more_bytes_of_stacks_than_the_limit() {
    let process = busy(&GO_1_27, 20);
    let whole = all_seen(&snapshot_of(&process.process, &process.process.memory).unwrap());
    let limits = Limits { stacks_bytes_max: 5000, ..Limits::default() };
    let mut runtime = attach(&process.process, &process.process.memory, limits).unwrap();
    let snapshot = take(&mut runtime, &process.process, &process.process.memory).unwrap();
    let seen = all_seen(&snapshot);
    let saved = seen.iter().filter(|(_, seen)| seen.state == StackState::Saved);
    assert!(saved.clone().all(|(id, seen)| *seen == whole[id]));
    assert!((1..15).contains(&saved.count()), "some, but not all");
    assert_eq!(seen.len(), whole.len());
    for (id, _) in seen.iter().filter(|(_, seen)| seen.state == StackState::Unreadable) {
        let gap = snapshot.gaps.iter().find(|gap| gap.goroutine.is_some_and(|of| of.0 == *id)).unwrap();
        assert_eq!((gap.subject, gap.cause), (GapSubject::Stack, GapCause::BudgetSpent));
    }
}

#[test]
fn goroutines_that_are_none() {
    let results = damaged(|memory, process| {
        let g = &process.process.layout.g;
        memory.put_address(process.g(3).offset(g.sched_g), process.g(4));
        memory.put_u32(process.g(4).offset(g.atomicstatus), 77);
        memory.put_u8(process.g(5).offset(g.waitreason), 250);
        memory.put_u64(process.g(6).offset(g.startpc), 0x1234);
        memory.put_u64(process.g(7).offset(g.gopc), u64::MAX);
        memory.put_u64(process.g(8).offset(g.waitsince), u64::MAX / 2);
        memory.put_u64(process.g(9).offset(g.m), 1);
    });
    for (process, snapshot) in results {
        others_are_untouched(&process, &snapshot, &[3, 4, 5, 6, 7, 8, 9]);
        let seen = all_seen(&snapshot);
        assert!(!seen.contains_key(&3) && !seen.contains_key(&4));
        assert!(has_gap(&snapshot, GapSubject::Goroutine));
        assert_eq!(seen[&5].wait_reason, None);
        assert!(has_gap_of(&snapshot, GapSubject::WaitReason, 5));
        assert_eq!((seen[&6].entry.as_ref(), seen[&7].created_by.as_ref()), (None, None));
        assert_eq!(seen[&9].tid, None);
    }
}

#[test]
fn two_goroutines_with_one_id() {
    let results = damaged(|memory, process| {
        memory.put_u64(process.g(8).offset(process.process.layout.g.goid), 7);
    });
    for (process, snapshot) in results {
        // Which of them is right cannot be told: both are shown, each with its own address.
        let twins: Vec<Address> =
            snapshot.goroutines.iter().filter(|g| g.id.0 == 7).map(|g| g.address).collect();
        assert_eq!(twins, [process.g(7), process.g(8)]);
    }
}

#[test]
fn channels_that_are_none() {
    for (field, value) in [("qcount", u64::MAX), ("dataqsiz", 0), ("recvq", 1), ("sendq", u64::MAX)] {
        let results = damaged(|memory, process| {
            let hchan = &process.process.layout.hchan;
            let at = match field {
                "qcount" => hchan.qcount,
                "dataqsiz" => hchan.dataqsiz,
                "recvq" => hchan.recvq_first,
                _ => hchan.sendq_first,
            };
            memory.put_u64(process.buffered.offset(at), value);
        });
        for (process, snapshot) in results {
            others_are_untouched(&process, &snapshot, &[3, 15, 16, 17]);
            if field.ends_with("q") {
                continue;
            }
            for id in [3, 15, 16, 17] {
                assert!(has_gap_of(&snapshot, GapSubject::WaitObject, id), "{field}: {id}");
                assert_eq!(all_seen(&snapshot)[&id].waits, [], "{field}: {id}");
            }
        }
    }
}

#[test]
fn processors_that_are_none() {
    for len in [0, 3, 10_000, 1 << 40, u64::MAX] {
        let results = damaged(|memory, process| {
            memory.put_u64(process.process.variables.allp.offset(8), len);
        });
        for (process, snapshot) in results {
            others_are_untouched(&process, &snapshot, &[]);
            let read = snapshot.scheduler.as_ref().map_or(0, |scheduler| scheduler.processors.len());
            assert!(read <= 10_000);
            assert!(read == 0 || has_gap(&snapshot, GapSubject::Processors), "{len}: {:?}", snapshot.gaps);
        }
    }
}

/// Goroutines share a label set; the one that it is read for lets go of it meanwhile.
#[test]
fn a_shared_label_set_is_not_lost_with_one_of_its_goroutines() {
    for layout in [&GO_1_23, &GO_1_27] {
        let mut process = busy(layout, 3);
        let (first, second) = (process.g(3), process.g(7));
        let memory = &mut process.process.memory;
        let set = memory.read_address(first.offset(layout.g.labels)).unwrap();
        memory.put_address(second.offset(layout.g.labels), set);
        let at = first.offset(layout.g.labels);
        // Only the check after reading the set asks for this word alone: it is the last word then.
        let plan = |_, address, len| if (address, len) == (at, 8) { Fault::Fill(0) } else { Fault::None };
        let memory = FaultInjecting::new(&process.process.memory, plan);
        let snapshot = take(&mut attached(&process.process), &process.process, &memory).unwrap();
        // The other one still points to it: that is what both had when their headers were read.
        let seen = all_seen(&snapshot);
        assert_eq!((seen[&3].labels.len(), &seen[&7].labels), (2, &seen[&3].labels));
        assert_eq!(snapshot.gaps, []);

        let unreadable =
            |_, address: Address, len: usize| match address <= set && set.0 < address.0 + len as u64 {
                true => Fault::Fail(ReadFailure::NotMapped),
                false => Fault::None,
            };
        let memory = FaultInjecting::new(&process.process.memory, unreadable);
        let snapshot = take(&mut attached(&process.process), &process.process, &memory).unwrap();
        for id in [3, 7] {
            assert_eq!(all_seen(&snapshot)[&id].labels, []);
            assert!(has_gap_of(&snapshot, GapSubject::Labels, id), "goroutine {id}");
        }
    }
}
