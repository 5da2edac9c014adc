//! `gostat sched --detail` as text: every P and M, and the goroutines that Ms have.

use std::io;

use super::SchedTick;
use super::machine::MachineTick;
use super::processor::ProcessorTick;
use crate::table::{Align, Table};
use crate::tick_table::known;

const PROCESSORS: [(&str, Align); 11] = [
    ("P", Align::Right),
    ("STATUS", Align::Left),
    ("M", Align::Right),
    ("SCHEDTICK", Align::Right),
    ("SCHED/S", Align::Right),
    ("SYSCALLTICK", Align::Right),
    ("SYSC/S", Align::Right),
    ("RUNQ", Align::Right),
    ("NEXT", Align::Right),
    ("GFREE", Align::Right),
    ("TIMERS", Align::Right),
];

const MACHINES: [(&str, Align); 18] = [
    ("M", Align::Right),
    ("P", Align::Right),
    ("CURG", Align::Right),
    ("LOCKEDG", Align::Right),
    ("SPINNING", Align::Right),
    ("BLOCKED", Align::Right),
    ("CGO", Align::Right),
    ("LOCKS", Align::Right),
    ("MALLOCING", Align::Right),
    ("THROWING", Align::Right),
    ("DYING", Align::Right),
    ("PREEMPTOFF", Align::Left),
    ("TID", Align::Right),
    ("STATE", Align::Left),
    ("CPU-S", Align::Right),
    ("CPU%", Align::Right),
    ("NAME", Align::Left),
    ("CGROUP", Align::Left),
];

const GOROUTINES: [(&str, Align); 5] = [
    ("G", Align::Right),
    ("STATUS", Align::Left),
    ("M", Align::Right),
    ("LOCKEDM", Align::Right),
    ("WAIT REASON", Align::Left),
];

/// Writes the tables of a tick, an empty line after them. Fails only if `out` does.
pub fn write_detail(tick: &SchedTick<'_>, out: &mut impl io::Write) -> io::Result<()> {
    let mut processors = Table::new(&PROCESSORS);
    tick.processors.iter().for_each(|p| processors.row(processor(p)));
    processors.write(out)?;
    let mut machines = Table::new(&MACHINES);
    tick.machines.iter().for_each(|m| machines.row(machine(m)));
    machines.write(out)?;
    let mut goroutines = Table::new(&GOROUTINES);
    for goroutine in &tick.goroutines {
        goroutines.row([
            goroutine.id.to_string(),
            goroutine.status.to_owned(),
            known(goroutine.m),
            known(goroutine.locked_m),
            goroutine.wait_reason.unwrap_or_default().to_owned(),
        ]);
    }
    goroutines.write(out)?;
    writeln!(out)
}

fn flag(flag: bool) -> String {
    u8::from(flag).to_string()
}

fn processor(p: &ProcessorTick) -> [String; PROCESSORS.len()] {
    let rate = |rate: Option<f64>| known(rate.map(|rate| format!("{rate:.0}")));
    [
        p.id.to_string(),
        p.status.to_owned(),
        known(p.m),
        p.sched_tick.to_string(),
        rate(p.sched_ticks_per_s),
        p.syscall_tick.to_string(),
        rate(p.syscall_ticks_per_s),
        p.run_queue.to_string(),
        flag(p.run_next),
        known(p.free_goroutines),
        known(p.timers),
    ]
}

fn machine(m: &MachineTick<'_>) -> [String; MACHINES.len()] {
    [
        m.id.to_string(),
        known(m.p),
        known(m.goroutine),
        known(m.locked_goroutine),
        flag(m.spinning),
        flag(m.blocked),
        flag(m.in_cgo),
        known(m.locks),
        known(m.mallocing),
        known(m.throwing),
        known(m.dying),
        known(m.preempt_off),
        known(m.tid),
        known(m.thread_state),
        known(m.cpu_ns.map(|ns| format!("{:.3}", ns as f64 / 1e9))),
        known(m.cpu_share.map(|share| format!("{:.1}", share * 100.0))),
        known(m.thread_name),
        known(m.cgroup),
    ]
}
