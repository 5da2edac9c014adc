//! What processes did between two moments.

use std::sync::Arc;

use analysis::own_name;
use history_store::{
    Frame, GOROUTINES, Group, History, Level, Process, RUNTIME_GOROUTINES, Range, RangeQuery, Selection,
    Series, Slot, Span, Stack, Step, Value,
};
use snapshot::FunctionRole;

use super::find::find;
use super::processes::past_process;
use super::{
    By, FrameJson, GapJson, HistoryAnswer, Past, PastError, Question, SeriesJson, SlotJson, StackJson,
    ValueJson,
};

/// Processes whose looks are asked for their spacing, and looks of each.
const SPACED_PROCESSES: usize = 16;
const SPACED_LOOKS: usize = 100;
/// The newest of a process's life that is asked for that.
const SPACED_MS: u64 = 600_000;
/// What was seen is in the file after this time at the latest, on a machine that is not too busy.
const WRITTEN_IN_MS: u64 = 3_000;

impl Past {
    /// Answers a question. Figures of several processes are added up. The span is cut where it begins before any of them
    /// was seen, or ends after all of them had ended.
    ///
    /// # Errors
    /// Nothing is called so, it was not seen then, too much is asked for, or the history cannot be read.
    pub fn range(&self, question: &Question, now_ms: u64) -> Result<HistoryAnswer, PastError> {
        let asked = Span { from_ms: question.since.unix_ms(now_ms), to_ms: question.until.unix_ms(now_ms) };
        if asked.from_ms >= asked.to_ms {
            return Err(PastError::EmptySpan);
        }
        let known = self.store.processes(&Selection::All)?;
        let processes = find(&known, &question.target, asked)?;
        let spacing_ms = self.spacing_ms(&processes)?;
        let span = cut(asked, &processes, spacing_ms);
        let query = RangeQuery {
            processes: Selection::Several(processes.iter().map(|process| process.id).collect()),
            span,
            step: match question.step {
                Some(width) => Step::Ms(width.0),
                None => Step::Auto { slots_max: slots_max(question, span, spacing_ms) },
            },
            subject: question.by.subject(),
            top: question.top.max(if question.by == By::Total { 2 } else { 1 }),
        };
        let mut range = self.store.range(&query)?;
        let is_meant = |series: &Series| match &series.group {
            Group::Measure(name, _) => question.by.means(name),
            _ => true,
        };
        let found = range.series.len();
        range.series.retain(is_meant);
        range.series_total -= found - range.series.len();
        let mut series: Vec<SeriesJson> =
            range.series.iter().map(|series| series_json(series, &range.slots)).collect();
        // The program's own are what was asked for, however many its runtime has.
        series.sort_by_key(|series| series.kind == "runtime");
        Ok(HistoryAnswer {
            processes: processes.into_iter().map(past_process).collect(),
            since_ms: span.from_ms,
            until_ms: span.to_ms,
            by: question.by.name(),
            level: level_name(range.level),
            step_ms: range.step_ms,
            slots: range.slots.iter().map(slot_json).collect(),
            series,
            series_total: range.series_total,
            gaps: gaps(&range),
        })
    }

    /// Time between two looks, lately, of the process that is looked at most rarely; 0 if there are none.
    fn spacing_ms(&self, processes: &[&Process]) -> Result<u64, PastError> {
        let mut widest_ms = 0;
        for process in processes.iter().rev().take(SPACED_PROCESSES) {
            let to_ms = process.last_seen_ms.saturating_add(1);
            let span = Span { from_ms: to_ms.saturating_sub(SPACED_MS), to_ms };
            let looks = self.store.ticks(process.id, span, SPACED_LOOKS)?;
            let times = looks.iter().map(|look| look.at_ms);
            let mut spaces: Vec<u64> =
                times.clone().zip(times.skip(1)).map(|(one, next)| next.saturating_sub(one)).collect();
            spaces.sort_unstable();
            widest_ms = widest_ms.max(spaces.get(spaces.len() / 2).copied().unwrap_or(0));
        }
        Ok(widest_ms)
    }
}

/// Narrower slots than looks would show gaps where there are none.
fn slots_max(question: &Question, span: Span, spacing_ms: u64) -> u64 {
    let with_looks = (span.to_ms - span.from_ms) / spacing_ms.saturating_mul(2).max(1);
    question.slots_max.min(with_looks).max(1)
}

/// What was before the first of them or after the end of the last is no gap: they were not there. Neither is what was
/// since the last look, as long as no other one is due.
fn cut(asked: Span, processes: &[&Process], spacing_ms: u64) -> Span {
    let first_ms = processes.iter().map(|process| process.first_seen_ms).min().unwrap_or(asked.from_ms);
    let last_ms = processes.iter().map(|process| process.last_seen_ms).max().unwrap_or(asked.to_ms);
    let has_ended = |process: &&Process| process.ended.is_some_and(|ended| ended.how.is_end_of_process());
    let have_ended = processes.iter().all(has_ended);
    let due_ms = last_ms.saturating_add(spacing_ms.saturating_mul(2)).saturating_add(WRITTEN_IN_MS);
    let from_ms = asked.from_ms.max(first_ms);
    let is_over = have_ended || asked.to_ms < due_ms;
    let to_ms = if is_over { asked.to_ms.min(last_ms.saturating_add(1)) } else { asked.to_ms };
    Span { from_ms, to_ms: to_ms.max(from_ms.saturating_add(1)) }
}

pub(super) fn level_name(level: Level) -> &'static str {
    match level {
        Level::Raw => "looks",
        Level::Minute => "minutes",
        Level::Hour => "hours",
    }
}

fn gaps(range: &Range) -> Vec<GapJson> {
    let gaps = range.gaps(0).into_iter();
    gaps.map(|gap| GapJson { from_ms: gap.from_ms, to_ms: gap.to_ms }).collect()
}

fn slot_json(slot: &Slot) -> SlotJson {
    SlotJson {
        start_ms: slot.start_ms,
        looks: slot.ticks,
        counts_only: slot.counts_only,
        unread: slot.unread,
    }
}

fn series_json(series: &Series, slots: &[Slot]) -> SeriesJson {
    let (kind, name, stack) = group(&series.group);
    let known = || series.values.iter().flatten();
    let mut lasts = known().filter_map(|value| value.last);
    let (first, last) = (lasts.clone().next(), lasts.next_back());
    // One that is not known exactly could be less, or more.
    let exact = |bound: fn(&Value) -> Option<i64>| known().map(bound).collect::<Option<Vec<i64>>>();
    SeriesJson {
        kind,
        name,
        stack,
        last,
        min: exact(|value| value.min).and_then(|all| all.into_iter().min()),
        max: exact(|value| value.max).and_then(|all| all.into_iter().max()),
        mean: mean(series, slots),
        change: last.zip(first).map(|(last, first)| last.saturating_sub(first)),
        values: series.values.iter().map(|value| value.as_ref().map(value_json)).collect(),
    }
}

fn mean(series: &Series, slots: &[Slot]) -> Option<f64> {
    let means = series.values.iter().zip(slots);
    let means = means.filter_map(|(value, slot)| Some((value.as_ref()?.mean?, slot.ticks as f64)));
    let (sum, ticks) = means.fold((0.0, 0.0), |(sum, all), (mean, ticks)| (sum + mean * ticks, all + ticks));
    (ticks > 0.0).then(|| sum / ticks)
}

fn value_json(value: &Value) -> ValueJson {
    ValueJson { last: value.last, mean: value.mean, min: value.min, max: value.max }
}

/// Kind, name and stack of a series.
fn group(group: &Group) -> (&'static str, Option<String>, Option<StackJson>) {
    let text = |text: &Option<Arc<str>>| text.as_deref().map(str::to_owned);
    match group {
        Group::Total => ("goroutines", None, None),
        Group::Measure(name, _) if **name == *RUNTIME_GOROUTINES => ("runtime", None, None),
        Group::Measure(name, _) if **name == *GOROUTINES => ("goroutines", None, None),
        Group::Measure(name, _) => ("measure", Some(name.to_string()), None),
        Group::Stack(stack) => ("stack", function(stack), Some(stack_json(stack))),
        Group::NotTaken => ("no_stack", None, None),
        Group::BeyondLimit => ("beyond_limit", None, None),
        Group::Status(status) => ("state", Some(status.name().to_owned()), None),
        Group::WaitReason(reason) => ("reason", text(reason), None),
        Group::Label(value) => ("label", text(value), None),
        Group::Rest => ("rest", None, None),
    }
}

/// The function that stands for a stack: the innermost one of the program; of the runtime's own goroutines the outermost,
/// which says what they are for.
pub(super) fn function(stack: &Stack) -> Option<String> {
    let ordinary = stack.frames.iter().filter(|frame| frame.role == FunctionRole::Ordinary);
    let mut functions = ordinary.map(|frame| &*frame.function);
    if stack.is_runtime {
        return functions.rfind(|name| *name != "runtime.goexit").map(str::to_owned);
    }
    own_name(functions).map(|name| name.into_owned())
}

pub(super) fn stack_json(stack: &Stack) -> StackJson {
    let frame = |frame: &Frame| FrameJson {
        function: frame.function.to_string(),
        file: frame.file.to_string(),
        line: (frame.line > 0).then_some(frame.line),
        inlined: frame.inlined,
    };
    StackJson {
        frames: stack.frames.iter().map(frame).collect(),
        complete: stack.complete,
        created_by: stack.created_by.as_ref().map(frame),
        is_runtime: stack.is_runtime,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use history_store::{Ending, EndingKind, ProcessId, ProcessInfo, ProcessKey};

    fn process(first_seen_ms: u64, last_seen_ms: u64, ended: bool) -> Process {
        Process {
            id: ProcessId(1),
            key: ProcessKey::default(),
            info: ProcessInfo::default(),
            first_seen_ms,
            last_seen_ms,
            ended: ended.then_some(Ending { at_ms: last_seen_ms, how: EndingKind::Exited }),
        }
    }

    #[test]
    fn what_was_not_there_is_no_gap_and_what_was_not_looked_at_is() {
        let asked = Span { from_ms: 0, to_ms: 100_000 };
        let cut = |process: &Process| {
            let span = cut(asked, &[process], 5_000);
            (span.from_ms, span.to_ms)
        };
        assert_eq!(cut(&process(10_000, 50_000, true)), (10_000, 50_001));
        assert_eq!(cut(&process(10_000, 50_000, false)), (10_000, 100_000), "nobody looks any more");
        assert_eq!(cut(&process(10_000, 95_000, false)), (10_000, 95_001), "the next look is not due");
        assert_eq!(cut(&process(10_000, 200_000, true)), (10_000, 100_000), "it was still there");
        assert_eq!(cut(&process(95_000, 95_000, true)), (95_000, 95_001));
        for how in EndingKind::ALL.into_iter().filter(|how| !how.is_end_of_process()) {
            let ended = Some(Ending { at_ms: 50_000, how });
            let unseen = Process { ended, ..process(10_000, 50_000, false) };
            assert_eq!(cut(&unseen), (10_000, 100_000), "{how:?}: it may have lived on");
        }
    }
}
