//! What happened to a target: starts, ends, growth, gaps, collections.

use std::collections::VecDeque;

use crate::look::Look;
use crate::text::{short_count, time_of_day};

/// Events that are kept.
const EVENTS_MAX: usize = 1000;
/// A cluster that grew at so many looks in a row, and by so much, is worth an event.
const GROWTH_LOOKS: u32 = 5;
const GROWTH_MIN: u64 = 10;

/// Events of a target, the newest last.
#[derive(Debug, Default)]
pub struct Log {
    lines: VecDeque<String>,
    /// The cluster that grows most, and at how many looks in a row it did.
    growing: rustc_hash::FxHashMap<crate::cluster::ClusterKey, (u64, u64, u32)>,
    last: Option<Last>,
}

/// What of the last look is compared with the next one.
#[derive(Debug)]
struct Last {
    total: u64,
    lost: u64,
    gc_cycles: Option<u64>,
}

impl Log {
    /// The newest first.
    pub fn lines(&self) -> Vec<String> {
        self.lines.iter().rev().cloned().collect()
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.lines.len()
    }

    /// Whether nothing has happened.
    pub fn is_empty(&self) -> bool {
        self.lines.is_empty()
    }

    /// Adds an event.
    pub fn add(&mut self, unix_ms: u64, text: &str) {
        self.lines.push_back(format!("{} {text}", time_of_day(unix_ms)));
        if self.lines.len() > EVENTS_MAX {
            self.lines.pop_front();
        }
    }

    /// Adds what a look shows that the one before did not.
    pub fn observe(&mut self, look: &Look) {
        let at = look.taken_at_unix_ms;
        let lost = look.lost();
        let gc_cycles = look.memory.and_then(|memory| memory.gc_cycles);
        match self.last.take() {
            None => {
                let (release, total) = (crate::text::printable(&look.target.go_version), look.total);
                self.add(at, &format!("START  first look: {total} goroutines, {release}"));
            }
            Some(last) => {
                if look.total >= last.total.saturating_mul(2).max(last.total + 100) {
                    self.add(at, &format!("JUMP   from {} to {} goroutines", last.total, look.total));
                }
                if let (Some(before), Some(now)) = (last.gc_cycles, gc_cycles)
                    && now > before
                {
                    let pause = look.memory.and_then(|memory| memory.gc_pause_last_ns).map(|ns| ns / 1000);
                    let pause = pause.map(|us| format!(", the last stopped the world for {us}us"));
                    let times = now - before;
                    self.add(at, &format!("GC     {times} collections{}", pause.unwrap_or_default()));
                }
                if lost > 0 && last.lost == 0 {
                    let first = look.gaps.first();
                    let first = first.map(|gap| format!("{} {}", gap.subject.name(), gap.cause.name()));
                    let first = first.unwrap_or_default();
                    self.add(at, &format!("GAP    {lost} things could not be read; the first: {first}"));
                } else if lost == 0 && last.lost > 0 {
                    self.add(at, "GAP    everything can be read again");
                }
            }
        }
        if look.missed > 0 {
            self.add(at, &format!("LATE   {} looks were left out: the one before took long", look.missed));
        }
        self.note_growth(look);
        self.last = Some(Last { total: look.total, lost, gc_cycles });
    }

    fn note_growth(&mut self, look: &Look) {
        let mut growing = rustc_hash::FxHashMap::default();
        let mut lines = Vec::new();
        for cluster in look.clusters.iter().filter(|cluster| !cluster.is_runtime) {
            let (from, last, times) =
                self.growing.get(&cluster.key).copied().unwrap_or((cluster.count, cluster.count, 0));
            let times = if cluster.count > last { times + 1 } else { 0 };
            let from = if times == 0 { cluster.count } else { from };
            if times == GROWTH_LOOKS && cluster.count >= from + GROWTH_MIN {
                let (from, to) = (short_count(from), short_count(cluster.count));
                lines.push(format!("GROWTH {} from {from} to {to} in {times} looks", cluster.function));
            }
            growing.insert(cluster.key, (from, cluster.count, times));
        }
        self.growing = growing;
        lines.iter().for_each(|line| self.add(look.taken_at_unix_ms, line));
    }
}
