//! The views that are texts: what their lines are.

use report::{ShownStack, short_duration};
use snapshot::{Goroutine, Snapshot, WaitingSince};

use super::Watch;
use crate::cluster::{Cluster, stack_lines};
use crate::event::Progress;
use crate::keys::View;
use crate::look::Look;
use crate::text::{printable, short_bytes};

impl Watch {
    /// The lines of the view that is shown; none for tables.
    pub(crate) fn lines(&self) -> Vec<String> {
        match self.view {
            View::Clusters | View::Goroutines => Vec::new(),
            View::Stack => self.details(),
            View::Why => match &self.why {
                None => words(&[
                    "Who waits for whom, and who could end that.",
                    "",
                    "Select a goroutine or a cluster and press y.",
                    "That copies the heap of the process, which runs on meanwhile.",
                ]),
                Some((goroutine, progress)) => {
                    progress_lines(&format!("goroutine {}", goroutine.0), progress)
                }
            },
            View::Leaks => match &self.leaks {
                None => words(&[
                    "Which goroutines can never run again, with the evidence.",
                    "",
                    "Press L to search. That copies the heap of the process, which runs on meanwhile;",
                    "only of a process that rests for the time of a copy it is a proof.",
                ]),
                Some(progress) => progress_lines("leaks", progress),
            },
            View::Scheduler => match self.shown() {
                Some((look, _)) => scheduler_lines(look),
                None => Vec::new(),
            },
            View::Events => self.log.lines(),
        }
    }

    /// What there is to say of the selected row: what it does, and its stack.
    pub(crate) fn details(&self) -> Vec<String> {
        match self.table {
            View::Goroutines => {
                let snapshot = self.arranged.as_ref().and_then(|arranged| arranged.look.snapshot.as_deref());
                match snapshot.zip(self.selected_goroutine()) {
                    Some((snapshot, goroutine)) => goroutine_lines(snapshot, goroutine),
                    None => words(&["no goroutine is selected"]),
                }
            }
            _ => match self.selected_cluster() {
                Some(cluster) => cluster_lines(cluster),
                None => words(&["no cluster is selected"]),
            },
        }
    }
}

fn words(lines: &[&str]) -> Vec<String> {
    lines.iter().map(|line| (*line).to_owned()).collect()
}

fn progress_lines(what: &str, progress: &Progress) -> Vec<String> {
    match progress {
        Progress::Working(step) => vec![format!("searching: {what}"), format!("  {step} ...")],
        Progress::Answer(lines) => lines.to_vec(),
        Progress::Failed(trouble) => {
            let mut lines = vec![format!("{what}: {}", printable(&trouble.cause))];
            lines.extend(trouble.hint.iter().map(|hint| format!("hint: {}", printable(hint))));
            lines
        }
    }
}

fn cluster_lines(cluster: &Cluster) -> Vec<String> {
    let noun = if cluster.count == 1 { "goroutine" } else { "goroutines" };
    let wait = cluster.longest_wait.map(|wait| format!(", longest wait {}", age(wait))).unwrap_or_default();
    let ids: Vec<String> = cluster.ids.iter().map(|id| id.0.to_string()).collect();
    let more = if cluster.count > ids.len() as u64 { " ..." } else { "" };
    let mut lines =
        vec![format!("{} {noun}: {}{wait}; ids {}{more}", cluster.count, cluster.doing, ids.join(" "))];
    if !cluster.meaning.is_empty() {
        lines.push(cluster.meaning.clone());
    }
    lines.extend(cluster.meant.iter().map(|line| format!("  {line}")));
    lines.extend(cluster.stack.iter().cloned());
    lines
}

fn goroutine_lines(snapshot: &Snapshot, goroutine: &Goroutine) -> Vec<String> {
    let reason = snapshot.wait_reason(goroutine).map(printable);
    let mut facts = vec![reason.unwrap_or_else(|| goroutine.status.name().to_owned())];
    facts.extend(goroutine.waiting_since.map(age));
    facts.extend(goroutine.m.map(|m| format!("M {m}")));
    facts.extend(goroutine.p.map(|p| format!("P {p}")));
    facts.extend(goroutine.tid.map(|tid| format!("thread {tid}")));
    facts.extend(goroutine.parent_id.map(|id| format!("started by goroutine {}", id.0)));
    facts.extend(goroutine.locked_to_thread.then(|| "locked to its thread".to_owned()));
    let mut lines = vec![format!("goroutine {}: {}", goroutine.id.0, facts.join(", "))];
    let labels: Vec<String> = snapshot
        .labels(goroutine)
        .map(|(key, value)| format!("{}={}", printable(key), printable(value)))
        .collect();
    if !labels.is_empty() {
        lines.push(format!("labels {}", labels.join(" ")));
    }
    let objects = snapshot.waiting_on(goroutine).iter().filter(|object| !object.address.is_null());
    let objects: Vec<String> = objects.map(|object| object.address.to_string()).collect();
    if !objects.is_empty() {
        lines.push(format!("waits on {}", objects.join(" ")));
    }
    lines.extend(stack_lines(snapshot, &ShownStack::from(goroutine)));
    lines
}

fn scheduler_lines(look: &Look) -> Vec<String> {
    // What is longest comes last: the screen is small.
    let Some(memory) = look.memory else { return look.scheduler.to_vec() };
    let mut lines = Vec::new();
    let bytes = |bytes: Option<u64>| bytes.map_or_else(|| "-".to_owned(), short_bytes);
    lines.push(format!(
        "memory  heap {} in use {} goal {} limit {}, stacks {}",
        bytes(memory.heap_alloc_bytes),
        bytes(memory.heap_in_use_bytes),
        bytes(memory.heap_goal_bytes),
        bytes(memory.memory_limit_bytes),
        bytes(memory.stack_in_use_bytes),
    ));
    let known = |number: Option<u64>| number.map_or_else(|| "-".to_owned(), |number| number.to_string());
    lines.push(format!(
        "gc      {} collections, the last stopped the world for {} us, all for {} us",
        known(memory.gc_cycles),
        known(memory.gc_pause_last_ns.map(|ns| ns / 1000)),
        known(memory.gc_pause_total_ns.map(|ns| ns / 1000)),
    ));
    lines.push(String::new());
    lines.extend(look.scheduler.iter().cloned());
    lines
}

/// How long a wait lasts: at least so long, if only the runtime has noted it.
pub(crate) fn age(wait: WaitingSince) -> String {
    let mark = if matches!(wait, WaitingSince::AtLeastMs(_)) { ">" } else { "" };
    format!("{mark}{}", short_duration(wait.ms()))
}
