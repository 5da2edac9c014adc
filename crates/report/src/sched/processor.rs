//! Ps at one tick.

use serde::Serialize;
use snapshot::{Processor, Scheduler};

use super::Since;

/// One P.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(super) struct ProcessorTick {
    pub(super) id: i32,
    pub(super) status: &'static str,
    pub(super) m: Option<i64>,
    pub(super) sched_tick: u32,
    pub(super) syscall_tick: u32,
    pub(super) sched_ticks_per_s: Option<f64>,
    pub(super) syscall_ticks_per_s: Option<f64>,
    pub(super) run_queue: u32,
    pub(super) run_next: bool,
    pub(super) free_goroutines: Option<u32>,
    pub(super) timers: Option<u64>,
}

/// All Ps of a scheduler.
pub(super) fn ticks(scheduler: Option<&Scheduler>, since: Option<&Since<'_>>) -> Vec<ProcessorTick> {
    scheduler.map(|s| s.processors.iter().map(|p| tick(p, since)).collect()).unwrap_or_default()
}

fn tick(p: &Processor, since: Option<&Since<'_>>) -> ProcessorTick {
    let before = since
        .and_then(|since| Some((since, since.scheduler.processors.iter().find(|before| before.id == p.id)?)));
    // Counters of 32 bits wrap.
    let rate = |counter: fn(&Processor) -> u32| {
        let (since, before) = before?;
        Some(since.per_s(counter(p).wrapping_sub(counter(before)).into()))
    };
    ProcessorTick {
        id: p.id,
        status: p.status.name(),
        m: p.m,
        sched_tick: p.sched_tick,
        syscall_tick: p.syscall_tick,
        sched_ticks_per_s: rate(|p| p.sched_tick),
        syscall_ticks_per_s: rate(|p| p.syscall_tick),
        run_queue: p.run_queue,
        run_next: p.run_next,
        free_goroutines: p.free_goroutines,
        timers: p.timers,
    }
}
