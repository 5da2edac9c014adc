//! A store that keeps all ticks in a list and answers by looking at each: slow, and easy to see to be right.

use std::collections::HashMap;

use history_store::{Group, MeasureKind, Place, Slot, Subject, Tick, Value};

/// All ticks of one process.
#[derive(Default)]
pub(crate) struct Naive(pub(crate) Vec<Tick>);

impl Naive {
    /// The tick with the latest time not after a moment, the last such.
    pub(crate) fn at(&self, at_ms: u64) -> Option<(usize, &Tick)> {
        let before = self.0.iter().enumerate().filter(|(_, tick)| tick.at_ms <= at_ms);
        before.max_by_key(|(sequence, tick)| (tick.at_ms, *sequence))
    }

    /// Slots and series of a range: every group that any tick in it has.
    pub(crate) fn range(
        &self,
        from_ms: u64,
        to_ms: u64,
        step_ms: u64,
        subject: &Subject,
    ) -> (Vec<Slot>, HashMap<Group, Vec<Option<Value>>>) {
        let numbers = from_ms / step_ms..to_ms.div_ceil(step_ms);
        let ticks_of = |number: u64| self.0.iter().filter(move |tick| tick.at_ms / step_ms == number);
        let mut slots = Vec::new();
        let mut series: HashMap<Group, Vec<Option<Value>>> = HashMap::new();
        for tick in numbers.clone().flat_map(ticks_of) {
            series.extend(groups(tick, subject).into_keys().map(|group| (group, Vec::new())));
        }
        for number in numbers {
            let ticks: Vec<&Tick> = ticks_of(number).collect();
            slots.push(Slot {
                start_ms: number * step_ms,
                ticks: ticks.len() as u64,
                counts_only: ticks.iter().filter(|tick| tick.counts_only).count() as u64,
                unread: ticks.iter().map(|tick| tick.unread).max().unwrap_or(0),
            });
            for (group, values) in &mut series {
                values.push(value(group, &ticks, subject));
            }
        }
        (slots, series)
    }
}

fn value(group: &Group, ticks: &[&Tick], subject: &Subject) -> Option<Value> {
    let needs_stacks = matches!(subject, Subject::Stack | Subject::Label(_));
    let is_measure = matches!(group, Group::Measure(..));
    let known: Vec<&&Tick> = ticks.iter().filter(|tick| !(needs_stacks && tick.counts_only)).collect();
    let of = |tick: &&&Tick| groups(tick, subject).get(group).copied();
    let values: Vec<i64> = known.iter().filter_map(|tick| of(tick).or((!is_measure).then_some(0))).collect();
    if values.is_empty() {
        return None;
    }
    let last = if is_measure {
        ticks.last().and_then(|tick| of(&tick))
    } else {
        ticks.last().filter(|tick| !(needs_stacks && tick.counts_only)).map(|tick| of(&tick).unwrap_or(0))
    };
    if matches!(group, Group::Measure(_, MeasureKind::Counter)) {
        return last.map(|last| Value { last: Some(last), mean: None, min: None, max: None });
    }
    Some(Value {
        last,
        mean: Some(values.iter().sum::<i64>() as f64 / values.len() as f64),
        min: values.iter().min().copied(),
        max: values.iter().max().copied(),
    })
}

/// What a tick has of each group.
fn groups(tick: &Tick, subject: &Subject) -> HashMap<Group, i64> {
    let mut groups = HashMap::new();
    if let Subject::Measures(_) = subject {
        let measures = tick.measures.iter();
        return measures.map(|m| (Group::Measure(m.name.clone(), m.kind), m.value)).collect();
    }
    for count in &tick.counts {
        let group = match subject {
            Subject::Total => Group::Total,
            Subject::Status => Group::Status(count.status),
            Subject::WaitReason => Group::WaitReason(count.wait_reason.clone()),
            Subject::Stack | Subject::Label(_) if tick.counts_only => continue,
            Subject::Stack => match &count.place {
                Place::Stack(stack) => Group::Stack(stack.clone()),
                Place::NotTaken => Group::NotTaken,
                Place::BeyondLimit => Group::BeyondLimit,
            },
            Subject::Label(key) => {
                let found = count.labels.0.iter().find(|(found, _)| **found == **key);
                Group::Label(found.map(|(_, value)| value.clone()))
            }
            Subject::Measures(_) => continue,
        };
        *groups.entry(group).or_default() += count.count as i64;
    }
    groups
}
