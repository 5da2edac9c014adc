//! Ms at one tick, and the Linux threads that they are.

use serde::Serialize;
use snapshot::{Machine, Scheduler};

use super::Since;

/// One M.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(super) struct MachineTick<'a> {
    pub(super) id: i64,
    pub(super) tid: Option<u32>,
    pub(super) p: Option<i32>,
    pub(super) goroutine: Option<u64>,
    pub(super) locked_goroutine: Option<u64>,
    pub(super) locked_by_program: Option<u32>,
    pub(super) locked_by_runtime: Option<u32>,
    pub(super) mallocing: Option<i32>,
    pub(super) throwing: Option<i32>,
    pub(super) preempt_off: Option<&'a str>,
    pub(super) locks: Option<i32>,
    pub(super) dying: Option<i32>,
    pub(super) spinning: bool,
    pub(super) blocked: bool,
    pub(super) in_cgo: bool,
    pub(super) thread_name: Option<&'a str>,
    pub(super) thread_state: Option<char>,
    pub(super) cpu_ns: Option<u64>,
    /// Of one processor, since the tick before.
    pub(super) cpu_share: Option<f64>,
    pub(super) cgroup: Option<&'a str>,
}

/// All Ms of a scheduler, by number: the runtime's list begins with the newest.
pub(super) fn ticks<'a>(scheduler: Option<&'a Scheduler>, since: Option<&Since<'_>>) -> Vec<MachineTick<'a>> {
    let machines = scheduler.map(|s| s.machines.as_slice()).unwrap_or_default();
    let mut ticks: Vec<_> = machines.iter().map(|m| tick(m, since)).collect();
    ticks.sort_by_key(|m| m.id);
    ticks
}

fn tick<'a>(m: &'a Machine, since: Option<&Since<'_>>) -> MachineTick<'a> {
    let thread = m.thread.as_ref();
    let cpu_share = since.zip(thread).and_then(|(since, thread)| {
        // Numbers of Ms are given to new threads: only the same thread has the same clock.
        let before =
            since.scheduler.machines.iter().find(|before| (before.id, before.tid) == (m.id, m.tid))?;
        let ns = thread.cpu_ns.checked_sub(before.thread.as_ref()?.cpu_ns)?;
        Some(since.per_s(ns as f64) / 1e9)
    });
    MachineTick {
        id: m.id,
        tid: Some(m.tid).filter(|tid| *tid != 0),
        p: m.p,
        goroutine: m.goroutine.map(|id| id.0),
        locked_goroutine: m.locked_goroutine.map(|id| id.0),
        locked_by_program: m.locked_by_program,
        locked_by_runtime: m.locked_by_runtime,
        mallocing: m.mallocing,
        throwing: m.throwing,
        preempt_off: m.preempt_off.as_deref(),
        locks: m.locks,
        dying: m.dying,
        spinning: m.spinning,
        blocked: m.blocked,
        in_cgo: m.in_cgo,
        thread_name: thread.map(|thread| thread.name.as_str()),
        thread_state: thread.map(|thread| thread.state),
        cpu_ns: thread.map(|thread| thread.cpu_ns),
        cpu_share,
        cgroup: thread.and_then(|thread| thread.cgroup.as_deref()),
    }
}
