//! What Linux says of the threads that the runtime's Ms are.

use linux_process::{Process, principal_path};
use snapshot::{Snapshot, Thread};

/// Adds to every M what there is to know of its thread. One that has ended meanwhile has none, and neither has a
/// spare M, which is no thread yet.
pub(crate) fn add(process: &Process, snapshot: &mut Snapshot) {
    for machine in snapshot.scheduler.iter_mut().flat_map(|scheduler| &mut scheduler.machines) {
        machine.thread = Some(machine.tid).filter(|tid| *tid != 0).and_then(|tid| thread(process, tid));
    }
}

fn thread(process: &Process, tid: u32) -> Option<Thread> {
    let stat = process.thread_stat(tid).ok()?;
    let cpu_ns = process.thread_cpu_ns(tid).unwrap_or_else(|| stat.cpu_ns());
    Some(Thread {
        name: stat.name,
        state: stat.state.letter(),
        cpu_ns,
        cgroup: process
            .thread_cgroups(tid)
            .ok()
            .and_then(|groups| principal_path(&groups).map(str::to_owned)),
    })
}
